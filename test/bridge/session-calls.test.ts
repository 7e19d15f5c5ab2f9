import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/bridge/command-spec.ts';
import {
  createSession,
  inSession,
  leavingSession,
  loadCloudQueue,
  loadStream,
  refreshCloudQueue,
  seekInItem,
  sessionGone,
  skipToItem,
  suspend,
} from '../../src/bridge/session-calls.ts';
import { groupIdOf, house, seat, sessionIdOf, withSession, withTold } from '../support/house.ts';

const home = house(['Kitchen', 'Bath'], ['Den']);
const held = withSession(home, 'Kitchen');
const SID = sessionIdOf(home, 'Kitchen');
const at = (command: string): string =>
  `/playbackSessions/${encodeURIComponent(SID)}/playbackSession/${command}`;
const then = (id: string): Plan => refreshCloudQueue(id);
const stream = { url: 'http://radio.example/live', name: 'Live', image: null, itemId: 'x' };

function planned(made: ReturnType<typeof createSession>): Plan {
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

describe('a session', () => {
  it('is created on the group of the room, under the name of the bridge', () => {
    const { method, path, body } = planned(createSession(seat(home, 'Bath'), 'queue', then));
    expect([method, path]).toEqual([
      'POST',
      `/groups/${encodeURIComponent(groupIdOf(['Kitchen']))}/playbackSession`,
    ]);
    expect(body).toEqual({ appId: 'io.github.sonos-mqtt-bridge', appContext: 'bridge' });
  });

  it('is ours as soon as Sonos names it, and the next call goes to it', () => {
    const plan = planned(createSession(seat(home, 'Bath'), 'queue', then));
    const answer = { sessionId: SID, sessionState: 'SESSION_STATE_CONNECTED', sessionCreated: true };
    const told = plan.tells?.(answer, seat(home, 'Bath'));
    if (told == null) throw new Error('nothing was told');
    expect([...withTold(home, told).sessions]).toEqual([
      [SID, { group: groupIdOf(['Kitchen']), purpose: 'queue', suspended: false }],
    ]);
    expect(plan.next?.(answer, seat(home, 'Bath'))).toMatchObject({
      value: { path: at('refreshCloudQueue') },
    });
  });

  it.each([{}, { sessionId: '' }, { sessionId: 7 }, null, 'text'])(
    'that Sonos does not name (%o) is none, and nothing more is sent',
    (answer) => {
      const plan = planned(createSession(seat(home, 'Bath'), 'queue', then));
      expect(plan.tells?.(answer, seat(home, 'Bath'))).toBeNull();
      expect(plan.next?.(answer, seat(home, 'Bath'))).toMatchObject({
        ok: false,
        error: { code: 'sonos_error', message: expect.stringContaining('without naming it') },
      });
    },
  );

  it('cannot be created where Sonos lists no group', () => {
    const nowhere = { ...seat(home, 'Bath'), group: null };
    for (const made of [createSession(nowhere, 'queue', then), inSession(nowhere, 'queue', then)])
      expect(made).toMatchObject({ ok: false, error: { code: 'not_capable' } });
  });

  it('of ours is forgotten when another is about to be created, so that its end is no news', () => {
    const plan = planned(createSession(seat(held, 'Bath'), 'stream', then));
    expect(plan.first).toEqual(sessionGone(SID));
    expect(planned(createSession(seat(held, 'Den'), 'stream', then))).not.toHaveProperty('first');
  });

  it('is left by whoever chooses another source on its group', () => {
    const left = { namespace: 'playbackSession', type: 'left', target: SID, body: {} };
    expect(leavingSession(seat(held, 'Bath'))).toEqual({ first: left });
    expect(leavingSession(seat(held, 'Den'))).toEqual({});
    expect(leavingSession({ ...seat(held, 'Bath'), group: null })).toEqual({});
  });

  it('that is there is used again', () => {
    expect(planned(inSession(seat(held, 'Bath'), 'stream', then))).toEqual(then(SID));
    expect(planned(inSession(seat(held, 'Den'), 'stream', then)).path).toMatch(/^\/groups\//);
  });
});

describe('a call to a session', () => {
  it.each<[string, Plan, object | undefined]>([
    [
      'loadStreamUrl',
      loadStream(SID, stream),
      {
        ...{ streamUrl: 'http://radio.example/live', playOnCompletion: true, itemId: 'x' },
        stationMetadata: { name: 'Live', type: 'station' },
      },
    ],
    [
      'loadStreamUrl',
      loadStream(SID, { ...stream, image: 'http://radio.example/logo.png' }),
      expect.objectContaining({
        stationMetadata: { name: 'Live', type: 'station', imageUrl: 'http://radio.example/logo.png' },
      }),
    ],
    [
      'loadCloudQueue',
      loadCloudQueue(SID, {
        queueBaseUrl: 'http://bridge.example/q/v2.3/',
        itemId: '',
        playOnCompletion: true,
      }),
      { queueBaseUrl: 'http://bridge.example/q/v2.3/', itemId: '', playOnCompletion: true },
    ],
    ['refreshCloudQueue', refreshCloudQueue(SID), undefined],
    [
      'skipToItem',
      skipToItem(SID, { itemId: '4', queueVersion: 'v2', positionMillis: 0 }),
      { itemId: '4', queueVersion: 'v2', positionMillis: 0 },
    ],
    ['seek', seekInItem(SID, '4', 61_000), { itemId: '4', positionMillis: 61_000 }],
    ['suspend', suspend(SID), undefined],
    ['suspend', suspend(SID, 'v2'), { queueVersion: 'v2' }],
  ])('%s goes to its path, and knows the session that it ends when that is gone', (command, plan, body) => {
    expect([plan.method, plan.path]).toEqual(['POST', at(command)]);
    expect(plan.body).toEqual(body);
    expect(plan.gone).toEqual(sessionGone(SID));
  });

  it('that loads something says what the session is for from then on', () => {
    const queue = loadCloudQueue(SID, { queueBaseUrl: 'http://bridge.example/q/v2.3/' });
    const told = queue.tells?.({}, seat(held, 'Bath'));
    if (told == null) throw new Error('nothing was told');
    const queued = withTold(held, told);
    expect(queued.sessions.get(SID)?.purpose).toBe('queue');
    const again = loadStream(SID, stream).tells?.({}, seat(queued, 'Bath'));
    expect(again && withTold(queued, again).sessions.get(SID)?.purpose).toBe('stream');
  });
});
