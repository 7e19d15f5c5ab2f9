import type { Chance } from '../../src/sim/random.ts';
import type { House } from './house.ts';
import type { Call } from './network.ts';

/** A command that somebody sent. */
interface Sent {
  readonly id: string;
  readonly topic: string;
  readonly kind: string;
  readonly at: number;
  /** Which run of the bridge it reached; null when it reached none. */
  run: number | null;
}

/** What may have an effect twice when it is sent twice, and the call that does it. */
const ONCE: Readonly<Record<string, RegExp>> = {
  next: /\/playback\/skipToNextTrack$/,
  previous: /\/playback\/skipToPreviousTrack$/,
  toggle: /\/playback\/togglePlayPause$/,
  seek: /\/playback\/seekRelative$/,
  volume_step: /\/playerVolume\/relative$/,
  group_volume_step: /\/groupVolume\/relative$/,
};

type Order = readonly [command: string, payload: object, kind: string];

const ORDERS: readonly ((chance: Chance, rooms: readonly string[]) => Order)[] = [
  () => ['next', {}, 'next'],
  () => ['previous', {}, 'previous'],
  () => ['toggle', {}, 'toggle'],
  () => ['seek', { value: '+20' }, 'seek'],
  (chance) => ['volume', { value: `+${chance.integer(1, 5)}` }, 'volume_step'],
  (chance) => ['volume', { value: `-${chance.integer(1, 5)}` }, 'volume_step'],
  () => ['group_volume', { value: '+3' }, 'group_volume_step'],
  (chance) => ['volume', { value: chance.integer(0, 100) }, 'volume'],
  (chance) => ['group_volume', { value: chance.integer(0, 100) }, 'group_volume'],
  (chance) => ['mute', { value: chance.fraction() < 0.5 }, 'mute'],
  () => ['play', {}, 'play'],
  () => ['pause', {}, 'pause'],
  (chance) => ['favorite', { value: chance.pick(['Morning', 'Evening', 'Nothing']) }, 'favorite'],
  () => ['playlist', { value: 'Dinner' }, 'playlist'],
  () => ['leave', {}, 'leave'],
  (chance, rooms) => ['join', { value: chance.pick(rooms) }, 'join'],
  () => ['volume', { value: 'loud' }, 'invalid'],
  () => ['refresh', {}, 'refresh'],
];

/** Commands for a few kinds of speakers, or of which Sonos tells no events. */
const SPECIAL_ORDERS: typeof ORDERS = [
  (chance) => ['night_mode', { value: chance.fraction() < 0.5 }, 'night_mode'],
  (chance) => ['dialog', { value: chance.fraction() < 0.5 }, 'dialog'],
  (chance) => ['volume_limit', { value: chance.integer(1, 100) }, 'volume_limit'],
  () => ['tv', {}, 'tv'],
  () => ['line_in', {}, 'line_in'],
  (chance, rooms) => ['line_in', { value: chance.pick(rooms) }, 'line_in'],
  (chance) => [
    'stream',
    {
      url: chance.pick(['http://radio.example/one', 'http://radio.example/two', 'http://radio.invalid/dead']),
    },
    'stream',
  ],
];
const SHARE_OF_SPECIAL = 0.25;

/** Somebody who sends commands by MQTT and keeps account of what became of them. */
export class Clients {
  readonly #house: House;
  readonly #chance: Chance;
  /** Decides which special orders take the place of others, so that everything else happens as it would without. */
  readonly #special: Chance;
  #count = 0;
  #sent: Sent[] = [];
  /** Distinct terminal answers by id. */
  readonly #answers = new Map<string, Set<string>>();
  /** Calls that Sonos carried out, by kind, and commands of that kind that reached the bridge. */
  readonly #done = new Map<string, number>();
  readonly #wanted = new Map<string, number>();

  constructor(house: House, chance: Chance, special: Chance) {
    this.#special = special;
    this.#house = house;
    this.#chance = chance;
  }

  /** Sends a command to some room, sometimes the last one again under the same id. */
  send(): void {
    const { broker, time, runs } = this.#house;
    const chance = this.#chance;
    const rooms = [...new Set([...broker.retained.keys()].flatMap(roomOf))];
    if (rooms.length === 0) return;
    const again = this.#sent.at(-1);
    const isThere = again !== undefined && rooms.some((room) => again.topic.startsWith(`sonos/${room}/`));
    if (again?.run === runs && isThere && chance.fraction() < 0.1) {
      broker.publish(again.topic, this.#payloads.get(again.id) ?? '', () => {});
      return;
    }
    const room = chance.pick(rooms);
    const [home = ''] = room.split('/');
    const names = rooms
      .filter((each) => each.startsWith(`${home}/`))
      .map((each) => each.slice(home.length + 1));
    const usual = chance.pick(ORDERS)(chance, names);
    const isSpecial = this.#special.fraction() < SHARE_OF_SPECIAL;
    const [command, value, kind] = isSpecial
      ? this.#special.pick(SPECIAL_ORDERS)(this.#special, names)
      : usual;
    this.#count += 1;
    const id = `c${this.#count}`;
    const topic = `sonos/${room}/set/${command}`;
    const payload = JSON.stringify({ ...value, id });
    this.#payloads.set(id, payload);
    const sent: Sent = { id, topic, kind, at: time.now, run: null };
    this.#sent.push(sent);
    broker.publish(topic, payload, () => {
      sent.run = this.#house.runs;
      this.#wanted.set(kind, (this.#wanted.get(kind) ?? 0) + 1);
      this.#house.trace.note(time.now, `command ${topic} ${payload}`);
    });
  }

  readonly #payloads = new Map<string, string>();

  /** Takes note of what Sonos did and what the bridge answered. */
  note(
    calls: readonly Call[],
    messages: readonly { readonly topic: string; readonly payload: string }[],
  ): void {
    for (const { path, isDone } of calls) {
      const kind = isDone ? Object.keys(ONCE).find((each) => ONCE[each]?.test(path)) : undefined;
      if (kind !== undefined) this.#done.set(kind, (this.#done.get(kind) ?? 0) + 1);
    }
    for (const { topic, payload } of messages) {
      if (!topic.endsWith('/reply')) continue;
      const { id, status }: { id: string; status: string } = JSON.parse(payload);
      if (status === 'accepted') continue;
      const answers = this.#answers.get(id) ?? new Set();
      this.#answers.set(id, answers.add(status));
    }
  }

  /**
   * What is wrong with the answers and effects so far. `mayBeLost` says of a command whether its answer may have been
   * lost, because the bridge died or nobody could be told.
   */
  wrong(mayBeLost: (sent: { readonly at: number; readonly run: number }) => boolean): string[] {
    const found: string[] = [];
    for (const { id, run, at, kind } of this.#sent) {
      if (run === null) continue;
      const answers = this.#answers.get(id)?.size ?? 0;
      if (answers > 1) found.push(`${id} (${kind}) has ${answers} terminal answers`);
      if (answers === 0 && !mayBeLost({ at, run })) found.push(`${id} (${kind}) was never answered`);
    }
    for (const [kind, done] of this.#done) {
      const wanted = this.#wanted.get(kind) ?? 0;
      if (done > wanted) found.push(`${kind} was carried out ${done} times for ${wanted} commands`);
    }
    this.#sent = [];
    this.#answers.clear();
    this.#payloads.clear();
    this.#done.clear();
    this.#wanted.clear();
    return found;
  }

  /** How many were sent since the world began. */
  get count(): number {
    return this.#count;
  }
}

/** `home/kitchen` of `sonos/home/kitchen/availability`. */
function roomOf(topic: string): string[] {
  const match = /^sonos\/([^/]+\/[^/]+)\/availability$/.exec(topic);
  return match?.[1] === undefined ? [] : [match[1]];
}
