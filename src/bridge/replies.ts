import type { z } from 'zod';
import { type CommandError, commandError } from './command-error.ts';
import type { replySchema, replyStatusSchema } from './contract/reply.ts';
import type { Clock, Random } from './ports.ts';

/** How a command stands. */
export type Status = z.output<typeof replyStatusSchema>;

/** Where answers go besides the reply topic: an MQTT 5 response topic with its correlation data. */
export interface ResponseTo {
  readonly topic: string;
  readonly correlationData: Uint8Array | null;
}

/** An answer as it is published. */
export type Reply = Readonly<z.output<typeof replySchema>>;

/** Someone who waits for the answer to one command in one room. */
export interface Ask {
  readonly id: string;
  /** Whether the sender gave the id; one that we made up is never asked for again. */
  readonly idIsSenders: boolean;
  readonly command: string;
  /** The household's part of the topic. */
  readonly household: string;
  /** The room's part of the topic, as the sender wrote it; null for the bridge itself. */
  readonly room: string | null;
  readonly responseTo: ResponseTo | null;
  /** Whoever of this process waits for the answer, as an object that is theirs alone; it is not remembered over a restart. */
  readonly asker?: object | undefined;
  /** Wall time after which it must not be carried out; null when it does not expire. */
  readonly expiresAt: number | null;
  /** How much of that was left when it came, milliseconds; infinite when it does not expire. */
  readonly lifeMs: number;
  /** `Clock.elapsed` when it came. */
  readonly since: number;
}

/** The sooner of two expiries; null never comes. */
export const sooner = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** Who asks, in the words of the message: its own, and what MQTT 5 carries beside it. */
export interface Sender {
  /** Null when the payload could not be read. */
  readonly wrote: { readonly id: string | null; readonly expiresAt: number | null } | null;
  readonly responseTo: ResponseTo | null;
  /** See `Ask`. */
  readonly asker?: object | undefined;
  /** MQTT 5 message expiry that is left, seconds. */
  readonly expirySeconds: number | null;
}

/** One who waits from now on. */
export function askFrom(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { wrote, responseTo, asker, expirySeconds }: Sender,
  what: Pick<Ask, 'household' | 'room' | 'command'>,
): Ask {
  const left = expirySeconds === null ? null : clock.now() + expirySeconds * 1000;
  const expiresAt = sooner(wrote?.expiresAt ?? null, left);
  return {
    ...what,
    id: wrote?.id ?? random.id().slice(0, 10),
    idIsSenders: wrote?.id != null,
    responseTo,
    asker,
    expiresAt,
    lifeMs: expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - clock.now(),
    since: clock.elapsed(),
  };
}

/**
 * Whether it is too late to carry a command out, by either clock: the calendar may have been set back since it came, and
 * the stopwatch stands still while a machine sleeps.
 */
export const isLate = ({ expiresAt, lifeMs, since }: Ask, clock: Clock): boolean =>
  (expiresAt !== null && expiresAt <= clock.now()) || clock.elapsed() - since >= lifeMs;

/** What is wrong with a command that came too late; null when it did not. */
export const lateness = (ask: Ask, clock: Clock): CommandError | null =>
  isLate(ask, clock)
    ? commandError('expired', 'The command came after its expiry.', 'Is the clock of the sender right?')
    : null;

/** Hands an answer to whoever publishes it. */
export type Answer = (ask: Ask, reply: Reply) => void;

/** What there is to say of a command beside its status. */
export type Outcome = Pick<Reply, 'error' | 'superseded_by' | 'result'>;

/** The answer to one who asked. */
export const replyTo = (ask: Ask, status: Status, now: number, outcome: Outcome = {}): Reply => ({
  id: ask.id,
  command: ask.command,
  ...(ask.room === null ? {} : { room: ask.room }),
  status,
  elapsed_ms: Math.max(0, Math.round(now - ask.since)),
  ...outcome,
});

const REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 10_000;
const MOST_WAITING = 100;

const crowded = commandError(
  'rate_limited',
  'Too many wait for the answer to this command already.',
  'Send it once, and wait for its answer.',
);

interface Remembered {
  readonly at: number;
  reply: Reply | null;
  readonly others: Ask[];
}

/** Commands by id, for ten minutes: the same one again is answered and not carried out again. */
export interface Answered {
  /** True when the same was asked before, and it has been answered now; nothing is remembered of this ask. */
  known(ask: Ask): boolean;
  /** The record of an ask with a sender's id; true when the same was asked before, and it has been answered now. */
  repeated(ask: Ask): boolean;
  /** The record of an ask of an earlier run, and what it was answered; null when it was not yet. */
  recall(ask: Ask, answered: Status | null): void;
  /** Answers an ask and everyone who asked the same meanwhile; a second terminal answer is a bug and is dropped. */
  settle(ask: Ask, status: Status, outcome?: Outcome): void;
  /** Answers everyone who still waits and for whom nothing more will be done. */
  failAll(error: CommandError, isOver: (ask: Ask) => boolean): void;
}

const keyOf = (ask: Ask): string => [ask.household, ask.room ?? '', ask.command, ask.id].join('\u0000');

/** Forgets what is as old as that or older, and the oldest when there are too many; they stand in order of age. */
function forgetOld(remembered: Map<string, Remembered>, oldest: number): void {
  for (const [key, record] of remembered) {
    if (record.at > oldest && remembered.size <= MOST_REMEMBERED) return;
    remembered.delete(key);
  }
}

/** Keeps who asked what, and what was answered. */
export function createAnswered(clock: Clock, answer: Answer): Answered {
  const remembered = new Map<string, Remembered>();
  /** By ask, because one that was refused at the door has no record, even when its id is that of one that has. */
  const records = new WeakMap<Ask, Remembered>();
  /** Accepted, and not yet answered for good. */
  const open = new Set<Ask>();
  const closed = new WeakSet<Ask>();

  function settle(ask: Ask, status: Status, outcome?: Outcome): void {
    if (closed.has(ask)) return;
    if (status === 'accepted') open.add(ask);
    else {
      open.delete(ask);
      closed.add(ask);
    }
    const record = records.get(ask);
    const reply = replyTo(ask, status, clock.elapsed(), outcome);
    if (record !== undefined) record.reply = reply;
    for (const each of [ask, ...(record?.others ?? [])]) answer(each, reply);
  }

  function known(ask: Ask): boolean {
    forgetOld(remembered, clock.elapsed() - REMEMBERED_MS);
    const record = ask.idIsSenders ? remembered.get(keyOf(ask)) : undefined;
    if (record === undefined) return false;
    // While the first is under way, who asks again waits with it.
    const underWay = record.reply === null || record.reply.status === 'accepted';
    if (underWay && record.others.length >= MOST_WAITING) {
      answer(ask, replyTo(ask, 'failed', clock.elapsed(), { error: crowded }));
      return true;
    }
    if (record.reply !== null) answer(ask, record.reply);
    if (underWay) record.others.push(ask);
    return true;
  }

  function remember(ask: Ask, reply: Reply | null): void {
    const made: Remembered = { at: clock.elapsed(), reply, others: [] };
    remembered.set(keyOf(ask), made);
    records.set(ask, made);
  }

  return {
    settle,
    failAll(error, isOver) {
      for (const ask of [...open]) if (isOver(ask)) settle(ask, 'failed', { error });
    },
    known,
    repeated(ask) {
      if (!ask.idIsSenders || known(ask)) return ask.idIsSenders;
      remember(ask, null);
      return false;
    },
    recall(ask, status) {
      if (ask.idIsSenders) remember(ask, status === null ? null : replyTo(ask, status, clock.elapsed()));
    },
  };
}
