import { describe, expect, it } from 'vitest';
import { createTally } from '../../src/events/tally.ts';
import { GROUP, HOUSEHOLD, KEY, recordingLog, signed, steppingClock } from './house.ts';

describe('what the operator hears of events', () => {
  it('is one warning in ten minutes of a wrong signature, with the likely cause', () => {
    const [log, clock] = [recordingLog(), steppingClock()];
    const tally = createTally(clock, log);
    for (let count = 0; count < 50; count += 1) tally.rejected('bad_signature');
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('client secret right'),
    });
    clock.step(599_000);
    tally.rejected('bad_signature');
    expect(log.lines).toHaveLength(1);
    clock.step(1_000);
    tally.rejected('bad_signature');
    expect(log.lines[1]).toMatchObject({ fields: { reason: 'bad_signature', left_out: 50 } });
    expect(tally.counters(0).rejected.bad_signature).toBe(52);
  });

  it('is of the relay when a message of the relay was refused', () => {
    const log = recordingLog();
    createTally(steppingClock(), log).rejected('relay_stale');
    expect(log.lines[0]?.message).toMatch(/^A message of the relay was refused: .*clocks/);
  });

  it('is each kind of ignored event once', () => {
    const log = recordingLog();
    const tally = createTally(steppingClock(), log);
    for (let count = 0; count < 3; count += 1) {
      tally.ignored('unknown_triple', signed({ type: 'news' }));
      tally.ignored('unknown_target', signed({ type: 'news' }));
      tally.ignored('unknown_triple', signed({ type: 'moreNews' }));
    }
    expect(log.lines.map((line) => [line.level, line.fields.reason, line.fields.type])).toEqual([
      ['info', 'unknown_triple', 'news'],
      ['info', 'unknown_target', 'news'],
      ['info', 'unknown_triple', 'moreNews'],
    ]);
    expect(tally.counters(0).ignored).toMatchObject({
      unknown_triple: 6,
      unknown_target: 3,
      body_not_json: 0,
    });
  });

  it('is bounded, however many kinds there are', () => {
    const log = recordingLog();
    const tally = createTally(steppingClock(), log);
    for (let count = 0; count < 1_000; count += 1)
      tally.ignored('unknown_triple', signed({ type: `t${count}` }));
    expect(log.lines.length).toBeLessThanOrEqual(200);
    expect(tally.counters(0).ignored.unknown_triple).toBe(1_000);
  });

  it('holds no signature, no id and no part of the key', () => {
    const log = recordingLog();
    const tally = createTally(steppingClock(), log);
    const headers = signed();
    tally.rejected('bad_signature');
    tally.rejected('no_credentials');
    tally.ignored('unknown_target', headers);
    const said = JSON.stringify(log.lines);
    for (const secret of [headers.signature, KEY.clientId, KEY.clientSecret, HOUSEHOLD, GROUP]) {
      expect(said).not.toContain(secret);
    }
  });

  it('leaves the counters to whoever asked for them', () => {
    const tally = createTally(steppingClock(), recordingLog());
    const before = tally.counters(0);
    tally.accepted(123);
    tally.rejected('header_missing');
    expect(before).toMatchObject({ accepted: 0, lastEventAt: null, rejected: { header_missing: 0 } });
    expect(tally.counters(7)).toMatchObject({
      accepted: 1,
      lastEventAt: 123,
      dropped: 7,
      rejected: { header_missing: 1 },
    });
  });
});
