import type { HeardClip } from '../../src/sim/clip.ts';
import { announcementOf } from './speech.ts';

/** An announcement, or a cancel, that somebody sent. */
export interface Sent {
  readonly id: string;
  readonly kind: 'announce' | 'cancel';
  /** Whether the sender named it. */
  readonly hasId: boolean;
  readonly topic: string;
  readonly payload: string;
  readonly priority: 'high' | 'normal';
  /** Addresses (`home/kitchen`) that were named; `all` names none. */
  readonly rooms: readonly string[];
  /** Players by address, when it was sent. */
  readonly players: ReadonlyMap<string, string>;
  /** What a cancel is about; null for everything. */
  readonly of: string | null;
  /** By the calendar of the machine when it was sent; null when it does not expire. */
  readonly expiresAt: number | null;
  readonly at: number;
  /** The run of the bridge that it reached first; null when it reached none. */
  run: number | null;
  reachedAt: number;
  /** Its place among all that reached the bridge. */
  order: number;
  /** How often it reached the bridge. */
  times: number;
}

/** A loadAudioClip that Sonos took. */
export interface Load {
  readonly player: string;
  readonly id: string;
  readonly at: number;
}

/** What was answered to one id in one room; equal bytes are one message that was delivered again. */
export interface Answers {
  readonly accepted: Set<string>;
  /** With the moment of each. */
  readonly terminal: Map<string, number>;
}

/** Everything that is known of a stretch of time at whose end nothing is said any more. */
export interface Story {
  readonly sent: readonly Sent[];
  readonly loads: readonly Load[];
  /** By id and address. */
  readonly answers: ReadonlyMap<string, Answers>;
  readonly heard: readonly HeardClip[];
  /** Whether rooms got other addresses: then nobody can say which room an address meant, and when. */
  readonly areRenamed: boolean;
}

/** What may be excused. */
export interface Excuses {
  /** When runs of the bridge ended. */
  readonly ends: readonly number[];
  /** Whether nobody could be told for so long that answers are given up. */
  readonly wasUnheard: (at: number) => boolean;
}

/** An announcement is accepted once the disk has it, and after two seconds in any case. */
const KEEPING_MS = 2_500;
/** A call that was made before a cancel may still be on its way. */
const ON_ITS_WAY_MS = 20_000;

/** What is wrong with what was said, and with what was answered. */
export const wrongAnnouncements = (story: Story, excuses: Excuses): string[] => [
  ...wrongAnswers(story, excuses),
  ...saidTwice(story),
  ...saidAfterCancel(story),
  ...cutOff(story),
  ...outOfOrder(story),
];

/** Everything that reached the bridge has one terminal answer in each room, whichever run gives it. */
function wrongAnswers({ sent, answers, areRenamed }: Story, { ends, wasUnheard }: Excuses): string[] {
  const found: string[] = [];
  const endsSoon = (at: number): boolean => ends.some((end) => end >= at && end < at + KEEPING_MS);
  for (const { id, run, hasId, rooms, reachedAt, kind } of sent) {
    if (run === null || !hasId) continue;
    const given = [...answers].filter(([key]) => key.startsWith(`${id} `));
    // Where `all` is no room, nothing else of the message is looked at.
    const isForNone = given.some(([key]) => key.endsWith('/all'));
    const missing = isForNone || areRenamed ? [] : rooms.filter((room) => !answers.has(`${id} ${room}`));
    // Not on the disk yet, and so not accepted, it may end with the process.
    const mayBeUnanswered = endsSoon(reachedAt) || wasUnheard(reachedAt);
    if ((missing.length > 0 || given.length === 0) && !mayBeUnanswered)
      found.push(`${id} (${kind}) was never answered in ${missing.join() || 'any room'}`);
    for (const [key, { accepted, terminal }] of given) {
      if (accepted.size > 1) found.push(`${key} was accepted ${accepted.size} times`);
      if (terminal.size === 0 && !wasUnheard(reachedAt)) found.push(`${key} was accepted and never answered`);
      // Whether an answer was given is kept just after it was given: an end in between has it given again.
      const [first = 0] = terminal.values();
      if (terminal.size > (endsSoon(first) ? 2 : 1))
        found.push(`${key} has ${terminal.size} terminal answers: ${[...terminal.keys()].join(' ')}`);
    }
  }
  return found;
}

/** Sonos takes an announcement at most once for a player. */
function saidTwice({ sent, loads, areRenamed }: Story): string[] {
  // The bridge knows an id again by the room's address: one that got another is a room that was not asked before.
  const isNew = (id: string): boolean => areRenamed && sent.some((each) => each.id === id && each.times > 1);
  const seen = new Set<string>();
  return loads.flatMap(({ player, id, at }) => {
    const key = `${id} on ${player}`;
    if (seen.has(key) && !isNew(id)) return [`${key} was sent again at ${at}`];
    seen.add(key);
    return [];
  });
}

/** What a cancel was confirmed for is not sent any more, but for a call that was on its way. */
function saidAfterCancel({ sent, loads, answers, areRenamed }: Story): string[] {
  if (areRenamed) return [];
  const cancels = sent.filter(({ kind, run }) => kind === 'cancel' && run !== null);
  const known = new Map(sent.map((each) => [each.id, each]));
  return loads.flatMap(({ player, id, at }) => {
    const announced = known.get(id);
    const cancel = cancels.find(
      ({ id: cancelId, of, order, players, reachedAt }) =>
        (of === null || of === id) &&
        announced !== undefined &&
        order > announced.order &&
        at > reachedAt + ON_ITS_WAY_MS &&
        [...players].some(
          ([room, each]) => each === player && isConfirmed(answers.get(`${cancelId} ${room}`)),
        ),
    );
    return cancel === undefined ? [] : [`${id} was sent at ${at}, though ${cancel.id} had cancelled it`];
  });
}

const isConfirmed = (answers: Answers | undefined): boolean =>
  [...(answers?.terminal.keys() ?? [])].some((payload) => payload.includes('"confirmed"'));

const ours = (heard: readonly HeardClip[], player: string): HeardClip[] =>
  heard.filter(({ deviceId }) => deviceId === player).sort((a, b) => a.startedAt - b.startedAt);

const playersOf = (heard: readonly HeardClip[]): string[] => [
  ...new Set(heard.map(({ deviceId }) => deviceId)),
];

/** Sonos is not given an announcement for a player on which another one is heard. */
function cutOff({ sent, loads, heard }: Story): string[] {
  const cancels = sent.filter(({ kind, run }) => kind === 'cancel' && run !== null);
  return loads.flatMap(({ player, id, at }) => {
    const cut = ours(heard, player).find(
      ({ startedAt, endedAt, url }) =>
        startedAt < at && at < (endedAt ?? Number.POSITIVE_INFINITY) && announcementOf(url ?? '') !== id,
    );
    const cutId = announcementOf(cut?.url ?? '');
    // Nobody wants to hear it to its end, and a clip whose id was lost cannot be ended.
    const isUnwanted = cancels.some(({ of, reachedAt }) => (of === null || of === cutId) && reachedAt < at);
    return cut === undefined || isUnwanted
      ? []
      : [`${id} was sent to ${player} at ${at}, while ${cutId} was heard`];
  });
}

/** In every room those of equal priority are heard in the order in which they came. */
function outOfOrder({ sent, heard }: Story): string[] {
  const known = new Map(sent.map((each) => [each.id, each]));
  return playersOf(heard).flatMap((player) => {
    const latest = new Map<string, Sent>();
    return ours(heard, player).flatMap(({ url }) => {
      const said = known.get(announcementOf(url ?? '') ?? '');
      if (said === undefined) return [];
      const before = latest.get(said.priority);
      latest.set(said.priority, said);
      return before === undefined || before.order <= said.order
        ? []
        : [`${said.id} was heard after ${before.id} on ${player}`];
    });
  });
}
