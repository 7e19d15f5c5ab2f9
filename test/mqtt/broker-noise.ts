import { DISCONNECT, packet } from './broker-fixtures.ts';
import {
  answerOf,
  type ConnectWords,
  connectOf,
  field,
  number,
  PINGREQ,
  type PublishWords,
  publishOf,
  subscribeOf,
  unsubscribeOf,
} from './broker-wire.ts';

/** Chance that is the same for the same seed. */
export interface Chance {
  /** A whole number from 0, below this one. */
  below(limit: number): number;
  one<T>(list: readonly T[]): T;
  bytes(most: number): Buffer;
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  // Mulberry32.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    one(list) {
      const chosen = list[below(list.length)];
      if (chosen === undefined) throw new Error('There is nothing to choose from.');
      return chosen;
    },
    bytes: (most) => Buffer.from(Array.from({ length: below(most + 1) }, () => below(256))),
  };
}

/** Topics and filters that are in order. */
const PLAIN = [
  'a',
  'a/b',
  'notes/today',
  'sonos/home/kitchen/set/volume',
  'sonos/home/kitchen/set',
  'sonos/bridge/set/refresh',
  'lamp',
  '/',
  '//',
  ' ',
  'café',
  '__proto__',
  'constructor',
];
const FILTERS = [...PLAIN, '#', '+', '+/+', 'a/#', 'notes/+', 'sonos/#', 'sonos/+/+/set/#', '+/home/#', '/+'];
/** Those that are not, or not for everybody. */
const ODD: readonly (string | Buffer)[] = [
  '',
  'a#',
  '+a',
  '#/a',
  'a/#/b',
  'a/+b/c',
  '$SYS/x',
  '$SYS/#',
  '$share/group/a',
  '$',
  'a\0b',
  '\0',
  '\uFFFD',
  '\uFEFF',
  'a\u0001',
  'sonos/home/kitchen/volume',
  'sonos/bridge/availability',
  'sonos/home/kitchen/reply',
  '/'.repeat(31),
  '/'.repeat(32),
  '/'.repeat(200),
  'x'.repeat(1024),
  'x'.repeat(1025),
  Buffer.from([0xff]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xc0, 0x80]),
];
const LONGEST: readonly string[] = ['x'.repeat(65_535), '/'.repeat(65_535), 'ab/'.repeat(21_845)];

/** Somebody who connects. */
export interface Role {
  /** Who it says to be. */
  readonly who: Pick<ConnectWords, 'username' | 'password'>;
  /** Beginnings of topics that it may publish to, and have retained. */
  readonly publishes: readonly string[];
  readonly retains: readonly string[];
}

const topicOf = (chance: Chance, allowed: readonly string[]): string =>
  allowed.length > 0 && chance.below(30) > 0
    ? `${chance.one(allowed)}${chance.below(2_000)}`
    : chance.one(PLAIN);
const oddTopicOf = (chance: Chance): string | Buffer =>
  chance.below(12) === 0 ? chance.one(LONGEST) : chance.one(ODD);
const idOf = (chance: Chance): number => 1 + chance.below(chance.below(4) === 0 ? 65_535 : 5);
const payloadOf = (chance: Chance): Buffer =>
  chance.below(400) === 0 ? Buffer.alloc(chance.below(250_000), 0x77) : chance.bytes(30);
const TWO = [0, 1];

const filtersOf = (chance: Chance): [string, number][] =>
  Array.from({ length: 1 + chance.below(3) }, () => [
    chance.below(4) === 0 ? `many/${chance.below(2_000)}` : chance.one(FILTERS),
    chance.below(3),
  ]);

type Maker = (chance: Chance, role: Role) => Buffer;

/** A PUBLISH that the role may send, or once in a while one that it may not. */
const publish =
  (words: (chance: Chance) => Partial<PublishWords>): Maker =>
  (chance, { publishes, retains }) => {
    const { retain = false, ...others } = words(chance);
    const allowed = retain ? retains : publishes;
    if (allowed.length === 0 && chance.below(30) > 0) return PINGREQ;
    const topic = topicOf(chance, allowed);
    const [qos, id] = [chance.below(3), idOf(chance)];
    return publishOf({ topic, payload: payloadOf(chance), qos, id, retain, ...others });
  };

/** Packets that a client may send, whatever becomes of them. */
const SOUND: Readonly<Record<string, Maker>> = {
  publish: publish(() => ({})),
  'publish again': publish((chance) => ({ qos: 1 + chance.below(2), dup: true })),
  'publish retained': publish(() => ({ retain: true })),
  clear: publish(() => ({ retain: true, payload: '' })),
  subscribe: (chance) => subscribeOf(idOf(chance), ...filtersOf(chance)),
  unsubscribe: (chance) => unsubscribeOf(idOf(chance), ...filtersOf(chance).map(([filter]) => filter)),
  ping: () => PINGREQ,
  // Answers to what was never asked, and the steps of handshakes that are never finished.
  answer: (chance) => answerOf(chance.one([0x40, 0x50, 0x62, 0x70] as const), idOf(chance)),
};

const SOUND_MAKERS = Object.values(SOUND);
const sound: Maker = (chance, role) => chance.one(SOUND_MAKERS)(chance, role);

function flip(bytes: Buffer, chance: Chance): Buffer {
  const flipped = Buffer.from(bytes);
  for (let count = 1 + chance.below(3); count > 0; count -= 1) {
    const at = chance.below(flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << chance.below(8));
  }
  return flipped;
}

/** Packets that no client may send. */
const UNSOUND: Readonly<Record<string, Maker>> = {
  'odd topic': (chance) =>
    publishOf({
      topic: oddTopicOf(chance),
      payload: 'x',
      qos: chance.below(3),
      id: idOf(chance),
      retain: chance.one(TWO) === 1,
    }),
  'odd filter': (chance) => subscribeOf(idOf(chance), [oddTopicOf(chance), chance.below(3)], ['a', 0]),
  'odd filter given up': (chance) => packet(0xa2, Buffer.concat([number(1), field(oddTopicOf(chance))])),
  'many filters': (chance) =>
    subscribeOf(
      1,
      ...Array.from({ length: 400 }, (_, at): [string, number] => [`f/${at}/${chance.below(9)}/+`, at % 3]),
    ),
  'no filter': (chance) => chance.one([subscribeOf(1), unsubscribeOf(1), packet(0x82), packet(0xa2)]),
  'QoS 3': (chance) => chance.one([publishOf({ topic: 'a', qos: 3 }), subscribeOf(1, ['a', 3])]),
  'packet id 0': (chance) =>
    chance.one([
      publishOf({ topic: 'a', qos: 2, id: 0 }),
      subscribeOf(0, ['a', 1]),
      answerOf(0x62, 0),
      answerOf(0x40, 0),
    ]),
  'reserved flags': (chance) => packet((1 + chance.below(15)) * 16 + chance.below(16), chance.bytes(20)),
  'from a broker': (chance) => packet(chance.one([0x20, 0x90, 0xb0, 0xd0]), chance.bytes(4)),
  'second CONNECT': () => connectOf({ clientId: 'second' }),
  disconnect: () => DISCONNECT,
  'random bytes': (chance) => chance.bytes(200),
  'random body': (chance) => packet(chance.one([0x30, 0x32, 0x34, 0x3d, 0x82, 0xa2, 0x62]), chance.bytes(60)),
  'bits flipped': (chance, role) => flip(sound(chance, role), chance),
  'cut short': (chance, role) => {
    const bytes = sound(chance, role);
    return bytes.subarray(0, chance.below(bytes.length));
  },
  'too long': (chance, role) => Buffer.concat([sound(chance, role), chance.bytes(8)]),
  'wrong length': (chance, role) => {
    const bytes = Buffer.from(sound(chance, role));
    bytes[1] = chance.below(256);
    return bytes;
  },
  'endless length': () => Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x80]),
  'too large': () => Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]),
};

/** Every kind of packet after the first; what was made is counted under these names. */
export const KINDS: readonly string[] = [...Object.keys(SOUND), ...Object.keys(UNSOUND)];

const openingOf = (chance: Chance, role: Role, turn: number): Buffer => {
  const clientId = chance.one([
    `n${chance.below(400)}`,
    `n${chance.below(400)}`,
    `once-${turn}`,
    `${turn}`.padEnd(chance.below(4_000), 'i'),
    '',
  ]);
  const topic = chance.below(10) === 0 ? oddTopicOf(chance) : topicOf(chance, role.retains);
  const will = { topic, qos: chance.below(3), retain: chance.below(2) === 1 };
  const hasWill = chance.below(role.retains.length > 0 ? 3 : 30) === 0;
  const words = {
    ...role.who,
    clientId,
    clean: clientId === '' || chance.below(3) > 0,
    ...(hasWill ? { will } : {}),
  };
  const right = connectOf({ ...words, keepAlive: chance.one([0, 1, 60]) });
  switch (chance.below(30)) {
    case 0:
      return flip(right, chance);
    case 1:
      return chance.one([
        Buffer.alloc(0),
        sound(chance, role),
        chance.bytes(100),
        right.subarray(0, chance.below(right.length)),
      ]);
    case 2:
      return connectOf({ ...words, level: chance.below(256), flip: chance.below(256) });
    default:
      return right;
  }
};

/** What one client sends: a CONNECT or something like it, and then packets, most of them in order. */
export function noiseOf(chance: Chance, role: Role, turn: number, counts: Map<string, number>): Buffer[] {
  const packets = [openingOf(chance, role, turn)];
  for (let left = chance.below(40); left > 0; left -= 1) {
    const kinds = chance.below(50) === 0 ? UNSOUND : SOUND;
    const kind = chance.one(Object.keys(kinds));
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    packets.push(kinds[kind]?.(chance, role) ?? Buffer.alloc(0));
  }
  return packets;
}
