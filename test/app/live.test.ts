import { describe, expect, it } from 'vitest';
import type { Art } from '../../src/app/art.ts';
import { Live } from '../../src/app/live.ts';
import type { Reply } from '../../src/bridge/replies.ts';
import type { Household } from '../../src/bridge/state.ts';
import type { BridgeView, LiveMessage, TraceEntry } from '../../src/web/api/messages.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { house, regrouped, room, withEvent } from '../support/house.ts';

const art: Art = {
  // Whether pictures get addresses of ours is another test's matter.
  localised: (value) => value,
  find: async () => null,
};

const volume = (household: Household, name: string, level: number): Household =>
  withEvent(household, name, 'playerVolume', 'playerVolume', { volume: level, muted: false, fixed: false });

const named = (household: Household, alias: string): Household => ({
  ...household,
  id: `Sonos_${alias}`,
  alias,
});

const REPLY: Reply = { id: '1', command: 'play', room: 'den', status: 'confirmed', elapsed_ms: 1 };
type Ask = Parameters<ReturnType<Live['beside']>['answer']>[0];
// Of an ask, only whom it is about matters here.
const askOf = (household: string, at: string | null = 'den') => ({ household, room: at }) as Ask;

const minute = (at: string, events: number) => ({
  ...{ at, events, rejected: 0, commands: 0, failed: 0, calls: 0, corrections: 0 },
});

function open(...first: Household[]) {
  const clock = createFakeClock();
  const house = { all: first, bridge: { version: '1' }, minutes: [minute('1', 1)], asked: 0 };
  const told: string[] = [];
  const live = new Live({
    clock,
    art,
    households: () => {
      house.asked += 1;
      return house.all;
    },
    // Of its view, only whether it is another one matters here.
    bridge: () => house.bridge as BridgeView,
    trace: () => [],
    minutes: () => house.minutes,
    clean: (text) => text.replaceAll('hush', '[secret]'),
  });
  const heard = live.beside({
    show: (household) => told.push(`show ${household.alias}`),
    clear: async (addresses) => void told.push(`clear ${addresses}`),
    answer: (_ask, reply) => told.push(`answer ${reply.status}`),
    happened: (_household, at, happening) => told.push(`${at.address} ${happening.event_type}`),
  });
  const show = (household: Household): void => {
    house.all = house.all.map((each) => (each.id === household.id ? household : each));
    heard.show(household);
  };
  const view = (wished: string | null = null) => {
    const said: LiveMessage[] = [];
    let ended = 0;
    const leave = live.open(wished, {
      say: (message) => said.push(message),
      end: () => {
        ended += 1;
      },
    });
    const kinds = () => said.splice(0).map(({ kind }) => kind);
    return { said, kinds, leave: () => leave?.(), ended: () => ended };
  };
  return { clock, house, live, heard, told, show, view };
}

describe('the live stream of a house', () => {
  it('costs nothing while nobody looks: nothing is asked for, and no timer runs', async () => {
    const { clock, house: state, heard, told, show, live } = open(house(['Den']));
    show(volume(house(['Den']), 'Den', 20));
    heard.answer(askOf('home'), REPLY);
    heard.happened(house(['Den']), room(house(['Den']), 'Den'), { event_type: 'x' });
    await heard.clear(['home/den']);
    live.nudge();
    live.traced(() => {
      throw new Error('made for nobody');
    });
    expect([clock.timers, state.asked]).toEqual([0, 0]);
    expect(told).toEqual(['show home', 'answer confirmed', 'den x', 'clear home/den']);
  });

  it('says the whole, then only what is different, a moment later', async () => {
    const before = house(['Den'], ['Bath']);
    const { clock, show, view } = open(before);
    const { said, leave } = view();
    expect(said).toMatchObject([
      {
        kind: 'whole',
        households: [{ alias: 'home', name: 'Home' }],
        house: { alias: 'home', favorites: null },
        rooms: { den: { name: 'Den', volume: null }, bath: { name: 'Bath' } },
        minutes: [{ events: 1 }],
      },
    ]);
    said.length = 0;
    show(volume(before, 'Den', 20));
    await clock.advance(1);
    expect(said).toMatchObject([{ kind: 'room', room: 'den', state: { volume: 20, muted: false } }]);
    leave();
    expect(clock.timers).toBe(0);
  });

  it('gathers what comes at once: at most one message of a room in 16 ms, and the last word is right', async () => {
    let now = house(['Den'], ['Bath']);
    const { clock, show, view } = open(now);
    const { said } = view();
    said.length = 0;
    for (let level = 0; level < 64; level += 1) {
      now = volume(now, 'Den', level);
      show(now);
      await clock.advance(1);
    }
    await clock.advance(16);
    const rooms = said.flatMap((message) => (message.kind === 'room' ? message.state.volume : []));
    expect(said.length).toBe(rooms.length);
    expect(rooms.length).toBeLessThanOrEqual(6);
    expect(rooms.at(-1)).toBe(63);
  });

  it('says nothing when a room changes and changes back in between', async () => {
    const before = volume(house(['Den']), 'Den', 20);
    const { clock, show, view } = open(before);
    const { said } = view();
    said.length = 0;
    show(volume(before, 'Den', 30));
    show(volume(before, 'Den', 20));
    await clock.advance(100);
    expect(said).toEqual([]);
  });

  it('is right for who comes while something is still to be said', async () => {
    const before = volume(house(['Den']), 'Den', 20);
    const { clock, show, view } = open(before);
    const early = view();
    await clock.advance(100);
    early.kinds();
    show(volume(before, 'Den', 30));
    await clock.advance(0);
    show(volume(before, 'Den', 40));
    const late = view();
    show(volume(before, 'Den', 30));
    await clock.advance(100);
    const lastOf = (said: readonly LiveMessage[]) =>
      said
        .flatMap((message) =>
          message.kind === 'room'
            ? message.state.volume
            : message.kind === 'whole'
              ? message.rooms.den?.volume
              : [],
        )
        .at(-1);
    expect([lastOf(early.said), lastOf(late.said)]).toEqual([30, 30]);
  });

  it('stays right when rooms are regrouped, renamed, away and forgotten', async () => {
    const before = house(['Den', 'Bath'], ['Attic']);
    const { clock, show, view } = open(before);
    const { said } = view();
    const rooms = new Map<string, unknown>();
    const seen = async (next: Household) => {
      show(next);
      await clock.advance(16);
      for (const message of said.splice(0)) {
        if (message.kind === 'whole')
          for (const [at, state] of Object.entries(message.rooms)) rooms.set(at, state);
        else if (message.kind === 'room') rooms.set(message.room, message.state);
        else if (message.kind === 'gone') rooms.delete(message.room);
      }
      return [...rooms.keys()].sort();
    };
    const apart = regrouped(before, [['Den'], ['Bath', 'Attic']], { generation: 2 });
    await seen(apart);
    expect(rooms.get('attic')).toMatchObject({ group: { coordinator: 'bath', members: ['attic', 'bath'] } });
    expect(rooms.get('den')).toMatchObject({ group: { members: ['den'] } });
    const without = regrouped(apart, [['Den'], ['Bath']], { generation: 3 });
    expect(await seen(without)).toEqual(['attic', 'bath', 'den']);
    expect(rooms.get('attic')).toMatchObject({ online: false });
    expect(rooms.get('bath')).toMatchObject({ group: { members: ['bath'] } });
    const left = new Map([...without.rooms].filter(([, { address }]) => address !== 'attic'));
    expect(await seen({ ...without, rooms: left })).toEqual(['bath', 'den']);
  });

  it('says a state before the answer that it is the reason of, without secrets, to who looks at that house', async () => {
    const before = house(['Den']);
    const other = named(house(['Shed']), 'hut');
    const { clock, heard, show, view } = open(before, other);
    const [one, two] = [view('home'), view('hut')];
    one.kinds();
    two.kinds();
    show(volume(before, 'Den', 20));
    heard.answer(askOf('home'), {
      ...REPLY,
      status: 'failed',
      error: { code: 'internal', message: 'hush!' },
    });
    heard.happened(before, room(before, 'Den'), { event_type: 'spoken', text: 'hush' });
    heard.answer(askOf('bridge', null), { ...REPLY, command: 'refresh' });
    await clock.advance(16);
    expect(one.said).toMatchObject([
      { kind: 'room' },
      { kind: 'reply', reply: { error: { message: '[secret]!' } } },
      { kind: 'happening', happening: { room: 'den', event_type: 'spoken', text: '[secret]' } },
      { kind: 'reply', reply: { command: 'refresh' } },
    ]);
    expect(two.said).toMatchObject([{ kind: 'reply', reply: { command: 'refresh' } }]);
  });

  it('says the whole again when there is another household, or the shown one is gone', async () => {
    const { clock, house: state, heard, view } = open();
    const { said } = view('hut');
    expect(said).toMatchObject([{ kind: 'whole', house: null, rooms: {}, households: [] }]);
    const whole = async (...all: Household[]) => {
      said.length = 0;
      state.all = all;
      await heard.clear([]);
      await clock.advance(16);
      return said.flatMap((message) => (message.kind === 'whole' ? (message.house?.alias ?? 'none') : []));
    };
    const [home, hut] = [house(['Den']), named(house(['Shed']), 'hut')];
    expect(await whole(home)).toEqual(['home']);
    expect(await whole(home, hut)).toEqual(['hut']);
    expect(await whole(home, hut)).toEqual([]);
    expect(await whole(home, { ...hut, name: 'Cabin' })).toEqual(['hut']);
    expect(await whole(home)).toEqual(['home']);
    expect(await whole()).toEqual(['none']);
  });

  it('says favorites and playlists when they are another list, and not when a room is', async () => {
    const before = house(['Den']);
    const { clock, show, view } = open(before);
    const { said } = view();
    said.length = 0;
    const items = [{ id: '1', name: '<img src=x onerror=alert(1)>', imageUrl: 'https://a.example/x.jpg' }];
    const after = withEvent(before, 'Den', 'favorites', 'favoritesList', { version: '1', items });
    show(after);
    await clock.advance(16);
    expect(said).toMatchObject([
      {
        kind: 'house',
        house: { favorites: [{ id: '1', name: '<img src=x onerror=alert(1)>' }], playlists: null },
      },
    ]);
    expect(JSON.stringify(said)).not.toContain('containerId');
    said.length = 0;
    show(volume(after, 'Den', 3));
    await clock.advance(16);
    expect(said.map(({ kind }) => kind)).toEqual(['room']);
  });

  it('tells of the bridge when it is another one, at most once a second', async () => {
    const { clock, house: state, live, view } = open(house(['Den']));
    const { kinds } = view();
    kinds();
    state.bridge = { version: '2' };
    live.nudge();
    await clock.advance(16);
    expect(kinds()).toEqual(['bridge']);
    for (let at = 0; at < 50; at += 1) {
      state.bridge = { version: String(at) };
      live.nudge();
      await clock.advance(100);
    }
    expect(kinds().length).toBeLessThanOrEqual(5);
    live.nudge();
    await clock.advance(2_000);
    kinds();
    live.nudge();
    await clock.advance(2_000);
    expect(kinds()).toEqual([]);
    // What goes down by itself is seen, too.
    state.bridge = { version: 'later' };
    await clock.advance(10_000);
    expect(kinds().filter((kind) => kind === 'bridge')).toEqual(['bridge']);
  });

  it('tells of entries of the trace, of the minute that runs, and how it came out', async () => {
    const { clock, house: state, live, view } = open(house(['Den']));
    const { said, kinds, leave } = view();
    const minutes = () =>
      said.splice(0).flatMap((message) => (message.kind === 'minute' ? message.minute : []));
    kinds();
    // Of an entry, nothing matters here.
    live.traced(() => ({ seq: 1 }) as TraceEntry);
    await clock.advance(16);
    expect(kinds()).toEqual(['trace']);
    state.minutes = [minute('1', 7)];
    await clock.advance(10_100);
    expect(minutes()).toEqual([minute('1', 7)]);
    state.minutes = [minute('1', 8), minute('2', 0)];
    await clock.advance(60_100);
    expect(minutes()).toEqual(expect.arrayContaining([minute('1', 8), minute('2', 0)]));
    leave();
    expect(clock.timers).toBe(0);
  });

  it('sends everybody away when the house closes, and lets nobody in', async () => {
    const { clock, live, show, view } = open(house(['Den']));
    const [one, two] = [view(), view()];
    show(volume(house(['Den']), 'Den', 3));
    live.stop();
    one.leave();
    expect([one.ended(), two.ended(), clock.timers]).toEqual([1, 1, 0]);
    expect(live.open(null, { say: () => {}, end: () => {} })).toBeNull();
  });
});
