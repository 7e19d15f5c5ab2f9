import { describe, expect, it } from 'vitest';
import { createMinutes } from '../../src/app/minutes.ts';
import { createTrace } from '../../src/app/trace.ts';
import type { Reply } from '../../src/bridge/replies.ts';
import { err, ok } from '../../src/bridge/result.ts';
import type { SonosCall, SonosEvent } from '../../src/bridge/sonos.ts';
import type { EventHeaders } from '../../src/events/headers.ts';
import type { TraceEntry } from '../../src/web/api/messages.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { sonosError } from '../support/fake-sonos.ts';
import { groupIdOf, HOUSEHOLD, house, idOf } from '../support/house.ts';

const GROUP = ['Living Room', 'Bath'];
const GROUP_ID = groupIdOf(GROUP);

function open() {
  const clock = createFakeClock(Date.UTC(2026, 10, 21, 20));
  const home = house(GROUP, ['Den']);
  let corrections = 0;
  const minutes = createMinutes(clock, () => corrections);
  const told: (() => TraceEntry)[] = [];
  const trace = createTrace({
    ...{ clock, minutes },
    household: (word) => (word === HOUSEHOLD || word === 'home' ? home : undefined),
    clean: (text) => text.replaceAll('hunter2', '[secret]'),
    added: (entry) => told.push(entry),
  });
  const event = (target: string, namespace = 'playback', household = HOUSEHOLD): SonosEvent => ({
    ...{ household, namespace, type: 'playbackStatus', target },
    ...{ sequence: '1', body: { title: 'hunter2' }, at: 0 },
  });
  const answer = (reply: Partial<Reply>, household = 'home') =>
    // Of an ask, only the household matters here.
    trace.answered({ household } as Parameters<typeof trace.answered>[0], {
      ...{ id: 'a1', command: 'volume', room: 'den', status: 'confirmed', elapsed_ms: 20 },
      ...reply,
    });
  return { clock, minutes, trace, told, event, answer, correct: () => (corrections += 1) };
}

const call = (method: SonosCall['method'], path: string): SonosCall => ({
  ...{ method, path, household: HOUSEHOLD, priority: 'command', repeatable: true },
});

describe('the trace', () => {
  it('tells what a player asked for: in which rooms, about which items, and what it got', () => {
    const { trace } = open();
    const request = { household: HOUSEHOLD, group: GROUP_ID, status: 200, ms: 1.26, note: null };
    const ids = ['q7-1', 'q7-2', 'q7-10'];
    trace.player({ ...request, what: 'GET itemWindow', items: ids, note: 'from the start' });
    trace.player({ ...request, what: 'GET media', items: ['q7-1'], status: 404, note: 'hunter2' });
    trace.player({ ...request, what: 'GET version', items: [] });
    trace.player({ ...request, what: 'POST timePlayed', items: ['a-1', 'b-1'], household: '', group: '' });
    expect(trace.entries.map(({ what, room, outcome, detail }) => [what, room, outcome, detail])).toEqual([
      ['GET itemWindow', 'bath, living-room', '200', 'items q7: 1 2 10; from the start'],
      ['GET media', 'bath, living-room', '404', 'items q7-1; [secret]'],
      ['GET version', 'bath, living-room', '200', null],
      ['POST timePlayed', null, '200', 'items a-1 b-1'],
    ]);
    expect(trace.entries[0]).toMatchObject({ kind: 'player', household: 'home', ms: 1.3 });
  });

  it('tells what came of an event, in which rooms, and how long it took until it was published', async () => {
    const { clock, trace, event, told } = open();
    const since = clock.elapsed();
    clock.jumpElapsed(1.26);
    const taken: SonosEvent[] = [];
    trace.taking(event(GROUP_ID), since, (each) => {
      taken.push(each);
      clock.jumpElapsed(2);
      return 'applied';
    });
    expect(taken).toEqual([event(GROUP_ID)]);
    expect(trace.entries).toEqual([
      {
        ...{ seq: 1, at: expect.stringMatching(/^2026-11-21T/), kind: 'event', household: 'home' },
        ...{ room: 'bath, living-room', what: 'playback playbackStatus', outcome: 'applied' },
        ...{ ms: 3.3, detail: null },
      },
    ]);
    expect(told.map((entry) => entry())).toEqual(trace.entries);
    trace.taking(event(idOf('Den')), since, () => 'late');
    trace.taking(event(HOUSEHOLD), since, () => 'unchanged');
    trace.taking(event('RINCON_gone:1'), since, () => 'applied');
    // Of headers, these are all that is looked at.
    const headers = {
      household: 'Sonos_others',
      namespace: 'groups',
      type: 'groups',
      target: 'x',
    } as EventHeaders;
    trace.ignored('unknown_household', headers, since);
    expect(trace.entries.slice(1).map(({ household, room, outcome }) => [household, room, outcome])).toEqual([
      ['home', 'den', 'late'],
      ['home', null, 'unchanged'],
      ['home', null, 'applied'],
      [null, null, 'unknown_household'],
    ]);
    expect(JSON.stringify(trace.entries)).not.toContain('RINCON');
  });

  it('tells the last word of a command, with what was wrong, and no secret', () => {
    const { trace, answer } = open();
    answer({ status: 'accepted' });
    answer({});
    const error = { code: 'invalid_payload', message: 'That is no volume: "hunter2".' } as const;
    answer({ status: 'failed', error, elapsed_ms: 0 });
    answer({ superseded_by: 'b2', room: 'x'.repeat(5_000) });
    // Of an ask, only the household matters here.
    trace.answered({ household: 'bridge' } as Parameters<typeof trace.answered>[0], {
      ...{ id: 'a1', command: 'refresh', status: 'confirmed', elapsed_ms: 20 },
    });
    expect(
      trace.entries.map(({ room, what, outcome, ms, detail }) => [room, what, outcome, ms, detail]),
    ).toEqual([
      ['den', 'volume', 'confirmed', 20, 'id a1'],
      ['den', 'volume', 'failed', 0, 'id a1; invalid_payload: That is no volume: "[secret]".'],
      ['… (5000 characters)', 'volume', 'confirmed', 20, 'id a1; superseded by b2'],
      [null, 'refresh', 'confirmed', 20, 'id a1'],
    ]);
  });

  it('tells of every call where it went, without ids, and what was answered', async () => {
    const { clock, trace } = open();
    const failure = sonosError({ kind: 'refused', status: 499, errorCode: 'ERROR_X', reason: 'not hunter2' });
    const answers = [
      ok({ long: 'answer' }),
      err(failure),
      err(sonosError({ kind: 'timeout', status: null })),
    ];
    const send = trace.beside(async () => {
      clock.jumpElapsed(40);
      return answers.shift() ?? ok({});
    });
    const group = encodeURIComponent(GROUP_ID);
    expect(await send(call('POST', `/groups/${group}/playback/play`))).toEqual(ok({ long: 'answer' }));
    await send(call('DELETE', `/players/${idOf('Den')}/audioClip/0f8a-12`));
    await send(call('GET', `/households/${HOUSEHOLD}/groups?x=1`));
    await send(call('GET', '/households'));
    await send(call('GET', '/playbackSessions/1234/x'));
    expect(
      trace.entries.map(({ room, what, outcome, ms, detail }) => [room, what, outcome, ms, detail]),
    ).toEqual([
      ['bath, living-room', 'POST /groups/{groupId}/playback/play', '2xx', 40, null],
      ['den', 'DELETE /players/{playerId}/audioClip/{id}', '499', 40, 'refused: ERROR_X: not [secret]'],
      [null, 'GET /households/{householdId}/groups', 'timeout', 40, expect.stringMatching(/^timeout/)],
      [null, 'GET /households', '2xx', 40, null],
      [null, 'GET /playbackSessions/{id}/x', '2xx', 40, null],
    ]);
  });

  it('keeps the last hundred of each kind, in the order in which they happened', () => {
    const { clock, trace, event, answer } = open();
    answer({ id: 'first' });
    for (let at = 0; at < 250; at += 1) trace.taking(event(GROUP_ID), clock.elapsed(), () => 'applied');
    answer({ id: 'last' });
    const { entries } = trace;
    expect(entries).toHaveLength(102);
    expect([entries[0]?.detail, entries.at(-1)?.detail]).toEqual(['id first', 'id last']);
    expect(entries.map(({ seq }) => seq)).toEqual([1, ...Array.from({ length: 101 }, (_, at) => 152 + at)]);
  });
});

describe('the minutes', () => {
  it('count what happened in each, and show those in which nothing did', async () => {
    const { clock, minutes, trace, event, answer, correct } = open();
    const none = { events: 0, rejected: 0, commands: 0, failed: 0, calls: 0, corrections: 0 };
    expect(minutes.all).toEqual([{ at: '2026-11-21T20:00:00.000Z', ...none }]);
    trace.taking(event(GROUP_ID), clock.elapsed(), () => 'applied');
    answer({});
    answer({ status: 'failed' });
    minutes.count('rejected');
    await trace.beside(async () => ok({}))(call('GET', '/households'));
    correct();
    expect(minutes.all).toMatchObject([{ events: 1, commands: 2, corrections: 1 }]);
    await clock.advance(180_000);
    expect(minutes.all).toEqual([
      {
        at: '2026-11-21T20:00:00.000Z',
        events: 1,
        rejected: 1,
        commands: 2,
        failed: 1,
        calls: 1,
        corrections: 1,
      },
      { at: '2026-11-21T20:01:00.000Z', ...none },
      { at: '2026-11-21T20:02:00.000Z', ...none },
      { at: '2026-11-21T20:03:00.000Z', ...none },
    ]);
    correct();
    expect(minutes.all.at(-1)).toMatchObject({ ...none, corrections: 1 });
    expect(clock.timers).toBe(0);
    await clock.advance(90 * 60_000);
    expect(minutes.all).toHaveLength(60);
    expect(minutes.all.every(({ events }) => events === 0)).toBe(true);
  });

  it('go on when the calendar is set back', async () => {
    const { clock, minutes } = open();
    await clock.advance(120_000);
    minutes.count('events');
    clock.jumpNow(-3_600_000);
    minutes.count('events');
    await clock.advance(60_000);
    expect(minutes.all.at(-2)).toMatchObject({ at: '2026-11-21T19:02:00.000Z', events: 1 });
    expect(minutes.all.length).toBeLessThanOrEqual(60);
  });
});
