import { signal } from '@preact/signals';
import type { CommandAnswer, Refusal } from '../../api/messages.ts';
import { type Asked, command, repliesIn } from '../api.ts';
import { alias } from '../live.ts';
import { t } from '../words.ts';

/** How a command that was given here stands. */
export type Doing = 'sending' | 'confirmed' | 'unconfirmed' | 'failed';

/** Something that is said about a command, for a while. */
export interface Said {
  readonly id: number;
  readonly kind: 'unconfirmed' | 'failed';
  readonly message: string;
  readonly advice: string | null;
}

const TICK_MS = 1_600;
const SAID_MS = 12_000;
const MOST_SAID = 3;

/** By room and command. */
export const doings = signal<Readonly<Record<string, Doing>>>({});
/** Oldest first. */
export const said = signal<readonly Said[]>([]);

/** The last control that was used, so that it has the focus again when its card has moved. */
export let lastUsed = '';
let count = 0;
const turns = new Map<string, number>();

/** The name under which a command to a room stands in `doings`. */
export const doingOf = (room: string, name: string): string => `${room} ${name}`;

/** Ends what is said. */
export function hush(id: number): void {
  said.value = said.value.filter((each) => each.id !== id);
}

function tell(kind: Said['kind'], message: string, advice: string | null): void {
  count += 1;
  const id = count;
  const others = said.value.filter((each) => each.message !== message || each.advice !== advice);
  said.value = [...others, { id, kind, message, advice }].slice(-MOST_SAID);
  setTimeout(() => hush(id), SAID_MS);
}

function mark(key: string, doing: Doing | null): void {
  const { [key]: _before, ...others } = doings.value;
  doings.value = doing === null ? others : { ...others, [key]: doing };
}

const refusalIn = (answer: Asked<CommandAnswer>): Refusal['error'] | null => {
  if (!answer.ok) return answer.error;
  const { error = null } = repliesIn(answer.value).find(({ status }) => status === 'failed') ?? {};
  return error === null
    ? null
    : {
        code: error.code,
        message: error.message,
        ...(error.advice === undefined ? {} : { advice: error.advice }),
      };
};

function statusIn(answer: Asked<CommandAnswer>): Doing {
  if (refusalIn(answer) !== null || !answer.ok) return 'failed';
  return repliesIn(answer.value).every(({ status }) => status === 'confirmed') ? 'confirmed' : 'unconfirmed';
}

/** Gives a room a command, as MQTT would, and shows how it went; settles with its last word. `roomName` is for people. */
export async function act(
  room: string,
  roomName: string,
  name: string,
  value: unknown = null,
): Promise<Doing> {
  const key = doingOf(room, name);
  const turn = (turns.get(key) ?? 0) + 1;
  turns.set(key, turn);
  lastUsed = key;
  mark(key, 'sending');
  const answer = await command(alias.value, room, name, value);
  const status = statusIn(answer);
  const error = refusalIn(answer);
  if (error !== null) tell('failed', `${roomName}: ${error.message}`, error.advice ?? null);
  else if (status === 'unconfirmed') tell('unconfirmed', t('house.unconfirmed', { room: roomName }), null);
  if (turns.get(key) === turn) {
    mark(key, status);
    setTimeout(
      () => {
        if (turns.get(key) === turn) mark(key, null);
      },
      status === 'confirmed' ? TICK_MS : SAID_MS / 2,
    );
  }
  return status;
}
