import { z } from 'zod';
import { err, ok, type Result } from '../bridge/result.ts';
import { broken, MAX_SOUND_BYTES, type SpeechFailure, STOPPED } from './provider.ts';
import { saidBy } from './said.ts';

/** One request to a speech server. */
export interface SoundRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON in a POST; without it, the request is a GET. */
  readonly json?: object;
  /** What no error may repeat: the text, a key. */
  readonly hidden: readonly string[];
  /** The setting with the address, for errors that ask to look there. */
  readonly urlSetting: string;
  /** The setting with the key, if there is one. */
  readonly keySetting?: string;
  /** What is expected; an answer that says to be something else is refused. */
  readonly expects?: 'sound' | 'json';
}

/** Why there is no sound; the status is null when no answer came. */
export interface FetchFailure extends SpeechFailure {
  readonly status: number | null;
}

/** So much of an error's body is read. */
const MAX_WORDS_BYTES = 4096;
/** Refusals of what was asked for: the server is well. */
const UNSPEAKABLE = new Set([400, 413, 422]);

/** Fetches one sound: bounded, never redirected, until the signal aborts. */
export async function fetchSound(
  request: SoundRequest,
  signal: AbortSignal,
): Promise<Result<Uint8Array, FetchFailure>> {
  const host = URL.canParse(request.url) ? new URL(request.url).host : 'The server';
  const failed = (reason: string) => err({ ...broken(reason), status: null });
  const prepared = build(request);
  if (prepared === null) {
    const settings = [request.urlSetting, request.keySetting].filter((name) => name !== undefined);
    return failed(`The request could not be built; look at ${settings.join(' and ')}.`);
  }
  try {
    // The signal beside the request, not in it: a request that is collected takes its own signal with it, unheard.
    const response = await fetch(prepared, { signal });
    if (response.status !== 200) return err(await refused(response, request, host));
    const type = typeOf(response);
    if ((request.expects ?? 'sound') === 'sound' && /^(text\/html|application\/json)$/.test(type)) {
      await response.body?.cancel();
      return failed(`${host} answered with ${type} instead of a sound; look at ${request.urlSetting}.`);
    }
    const { bytes, isWhole } = await read(response, MAX_SOUND_BYTES);
    if (!isWhole) return failed(`${host} sent more than the 20 MB that are taken at most.`);
    return bytes.byteLength > 0 ? ok(bytes) : failed(`${host} sent an empty answer.`);
  } catch (error) {
    return signal.aborted ? err({ ...STOPPED, status: null }) : failed(`${host} ${lost(error)}`);
  }
}

function build({ url, headers, json }: SoundRequest): Request | null {
  const posted = json !== undefined && {
    method: 'POST',
    body: JSON.stringify(json),
    headers: { 'Content-Type': 'application/json', ...headers },
  };
  try {
    return new Request(url, { headers: { ...headers }, redirect: 'manual', ...posted });
  } catch {
    // The original message quotes the offending header, which may be the key.
    return null;
  }
}

const typeOf = (response: Response): string =>
  (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** The body up to so many bytes. Leaving the loop early closes the connection. */
async function read(
  response: Response,
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > most) return { bytes: Buffer.concat(chunks).subarray(0, most), isWhole: false };
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}

async function refused(response: Response, request: SoundRequest, host: string): Promise<FetchFailure> {
  const { status } = response;
  const { urlSetting, keySetting, hidden } = request;
  const fault = UNSPEAKABLE.has(status) ? 'message' : 'provider';
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    const reason = `${host} answered with a redirect (HTTP ${status}), which is not followed; ${urlSetting} must name the final address.`;
    return { reason, fault, status };
  }
  const said = saidBy(await wordsOf(response), hidden);
  const words = said === null ? '.' : `: "${said}".`;
  const isKey = (status === 401 || status === 403) && keySetting !== undefined;
  const advice = isKey ? ` Look at ${keySetting}.` : status === 404 ? ` Look at ${urlSetting}.` : '';
  return { reason: `${host} answered HTTP ${status}${words}${advice}`, fault, status };
}

const jsonWords = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
]);

/** The text of an error's body: without tags, or of JSON the usual fields. Empty when it is no text. */
async function wordsOf(response: Response): Promise<string> {
  const type = typeOf(response);
  if (type !== '' && !/^text\/|[/+]json$/.test(type)) {
    await response.body?.cancel();
    return '';
  }
  const { bytes } = await read(response, MAX_WORDS_BYTES);
  const text = Buffer.from(bytes).toString('utf8');
  if (text.includes('\0')) return '';
  if (type === 'text/html') return text.replace(/<(head|style|script)\b[\s\S]*?<\/\1>|<[^>]*>/gi, ' ');
  try {
    const known = jsonWords.safeParse(JSON.parse(text));
    if (known.success) return known.data;
  } catch {
    // Text, then.
  }
  return text;
}

const causeSchema = z.object({ code: z.string() });

const LOST: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'refused the connection; does the server run, and on this port?'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'was not found: nothing knows this name.'],
  [
    /CERT|SIGNED|SIGNATURE|_TLS_|_SSL_|EPROTO/,
    'has a certificate that is not trusted here, or does not speak TLS.',
  ],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'cannot be reached from this machine.'],
  [/TIMEOUT|TIMEDOUT/, 'did not answer in time.'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, 'broke off the connection before all had arrived.'],
  [/^HPE_/, 'gave an answer that is not HTTP.'],
];

/** What became of a connection, in words. Only the code is read: messages may quote what was sent. */
function lost(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  // Node tries several addresses of one name and then reports all failures together.
  const seen = causeSchema.safeParse(cause instanceof AggregateError ? cause.errors[0] : cause);
  const code = seen.success ? seen.data.code : 'no error code';
  const words = LOST.find(([pattern]) => pattern.test(code))?.[1] ?? 'could not be asked.';
  return `${words.slice(0, -1)} (${code})${words.slice(-1)}`;
}
