import { describe, expect, it } from 'vitest';
import { emptyAddressBook } from '../../../src/bridge/address-book.ts';
import { commandError } from '../../../src/bridge/command-error.ts';
import { emptyQueue } from '../../../src/bridge/queue/queue.ts';
import { loadQueue, refreshQueue, suspendQueue } from '../../../src/bridge/queue/queue-calls.ts';
import type { PlayReport } from '../../../src/bridge/queue/queue-ports.ts';
import { newRecord } from '../../../src/bridge/queue/queue-record.ts';
import { err, ok } from '../../../src/bridge/result.ts';
import { newHousehold, seatOf } from '../../../src/bridge/state.ts';
import { createTestBridge, HOME, playerOf, type TestOptions } from '../../support/bridge-house.ts';
import { refused } from '../../support/fake-sonos.ts';

const URLS = ['one', 'two', 'three'].map((name) => `http://192.168.1.20/${name}.mp3`);
const [ONE = '', TWO = '', THREE = ''] = URLS;

/** A house whose Sonos gives sessions. */
async function openHouse(options: TestOptions = {}) {
  const house = createTestBridge(options);
  let sessions = 0;
  house.sonos.on(/^POST \/groups\/[^/]+\/playbackSession$/, () => {
    sessions += 1;
    return ok({ sessionId: `session-${sessions}` });
  });
  await house.start();
  const posts = () =>
    house.sonos.calls
      .filter(({ method, path }) => method === 'POST' && !path.endsWith('/subscription'))
      .map(({ path, body }) => ({ what: path.split('/').slice(3).join('/'), body }));
  /** What the player says of itself. */
  const plays = async (itemId: string, state = 'PLAYING', room = 'kitchen') => {
    const party = house.world.party(room);
    party.state = `PLAYBACK_STATE_${state}`;
    party.itemId = itemId;
    house.tell('playback', party.id);
    await house.clock.advance(10);
  };
  const ask = async (payload: unknown, room = 'kitchen') => {
    house.command(room, 'queue', payload);
    await house.clock.advance(10);
  };
  const key = (count = 1) => `key-${count}`;
  const served = (count = 1) => house.bridge.queues.find(key(count));
  const ids = (count = 1) => served(count)?.queue.items.map(({ id }) => id) ?? [];
  const happened = (room = 'kitchen') =>
    house.happenings.filter((each) => each.room === room).map(({ happening }) => happening);
  return { house, posts, plays, ask, key, served, ids, happened };
}

const report = (itemId: string, more: Partial<PlayReport> = {}): PlayReport => ({
  ...{ itemId, isFinal: true, positionMs: 3_000, playedMs: 3_000, error: null },
  ...more,
});

describe('queue', () => {
  it('opens a session, loads the queue, and is confirmed when its item plays', async () => {
    const { house, posts, plays, ask, ids } = await openHouse();
    await ask({ items: URLS, id: 'a', name: 'Mine' });
    expect(posts()).toEqual([
      {
        what: 'playbackSession',
        body: { appId: 'io.github.sonos-mqtt-bridge', appContext: expect.any(String) },
      },
      {
        what: 'playbackSession/loadCloudQueue',
        body: {
          queueBaseUrl: 'http://192.168.1.5:8789/queue/key-1/v2.3/',
          ...{ itemId: ids()[0], queueVersion: '2', playOnCompletion: true },
        },
      },
    ]);
    expect(house.statuses('a')).toEqual(['accepted']);
    await plays(ids()[0] ?? '');
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.last('a').result).toEqual({ items: 3, added: 3, left_out: [], left_out_count: 0 });
  });

  it('hands over the authorization that players must send', async () => {
    const { house, posts, ask } = await openHouse();
    house.queueSupply.addresses = async () =>
      ok({ key: 'key-1', baseUrl: 'https://bridge.example.org/queue/x/v2.3/', authorization: 'Bearer x' });
    await ask(ONE);
    expect(posts()[1]?.body).toMatchObject({ httpAuthorization: 'Bearer x' });
  });

  it('takes the player that comes for it as evidence, when nothing speaks against it', async () => {
    const { house, plays, ask, key } = await openHouse();
    await ask({ items: URLS, id: 'a' });
    house.bridge.queues.told(key(), 2);
    await house.clock.advance(10);
    // The room is still said to be silent.
    expect(house.statuses('a')).toEqual(['accepted']);
    house.world.party('kitchen').itemId = '';
    const party = house.world.party('kitchen');
    house.tell('playback', party.id, { body: { playbackState: 'PLAYBACK_STATE_BUFFERING' } });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted']);
    house.tell('playback', party.id, { body: { playbackState: 'PLAYBACK_STATE_PLAYING' } });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    await plays('someone-elses');
    // A key of none is nobody's.
    house.bridge.queues.told('key-9', 3);
    house.bridge.queues.reported('key-9', [report('x')]);
    expect(house.bridge.queues.find('key-9')).toBeNull();
  });

  it('fails with what the player said when the room falls silent for it', async () => {
    const { house, plays, ask, ids } = await openHouse();
    const wrong = { errorCode: 'ERROR_PLAYBACK_NO_PLAYABLE_CONTENT' };
    const { id } = house.world.party('kitchen');
    await ask({ items: URLS, id: 'a' });
    await plays(ids()[0] ?? '', 'BUFFERING');
    house.tell('playback', id, { type: 'playbackError', body: wrong });
    await house.clock.advance(10);
    // The next item may still be had.
    expect(house.statuses('a')).toEqual(['accepted']);
    await plays(ids()[0] ?? '', 'IDLE');
    expect(house.last('a')).toMatchObject({
      status: 'failed',
      error: { code: 'sonos_error', sonos: { error_code: 'ERROR_PLAYBACK_NO_PLAYABLE_CONTENT' } },
    });
    await ask({ items: URLS, id: 'b' });
    await plays('', 'IDLE');
    house.tell('playback', id, { type: 'playbackError', body: { ...wrong, reason: 'all gone' } });
    await house.clock.advance(10);
    expect(house.last('b').error?.message).toContain('NO_PLAYABLE_CONTENT: all gone.');
  });

  it('is unconfirmed when nothing shows it', async () => {
    const { house, ask } = await openHouse();
    await ask({ items: URLS, id: 'a' });
    await house.clock.advance(20_000);
    expect(house.statuses('a')).toEqual(['accepted', 'unconfirmed']);
    expect(house.last('a').result).toMatchObject({ items: 3 });
  });

  it('asks each group once, however many of its rooms were addressed', async () => {
    const { house, posts, ask, key } = await openHouse();
    await ask({ items: URLS, id: 'a' }, 'all');
    expect(posts().filter(({ what }) => what === 'playbackSession')).toHaveLength(2);
    for (const room of ['kitchen', 'office']) {
      const party = house.world.party(room);
      const itemId = house.bridge.queues.find(key(room === 'kitchen' ? 1 : 2))?.queue.items[0]?.id ?? '';
      Object.assign(party, { state: 'PLAYBACK_STATE_PLAYING', itemId });
      house.tell('playback', party.id);
    }
    await house.clock.advance(10);
    const last = house.answers.filter(({ reply }) => reply.status === 'confirmed');
    expect(last.map(({ reply }) => reply.room).sort()).toEqual(['bath', 'kitchen', 'office']);
  });

  it('appends, puts next, shuffles and clears what a group plays', async () => {
    const { house, posts, plays, ask, key, served, ids } = await openHouse();
    await ask({ items: [ONE, TWO], id: 'a' });
    await plays(ids()[0] ?? '');
    await ask({ action: 'append', items: [THREE], id: 'b' });
    expect(posts().at(-1)).toEqual({ what: 'playbackSession/refreshCloudQueue', body: undefined });
    expect(house.statuses('b')).toEqual(['accepted']);
    // Only what has the change is evidence.
    house.bridge.queues.told(key(), 2);
    expect(house.statuses('b')).toEqual(['accepted']);
    house.bridge.queues.told(key(), 3);
    await house.clock.advance(10);
    expect(house.last('b')).toMatchObject({ status: 'confirmed', result: { items: 3, added: 1 } });
    await ask({ action: 'next', items: [THREE], id: 'c' });
    expect(served()?.queue.items.map(({ url }) => url)).toEqual([ONE, THREE, TWO, THREE]);
    house.bridge.queues.told(key(), 4);
    await ask({ action: 'shuffle', id: 'd' });
    expect(served()?.queue).toMatchObject({ version: 5, items: [{ url: ONE }, {}, {}, {}] });
    house.bridge.queues.told(key(), 5);
    await ask({ action: 'clear', id: 'e' });
    expect(posts().at(-1)).toEqual({ what: 'playbackSession/suspend', body: { queueVersion: '6' } });
    await plays('', 'IDLE');
    expect(house.last('e')).toMatchObject({ status: 'confirmed', result: { items: 0 } });
    await ask({ action: 'append', items: [ONE], id: 'f' });
    expect(house.last('f')).toMatchObject({ status: 'failed', error: { code: 'not_capable' } });
  });

  it('tells who wants to change a queue that there is none, and has nothing to clear then', async () => {
    const { house, posts, ask } = await openHouse();
    await ask({ action: 'append', items: [ONE], id: 'a' });
    await ask({ action: 'shuffle', id: 'b' });
    for (const id of ['a', 'b']) {
      expect(house.last(id)).toMatchObject({
        ...{ status: 'failed', error: { code: 'not_capable', advice: expect.stringContaining('play') } },
      });
    }
    await ask({ action: 'clear', id: 'c' });
    expect(house.last('c')).toMatchObject({ status: 'confirmed', result: { items: 0 } });
    expect(posts()).toEqual([]);
  });

  it('has no queue any more when another session is on the group', async () => {
    const { house, plays, ask, ids } = await openHouse();
    await ask({ items: URLS, id: 'a' });
    await plays(ids()[0] ?? '');
    const body = { errorCode: 'ERROR_SESSION_EVICTED' };
    house.tell('playbackSession', 'session-1', { type: 'sessionError', body });
    await ask({ action: 'append', items: [ONE], id: 'b' });
    expect(house.last('b')).toMatchObject({ status: 'failed', error: { code: 'not_capable' } });
  });

  it('finds the session gone when its turn comes', async () => {
    const { house, posts, plays, ask, ids } = await openHouse();
    await ask({ items: URLS, id: 'a' });
    await plays(ids()[0] ?? '');
    const body = { errorCode: 'ERROR_SESSION_EVICTED' };
    let isEvicted = false;
    const evict = () => {
      if (!isEvicted) house.tell('playbackSession', 'session-1', { type: 'sessionError', body });
      isEvicted = true;
    };
    house.queueSupply.gathers = async () => {
      evict();
      return ok({ tracks: house.bridge.queues.find('key-1')?.queue.items ?? [], leftOut: [] });
    };
    const before = posts().length;
    await ask({ action: 'append', items: [ONE], id: 'b' });
    expect(house.last('b')).toMatchObject({ status: 'failed', error: { code: 'not_capable' } });
    expect(posts()).toHaveLength(before);
  });

  it('is done one after another, however long the reading of a playlist takes', async () => {
    const { house, plays, ask, served } = await openHouse();
    let go = (): void => {};
    const { gathers } = house.queueSupply;
    house.queueSupply.gathers = async (wish) => {
      if (wish.m3u !== null) await new Promise<void>((resolve) => (go = resolve));
      return gathers(wish);
    };
    await ask({ items: [ONE], m3u: 'slow.m3u', id: 'a' });
    await ask({ action: 'append', items: [TWO], id: 'b' });
    expect(house.statuses('b')).toEqual(['accepted']);
    go();
    await house.clock.advance(10);
    await plays(served()?.queue.items[0]?.id ?? '');
    expect(served()?.queue.items.map(({ url }) => url)).toEqual([ONE, TWO]);
  });

  it('takes no more than a queue may have, and says what it left out', async () => {
    const { house, ask } = await openHouse();
    house.queueSupply.mostItems = 2;
    await ask({ items: URLS, shuffle: true, id: 'a' });
    await house.clock.advance(20_000);
    const reason = 'A queue has 2 items at most.';
    expect(house.last('a').result).toMatchObject({ items: 2, left_out: [{ entry: THREE, reason }] });
    await ask({ action: 'append', items: [{ url: ONE, title: 'One' }], id: 'b' });
    const message = `Nothing is left to be played. One: ${reason}`;
    expect(house.last('b')).toMatchObject({ status: 'failed', error: { code: 'invalid_payload', message } });
  });

  it.each([
    ['an empty folder', async () => ok({ tracks: [], leftOut: [] }), 'invalid_payload'],
    [
      'what cannot be read',
      async () => err(commandError('invalid_payload', 'No.', 'Why?')),
      'invalid_payload',
    ],
  ])('fails with %s', async (_what, gathers, code) => {
    const { house, ask } = await openHouse();
    house.queueSupply.gathers = gathers;
    await ask({ folder: 'x', id: 'a' });
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code } });
  });

  it('fails when it is too late, when no address is known, and when the supply objects', async () => {
    const { house, ask } = await openHouse();
    const { gathers } = house.queueSupply;
    house.queueSupply.gathers = async (wish) => {
      await new Promise<void>((resolve) => void house.clock.after(5_000, resolve));
      return gathers(wish);
    };
    house.command('kitchen', 'queue', { items: URLS, id: 'a' }, { expirySeconds: 2 });
    await house.clock.advance(6_000);
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'expired' } });
    house.queueSupply.gathers = gathers;
    house.queueSupply.addresses = async () => err(commandError('internal', 'No address.', 'Set one.'));
    await ask({ items: URLS, id: 'b' });
    expect(house.last('b')).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    house.queueSupply.objects = () => commandError('not_capable', 'No folder.', 'Set one.');
    await ask({ items: URLS, id: 'c' });
    expect(house.statuses('c')).toEqual(['failed']);
    await ask({ items: ['http://127.0.0.1/a.mp3'], id: 'd' });
    expect(house.last('d')).toMatchObject({ status: 'failed', error: { code: 'blocked' } });
  });

  it('fails when Sonos refuses, and keeps nothing of a queue that no player was told of', async () => {
    const { house, ask, served } = await openHouse();
    house.sonos.on(/^POST \/groups\/[^/]+\/playbackSession$/, () => refused());
    await ask({ items: URLS, id: 'a' });
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'sonos_error' } });
    expect(served()).toBeNull();
  });

  it('fails while no call can be made, and for a household that is gone', async () => {
    const { house, ask } = await openHouse();
    house.obstacle = commandError('not_linked', 'No login.', 'Log in.');
    await ask({ items: URLS, id: 'a' });
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'not_linked' } });
    house.obstacle = null;
    house.queueSupply.gathers = async () => {
      house.obstacle = commandError('not_linked', 'No login.', 'Log in.');
      return ok({ tracks: [{ ...TRACK, url: ONE }], leftOut: [] });
    };
    await ask({ items: URLS, id: 'b' });
    expect(house.last('b')).toMatchObject({ status: 'failed', error: { code: 'not_linked' } });
    house.obstacle = null;
    house.queueSupply.gathers = async () => {
      house.bridge.setHouseholds([]);
      return ok({ tracks: [{ ...TRACK, url: ONE }], leftOut: [] });
    };
    house.command('kitchen', 'queue', { items: URLS, id: 'c' });
    house.command('kitchen', 'queue', { items: URLS, id: 'd' });
    await house.clock.advance(20_000);
    expect(house.last('d')).toMatchObject({ status: 'failed', error: { code: 'unknown_room' } });
  });

  it('waits for who plays with whom, right after a start', async () => {
    const earlier = await openHouse();
    const saves = earlier.house.diary.flatMap((each) => (each.kind === 'save' ? [each.book] : []));
    const house = createTestBridge({ book: saves.at(-1) ?? emptyAddressBook });
    house.sonos.on(/^POST \/groups\/[^/]+\/playbackSession$/, () => ok({ sessionId: 'session-1' }));
    house.bridge.start();
    house.bridge.setHouseholds([{ id: HOME, name: null }]);
    house.command('kitchen', 'queue', { items: [ONE], id: 'a' });
    await house.clock.advance(1_000);
    expect(house.bridge.queues.find('key-1')).toMatchObject({ group: house.world.party('kitchen').id });
  });

  it('is nothing that a payload could hold, and nothing for a room without a group', async () => {
    const { house } = await openHouse();
    expect(loadQueue.value.read({ kind: 'text', text: 'x' })).toMatchObject({ ok: false });
    const seat = seatOf(house.household(), playerOf('kitchen'));
    if (seat === null) throw new Error('the kitchen is away');
    const record = newRecord(
      { key: 'k', baseUrl: '', authorization: null },
      { name: 'Queue', household: HOME, playerId: playerOf('kitchen') },
      ...(['q', []] as const),
    );
    const alone = { ...seat, group: null };
    expect(loadQueue.plan(record, alone)).toMatchObject({ ok: false });
    expect(refreshQueue.plan(record, alone)).toMatchObject({ ok: false });
    expect(suspendQueue.plan(record, alone)).toEqual(ok(null));
    // Nothing is known of the music of a group that is new.
    const silent = { ...seat, household: { ...seat.household, groups: newHousehold('x', 'x').groups } };
    const witness = { value: { ...record, told: 2 }, before: seat, now: silent, answer: null, at: 0 };
    expect(loadQueue.seen(witness)).toBe('seen');
    expect(loadQueue.seen({ ...witness, before: silent })).toBe('seen');
    expect(loadQueue.seen({ ...witness, value: { ...record, told: 0 } })).toBe('not_yet');
    expect(loadQueue.seen({ ...witness, before: silent, now: seat })).toBe('not_yet');
    expect(suspendQueue.seen(witness)).toBe('not_yet');
    const plan = loadQueue.plan({ ...record, queue: emptyQueue('q') }, seat);
    const load = plan.ok ? plan.value?.next?.({ sessionId: 's' }, seat) : undefined;
    expect(load).toMatchObject({ value: { body: { itemId: '' } } });
  });

  it('keeps so many queues, and lets go of those that nobody plays', async () => {
    const { house, plays, ask, key, ids } = await openHouse({ groups: [['kitchen'], ['office']] });
    await ask({ items: URLS }, 'office');
    await plays(ids(1)[0] ?? '', 'PLAYING', 'office');
    for (let count = 0; count < 70; count += 1) {
      await ask({ items: [ONE] });
      await plays(ids(count + 2)[0] ?? '');
    }
    expect(house.bridge.queues.find(key(1))).not.toBeNull();
    expect(house.bridge.queues.find(key(2))).toBeNull();
    expect(house.bridge.queues.find(key(71))).not.toBeNull();
  });
});

const TRACK = {
  ...{ title: null, artist: null, album: null, image: null, duration: null, contentType: 'audio/mpeg' },
};

describe('what happens to a queue', () => {
  it('is told to every room of the group, from item to item, to its end', async () => {
    const { plays, ask, ids, happened } = await openHouse();
    await ask({ items: [{ url: ONE, title: 'One' }, TWO] });
    const [first = '', second = ''] = ids();
    await plays(first);
    await plays(first, 'PAUSED');
    await plays(second);
    await plays(first, 'IDLE');
    await plays(first, 'IDLE');
    const told = [
      { event_type: 'queue_item', id: first, title: 'One', position: 1, items: 2 },
      { event_type: 'queue_item', id: second, title: null, position: 2, items: 2 },
      { event_type: 'queue_ended', items: 2 },
    ];
    expect(happened('kitchen')).toEqual(told);
    expect(happened('bath')).toEqual(told);
  });

  it('is told by reports, too: also before any event', async () => {
    const { house, ask, ids, key, happened } = await openHouse();
    await ask({ items: [{ url: ONE, title: 'One' }, TWO] });
    const [first = '', second = ''] = ids();
    house.bridge.queues.reported(key(), [
      report(first, { isFinal: false, playedMs: 1_500 }),
      report(first, { error: { type: 'http', status: 404 } }),
      report(second, { isFinal: false, playedMs: null }),
      report('gone'),
    ]);
    expect(happened()).toEqual([
      { event_type: 'queue_item', id: first, title: 'One', position: 1, items: 2 },
      {
        ...{ event_type: 'queue_played', id: first, title: 'One', final: false, seconds: 1.5, error: null },
      },
      {
        ...{ event_type: 'queue_played', id: first, title: 'One', final: true, seconds: 3 },
        error: { type: 'http', status: 404 },
      },
      { event_type: 'queue_played', id: second, title: null, final: false, seconds: null, error: null },
      { event_type: 'queue_played', id: 'gone', title: null, final: true, seconds: 3, error: null },
    ]);
  });

  it('ends with the report of the last item, once', async () => {
    const { house, plays, ask, ids, key, happened } = await openHouse();
    await ask({ items: [ONE] });
    await plays(ids()[0] ?? '');
    house.bridge.queues.reported(key(), [report(ids()[0] ?? '')]);
    await plays('', 'IDLE');
    expect(happened().map(({ event_type }) => event_type)).toEqual([
      ...['queue_item', 'queue_played', 'queue_ended'],
    ]);
  });

  it('is told in the room through which it was loaded when the group is gone, and nowhere when the household is', async () => {
    const { house, plays, ask, ids, key, happened } = await openHouse();
    await ask({ items: [ONE, TWO] });
    await plays(ids()[0] ?? '');
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(10);
    house.bridge.queues.reported(key(), [report(ids()[0] ?? '')]);
    expect(happened('kitchen').map(({ event_type }) => event_type)).toEqual(['queue_item', 'queue_played']);
    expect(happened('bath').map(({ event_type }) => event_type)).toEqual(['queue_item']);
    house.bridge.setHouseholds([]);
    house.bridge.queues.reported(key(), [report(ids()[1] ?? '')]);
    expect(happened('kitchen')).toHaveLength(2);
  });

  it('says which item a file belongs to', async () => {
    const { house, ask, ids } = await openHouse();
    await ask({ items: URLS });
    expect(house.bridge.queues.endingIn('/two.mp3')).toMatchObject({
      ...{ itemId: ids()[1], served: { household: HOME, name: 'Queue' } },
    });
    expect(house.bridge.queues.endingIn('/four.mp3')).toBeNull();
  });
});
