import { topicsOf } from '../../src/mqtt/topics.ts';
import { internal } from './broker-fixtures.ts';
import type { ConnectWords } from './broker-wire.ts';

/** Everybody who could stand before the broker. */
export interface Role {
  readonly name: string;
  /** On the broker that lets everybody in, or on the one with users. */
  readonly house: 'open' | 'guarded';
  readonly who: Pick<ConnectWords, 'username' | 'password'>;
  /** What the settings say; null leaves it to the rule for everybody. Nobody who is not let in has any. */
  readonly publish: readonly string[] | null;
  readonly subscribe: readonly string[] | null;
  readonly isBridge?: boolean;
  readonly isRefused?: boolean;
}

const user = (
  name: string,
  publish: readonly string[] | null,
  subscribe: readonly string[] | null,
): Role => ({
  name,
  house: 'guarded',
  who: { username: name, password: `${name}'s password` },
  publish,
  subscribe,
});

const stranger = (name: string, who: Role['who']): Role => ({
  name,
  house: 'guarded',
  who,
  publish: [],
  subscribe: [],
  isRefused: true,
});

export const ROLES: readonly Role[] = [
  user('anna', null, null),
  user('wall', [], ['sonos/#']),
  user('mute', [], []),
  user('kitchen', ['sonos/home/kitchen/set/#', 'notes/+'], ['sonos/home/kitchen/+', 'notes/+']),
  user('listener', ['sonos/+/+/set/+'], ['sonos/+/+/volume', '+/today']),
  user('household', ['sonos/home/#'], ['sonos/home/#', 'sonos/bridge/reply']),
  user('all', ['#'], ['#', '$SYS/#']),
  { name: 'guest', house: 'open', who: {}, publish: null, subscribe: null },
  {
    name: 'named guest',
    house: 'open',
    who: { username: 'whoever', password: 'whatever' },
    publish: null,
    subscribe: null,
  },
  { name: 'bridge', house: 'guarded', who: internal, publish: ['#'], subscribe: null, isBridge: true },
  {
    name: 'bridge among guests',
    house: 'open',
    who: internal,
    publish: ['#'],
    subscribe: null,
    isBridge: true,
  },
  stranger('nobody', {}),
  stranger('liar', { username: 'anna', password: 'guessed' }),
  stranger('unknown', { username: 'bob', password: 'bob' }),
  stranger('false bridge', { username: internal.username, password: 'guessed' }),
];

const topics = topicsOf('sonos');

/** Every kind of topic that there is, with what stands for it. */
export const TOPICS: Readonly<Record<string, readonly string[]>> = {
  'base topic': [topics.base, `${topics.base}/`],
  'bridge availability': [topics.availability],
  'bridge state': [topics.bridgeState, topics.bridgePresets],
  'bridge log': [topics.bridgeLog],
  'bridge reply': [topics.bridgeReply],
  'bridge command': ['sonos/bridge/set/refresh', 'sonos/bridge/set'],
  'bridge command of two words': [topics.bridgeCommand('preset/save'), topics.bridgeCommand('preset/delete')],
  'household state': topics.retainedBelow('home'),
  'room state': topics.retainedBelow('home/kitchen'),
  'state of another room': [topics.room('home', 'bath'), topics.room('home-2', 'kitchen', 'volume')],
  'room reply': [topics.room('home', 'kitchen', 'reply'), topics.room('home', 'bath', 'reply')],
  'room event': [topics.room('home', 'kitchen', 'event')],
  'room command': [topics.room('home', 'kitchen', 'set/volume'), topics.room('home', 'bath', 'set/play')],
  'several commands': [topics.room('home', 'kitchen', 'set')],
  'command for every room': [topics.room('home', 'all', 'set/pause')],
  'below a command': [topics.room('home', 'kitchen', 'set/volume/now')],
  'no command': ['sonos/home/set/volume', 'sonos/set', 'sonos/home/kitchen/get/volume'],
  "other people's": [
    'lamp',
    'notes/today',
    'notes/today/late',
    'homeassistant/status',
    'sonos2/home',
    'Sonos/home',
    '/sonos/home',
  ],
  'of the broker': ['$SYS/x', '$SYS', '$x', '$sonos/home'],
  shared: ['$share/group/sonos/home', '$share/group/lamp'],
  'no topic': ['sonos/home/+/set/volume', '#', 'notes/+', 'lamp\u0001', 'l'.repeat(1_025), 'l/'.repeat(40)],
};

const patterns = new Map<string, RegExp>();

/** §4.7 of the standard as a regular expression. */
function patternOf(filter: string): RegExp {
  const literal = (level: string) => level.replace(/[.*?^${}()|[\]\\+]/g, '\\$&');
  const levels = filter.split('/').map((level) => (level === '+' ? '[^/]*' : literal(level)));
  const pattern = filter === '#' ? '.*' : levels.join('/').replace(/\/#$/, '(/.*)?');
  return new RegExp(`^${pattern}$`, 's');
}

/** Whether a filter matches a topic. */
export function matches(filter: string, topic: string): boolean {
  if (/^[+#]/.test(filter) && topic.startsWith('$')) return false;
  const pattern = patterns.get(filter) ?? patternOf(filter);
  patterns.set(filter, pattern);
  return pattern.test(topic);
}

const isBroken = (topic: string): boolean =>
  /[+#]|\p{Cc}/u.test(topic) || topic.length > 1_024 || topic.split('/').length > 32;
const isCommand = (topic: string): boolean => /^sonos\/(bridge|[^/]*\/[^/]*)\/set(\/.*)?$/.test(topic);
const isOurs = (topic: string): boolean => /^sonos(\/.*)?$/.test(topic);

/** What becomes of a message: everybody who subscribed hears it, or nobody does, or its sender is thrown out as well. */
export type Fate = 'heard' | 'unheard' | 'refused';

/**
 * The rules. Nobody uses a broken topic or one of the broker's. The bridge may do the rest. Others publish where their
 * list says, or, without one, commands and whatever is not ours. A command is never retained; clearing one is no command.
 */
export function fateOf(role: Role, topic: string, retained: boolean, empty: boolean): Fate {
  if (isBroken(topic) || topic.startsWith('$')) return 'refused';
  if (role.isBridge === true) return 'heard';
  const allowed =
    role.publish?.some((filter) => matches(filter, topic)) ?? (isCommand(topic) || !isOurs(topic));
  if (!allowed) return 'refused';
  if (!retained || !isCommand(topic)) return 'heard';
  return empty ? 'unheard' : 'refused';
}

const every = Object.values(TOPICS).flat();
const wellFormed = every.filter((topic) => !isBroken(topic));
const unique = (list: readonly string[]): string[] => [...new Set(list)];

/** Every topic as a filter, with each of its levels as a wildcard, and with everything below each of its levels. */
export const FILTERS: readonly string[] = unique([
  '#',
  '+',
  '+/#',
  '+/+',
  '/#',
  '+/+/#',
  '+/+/+/+/+',
  ...wellFormed.flatMap((topic) => {
    const levels = topic.split('/');
    return [
      topic,
      ...levels.map((_, at) => levels.with(at, '+').join('/')),
      ...levels.map((_, at) => [...levels.slice(0, at + 1), '#'].join('/')),
    ];
  }),
]);

/** Filters that are none. */
export const BROKEN_FILTERS: readonly string[] = [
  'a#',
  '#/a',
  'sonos/#/volume',
  '+a',
  'sonos/a+',
  'lamp\u0001',
  'l'.repeat(1_025),
  'l/'.repeat(40),
];

// Enough topics to tell any two filters apart: whatever a wildcard stands for is tried.
const WORLD = unique([
  ...wellFormed,
  ...[...FILTERS, ...ROLES.flatMap(({ subscribe }) => subscribe ?? [])].flatMap((filter) => {
    const filled = filter.replaceAll('+', 'zz');
    if (!filled.endsWith('#')) return [filled];
    return [filled.replace(/\/?#$/, ''), filled.replace(/#$/, 'zz'), filled.replace(/#$/, 'zz/zz/zz')];
  }),
]).filter((topic) => topic !== '');

/** The rule: a subscription is granted when every topic it matches is open to the role, and no other. */
export function isGranted(role: Role, filter: string): boolean {
  const open = role.subscribe ?? ['#'];
  const matched = WORLD.filter((topic) => matches(filter, topic));
  return open.some((allowed) => matched.every((topic) => matches(allowed, topic)));
}
