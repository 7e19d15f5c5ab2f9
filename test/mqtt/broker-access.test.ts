import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BrokerUser,
  covers,
  createBrokerAccess,
  isTopicFilter,
  isTopicName,
  LONGEST_TOPIC_BYTES,
} from '../../src/mqtt/broker-access.ts';
import { sonos2mqttFilters } from '../../src/mqtt/sonos2mqtt/door.ts';

const internal = { username: 'bridge-internal', password: 'long and generated' };
const open = createBrokerAccess({ users: [], baseTopic: 'sonos', internal });
const guarded = (...users: BrokerUser[]) => createBrokerAccess({ users, baseTopic: 'sonos', internal });
const bytes = (text: string) => Buffer.from(text);

function identify(access: ReturnType<typeof createBrokerAccess>, username?: string, password?: string) {
  return access.identify(username, password === undefined ? undefined : bytes(password));
}
function known(access: ReturnType<typeof createBrokerAccess>, username?: string, password?: string) {
  const identity = identify(access, username, password);
  if (identity === null) throw new Error(`${username} was not let in`);
  return identity;
}

describe('covers', () => {
  test.each([
    // allowed, wanted, covered
    ['#', '#', true],
    ['#', 'sonos/home/+/volume', true],
    ['#', '+', true],
    ['#', '/', true],
    ['#', '$SYS/broker', false],
    ['#', '$SYS/#', false],
    ['#', '$share/group/sonos/#', false],
    ['+/#', '#', true],
    ['+/#', '$SYS/#', false],
    ['/+/#', '/#', true],
    ['+/+/#', '/#', true],
    ['+/+/#', '#', false],
    ['+', '#', false],
    ['+', '$SYS', false],
    ['+', 'sonos', true],
    ['+', '+/+', false],
    ['+/+', '/', true],
    ['$SYS/#', '$SYS/a/b', true],
    ['$SYS/#', '$SYS/#', true],
    ['$SYS/+', '$SYS/+', true],
    ['$SYS/#', '#', false],
    ['$SYS/#', '+/a', false],
    ['sonos/#', 'sonos/home/+/volume', true],
    ['sonos/#', 'sonos/#', true],
    ['sonos/#', 'sonos', true],
    ['sonos/#', 'sonos/+', true],
    ['sonos/#', 'sonos2/x', false],
    ['sonos/#', '#', false],
    ['sonos/#', '+/home', false],
    ['sonos', 'sonos/#', false],
    ['sonos/+', 'sonos', false],
    ['sonos/+', 'sonos/', true],
    ['sonos/+', 'sonos/#', false],
    ['sonos/+/volume', 'sonos/+/volume', true],
    ['sonos/+/volume', 'sonos/home/volume', true],
    ['sonos/+/volume', 'sonos/home/+', false],
    ['sonos/+/volume', 'sonos/home/volume/x', false],
    ['sonos/home/+/volume', 'sonos/home/kitchen', false],
    ['sonos/+/#', 'sonos/#', false],
    ['sonos/+/#', 'sonos/home', true],
    ['a/$b', 'a/$b', true],
    ['a/+', 'a/$b', true],
  ])('%s over %s: %s', (allowed, wanted, expected) => {
    expect(covers(allowed, wanted)).toBe(expected);
  });

  test('means exactly that every topic the wanted filter matches is matched by the allowed one', () => {
    const level = fc.constantFrom('a', 'b', '', '$s', '+', '#');
    const filter = fc
      .array(level, { minLength: 1, maxLength: 3 })
      .map((levels) => levels.join('/'))
      .filter(isTopicFilter);
    // One level deeper than any filter, and a word that is in none: enough to tell any two of them apart.
    const words = ['a', 'b', '', '$s', 'z'];
    const topics: string[] = [];
    for (let depth = 1, row = words; depth <= 4; depth += 1) {
      topics.push(...row.filter((topic) => topic !== ''));
      row = row.flatMap((topic) => words.map((word) => `${topic}/${word}`));
    }
    fc.assert(
      fc.property(filter, filter, (allowed, wanted) => {
        const expected = topics.every((topic) => !matches(wanted, topic) || matches(allowed, topic));
        expect(covers(allowed, wanted)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test('matches topics as a plain reading of the standard does', () => {
    const filters = ['#', '+', '+/+', '/+', 'a/#', 'a/+/b', '+/b/#', '$s/#', 'a'];
    const topics = ['a', '/a', 'a/b', 'a//b', 'a/x/b', 'a/b/c', '$s', '$s/b', '$s/b/c', '/'];
    for (const filter of filters) {
      for (const topic of topics)
        expect([filter, topic, covers(filter, topic)]).toEqual([filter, topic, matches(filter, topic)]);
    }
  });
});

/** MQTT 3.1.1 §4.7 as a regular expression: another way to the same answer. */
function matches(filter: string, topic: string): boolean {
  if (/^[+#]/.test(filter) && topic.startsWith('$')) return false;
  if (filter === '#') return true;
  const literal = (text: string) => text.replace(/[.*?^${}()|[\]\\]/g, '\\$&');
  const pattern = filter
    .replace(/\/#$/, '')
    .split('/')
    .map((level) => (level === '+' ? '[^/]*' : literal(level)))
    .join('/');
  return new RegExp(`^${pattern}${filter.endsWith('/#') ? '(/.*)?' : ''}$`, 's').test(topic);
}

describe('the words of a topic', () => {
  test.each(['a', '/', 'a/b', 'sonos/home/küche', ' ', 'a'.repeat(LONGEST_TOPIC_BYTES)])(
    '%j is a topic',
    (text) => {
      expect(isTopicName(text)).toBe(true);
    },
  );

  test.each([
    '',
    'a+',
    '#',
    'a\u0000',
    'a\u001f',
    'a\u0085',
    '\uFFFD',
    '\uD800',
    '\uFFFE',
    'a'.repeat(LONGEST_TOPIC_BYTES + 1),
  ])('%j is none', (text) => {
    expect(isTopicName(text)).toBe(false);
  });

  test.each(['#', '+', '+/#', 'a/+/b', '/#', 'a//#'])('%j is a filter', (text) => {
    expect(isTopicFilter(text)).toBe(true);
  });

  test.each(['', 'a#', 'a+', '+a', '#/a', 'a/#/b', 'a/b#', '++', 'a/\u0001'])('%j is no filter', (text) => {
    expect(isTopicFilter(text)).toBe(false);
  });
});

describe('who is let in', () => {
  const access = guarded({ username: 'anna', password: 'secret' }, { username: 'empty', password: '' });

  test('a user with the right password, and the bridge', () => {
    expect(known(access, 'anna', 'secret')).toMatchObject({ name: 'anna', internal: false });
    expect(known(access, internal.username, internal.password)).toMatchObject({ internal: true });
  });

  test.each([
    ['anna', 'Secret'],
    ['anna', undefined],
    ['anna', ''],
    ['nobody', 'secret'],
    ['', ''],
    [undefined, 'secret'],
    [undefined, undefined],
    ['empty', ''],
    ['__proto__', 'secret'],
    [internal.username, 'secret'],
  ])('not %j with %j', (username, password) => {
    expect(identify(access, username, password)).toBeNull();
  });

  test('without users everybody but an impostor of the bridge', () => {
    expect(known(open)).toMatchObject({ name: null, internal: false });
    expect(known(open, 'whoever', 'whatever')).toMatchObject({ name: null, internal: false });
    expect(identify(open, internal.username, 'guess')).toBeNull();
    expect(known(open, internal.username, internal.password).internal).toBe(true);
  });

  test('the bridge keeps its name when a user has the same', () => {
    const twin = guarded({ username: internal.username, password: 'mine' });
    expect(identify(twin, internal.username, 'mine')).toBeNull();
  });
});

describe('user × topic × action', () => {
  const access = guarded(
    { username: 'anna', password: 'a' },
    { username: 'wall', password: 'w', publish: [], subscribe: ['sonos/home/#', 'weather'] },
    {
      username: 'script',
      password: 's',
      publish: ['sonos/home/kitchen/set/#', 'notes/+'],
      subscribe: ['notes/+'],
    },
    { username: 'all', password: 'x', publish: ['#'], subscribe: ['#', '$SYS/#'] },
  );
  const who = {
    anonymous: [open, known(open)],
    anna: [access, known(access, 'anna', 'a')],
    wall: [access, known(access, 'wall', 'w')],
    script: [access, known(access, 'script', 's')],
    all: [access, known(access, 'all', 'x')],
    internal: [access, known(access, internal.username, internal.password)],
  } as const;
  type Who = keyof typeof who;

  const published: [string, 'live' | 'retained' | 'clear', Partial<Record<Who, string>>][] = [
    ['sonos/home/kitchen/set/volume', 'live', { wall: 'not_allowed' }],
    ['sonos/home/kitchen/set', 'live', { wall: 'not_allowed' }],
    ['sonos/home/all/set/pause', 'live', { wall: 'not_allowed', script: 'not_allowed' }],
    ['sonos/bridge/set/refresh', 'live', { wall: 'not_allowed', script: 'not_allowed' }],
    [
      'sonos/home/kitchen/set/volume',
      'retained',
      {
        anonymous: 'retained_command',
        anna: 'retained_command',
        wall: 'not_allowed',
        script: 'retained_command',
        all: 'retained_command',
      },
    ],
    [
      'sonos/home/kitchen/set',
      'retained',
      {
        anonymous: 'retained_command',
        anna: 'retained_command',
        wall: 'not_allowed',
        script: 'retained_command',
        all: 'retained_command',
      },
    ],
    [
      'sonos/home/kitchen/set/play',
      'clear',
      { anonymous: 'swallow', anna: 'swallow', wall: 'not_allowed', script: 'swallow', all: 'swallow' },
    ],
    [
      'sonos/bridge/set/refresh',
      'clear',
      { anonymous: 'swallow', anna: 'swallow', wall: 'not_allowed', script: 'not_allowed', all: 'swallow' },
    ],
    [
      'sonos/home/kitchen/volume',
      'live',
      { anonymous: 'not_allowed', anna: 'not_allowed', wall: 'not_allowed', script: 'not_allowed' },
    ],
    [
      'sonos/home/kitchen',
      'retained',
      { anonymous: 'not_allowed', anna: 'not_allowed', wall: 'not_allowed', script: 'not_allowed' },
    ],
    [
      'sonos/home/kitchen/volume',
      'clear',
      { anonymous: 'not_allowed', anna: 'not_allowed', wall: 'not_allowed', script: 'not_allowed' },
    ],
    [
      'sonos/bridge/availability',
      'live',
      { anonymous: 'not_allowed', anna: 'not_allowed', wall: 'not_allowed', script: 'not_allowed' },
    ],
    [
      'sonos',
      'live',
      { anonymous: 'not_allowed', anna: 'not_allowed', wall: 'not_allowed', script: 'not_allowed' },
    ],
    ['sonos2/anything', 'retained', { wall: 'not_allowed', script: 'not_allowed' }],
    ['notes/today', 'retained', { wall: 'not_allowed' }],
    [
      '$SYS/x',
      'live',
      {
        anonymous: 'reserved_topic',
        anna: 'reserved_topic',
        wall: 'reserved_topic',
        script: 'reserved_topic',
        all: 'reserved_topic',
        internal: 'reserved_topic',
      },
    ],
    [
      'sonos/home/+/set/volume',
      'live',
      {
        anonymous: 'broken_topic',
        anna: 'broken_topic',
        wall: 'broken_topic',
        script: 'broken_topic',
        all: 'broken_topic',
        internal: 'broken_topic',
      },
    ],
  ];
  const cases = published.flatMap(([topic, how, refused]) =>
    (Object.keys(who) as Who[]).map((name) => [name, how, topic, refused[name] ?? 'allow'] as const),
  );

  test.each(cases)('%s publishes %s to %s: %s', (name, how, topic, expected) => {
    const [rules, identity] = who[name];
    expect(rules.publish(identity, { topic, retain: how !== 'live', empty: how === 'clear' })).toBe(expected);
  });

  const subscribed: [string, readonly Who[]][] = [
    ['#', ['anonymous', 'anna', 'all', 'internal']],
    ['sonos/#', ['anonymous', 'anna', 'all', 'internal']],
    ['sonos/home/+/volume', ['anonymous', 'anna', 'wall', 'all', 'internal']],
    ['weather', ['anonymous', 'anna', 'wall', 'all', 'internal']],
    ['notes/today', ['anonymous', 'anna', 'script', 'all', 'internal']],
    ['notes/#', ['anonymous', 'anna', 'all', 'internal']],
    ['$SYS/#', ['all']],
    ['$share/a/sonos/#', []],
    ['sonos/a#', []],
  ];
  test.each(
    subscribed.flatMap(([filter, allowed]) =>
      (Object.keys(who) as Who[]).map((name) => [name, filter, allowed.includes(name)] as const),
    ),
  )('%s subscribes to %s: %s', (name, filter, expected) => {
    const [rules, identity] = who[name];
    expect(rules.subscribe(identity, filter)).toBe(expected);
  });

  test('the base topic may have levels of its own', () => {
    const deep = createBrokerAccess({ users: [], baseTopic: 'house/sonos', internal });
    const attempt = (topic: string) => deep.publish(known(deep), { topic, retain: false, empty: false });
    expect(attempt('house/sonos/home/kitchen/set/volume')).toBe('allow');
    expect(attempt('house/sonos/home/kitchen/volume')).toBe('not_allowed');
    expect(attempt('house/lamp')).toBe('allow');
  });
});

describe('the commands of a familiar door', () => {
  const further = sonos2mqttFilters('sonos');
  const opened = createBrokerAccess({ users: [], baseTopic: 'sonos', internal, furtherCommands: further });
  const anybody = known(opened, undefined);
  const asked = ['sonos/RINCON_1/control', 'sonos/set/kitchen/volume', 'sonos/cmd/speak'];

  test.each(asked)('%s is open to everybody while the door is, and only then', (topic) => {
    const attempt = { topic, retain: false, empty: false };
    expect(opened.publish(anybody, attempt)).toBe('allow');
    expect(open.publish(known(open, undefined), attempt)).toBe('not_allowed');
  });

  test.each(asked)('%s is not kept by the broker', (topic) => {
    expect(opened.publish(anybody, { topic, retain: true, empty: false })).toBe('retained_command');
    expect(opened.publish(anybody, { topic, retain: true, empty: true })).toBe('swallow');
  });

  test.each([
    'sonos/RINCON_1',
    'sonos/RINCON_1/error',
    'sonos/RINCON_1/control/x',
    'sonos/status/kitchen/volume',
    'sonos/connected',
    'sonos/set/kitchen',
    'sonos/cmd',
    'sonos/cmd/speak/x',
    'sonos/home/kitchen',
  ])('%s stays the bridge’s own', (topic) => {
    expect(opened.publish(anybody, { topic, retain: false, empty: false })).toBe('not_allowed');
  });

  test('do not widen what a user’s own list says', () => {
    const users = [{ username: 'anna', password: 'a', publish: ['sonos/home/+/set/+'] }];
    const access = createBrokerAccess({ users, baseTopic: 'sonos', internal, furtherCommands: further });
    const anna = known(access, 'anna', 'a');
    expect(access.publish(anna, { topic: 'sonos/cmd/speak', retain: false, empty: false })).toBe(
      'not_allowed',
    );
  });
});
