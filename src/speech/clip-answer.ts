import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readRange } from './byte-range.ts';
import type { ClipType } from './clip-folder.ts';
import type { Ticket } from './clip-tickets.ts';
import type { StoredClip } from './stored-clip.ts';

const TYPES: Readonly<Record<ClipType, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' };

/** The header that closes the connection of whoever has a body to send, which nobody will read. */
const closing = ({ headers }: IncomingMessage): Readonly<Record<string, string>> =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    ? { Connection: 'close' }
    : {};

/** Answers with a status and nothing else. */
export function answerNothing(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Length': '0',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    ...closing(request),
  });
  response.end();
}

/** Waits until the stream has bytes to give, or an end or an error of its own. */
async function ready(stream: Readable): Promise<void> {
  if (stream.readableLength > 0) return;
  await once(stream, 'readable');
}

/** Waits at the gate; false when whoever asked has left. */
async function pass(response: ServerResponse, { gate, device }: Ticket): Promise<boolean> {
  const left = new AbortController();
  const leave = () => left.abort();
  response.once('close', leave);
  if (!response.destroyed) await gate.pass(device, left.signal);
  response.off('close', leave);
  return !response.destroyed;
}

/** `told`: the speaker knows more now, and got no sound, nor did it want any. */
export type ClipOutcome = 'served' | 'told' | 'refused';

/** The head of an answer with a sound. */
interface Head {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
}

/** With a ticket, head and first byte wait at its gate; the first bytes are read before, so that no disk pulls rooms apart. */
async function send(
  response: ServerResponse,
  { status, headers }: Head,
  stream: Readable,
  ticket: Ticket | null,
): Promise<ClipOutcome> {
  // The speaker left, or the disk failed: the connection is cut, and the length tells that bytes lack.
  const cut = (): void => {
    stream.destroy();
    response.destroy();
  };
  try {
    await ready(stream);
  } catch {
    cut();
    return 'refused';
  }
  if (ticket !== null && !(await pass(response, ticket))) {
    cut();
    return 'told';
  }
  response.writeHead(status, headers);
  pipeline(stream, response).catch(cut);
  return 'served';
}

/** A sound as it is served. */
export interface ServedSound extends Pick<StoredClip, 'bytes' | 'read'> {
  readonly contentType: string;
}

/** Answers a GET or HEAD for a clip: whole or in part. */
export const answerClip = (
  request: IncomingMessage,
  response: ServerResponse,
  { type, bytes, read }: StoredClip,
  ticket: Ticket | null,
): Promise<ClipOutcome> => answerSound(request, response, { bytes, read, contentType: TYPES[type] }, ticket);

/** Answers a GET or HEAD for any sound: whole or in part. */
export async function answerSound(
  request: IncomingMessage,
  response: ServerResponse,
  clip: ServedSound,
  ticket: Ticket | null = null,
): Promise<ClipOutcome> {
  const isHead = request.method === 'HEAD';
  if (!isHead) ticket?.asked();
  // With If-Range it would have to be the very same sound; whoever asks so gets the whole.
  const wanted = isHead || request.headers['if-range'] !== undefined ? undefined : request.headers.range;
  const range = readRange(wanted, clip.bytes);
  if (range.kind === 'unsatisfiable') {
    answerNothing(request, response, 416, { 'Content-Range': `bytes */${clip.bytes}` });
    return 'told';
  }
  const { first, last } = range.kind === 'part' ? range : { first: 0, last: clip.bytes - 1 };
  const headers = {
    'Content-Type': clip.contentType,
    'Content-Length': String(last - first + 1),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private',
    'X-Content-Type-Options': 'nosniff',
    ...(range.kind === 'part' ? { 'Content-Range': `bytes ${first}-${last}/${clip.bytes}` } : {}),
    ...closing(request),
  };
  if (isHead) {
    response.writeHead(200, headers).end();
    return 'told';
  }
  const stream = await clip.read(first, last);
  if (stream === null) {
    answerNothing(request, response, 404);
    return 'refused';
  }
  return send(response, { status: range.kind === 'part' ? 206 : 200, headers }, stream, ticket);
}
