import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestInClear,
} from 'node:http';
import { Agent as HttpsAgent, request as requestByTls } from 'node:https';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
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

/** Connections that are open at most, so that a burst of commands does not become one of handshakes. */
const MOST_CONNECTIONS = 16;
/** An idle connection is closed before the other side is likely to close it under a request; sooner if Sonos says so. */
const IDLE_MS = 4000;

const AGENT = {
  keepAlive: true,
  maxSockets: MOST_CONNECTIONS,
  scheduling: 'lifo',
  timeout: IDLE_MS,
} as const;

/**
 * HTTP on Node's own client, with a pool of kept-alive connections that do not keep the process.
 * Rejects only for a request that could not be built, which is a bug in the caller.
 */
export function createHttp(clock: Clock): Http {
  const agents: Agents = { http: new HttpAgent(AGENT), https: new HttpsAgent(AGENT) };
  return (request) =>
    new Promise((resolve) => {
      const { timeoutMs, maxBytes, body } = request;
      const sent = build(request, agents);
      const cancel = clock.after(timeoutMs, () => {
        resolve(err(timeout(timeoutMs, sent)));
        sent.destroy();
      });
      // What comes second changes nothing: whoever hangs up hears of the broken connection, too.
      const settle = (outcome: Result<HttpResponse, HttpError>): void => {
        cancel();
        resolve(outcome);
      };
      sent.on('error', (error) => settle(err(lost(error))));
      sent.on('response', (response) => read(response, maxBytes, settle));
      sent.end(body);
    });
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

class MalformedRequest extends TypeError {}

function build({ url, method, headers, body }: HttpRequest, agents: Agents): ClientRequest {
  // A list of names and values is written out as it is, which takes half the time of an object.
  const lines = [];
  for (const [name, value] of Object.entries(headers)) lines.push(name, value);
  // Sonos' answers are small: packing and unpacking them takes longer than sending them.
  lines.push('Accept-Encoding', 'identity');
  if (body !== undefined || method === 'POST')
    lines.push('Content-Length', String(Buffer.byteLength(body ?? '')));
  try {
    const { protocol, host, hostname, port, pathname, search } = new URL(url);
    const options = {
      protocol,
      // Brackets around an IPv6 address belong to URLs.
      hostname: hostname.replace(/^\[|\]$/gu, ''),
      port,
      path: `${pathname}${search}`,
      method,
      headers: ['Host', host, ...lines],
    };
    return protocol === 'https:'
      ? requestByTls({ ...options, agent: agents.https })
      : requestInClear({ ...options, agent: agents.http });
  } catch {
    // The original message quotes the offending header or address, which may hold a secret.
    throw new MalformedRequest('The request could not be built: its URL or one of its headers is malformed.');
  }
}

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** The body as it was before somebody packed it unasked. */
function unpacked(response: IncomingMessage): Readable {
  const decoder = DECODERS.get(response.headers['content-encoding']?.trim().toLowerCase() ?? '');
  // Errors on either side come out at the end.
  return decoder === undefined ? response : pipeline(response, decoder(), () => {});
}

const utf8 = new TextDecoder();

/** Reads an answer up to so many bytes; a longer one is hung up on. */
function read(
  response: IncomingMessage,
  maxBytes: number,
  settle: (outcome: Result<HttpResponse, HttpError>) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const body = unpacked(response);
  body.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= maxBytes) return;
    settle(err(tooLarge(maxBytes)));
    body.destroy();
  });
  body.on('error', (error) => settle(err(lost(error))));
  body.on('end', () => {
    const text = utf8.decode(Buffer.concat(chunks));
    settle(ok({ status: response.statusCode ?? 0, headers: headersOf(response), text }));
  });
}

function headersOf({ headers }: IncomingMessage): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) all.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return all;
}

const errorSchema = z.object({ code: z.string().optional(), syscall: z.string().optional() });

const CONNECTING = new Set(['connect', 'getaddrinfo']);
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const NEVER_CONNECTED_PREFIX =
  /^(?:ERR_SOCKET_CONNECTION_|CERT_|ERR_TLS_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/u;

/**
 * Whether the failure happened before a single byte of the request was sent: no address, no connection, no trust.
 * A reset is not among them, since the kernel reports the same one during a handshake and after a sent request.
 */
function neverSent(error: unknown): boolean {
  // Node tries several addresses of one name and then reports all failures together.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverSent);
  const seen = errorSchema.safeParse(error);
  if (!seen.success) return false;
  const { code = '', syscall = '' } = seen.data;
  return CONNECTING.has(syscall) || NEVER_CONNECTED.has(code) || NEVER_CONNECTED_PREFIX.test(code);
}

function lost(error: unknown): HttpError {
  const seen = errorSchema.safeParse(error);
  // Only the code is passed on: messages may quote what was sent.
  const code = (seen.success && seen.data.code) || 'no error code';
  if (neverSent(error)) {
    return { kind: 'network', effect: 'none', reason: `The server could not be reached (${code}).` };
  }
  return {
    kind: 'network',
    effect: 'unknown',
    reason: `The connection was lost before the whole answer had arrived (${code}).`,
  };
}

function timeout(ms: number, { socket }: ClientRequest): HttpError {
  const isOnItsWay = socket !== null && !socket.connecting;
  return {
    kind: 'timeout',
    effect: isOnItsWay ? 'unknown' : 'none',
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
