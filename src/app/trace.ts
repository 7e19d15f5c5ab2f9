import type { Clock } from '../bridge/ports.ts';
import type { Answer, Reply } from '../bridge/replies.ts';
import type { SendCall, SonosCall, SonosError, SonosEvent } from '../bridge/sonos.ts';
import { addressesOf, type Household } from '../bridge/state.ts';
import type { EventHeaders } from '../events/headers.ts';
import type { PlayerRequest } from '../queue/queue-server.ts';
import type { TraceEntry } from '../web/api/messages.ts';
import { cleanedBy } from './cleaned.ts';
import type { Minutes } from './minutes.ts';

/** What the trace needs of the house. */
export interface TraceOptions {
  readonly clock: Clock;
  readonly minutes: Minutes;
  /** By id or alias; undefined when no account has it. */
  readonly household: (word: string) => Household | undefined;
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string;
  /** There is one more, without secrets; asked for only while somebody listens. */
  readonly added: (entry: () => TraceEntry) => void;
}

/** The last hundred events, commands, calls and requests of players, each with its time. */
export interface Trace {
  /** Has an event taken, which came at this moment (`Clock.elapsed`). */
  taking(event: SonosEvent, since: number, accept: (event: SonosEvent) => string): void;
  /** A signed event had no effect. */
  ignored(reason: string, headers: EventHeaders, since: number): void;
  answered: Answer;
  /** A player asked for a queue of ours, or a file of it. */
  player(request: PlayerRequest): void;
  /** The same way to Sonos, with every call seen. */
  beside(send: SendCall): SendCall;
  /** Oldest first, without secrets. */
  readonly entries: readonly TraceEntry[];
}

const MOST_OF_A_KIND = 100;
const LONGEST = 200;

/** An entry as it is kept: its words are made when somebody looks. */
type Kept = Pick<TraceEntry, 'seq' | 'kind'> & {
  readonly at: number;
  readonly ms: number;
  /** As it was then: groups die with the next regrouping. */
  readonly household: Household | undefined;
  readonly words: (
    household: Household | undefined,
  ) => Pick<TraceEntry, 'room' | 'what' | 'outcome' | 'detail'>;
};

/** A sender's word, whole or not at all: the filter of secrets would not know one that was cut. */
const short = (text: string): string => (text.length <= LONGEST ? text : `… (${text.length} characters)`);

/** The rooms of a household, a group or a player; null when it is the whole household, or nobody knows it. */
function roomsOf(household: Household | undefined, target: string): string | null {
  if (household === undefined || target === household.id) return null;
  const group = household.topology?.groups.get(target);
  const rooms = addressesOf(household.rooms, group?.playerIds ?? [target]);
  return rooms.length === 0 ? null : rooms.join(', ');
}

const KINDS: Readonly<Record<string, string>> = {
  households: '{householdId}',
  groups: '{groupId}',
  players: '{playerId}',
};

/** A call's path without ids, and whose it is. Words of the API are letters alone; ids of clips and the like are not. */
function templated({ method, path }: SonosCall): { readonly what: string; readonly target: string } {
  const [kind = '', id = '', ...rest] = path.replace(/\?.*$/s, '').split('/').slice(1);
  const words = rest.map((word) => (/^[A-Za-z]{1,32}$/.test(word) ? word : '{id}'));
  const what = `${method} /${[kind, ...(id === '' ? [] : [KINDS[kind] ?? '{id}']), ...words].join('/')}`;
  return { what, target: decodeURIComponent(id) };
}

function outcomeOf(error: SonosError | null): Pick<TraceEntry, 'outcome' | 'detail'> {
  if (error === null) return { outcome: '2xx', detail: null };
  const { kind, status, errorCode, reason } = error;
  const detail = [kind, errorCode, reason].filter((word) => word !== null).join(': ');
  return { outcome: status === null ? kind : String(status), detail };
}

const commandWords = ({ id, command, room, status, error, superseded_by: by }: Reply) => ({
  room: room === undefined ? null : short(room),
  what: short(command),
  outcome: status,
  detail: [
    `id ${id}`,
    ...(by === undefined ? [] : [`superseded by ${by}`]),
    ...(error === undefined ? [] : [`${error.code}: ${error.message}`]),
  ].join('; '),
});

/** The ids of items, with what they have in common said once: `items q7: 1 2 3`. */
function itemWords(items: readonly string[]): string {
  const [first = ''] = items;
  const prefix = first.slice(0, first.lastIndexOf('-') + 1);
  const isLong = items.length > 1 && items.every((id) => id.startsWith(prefix));
  if (!isLong) return items.length === 0 ? '' : short(`items ${items.join(' ')}`);
  return short(`items ${prefix.slice(0, -1)}: ${items.map((id) => id.slice(prefix.length)).join(' ')}`);
}

const playerWords = ({ group, what, status, items, note }: PlayerRequest, of: Household | undefined) => {
  const detail = [itemWords(items), ...(note === null ? [] : [note])].filter((word) => word !== '');
  return {
    ...{ room: roomsOf(of, group), what, outcome: String(status) },
    detail: detail.length === 0 ? null : detail.join('; '),
  };
};

const viewBy = (
  clean: TraceOptions['clean'],
  { household: of, words, at, ms, ...entry }: Kept,
): TraceEntry => ({
  ...entry,
  at: new Date(at).toISOString(),
  household: of?.alias ?? null,
  ...cleanedBy(clean, words(of)),
  ms: Math.round(ms * 10) / 10,
});

/** Creates a trace with nothing in it. */
export function createTrace({ clock, minutes, household, clean, added }: TraceOptions): Trace {
  const kept: Readonly<Record<TraceEntry['kind'], Kept[]>> = { event: [], command: [], call: [], player: [] };
  let seq = 0;

  const viewOf = (entry: Kept): TraceEntry => viewBy(clean, entry);

  function add(kind: TraceEntry['kind'], id: string, ms: number, words: Kept['words']): void {
    seq += 1;
    const entry: Kept = { seq, kind, at: clock.now() - ms, ms, household: household(id), words };
    const ring = kept[kind];
    ring.push(entry);
    if (ring.length > MOST_OF_A_KIND) ring.shift();
    added(() => viewOf(entry));
  }

  return {
    taking(event, since, accept) {
      const { household: id, namespace, type, target } = event;
      const outcome = accept(event);
      minutes.count('events');
      add('event', id, clock.elapsed() - since, (of) => ({
        ...{ room: roomsOf(of, target), what: `${namespace} ${type}`, outcome },
        detail: null,
      }));
    },
    ignored(reason, { household: id, namespace, type, target }, since) {
      add('event', id, clock.elapsed() - since, (of) => ({
        ...{ room: roomsOf(of, target), what: `${namespace} ${type}`, outcome: reason },
        detail: null,
      }));
    },
    answered(ask, reply) {
      if (reply.status === 'accepted') return;
      minutes.count('commands');
      if (reply.status === 'failed') minutes.count('failed');
      const words = commandWords(reply);
      add('command', ask.household, reply.elapsed_ms, () => words);
    },
    player: (request) => add('player', request.household, request.ms, (of) => playerWords(request, of)),
    beside: (send) => async (call) => {
      const since = clock.elapsed();
      const answer = await send(call);
      minutes.count('calls');
      // What is kept must not hold the answer, which may be long.
      const outcome = outcomeOf(answer.ok ? null : answer.error);
      const { what, target } = templated(call);
      add('call', call.household, clock.elapsed() - since, (of) => ({
        ...{ room: roomsOf(of, target), what },
        ...outcome,
      }));
      return answer;
    },
    get entries() {
      return Object.values(kept)
        .flat()
        .sort((a, b) => a.seq - b.seq)
        .map(viewOf);
    },
  };
}
