import { z } from 'zod';
import type { Clock } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';

/** One request as it goes out: absolute URL, every header, the body as text. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the start of the request to the last byte of the answer, milliseconds. */
  readonly timeoutMs: number;
  /** The longest answer that is read, in bytes after decompression. */
  readonly maxBytes: number;
}

/** An answer of any status; the names of its headers are in lower case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Why there is no answer. */
export interface HttpError {
  readonly kind: 'timeout' | 'network' | 'too_large';
  /** `none`: the request never left for the server. `unknown`: the server may have acted on it. */
  readonly effect: 'none' | 'unknown';
  /** One sentence for people, without anything of the request in it. */
  readonly reason: string;
}

/** HTTP as the Sonos room sees it; redirects are never followed, they come back as their 3xx. */
export type Http = (request: HttpRequest) => Promise<Result<HttpResponse, HttpError>>;

/**
 * HTTP on Node's own `fetch` with its pool of kept-alive connections.
 * Throws only for a request that could not be built, which is a bug in the caller.
 */
export function createHttp(clock: Clock): Http {
  return async (request) => {
    const abort = new AbortController();
    let timedOut = false;
    // AbortSignal.timeout would keep its timer, and with it the process, alive after the answer.
    const cancel = clock.after(request.timeoutMs, () => {
      timedOut = true;
      abort.abort();
    });
    try {
      // The signal beside the request, not in it: a request that is collected takes its own signal with it, unheard.
      const response = await fetch(build(request), { signal: abort.signal });
      const text = await readText(response, request.maxBytes);
      if (text === null) return err(tooLarge(request.maxBytes));
      return ok({ status: response.status, headers: new Map(response.headers), text });
    } catch (error) {
      if (error instanceof MalformedRequest) throw error;
      return err(timedOut ? timeout(request.timeoutMs) : lost(error));
    } finally {
      cancel();
    }
  };
}

class MalformedRequest extends TypeError {}

function build(request: HttpRequest): Request {
  try {
    return new Request(request.url, {
      method: request.method,
      headers: { ...request.headers },
      redirect: 'manual',
      ...(request.body === undefined ? {} : { body: request.body }),
    });
  } catch {
    // The original message quotes the offending header, which may be the access token.
    throw new MalformedRequest('The request could not be built: its URL or one of its headers is malformed.');
  }
}

/** The body as text; null when it is longer than allowed. Leaving the loop early closes the connection. */
async function readText(response: Response, maxBytes: number): Promise<string | null> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const causeSchema = z.object({ code: z.string().optional(), syscall: z.string().optional() });

const CONNECTING = new Set(['connect', 'getaddrinfo']);
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const NEVER_CONNECTED_PREFIX =
  /^(?:ERR_SOCKET_CONNECTION_|CERT_|ERR_TLS_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/u;

/**
 * Whether the failure happened before a single byte of the request was sent: no address, no connection, no trust.
 * A reset is not among them, since the kernel reports the same one during a handshake and after a sent request.
 */
function neverSent(cause: unknown): boolean {
  // Node tries several addresses of one name and then reports all failures together.
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(neverSent);
  const seen = causeSchema.safeParse(cause);
  if (!seen.success) return false;
  const { code = '', syscall = '' } = seen.data;
  return CONNECTING.has(syscall) || NEVER_CONNECTED.has(code) || NEVER_CONNECTED_PREFIX.test(code);
}

function lost(error: unknown): HttpError {
  const cause = error instanceof Error ? error.cause : undefined;
  const seen = causeSchema.safeParse(cause);
  // Only the code is passed on: messages may quote what was sent.
  const code = (seen.success && seen.data.code) || 'no error code';
  if (neverSent(cause)) {
    return { kind: 'network', effect: 'none', reason: `The server could not be reached (${code}).` };
  }
  return {
    kind: 'network',
    effect: 'unknown',
    reason: `The connection was lost before the whole answer had arrived (${code}).`,
  };
}

function timeout(ms: number): HttpError {
  return {
    kind: 'timeout',
    effect: 'unknown',
    reason: `No complete answer came within ${ms / 1000} seconds.`,
  };
}

function tooLarge(maxBytes: number): HttpError {
  return {
    kind: 'too_large',
    effect: 'unknown',
    reason: `The answer was longer than the ${maxBytes} bytes that are read at most.`,
  };
}
