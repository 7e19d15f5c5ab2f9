import { describe, expect, it } from 'vitest';
import { reduce } from '../../../src/bridge/reduce.ts';
import { sessionGone } from '../../../src/bridge/session-calls.ts';
import { sliceKey } from '../../../src/bridge/state.ts';
import { readsOfRoom, wanted } from '../../../src/bridge/wanted.ts';
import {
  groupIdOf,
  house,
  idOf,
  NOON,
  recorded,
  reduction,
  regrouped,
  room,
  sessionIdOf,
  told,
  withEvent,
  withSession,
  withTold,
} from '../../support/house.ts';

const home = house(['Kitchen', 'Bath'], ['Den']);
const SID = sessionIdOf(home, 'Kitchen');
const held = withSession(home, 'Kitchen', 'stream');
const session = { group: groupIdOf(['Kitchen']), purpose: 'stream', suspended: false };
const EVICTED = recorded('doc.event.sessionError.evicted.json');
const SUSPENDED = recorded('doc.event.sessionInfo.suspended.json');

describe('a session of ours', () => {
  it('is known by its id, with its group and what it is for', () => {
    expect([...held.sessions]).toEqual([[SID, session]]);
  });

  it('that is told of once more is the very same', () => {
    expect(withSession(held, 'Kitchen', 'stream').sessions).toEqual(held.sessions);
    expect(told(held, 'Kitchen', 'playbackSession', 'sessionInfo', { suspended: false }).household).toBe(
      held,
    );
  });

  it('takes the place of an earlier one on its group, and of no other', () => {
    const both = withSession(held, 'Den', 'queue');
    const later = withSession(both, 'Bath', 'queue', `${SID}9`);
    expect([...later.sessions].map(([id, { purpose }]) => [id, purpose])).toEqual([
      [sessionIdOf(home, 'Den'), 'queue'],
      [`${SID}9`, 'queue'],
    ]);
  });

  it('whose group went before the answer came is none', () => {
    const late = { namespace: 'playbackSession', type: 'began', target: SID } as const;
    const gone = regrouped(home, [['Kitchen'], ['Bath'], ['Den']], { generation: 2 });
    expect(withTold(gone, { ...late, body: { group: session.group, purpose: 'stream' } })).toBe(gone);
  });

  it('begins with the answer to our call only, never with an event', () => {
    const event = { household: home.id, namespace: 'playbackSession', type: 'began', target: SID, at: NOON };
    const body = { group: session.group, purpose: 'stream' };
    expect(reduce(home, { ...event, sequence: '7', body }).household).toBe(home);
    expect(reduce(home, { ...event, type: 'toString', sequence: null, body }).household).toBe(home);
  });

  it('rests, and rests no more', () => {
    const resting = withEvent(held, 'Kitchen', 'playbackSession', 'sessionInfo', SUSPENDED);
    expect(resting.sessions.get(SID)).toEqual({ ...session, suspended: true });
    const playing = withEvent(resting, 'Kitchen', 'playbackSession', 'sessionInfo', { suspended: false });
    expect(playing.sessions.get(SID)).toEqual(session);
  });

  it('that nobody has cannot rest, be loaded or end', () => {
    expect(reduction(home, 'playbackSession', 'sessionInfo', SID, SUSPENDED)).toMatchObject({
      household: home,
      happenings: [],
    });
    expect(reduction(home, 'playbackSession', 'sessionError', SID, EVICTED)).toMatchObject({
      household: home,
      happenings: [],
    });
    const loaded = { namespace: 'playbackSession', type: 'loaded', target: SID, body: { purpose: 'queue' } };
    expect(withTold(home, loaded)).toBe(home);
    expect(withTold(home, sessionGone(SID))).toBe(home);
  });
});

describe('the end of a session', () => {
  it('comes when somebody takes the group over, and every room of it is told why', () => {
    const { household, happenings } = told(held, 'Kitchen', 'playbackSession', 'sessionError', EVICTED);
    expect(household.sessions.size).toBe(0);
    const happening = {
      ...{ event_type: 'session_evicted', purpose: 'stream', code: 'ERROR_SESSION_EVICTED' },
      reason: 'Another user joined the session.',
    };
    expect(happenings).toEqual(
      ['Kitchen', 'Bath'].map((name) => ({ playerId: idOf(name), happening })).sort(byPlayer),
    );
  });

  it.each(['ERROR_SESSION_MOVED', 'ERROR_SESSION_IN_PROGRESS', 'ERROR_OF_TOMORROW'])(
    'comes with %s, too, also when no reason is given',
    (errorCode) => {
      const { household, happenings } = told(held, 'Bath', 'playbackSession', 'sessionError', { errorCode });
      expect(household.sessions.size).toBe(0);
      expect(happenings[0]?.happening).toMatchObject({ code: errorCode, reason: null });
    },
  );

  it('is nobody else’s doing when Sonos just no longer has it', () => {
    expect(withTold(held, sessionGone(SID)).sessions.size).toBe(0);
  });

  it('is no news right after a command of ours chose another source', () => {
    const left = { namespace: 'playbackSession', type: 'left', target: SID, body: {} };
    const leaving = withTold(held, left);
    const ended = (of: typeof home, at: number) =>
      told(of, 'Kitchen', 'playbackSession', 'sessionError', EVICTED, at);
    expect(ended(leaving, NOON + 29_999).happenings).toEqual([]);
    expect(ended(leaving, NOON + 29_999).household.sessions.size).toBe(0);
    // By then somebody else may have done it.
    expect(ended(leaving, NOON + 30_000).happenings).toHaveLength(2);
    const loaded = { ...left, type: 'loaded', body: { purpose: 'stream' } };
    expect(ended(withTold(leaving, loaded), NOON).happenings).toHaveLength(2);
    expect(withTold(home, left)).toBe(home);
  });

  it('comes with the end of its group, and with no other regrouping', () => {
    const both = withSession(held, 'Den', 'queue');
    expect(regrouped(both, [['Kitchen', 'Bath'], ['Den']]).sessions).toBe(both.sessions);
    // The Den's group is a new one; the Kitchen's goes on.
    const body = { ...session, purpose: 'stream' };
    const joined = regrouped(both, [['Kitchen', 'Bath', 'Den']]);
    expect([...joined.sessions]).toEqual([[SID, body]]);
    expect(regrouped(both, [['Kitchen'], ['Bath'], ['Den']], { generation: 2 }).sessions.size).toBe(0);
  });
});

describe('what Sonos should hold for a session', () => {
  const subscriptions = (of: typeof home) =>
    wanted(of).subscriptions.filter(({ namespace }) => namespace === 'playbackSession');

  it('is its events, as long as it is there', () => {
    expect(subscriptions(held)).toEqual([
      {
        key: sliceKey('playbackSession', SID),
        namespace: 'playbackSession',
        target: SID,
        path: `/playbackSessions/${encodeURIComponent(SID)}/playbackSession/subscription`,
      },
    ]);
    expect(encodeURIComponent(SID)).toMatch(/%3A\d+%40\d+$/);
    expect(subscriptions(home)).toEqual([]);
    expect(subscriptions(withTold(held, sessionGone(SID)))).toEqual([]);
  });

  it('is nothing to read', () => {
    expect(wanted(held).snapshots).toEqual(wanted(home).snapshots);
    expect(readsOfRoom(held, room(held, 'Kitchen').playerId)).toEqual(
      readsOfRoom(home, room(home, 'Kitchen').playerId),
    );
  });
});

function byPlayer(a: { readonly playerId: string }, b: { readonly playerId: string }): number {
  return a.playerId < b.playerId ? -1 : 1;
}
