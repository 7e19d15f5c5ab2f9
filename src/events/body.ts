import type { IncomingMessage } from 'node:http';
import { err, ok, type Result } from '../bridge/result.ts';

/** Why there is no body: longer than allowed, or the sender left before its end. */
export type BodyProblem = 'body_too_large' | 'body_incomplete';

/** The longest body of an event that is read. */
export const MAX_BODY_BYTES = 1_048_576;

/** Whether a request comes with a body, by its headers. */
export const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Whether the body is in a content coding, such as gzip. */
export const isEncoded = ({ headers }: IncomingMessage): boolean =>
  !/^(identity)?$/i.test(headers['content-encoding'] ?? '');

/**
 * Reads the body of a request, of `maxBytes` at most; tells `done` once, in the turn in which the last byte came. A body
 * that says it is longer is not read at all, and one that turns out longer no further.
 */
export function readBytes(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Result<Buffer, BodyProblem>) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    done(err('body_too_large'));
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (body: Result<Buffer, BodyProblem>): void => {
    if (finished) return;
    finished = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    if (finished) return;
    size += chunk.length;
    if (size <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    finish(err('body_too_large'));
  });
  request.on('end', () => {
    const [first] = chunks;
    finish(ok(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, size)));
  });
  // After the end it comes as well; before it, the sender left or was cut off.
  request.on('close', () => finish(err('body_incomplete')));
}

/** Reads the body of a request like `readBytes`, as UTF-8. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Result<string, BodyProblem>) => void,
): void {
  readBytes(request, maxBytes, (body) => done(body.ok ? ok(body.value.toString()) : body));
}
