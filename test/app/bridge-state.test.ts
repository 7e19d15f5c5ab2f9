import { describe, expect, it } from 'vitest';
import { bridgeState, type Sources, urgent } from '../../src/app/bridge-state.ts';
import { version } from '../../src/app/version.ts';
import type { UpkeepStatus } from '../../src/bridge/upkeep.ts';
import { createTally } from '../../src/events/tally.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const NOON = Date.parse('2026-11-21T12:00:00.000Z');
const HOUR = 3_600_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const sources: Sources = {
  startedAt: NOON,
  mqttProtocol: 5,
  account: { status: 'linked', tokenExpiresAt: NOON + HOUR },
  loginUrl: 'http://localhost:8788/login',
  counters: null,
  upkeep: [],
  budgetPerMinute: 600,
  usedLastMinute: 4,
};

const upkeep = (status: Partial<UpkeepStatus>): UpkeepStatus => ({
  wanted: 0,
  held: 0,
  oldestAgeMs: null,
  corrections: 0,
  lastReadBackAt: null,
  isSilent: false,
  ...status,
});

describe('the bridge’s state', () => {
  it('of a bridge that just started holds nothing that it does not know', () => {
    expect(bridgeState({ ...sources, mqttProtocol: null })).toEqual({
      version,
      started_at: '2026-11-21T12:00:00.000Z',
      mqtt_protocol: null,
      account: { status: 'linked', login_url: null, token_expires_at: '2026-11-21T13:00:00.000Z' },
      callback: { last_event_at: null, accepted: 0, rejected: 0 },
      subscriptions: { wanted: 0, held: 0, oldest_age_hours: null },
      reconcile: { last_at: null, corrections: 0 },
      requests: { budget_per_minute: 600, used_last_minute: 4 },
    });
  });

  it('adds up all households; of ages it tells the oldest, of read-backs the longest ago', () => {
    const state = bridgeState({
      ...sources,
      upkeep: [
        upkeep({ wanted: 17, held: 16, oldestAgeMs: 11.46 * HOUR, corrections: 1, lastReadBackAt: NOON }),
        upkeep({ wanted: 5, held: 5, oldestAgeMs: HOUR, corrections: 2, lastReadBackAt: NOON - HOUR }),
        upkeep({ wanted: 1 }),
      ],
    });
    expect(state.subscriptions).toEqual({ wanted: 23, held: 21, oldest_age_hours: 11.5 });
    expect(state.reconcile).toEqual({ last_at: '2026-11-21T11:00:00.000Z', corrections: 3 });
  });

  it('counts every kind of refused event', () => {
    const tally = createTally(createFakeClock(NOON), quiet);
    tally.accepted(NOON);
    tally.rejected('bad_signature');
    tally.rejected('header_missing');
    const { callback } = bridgeState({ ...sources, counters: tally.counters(0) });
    expect(callback).toEqual({ last_event_at: '2026-11-21T12:00:00.000Z', accepted: 1, rejected: 2 });
  });

  it.each([
    ['unlinked', 'http://localhost:8788/login'],
    ['needs_login', 'http://localhost:8788/login'],
    ['linked', null],
    ['unreachable', null],
  ] as const)('shows where to log in when a person has to: %s', (status, loginUrl) => {
    const state = bridgeState({ ...sources, account: { status, tokenExpiresAt: null } });
    expect(state.account).toEqual({ status, login_url: loginUrl, token_expires_at: null });
  });
});

describe('what a person would act on', () => {
  const before = bridgeState(sources);

  it.each([
    ['the protocol', { mqttProtocol: null }],
    ['the account', { account: { status: 'needs_login', tokenExpiresAt: null } }],
    ['a subscription', { upkeep: [upkeep({ wanted: 1, held: 0 })] }],
    ['a correction', { upkeep: [upkeep({ corrections: 1 })] }],
  ] as const)('is %s', (_what, changed) => {
    expect(urgent(bridgeState({ ...sources, ...changed }))).not.toBe(urgent(before));
  });

  it('is the first event, and not the next one', () => {
    const tally = createTally(createFakeClock(NOON), quiet);
    tally.accepted(NOON);
    const first = urgent(bridgeState({ ...sources, counters: tally.counters(0) }));
    tally.accepted(NOON + HOUR);
    expect(first).not.toBe(urgent(before));
    expect(urgent(bridgeState({ ...sources, counters: tally.counters(0) }))).toBe(first);
  });

  it('is not a count or an age', () => {
    const older = { ...sources, usedLastMinute: 99, upkeep: [upkeep({ oldestAgeMs: HOUR })] };
    expect(urgent(bridgeState(older))).toBe(urgent(before));
  });
});
