import type { RequestHandler } from 'express';
import { limitError } from '../../bridge/cloud-limits.ts';
import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { familiarName, familiarRoom } from '../../bridge/familiar-names.ts';
import { suggestion } from '../../bridge/nearest.ts';
import type { Clock } from '../../bridge/ports.ts';
import { quoted } from '../../bridge/quoted.ts';
import type { Result } from '../../bridge/result.ts';
import type { WebCommands } from '../options.ts';
import { type ApiAddress, readAddress } from './address.ts';
import { type ApiAnswer, answerOf, failure, success } from './answer.ts';
import { mayAct } from './caller.ts';
import { HOUSE_ACTIONS } from './house-table.ts';
import { ACTIONS, type Deed, type Row } from './table.ts';

/** A call whose action there is: whether it changes anything, and what it comes to. */
interface Found {
  readonly acts: boolean;
  readonly act: () => Result<Deed, CommandError>;
}

const NOT_IMPLEMENTED = 501;

const unknown = (word: string, known: readonly string[]): ApiAnswer =>
  failure(commandError('unknown_command', `There is no action ${quoted(word)}.`, suggestion(word, known)));

/** An action by its word in an address, with the call that it would get. */
function actionOf<C>(
  table: Readonly<Record<string, Row<C>>>,
  word: string,
  call: C,
): Found | ApiAnswer | null {
  const name = word.toLowerCase();
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  if (row === undefined) return null;
  if (row.kind === 'unsupported') return failure(limitError(name, row.limit), NOT_IMPLEMENTED);
  return { acts: row.becomes.length > 0, act: () => row.act(call) };
}

/** Whom an address means, and what with. A room comes first, as in that project. */
function find(
  { levels, query }: ApiAddress,
  households: ReturnType<WebCommands['households']>,
  paused: Map<string, readonly string[]>,
  now: number,
): Found | ApiAnswer {
  const [first = '', second, ...rest] = levels;
  const place = familiarRoom(households, first);
  if (place.ok) {
    const actions = Object.keys(ACTIONS);
    const action = actionOf(ACTIONS, second ?? '', { ...place.value, args: rest, query, now });
    return action ?? unknown(second ?? '', actions);
  }
  const args = levels.slice(1);
  const everywhere = actionOf(HOUSE_ACTIONS, first, { households, args, query, now, paused });
  if (everywhere !== null) return everywhere;
  if (place.error.code === 'ambiguous_name' || second !== undefined) return failure(place.error);
  const names = households.flatMap(({ rooms }) => [...rooms.values()].map(({ name }) => familiarName(name)));
  if (Object.hasOwn(ACTIONS, first.toLowerCase())) {
    const advice = `Put one in front, as in /${names[0] ?? 'kitchen'}/${first.toLowerCase()}.`;
    return failure(commandError('unknown_room', `${quoted(first)} needs a room.`, advice));
  }
  return unknown(first, [...Object.keys(HOUSE_ACTIONS), ...names]);
}

const strange = commandError(
  'blocked',
  'A browser asked for this and did not say that a person had typed it, so any page could have made it do so.',
  'Call it from an app, a script or a home automation; or open it at localhost or over https, where browsers say who asks.',
);

/**
 * Answers node-sonos-http-api's addresses. That they act on GET, as people's shortcuts send it, is safe only because a
 * browser cannot be led here by others' pages: `guardSite` stops embedded requests before this, and `mayAct` what
 * it lets pass for reading. HEAD is refused, since whoever sends it means to look.
 */
export function httpApi({ households, ask }: WebCommands, clock: Pick<Clock, 'now'>): RequestHandler {
  const paused = new Map<string, readonly string[]>();

  async function answer(target: string, isTrusted: boolean): Promise<ApiAnswer> {
    const address = readAddress(target);
    if (!address.ok) return failure(commandError('invalid_payload', address.error));
    const found = find(address.value, households(), paused, clock.now());
    if ('status' in found) return found;
    if (found.acts && !isTrusted) return failure(strange);
    const deed = found.act();
    if (!deed.ok) return failure(deed.error, deed.error.code === 'not_capable' ? NOT_IMPLEMENTED : undefined);
    if ('show' in deed.value) return { status: 200, body: deed.value.show };
    const questions = deed.value.ask;
    if (questions.length === 0) return success;
    return answerOf((await Promise.all(questions.map(ask))).flat());
  }

  return async (request, response) => {
    if (request.method !== 'GET') {
      response.set('Allow', 'GET').status(405);
      response.json({ status: 'error', error: 'This address is asked with GET.' });
      return;
    }
    const { status, body } = await answer(request.originalUrl, mayAct(request.headers));
    response.status(status).json(body);
  };
}
