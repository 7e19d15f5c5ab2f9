import { describe, expect, it } from 'vitest';
import type { MinuteView, SubscriptionView } from '../../../src/web/api/messages.ts';
import { barsPath, SHOWN, sumOf, valuesOf } from '../../../src/web/page/health/bars.ts';
import { localeFor } from '../../../src/web/page/health/locale.ts';
import { ago, dayOf, numberOf, since, timeOf } from '../../../src/web/page/health/times.ts';
import {
  choicesOf,
  EVERYTHING,
  shownOf,
  type TraceFilter,
  toneOf,
  WRONG,
} from '../../../src/web/page/health/trace-filter.ts';
import { byAge, lightsOf } from '../../../src/web/page/health/verdicts.ts';
import { bridgeView, entry } from './views.ts';

const AT = '2026-11-21T20:00:00.000Z';
const NOW = Date.parse(AT);

describe('times in the language of the page', () => {
  it('say how long ago something was, in one unit', () => {
    const at = [1_000, 12_000, 90_000, 7_200_000, 200_000_000];
    expect(at.map((ms) => ago(AT, NOW + ms, 'en'))).toEqual([
      ...['now', '12s ago', '1m ago', '2h ago', '2d ago'],
    ]);
    expect(ago(AT, NOW + 12_000, 'de')).toBe('vor 12 s');
  });

  it('say how long it is until something comes', () => {
    expect(ago(AT, NOW - 7_200_000, 'en')).toBe('in 2h');
  });

  it('never say that what happened is still to come', () => {
    expect(since(AT, NOW - 60_000, 'en')).toBe('now');
    expect(since(AT, NOW + 60_000, 'en')).toBe('1m ago');
  });

  it('are written as the language writes them', () => {
    expect(timeOf(AT, 'de')).toMatch(/^\d\d:00:00$/);
    expect(dayOf(AT, 'de')).toMatch(/^2\d\.11\.2026, \d\d:00$/);
    expect([numberOf(1234, 'en'), numberOf(1234, 'de')]).toEqual(['1,234', '1.234']);
  });

  it('follow the region of the browser where it speaks the language', () => {
    expect(localeFor('en', ['de-DE', 'en-GB', 'en-US'])).toBe('en-GB');
    expect(localeFor('de', ['en-GB'])).toBe('de');
  });
});

const minute = (ago: number, events: number): MinuteView => ({
  at: new Date(NOW - ago * 60_000).toISOString(),
  ...{ events, rejected: 0, commands: 0, failed: 0, calls: 0, corrections: 0 },
});

describe('the pictures of the last hour', () => {
  it('have a value for every minute, the newest last', () => {
    const values = valuesOf([minute(2, 5), minute(0, 7), minute(61, 9)], 'events', NOW + 30_000);
    expect(values).toHaveLength(SHOWN);
    expect(values.slice(-3)).toEqual([5, 0, 7]);
    expect(sumOf(values)).toEqual({ total: 12, most: 7 });
  });

  it('end with the newest minute when the clock of the browser is behind', () => {
    expect(valuesOf([minute(0, 7)], 'events', NOW - 300_000).at(-1)).toBe(7);
  });

  it('draw a bar for what is not nothing, the tallest as tall as the picture', () => {
    expect(barsPath([0, 1, 2], 30, 10)).toBe('M10 10v-5h7.2v5zM20 10v-10h7.2v10z');
    expect(barsPath([0, 0], 30, 10)).toBe('');
  });

  it('never make what is small invisible', () => {
    expect(barsPath([1, 1_000], 20, 10)).toContain('v-1.5h');
  });

  it('say nothing of an hour without minutes', () => {
    expect(sumOf([])).toEqual({ total: 0, most: 0 });
    expect(sumOf(valuesOf([], 'calls', NOW))).toEqual({ total: 0, most: 0 });
  });
});

describe('the trace', () => {
  const trace = [
    entry({ seq: 1 }),
    entry({ seq: 2, kind: 'command', what: 'volume', outcome: 'failed', detail: 'not_capable: Offline.' }),
    entry({ seq: 3, kind: 'call', what: 'GET /groups', room: null, outcome: '503' }),
    entry({ seq: 4, room: 'office, kitchen', outcome: 'unchanged' }),
  ];
  const shown = (filter: Partial<TraceFilter>, most = 300): readonly number[] =>
    shownOf(trace, { ...EVERYTHING, ...filter }, most).map(({ seq }) => seq);

  it('is shown with the newest first, and no longer than asked', () => {
    expect(shown({})).toEqual([4, 3, 2, 1]);
    expect(shown({}, 2)).toEqual([4, 3]);
  });

  it('is filtered by kind, room, outcome and text', () => {
    expect(shown({ kind: 'event' })).toEqual([4, 1]);
    expect(shown({ room: 'kitchen' })).toEqual([4, 2, 1]);
    expect(shown({ room: 'office' })).toEqual([4]);
    expect(shown({ outcome: 'applied' })).toEqual([1]);
    expect(shown({ text: ' OFFLINE ' })).toEqual([2]);
    expect(shown({ kind: 'event', text: 'groups' })).toEqual([]);
  });

  it('is filtered by everything that went wrong', () => {
    expect(shown({ outcome: WRONG })).toEqual([3, 2]);
  });

  it('offers the rooms and outcomes that it has', () => {
    expect(choicesOf(trace)).toEqual({
      rooms: ['kitchen', 'office'],
      outcomes: ['503', 'applied', 'failed', 'unchanged'],
    });
  });

  it('tells good from bad by the words and statuses', () => {
    expect(['applied', 'confirmed', '2xx', '204', '302'].map(toneOf)).toEqual(Array(5).fill('good'));
    expect(['failed', 'bad_signature', '404', '503', 'timeout'].map(toneOf)).toEqual(Array(5).fill('bad'));
    expect(['unchanged', 'accepted'].map(toneOf)).toEqual(['plain', 'plain']);
  });
});

describe('the lights of the bridge', () => {
  it('are good when all is well', () => {
    expect(new Set(Object.values(lightsOf(bridgeView({}))))).toEqual(new Set(['good']));
  });

  it('tell what is wrong, and how much', () => {
    const bridge = bridgeView({
      account: { status: 'needs_login', token_expires_at: null },
      broker: { connected: false, protocol: null, address: 'embedded' },
      callback: { last_event_at: null, accepted: 0, rejected: 0 },
      subscriptions: { wanted: 17, held: 0, each: [] },
      requests: { budget_per_minute: 600, used_last_minute: 600 },
    });
    expect(lightsOf(bridge)).toEqual({
      ...{ account: 'bad', broker: 'bad', events: 'warn', subscriptions: 'bad', requests: 'bad' },
    });
    const nearly = bridgeView({
      account: { status: 'unreachable', token_expires_at: null },
      subscriptions: { wanted: 17, held: 16, each: [] },
      requests: { budget_per_minute: 600, used_last_minute: 480 },
    });
    expect(lightsOf(nearly)).toMatchObject({ account: 'warn', subscriptions: 'warn', requests: 'warn' });
  });

  it('show the oldest subscription first, and before it what is not held', () => {
    const one = (target: string, renewed_at: string | null): SubscriptionView => ({
      ...{ household: 'home', namespace: 'playback', target, renewed_at, event_at: null },
    });
    const each = [one('new', '2026-11-21T20:00:00Z'), one('none', null), one('old', '2026-11-20T20:00:00Z')];
    expect(byAge(each).map(({ target }) => target)).toEqual(['none', 'old', 'new']);
  });
});
