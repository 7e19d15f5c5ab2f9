import { type CommandError, commandError } from '../../bridge/command-error.ts';
import type { Reply } from '../../bridge/replies.ts';
import type { Json } from '../../bridge/sonos.ts';
import { STATUS_OF } from '../status-of.ts';

/** An answer of this door. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: Json;
}

/** It was done, or will be. */
export const success: ApiAnswer = { status: 200, body: { status: 'success' } };

const wordsOf = ({ code, message, advice }: CommandError): { readonly [key: string]: Json } => ({
  error: message,
  code,
  ...(advice === undefined ? {} : { advice }),
});

/** It was not, and why; that project's two fields, and ours beside them. */
export const failure = (error: CommandError, status = STATUS_OF[error.code]): ApiAnswer => ({
  status,
  body: { status: 'error', ...wordsOf(error) },
});

const silence = commandError(
  'timeout',
  'The bridge did not take the command in time.',
  'Look at the room before you call again.',
);

/** What the last words of all who were asked come to: success when one of them could. */
export function answerOf(replies: readonly Reply[]): ApiAnswer {
  const failed = replies.flatMap(({ room, error }) => (error === undefined ? [] : [{ room, error }]));
  if (failed.length === 0) return replies.length === 0 ? failure(silence) : success;
  const [first] = failed;
  if (first !== undefined && failed.length === replies.length) return failure(first.error);
  const rooms = failed.map(({ room, error }) => ({ room: room ?? null, ...wordsOf(error) }));
  return { status: 200, body: { status: 'success', failed: rooms } };
}
