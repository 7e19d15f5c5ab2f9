import { describe, expect, it } from 'vitest';
import { gone, lost, refused } from '../support/fake-sonos.ts';
import { recorded } from '../support/house.ts';
import {
  CREATE,
  LOAD,
  openSessions,
  SESSION_SUBSCRIPTION,
  STREAM,
  sessionId,
  tellItPlays,
} from './sessions-house.ts';
import { status } from './upkeep-house.ts';

const EVICTED = recorded('doc.event.sessionError.evicted.json') as { errorCode: string; reason: string };

describe('a stream', () => {
  it('takes the group over, is loaded in the session, and is confirmed when it sounds', async () => {
    const { house } = await openSessions();
    house.command('bath', 'stream', { url: STREAM, name: 'Live', id: 'a' });
    await house.clock.advance(100);
    const calls = house.sonos.calls.filter(({ priority }) => priority === 'command');
    expect(calls.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`)).toEqual([
      `POST /groups/${house.world.party('kitchen').id}/playbackSession`,
      `POST /playbackSessions/${sessionId(house, 'kitchen')}/playbackSession/loadStreamUrl`,
    ]);
    expect(calls[1]?.body).toMatchObject({
      ...{ streamUrl: STREAM, playOnCompletion: true },
      stationMetadata: { name: 'Live', type: 'station' },
    });
    expect(house.statuses('a')).toEqual(['accepted']);
    tellItPlays(house, 'bath');
    await house.clock.advance(100);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it('of another address goes into the session that is there', async () => {
    const { house, begun } = await openSessions();
    house.command('bath', 'stream', STREAM);
    await house.clock.advance(100);
    house.command('kitchen', 'stream', 'http://radio.example/other.mp3');
    await house.clock.advance(100);
    expect(house.sonos.made(LOAD)).toHaveLength(2);
    expect(begun.count).toBe(1);
  });

  it('gets one new session when Sonos says that the one that is there is gone', async () => {
    const { house, begun } = await openSessions();
    house.command('bath', 'stream', STREAM);
    await house.clock.advance(100);
    house.sonos.on(/@1\/playbackSession\/loadStreamUrl/, () => gone());
    house.command('kitchen', 'stream', { value: STREAM, id: 'b' });
    await house.clock.advance(100);
    expect(begun.count).toBe(2);
    expect([...house.household().sessions.keys()]).toEqual([sessionId(house, 'kitchen', 2)]);
    tellItPlays(house, 'bath');
    await house.clock.advance(0);
    expect(house.last('b').status).toBe('confirmed');
    expect(house.happenings).toEqual([]);
  });

  it('fails when there is no end of sessions that are gone', async () => {
    const { house, begun } = await openSessions();
    house.sonos.on(LOAD, () => gone());
    house.command('bath', 'stream', { value: STREAM, id: 'a' });
    await house.clock.advance(100);
    expect(begun.count).toBe(2);
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'sonos_error' } });
    expect(house.household().sessions.size).toBe(0);
  });

  it('follows the room to its new group when the old one is gone at the second call', async () => {
    const { house, begun } = await openSessions();
    house.sonos.on(/@1\/playbackSession\/loadStreamUrl/, () => {
      house.world.regroup([['kitchen'], ['bath'], ['office']]);
      return gone();
    });
    house.command('bath', 'stream', { value: STREAM, id: 'a' });
    await house.clock.advance(100);
    expect(begun.count).toBe(2);
    expect(decodeURIComponent(house.sonos.made(CREATE).at(-1)?.path ?? '')).toBe(
      `/groups/${house.world.party('bath').id}/playbackSession`,
    );
    expect([...house.household().sessions.keys()]).toEqual([sessionId(house, 'bath', 2)]);
    tellItPlays(house, 'bath');
    await house.clock.advance(0);
    expect(house.last('a').status).toBe('confirmed');
  });

  it('fails with what Sonos said to the first call, and sends no second one', async () => {
    const { house } = await openSessions();
    house.sonos.on(CREATE, () => refused('ERROR_SESSION_IN_PROGRESS'));
    house.command('bath', 'stream', { value: STREAM, id: 'a' });
    await house.clock.advance(100);
    expect(house.last('a').error?.sonos?.error_code).toBe('ERROR_SESSION_IN_PROGRESS');
    expect(house.sonos.made(LOAD)).toEqual([]);
  });

  it('fails at once when nobody knows whether the session began: surely nothing was loaded', async () => {
    const { house } = await openSessions();
    house.sonos.on(CREATE, () => lost());
    house.command('bath', 'stream', { value: STREAM, id: 'a' });
    await house.clock.advance(100);
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    expect(house.sonos.made(LOAD)).toEqual([]);
  });

  it('is looked for when nobody knows whether it was loaded', async () => {
    const { house } = await openSessions();
    house.sonos.on(LOAD, () => lost());
    house.command('bath', 'stream', { value: STREAM, id: 'a' });
    await house.clock.advance(100);
    expect(house.statuses('a')).toEqual(['accepted']);
    tellItPlays(house, 'bath');
    await house.clock.advance(0);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it('fails when Sonos begins a session without naming it', async () => {
    const { house } = await openSessions();
    house.sonos.on(CREATE, () => ({ ok: true, value: {} }));
    house.command('bath', 'stream', { value: STREAM, id: 'a' });
    await house.clock.advance(100);
    expect(house.last('a').error?.message).toContain('without naming it');
    expect(house.household().sessions.size).toBe(0);
  });

  it('that breaks off fails with what the player said of it', async () => {
    const { house } = await openSessions();
    house.command('bath', 'stream', { value: STREAM, id: 'a' });
    await house.clock.advance(100);
    house.tell('playback', house.world.party('bath').id, {
      type: 'playbackError',
      body: { errorCode: 'ERROR_PLAYBACK_FAILED', reason: 'ERROR_LOST_CONNECTION' },
    });
    await house.clock.advance(0);
    expect(house.last('a')).toMatchObject({
      status: 'failed',
      error: {
        ...{ code: 'sonos_error', message: expect.stringContaining('ERROR_LOST_CONNECTION') },
        sonos: { status: null, error_code: 'ERROR_PLAYBACK_FAILED', reason: 'ERROR_LOST_CONNECTION' },
      },
    });
  });

  it.each([
    ['http://127.0.0.1/x', {}],
    [STREAM, { image: 'http://169.254.169.254/x.png' }],
  ])('of %s with %o is blocked before anything is called', async (url, more) => {
    const { house } = await openSessions();
    house.command('bath', 'stream', { url, ...more, id: 'a' });
    await house.clock.advance(100);
    expect(house.last('a').error?.code).toBe('blocked');
    expect(house.sonos.made(CREATE)).toEqual([]);
  });
});

describe('a session that the house has', () => {
  const playing = async () => {
    const opened = await openSessions();
    opened.house.command('bath', 'stream', STREAM);
    await opened.house.clock.advance(100);
    return opened;
  };

  it('is subscribed soon, and counts among what Sonos should hold', async () => {
    const { house } = await playing();
    const sid = sessionId(house, 'bath');
    expect(house.sonos.made(SESSION_SUBSCRIPTION).map(({ path }) => path)).toEqual([
      `/playbackSessions/${encodeURIComponent(sid)}/playbackSession/subscription`,
    ]);
    expect(house.bridge.knows(house.household().id, 'session', sid)).toBe(true);
    expect(house.bridge.knows(house.household().id, 'session', `${sid}9`)).toBe(false);
    expect(house.bridge.knows('Sonos_other', 'session', sid)).toBe(false);
    expect(status(house)).toMatchObject({ wanted: 16, held: 16 });
  });

  it('is over when somebody takes the group over; all its rooms hear why, and the next stream begins anew', async () => {
    const { house, begun } = await playing();
    expect(
      house.tell('playbackSession', sessionId(house, 'bath'), { type: 'sessionError', body: EVICTED }),
    ).toBe('applied');
    expect(
      house.happenings.map(({ room, happening }) => [room, happening.event_type, happening.reason]),
    ).toEqual(['bath', 'kitchen'].map((room) => [room, 'session_evicted', EVICTED.reason]));
    house.command('bath', 'stream', STREAM);
    await house.clock.advance(100);
    expect(begun.count).toBe(2);
    expect(house.sonos.made(/^DELETE/)).toEqual([]);
    expect(status(house)).toMatchObject({ wanted: 16, held: 16 });
  });

  it('is over without a word when Sonos no longer has it to subscribe, and makes nothing doubtful', async () => {
    const { house } = await openSessions();
    // What is read once after a start is read.
    await house.clock.advance(5_000);
    house.sonos.calls.length = 0;
    house.sonos.on(SESSION_SUBSCRIPTION, () => gone());
    house.command('bath', 'stream', STREAM);
    await house.clock.advance(1_000);
    expect(house.household()).toMatchObject({ stale: false });
    expect(house.household().sessions.size).toBe(0);
    expect(house.sonos.made(SESSION_SUBSCRIPTION)).toHaveLength(1);
    expect(house.sonos.made(/^GET .*groups$/)).toEqual([]);
    expect(house.happenings).toEqual([]);
    expect(house.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(status(house)).toMatchObject({ wanted: 15, held: 15 });
  });

  it('is over when its group is, and its events are nobody’s from then on', async () => {
    const { house } = await playing();
    const sid = sessionId(house, 'bath');
    house.tell('playbackSession', sid, { type: 'sessionInfo', body: { suspended: false } });
    expect(Object.keys(house.marks()[house.household().id] ?? {})).toContain(`playbackSession ${sid}`);
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', house.household().id);
    expect(house.household().sessions.size).toBe(0);
    expect(house.bridge.knows(house.household().id, 'session', sid)).toBe(false);
    expect(Object.keys(house.marks()[house.household().id] ?? {})).not.toContain(`playbackSession ${sid}`);
    expect(house.happenings).toEqual([]);
  });

  it.each([
    ['favorite', 'Jazz'],
    ['playlist', 'Party'],
    ['line_in', ''],
    ['tv', ''],
  ])('that ends because of %s was ended by the sender, who need not be told', async (command, payload) => {
    const { house } = await playing();
    house.world.speaker('bath').capabilities.push('LINE_IN', 'HT_PLAYBACK');
    house.tell('groups', house.household().id);
    house.command('bath', command, payload);
    await house.clock.advance(100);
    house.tell('playbackSession', sessionId(house, 'bath'), { type: 'sessionError', body: EVICTED });
    expect(house.household().sessions.size).toBe(0);
    expect(house.happenings).toEqual([]);
  });

  it('is subscribed again when its group lost its subscriptions', async () => {
    const { house } = await playing();
    house.sonos.calls.length = 0;
    house.tell('global', house.world.party('bath').id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_MOVED' },
    });
    await house.clock.advance(7_000);
    expect(house.sonos.made(SESSION_SUBSCRIPTION)).toHaveLength(1);
  });

  it('is given back with the other subscriptions', async () => {
    const { house } = await playing();
    await house.bridge.unsubscribe(house.household().id);
    expect(house.sonos.made(/^DELETE \/playbackSessions\/.*subscription/)).toHaveLength(1);
  });
});
