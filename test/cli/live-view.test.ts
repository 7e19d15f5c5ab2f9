import { describe, expect, it } from 'vitest';
import { createLiveView, type LiveView } from '../../src/cli/live-view.ts';
import { createPaint } from '../../src/cli/paint.ts';
import { createManualClock, type ManualClock } from '../sim/house.ts';

interface Seen {
  readonly clock: ManualClock;
  readonly view: LiveView;
  readonly said: string[];
  /** A message under the base topic; objects go as JSON. */
  say(topic: string, payload: unknown): void;
  /** What is said of these messages, which come at once, without the time of day. */
  of(...messages: readonly [string, unknown][]): Promise<string[]>;
}

function watch({ width = 80, colours = false } = {}): Seen {
  const clock = createManualClock();
  const said: string[] = [];
  const view = createLiveView({
    ...{ base: 'sonos', clock, paint: createPaint(colours) },
    width: () => width,
    say: (text) => said.push(text),
  });
  const say = (topic: string, payload: unknown): void => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    view.take({ topic: `sonos/${topic}`, payload: Buffer.from(text) });
  };
  return {
    ...{ clock, view, said, say },
    of: async (...messages) => {
      view.follow();
      for (const [topic, payload] of messages) say(topic, payload);
      await clock.advance(400);
      return said.splice(0).flatMap((text) => text.split('\n').map((line) => line.slice(9)));
    },
  };
}

const room = (name: string, changes: object = {}) => ({
  ...{ id: `RINCON_${name}`, name, online: true, stale: false, state: 'idle', volume: 20, muted: false },
  ...{
    group: { name, members: [name.toLowerCase()] },
    source: null,
    track: null,
    next: null,
    position: null,
  },
  ...changes,
});

const bridgeState = (held: number, status = 'linked') => ({
  ...{ version: '1', account: { status } },
  subscriptions: { wanted: 3, held },
});

describe('the table of rooms', () => {
  it('shows every room with its state, volume, music and group', () => {
    const { view, say } = watch();
    say('home', { id: 'Sonos_1', name: null, rooms: ['kitchen', 'attic', 'lounge', 'bath'] });
    const group = { name: 'Kitchen + 1', members: ['bath', 'kitchen'] };
    const track = { title: 'Kettle Song', artist: 'The Paper Lanterns' };
    say('home/kitchen', room('Kitchen', { state: 'playing', track, group }));
    say(
      'home/bath',
      room('Bath', { state: 'playing', volume: 7, muted: true, source: { kind: 'radio', name: 'Lark One' } }),
    );
    say('home/lounge', room('Lounge', { state: 'playing', source: { kind: 'tv', name: null } }));
    expect(
      view
        .table()
        .split('\n')
        .map((line) => line.replace(/ {2,}/g, ' | ')),
    ).toEqual([
      ' Room | State | Vol | Plays | Group',
      ' Bath | playing | mute | Lark One',
      ' Kitchen | playing | 20 | Kettle Song – The Paper Lanterns | Kitchen + 1',
      ' Lounge | playing | 20 | TV',
    ]);
    for (const line of view.table().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('stays within narrow windows and cannot be led astray by a name', () => {
    const { view, say } = watch({ width: 60 });
    say('home', { rooms: ['a'] });
    const title = `A very long title ${'of many words '.repeat(9)}`;
    say('home/a', room('An \u001b[2Jodd name that goes on and on', { track: { title, artist: null } }));
    const [, line = ''] = view.table().split('\n');
    expect(line.length).toBeLessThanOrEqual(60);
    expect(line).not.toContain('\u001b');
    expect(line).toContain('…');
  });

  it('says so when there is none', () => {
    expect(watch().view.table()).toContain('No room has shown itself');
  });
});

describe('settling', () => {
  async function settles(prepare: (seen: Seen) => void): Promise<number> {
    const seen = watch();
    prepare(seen);
    let after = -1;
    void seen.view.settled(8_000).then(() => {
      after = seen.clock.elapsed();
    });
    await seen.clock.advance(9_000);
    return after;
  }

  it('comes when every room has shown itself, Sonos tells all, and it is quiet', async () => {
    const after = await settles(({ say }) => {
      say('home', { rooms: ['kitchen'] });
      say('home/kitchen', room('Kitchen'));
      say('bridge/state', bridgeState(3));
    });
    expect(after).toBeGreaterThanOrEqual(500);
    expect(after).toBeLessThan(700);
  });

  it.each([
    ['a subscription is missing', bridgeState(2), room('Kitchen')],
    ['a room is doubtful', bridgeState(3), room('Kitchen', { stale: true })],
    ['a room has not told its volume', bridgeState(3), room('Kitchen', { volume: null })],
    ['a room says nonsense', bridgeState(3), '{'],
  ])('waits, but not for ever, while %s', async (_, state, kitchen) => {
    const after = await settles(({ say }) => {
      say('home', { rooms: ['kitchen'] });
      say('home/kitchen', kitchen);
      say('bridge/state', state);
    });
    expect(after).toBeGreaterThanOrEqual(8_000);
  });
});

describe('a change', () => {
  it('is one line with what it was, once it is followed', async () => {
    const seen = watch();
    seen.say('home/kitchen/volume', '20');
    await seen.clock.advance(1_000);
    expect(seen.said).toEqual([]);
    expect(await seen.of(['home/kitchen/volume', '23'])).toEqual([
      '  home/kitchen/volume          23  (was 20)',
    ]);
  });

  it('carries the time of day', async () => {
    const { clock, view, say, said } = watch();
    view.follow();
    say('home/kitchen/volume', '23');
    await clock.advance(400);
    const at = new Date(clock.now());
    const minutes = String(at.getMinutes()).padStart(2, '0');
    expect(said[0]).toMatch(new RegExp(`^\\d\\d:${minutes}:\\d\\d   home/kitchen/volume`));
  });

  it('of nothing is none', async () => {
    const seen = watch();
    seen.say('home/kitchen/volume', '20');
    seen.say('home/kitchen/state', 'playing');
    expect(await seen.of(['home/kitchen/volume', '20'])).toEqual([]);
    // A station that fills its buffer and plays on.
    expect(await seen.of(['home/kitchen/state', 'buffering'], ['home/kitchen/state', 'playing'])).toEqual([]);
  });

  it('of a room that comes with others is said with them', async () => {
    const { of } = watch();
    const lines = await of(
      ['home/kitchen/title', 'Low Water'],
      ['home/kitchen/duration', '305'],
      ['home/kitchen/image', 'https://images.example.com/x.jpg'],
      ['home/kitchen/state', 'playing'],
      ['home/kitchen/volume', '9'],
      ['home/kitchen', room('Kitchen')],
    );
    expect(lines).toEqual(['  home/kitchen                 playing · Low Water · volume 9']);
  });

  it('of a single room that is its own group is said once', async () => {
    const seen = watch();
    seen.say('home/kitchen/volume', '20');
    const lines = await seen.of(['home/kitchen/volume', '23'], ['home/kitchen/group_volume', '23']);
    expect(lines).toEqual(['  home/kitchen/volume          23  (was 20)']);
  });

  it('of what nobody looks at is said when there is nothing else', async () => {
    const { of } = watch();
    expect(await of(['home/kitchen/duration', '305'])).toEqual(['  home/kitchen/duration        305']);
  });

  it('of a group is one line for its rooms', async () => {
    const { of } = watch();
    const parts = (name: string): [string, unknown][] => [
      [`home/${name}/title`, 'Low Water'],
      [`home/${name}/artist`, ''],
    ];
    expect(await of(...parts('kitchen'), ...parts('bath'))).toEqual([
      '  home/kitchen, bath           Low Water · no artist',
    ]);
    expect(
      await of(
        ['home/a/title', 'B'],
        ['home/a/state', 'idle'],
        ['home-2/b/title', 'B'],
        ['home-2/b/state', 'idle'],
      ),
    ).toEqual(['  home/a, home-2/b             idle · B']);
  });

  it('fits in the window, and says how much more there was', async () => {
    const { of } = watch();
    const long = 'A title that is longer than any window has room for';
    const lines = await of(
      ['home/kitchen/title', long],
      ['home/kitchen/artist', 'Somebody'],
      ['home/kitchen/album', 'Something'],
      ['home/kitchen/source', 'Some Radio'],
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('… · 3 more');
    expect((lines[0] ?? '').length + 9).toBeLessThanOrEqual(80);
  });

  it('of the place in a track, or of what comes next, is told from the whole state', async () => {
    const seen = watch();
    const at = (seconds: number, title: string, stale = false) =>
      room('Kitchen', { position: { seconds, at: 'x' }, next: { title }, stale });
    seen.say('home/kitchen', at(10, 'Tide Table'));
    expect(await seen.of(['home/kitchen', at(83.4, 'Tide Table')])).toEqual([
      '  home/kitchen                 position 1:23',
    ]);
    expect(await seen.of(['home/kitchen', at(83.4, 'Low Water', true)])).toEqual([
      '  home/kitchen                 next Low Water · stale true',
    ]);
    expect(await seen.of(['home/kitchen', { ...at(83.4, 'Low Water', true), actions: [] }])).toEqual([]);
    expect(await seen.of(['home/kitchen', 'no JSON'])).toEqual([]);
  });

  it('cannot move the cursor', async () => {
    const { of } = watch();
    const [line] = await of(['home/kitchen/title', '\u001b[2J\u001b[HHa']);
    expect(line).not.toContain('\u001b');
  });

  it('after the end is not said', async () => {
    const { view, say, clock, said } = watch();
    view.follow();
    say('home/kitchen/volume', '1');
    view.stop();
    say('home/kitchen/volume', '2');
    await clock.advance(1_000);
    expect(said).toEqual([]);
  });

  it('of another base topic is none of ours', async () => {
    const { view, clock, said } = watch();
    view.follow();
    view.take({ topic: 'homeassistant/status', payload: Buffer.from('online') });
    await clock.advance(1_000);
    expect(said).toEqual([]);
  });
});

describe('commands, answers and events', () => {
  const reply = (status: string, more: object = {}) => ({
    id: 'c-1',
    command: 'volume',
    room: 'kitchen',
    status,
    elapsed_ms: 16,
    ...more,
  });

  it('a command and its answer are marked, and the last answer counts', async () => {
    const { of } = watch();
    const lines = await of(
      ['home/kitchen/set/volume', '30'],
      ['home/kitchen/reply', reply('accepted')],
      ['home/kitchen/volume', '30'],
      ['home/kitchen/reply', reply('confirmed')],
    );
    expect(lines).toEqual([
      '→ home/kitchen/set/volume      30',
      '  home/kitchen/volume          30',
      '✓ home/kitchen/reply           volume confirmed  after 16 ms',
    ]);
    expect(await of(['home/kitchen/reply', reply('accepted')])).toEqual([
      '… home/kitchen/reply           volume accepted',
    ]);
    expect(await of(['home/kitchen/set', '']), 'a command without a payload').toEqual([
      '→ home/kitchen/set             (empty)',
    ]);
  });

  it('a mistake is answered to the last word', async () => {
    const { of } = watch();
    const error = {
      code: 'unknown_favorite',
      message: 'No favorite is called "Jaz".',
      advice: 'Did you mean "Jazz"?',
    };
    const lines = await of(['home/kitchen/reply', reply('failed', { command: 'favorite', error })]);
    expect(lines).toEqual([
      '✗ home/kitchen/reply           favorite: No favorite is called "Jaz".',
      '                               Did you mean "Jazz"?',
    ]);
  });

  it('the same command twice is said twice', async () => {
    const { of } = watch();
    expect(await of(['home/kitchen/set/next', ''])).toHaveLength(1);
    expect(await of(['home/kitchen/set/next', ''])).toHaveLength(1);
  });

  it('an event is marked and told', async () => {
    const { of } = watch();
    expect(
      await of(['home/kitchen/event', { event_type: 'playback_error', code: 'X', reason: null, track: 7 }]),
    ).toEqual(['• home/kitchen/event           playback_error · code X · track 7']);
    expect(await of(['home/kitchen/event', 'odd'], ['home/kitchen/reply', 'odd'])).toEqual([
      '• home/kitchen/event           odd',
      '• home/kitchen/reply           odd',
    ]);
  });
});

describe('topics of the household and of the bridge', () => {
  it('are told in a few words, and only when those change', async () => {
    const { of } = watch();
    const groups = (...members: string[][]) => ({
      groups: members.map((each) => ({ id: 'x', members: each, volume: 1 })),
    });
    expect(await of(['home/groups', groups(['bath', 'kitchen'], ['attic'])])).toEqual([
      '  home/groups                  bath + kitchen',
    ]);
    expect(await of(['home/groups', { ...groups(['bath', 'kitchen'], ['attic']), more: 1 }])).toEqual([]);
    expect(await of(['home/groups', groups(['bath'], ['kitchen'])])).toEqual([
      '  home/groups                  every room on its own',
    ]);
    expect(
      await of(['home/favorites', { version: '1', items: [{}] }], ['home/playlists', { items: [{}, {}] }]),
    ).toEqual(['  home/favorites               1 favorite', '  home/playlists               2 playlists']);
    expect(await of(['home', { id: 'x', rooms: ['attic', 'bath'] }])).toEqual([
      '  home                         rooms attic, bath',
    ]);
    expect(await of(['bridge/state', bridgeState(2)])).toEqual([
      '  bridge/state                 account linked, 2 of 3 subscriptions',
    ]);
    expect(await of(['bridge/state', { ...bridgeState(2), version: '2' }])).toEqual([]);
    expect(await of(['bridge/availability', 'offline'], ['home/favorites', ''])).toEqual([
      '  bridge/availability          offline',
      '  home/favorites               none',
    ]);
  });

  it('a warning of the bridge is told to the last word, every time', async () => {
    const { of } = watch();
    const warning = {
      level: 'warn',
      message: 'Sonos did not take a subscription, which is tried again in a minute.',
    };
    const lines = await of(['bridge/log', warning]);
    expect(lines).toEqual([
      '• bridge/log                   warn: Sonos did not take a subscription,',
      '                               which is tried again in a minute.',
    ]);
    expect(await of(['bridge/log', warning])).toEqual(lines);
  });

  it('anything else is told as it is', async () => {
    const { of } = watch();
    expect(
      await of(
        ['home/kitchen/a/b', 'x'],
        ['bridge/reply', { id: '1', command: 'refresh', status: 'confirmed' }],
      ),
    ).toEqual(['  home/kitchen/a/b             x', '✓ bridge/reply                 refresh confirmed']);
  });
});

describe('colours', () => {
  it('tell failures from successes, and take no room', async () => {
    const plain = watch();
    const coloured = watch({ colours: true });
    const message: [string, unknown] = [
      'home/kitchen/reply',
      { id: '1', command: 'volume', status: 'confirmed', elapsed_ms: 5 },
    ];
    const [without] = await plain.of(message);
    coloured.view.follow();
    coloured.say(...message);
    await coloured.clock.advance(400);
    const [text = ''] = coloured.said;
    expect(text).toContain('\u001b[32m✓\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(text.replace(/\u001b\[\d+m/g, '').slice(9)).toBe(without);
  });
});
