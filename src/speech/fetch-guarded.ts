import { lookup } from 'node:dns/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '../bridge/ports.ts';
import { quoted } from '../bridge/quoted.ts';

/** What came of fetching something. The reasons are sentences for people, without the URL, which may hold a secret. */
export type Fetched =
  | { readonly kind: 'fetched'; readonly bytes: Uint8Array }
  /** We did not get it, but somebody else may. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The policy does not allow it. */
  | { readonly kind: 'forbidden'; readonly reason: string }
  /** It is not to be had, by anybody. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Fetches somebody else's sound or picture, once. */
export type FetchGuarded = (url: string) => Promise<Fetched>;

/** An address as a resolver gives it. */
export interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** What the guard needs. */
export interface FetchGuardedOptions {
  readonly clock: Clock;
  /** What may be fetched by its name. */
  readonly allows: (url: URL) => boolean;
  /** Whether a name was listed by hand: then its addresses are right, whatever they are. */
  readonly isListed?: (url: URL) => boolean;
  /** Whether nothing may be fetched from this address. */
  readonly isForbidden: (address: string) => boolean;
  readonly resolve?: (host: string) => Promise<readonly Resolved[]>;
  /** For everything, from the name to the last byte. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** The types that are asked for; sounds unless given. */
  readonly accept?: string;
  /** So many redirects are followed, each looked at like the first address; none unless given. */
  readonly redirects?: number;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 20_000_000;
const SOUNDS = 'audio/*, */*;q=0.5';

/** What one request comes to: an end, or another address. */
type Answered = Fetched | { readonly kind: 'moved'; readonly status: number; readonly to: string };

const refused = (reason: string): Fetched => ({ kind: 'refused', reason });
const forbidden = (reason: string): Fetched => ({ kind: 'forbidden', reason });
const unreachable = (reason: string): Fetched => ({ kind: 'unreachable', reason });

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'no error code';

/** The parts of the URL that count, or why it is not fetched whatever its address is. */
function opened(text: string, allows: (url: URL) => boolean): URL | Fetched {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return refused('It is not an http or https address.');
  }
  if (url.username + url.password !== '') return refused('Its address holds a user or a password.');
  return allows(url) ? url : forbidden(`Fetching from ${quoted(url.hostname)} is not allowed.`);
}

/** Whatever name is asked for, these are its addresses: they were looked at, and a second answer might be another. */
const pinned =
  (addresses: readonly Resolved[]): LookupFunction =>
  (_host, { all }, answer) => {
    const [first] = addresses;
    if (all === true || first === undefined) answer(null, [...addresses]);
    else answer(null, first.address, first.family);
  };

/** What the head of an answer says already; null when its body is the sound. */
function judged({ statusCode: status = 0, headers }: IncomingMessage, maxBytes: number): Answered | null {
  if (status >= 300 && status < 400) return { kind: 'moved', status, to: headers.location ?? '' };
  if (status >= 500) return unreachable(`The server answered ${status}.`);
  if (status !== 200) return refused(`The server answered ${status}.`);
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    return refused('The server sends it compressed, though it was asked not to.');
  }
  return Number(headers['content-length'] ?? 0) > maxBytes ? tooLong(maxBytes) : null;
}

const tooLong = (maxBytes: number): Fetched =>
  refused(`It is longer than the ${maxBytes / 1_000_000} MB that are taken at most.`);

/** Gathers the body; `done` is told once, the moment that it is clear. */
function gather(response: IncomingMessage, maxBytes: number, done: (fetched: Fetched) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) done(tooLong(maxBytes));
    else chunks.push(chunk);
  });
  response.on('end', () => {
    done(size === 0 ? refused('It is empty.') : { kind: 'fetched', bytes: Buffer.concat(chunks, size) });
  });
  response.on('error', (cause) =>
    done(unreachable(`The connection broke in the middle (${codeOf(cause)}).`)),
  );
}

/** Asks for it at these addresses and no others; nothing is left open when the promise is settled. */
function fetchFrom(
  url: URL,
  addresses: readonly Resolved[],
  { maxBytes, accept }: Required<Pick<FetchGuardedOptions, 'maxBytes' | 'accept'>>,
  signal: AbortSignal,
): Promise<Answered> {
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request: ClientRequest = send(url, {
      agent: false,
      lookup: pinned(addresses),
      headers: { Accept: accept, 'Accept-Encoding': 'identity' },
    });
    const done = (answered: Answered): void => {
      resolve(answered);
      signal.removeEventListener('abort', abort);
      request.destroy();
    };
    const abort = () => done(unreachable('It took too long.'));
    signal.addEventListener('abort', abort);
    request.on('response', (response) => {
      const verdict = judged(response, maxBytes);
      if (verdict === null) gather(response, maxBytes, done);
      else done(verdict);
    });
    // Node would close such a connection without a word.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      done(refused('The server speaks another protocol.'));
    });
    request.on('error', (cause) => done(unreachable(`The server could not be reached (${codeOf(cause)}).`)));
    request.end();
  });
}

const resolveBySystem = (host: string): Promise<readonly Resolved[]> => lookup(host, { all: true });

/**
 * Creates what fetches other people's sounds and pictures: over http or https, from an address that was looked at, following
 * a redirect only where it is told to, never longer and never for longer than the caps, and without anything of ours that could be a credential.
 */
export function createFetchGuarded(options: FetchGuardedOptions): FetchGuarded {
  const { clock, allows, isListed = () => false, isForbidden } = options;
  const { resolve = resolveBySystem, timeoutMs = TIMEOUT_MS, redirects = 0 } = options;
  const caps = { maxBytes: options.maxBytes ?? MAX_BYTES, accept: options.accept ?? SOUNDS };

  async function answered(url: URL, signal: AbortSignal): Promise<Answered> {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const family = isIP(host);
    let addresses: readonly Resolved[];
    try {
      addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
    } catch (cause) {
      return unreachable(`The name ${quoted(host)} was not found (${codeOf(cause)}).`);
    }
    if (addresses.length === 0) return unreachable(`The name ${quoted(host)} has no address.`);
    if (!isListed(url) && addresses.some(({ address }) => isForbidden(address))) {
      return forbidden(`${quoted(host)} is at an address from which nothing is fetched.`);
    }
    return signal.aborted ? unreachable('It took too long.') : fetchFrom(url, addresses, caps, signal);
  }

  async function guarded(text: string, signal: AbortSignal, left = redirects): Promise<Fetched> {
    const url = opened(text, allows);
    if (!(url instanceof URL)) return url;
    const answer = await answered(url, signal);
    if (answer.kind !== 'moved') return answer;
    if (left === 0) return refused(`The server redirects (${answer.status}); give the final address.`);
    const to = URL.canParse(answer.to, url.href) ? new URL(answer.to, url.href).href : '';
    return guarded(to, signal, left - 1);
  }

  return async (text) => {
    const late = unreachable(`There was no whole answer within ${timeoutMs / 1_000} seconds.`);
    const abort = new AbortController();
    return new Promise((settle, reject) => {
      const cancel = clock.after(timeoutMs, () => {
        abort.abort();
        // A resolver may go on for longer, and nothing can stop it.
        settle(late);
      });
      guarded(text, abort.signal).finally(cancel).then(settle, reject);
    });
  };
}
