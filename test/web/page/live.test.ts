import { beforeEach, expect, it, vi } from 'vitest';
import type { BridgeView, MinuteView, TraceEntry } from '../../../src/web/api/messages.ts';
import { ask } from '../../../src/web/page/api.ts';
import { skew } from '../../../src/web/page/clock.ts';
import * as live from '../../../src/web/page/live.ts';
import { view } from './rooms.ts';

const bridge = { version: '1', not_ready: [] } as unknown as BridgeView;
const house = { alias: 'home', name: 'Home', favorites: null, playlists: null };
const entry = (seq: number): TraceEntry => ({
  ...{
    seq,
    at: '',
    kind: 'event',
    household: null,
    room: null,
    what: '',
    outcome: '',
    ms: null,
    detail: null,
  },
});
const minute = (at: string, events: number): MinuteView => ({
  ...{ at, events, rejected: 0, commands: 0, failed: 0, calls: 0, corrections: 0 },
});

beforeEach(() => {
  live.take({
    ...{ kind: 'whole', bridge, house, trace: [], minutes: [] },
    households: [{ alias: 'home', name: 'Home' }],
    rooms: { bath: view('Bath') },
  });
});

it('a whole message replaces everything, and the rest changes its own part', () => {
  expect(live.alias.value).toBe('home');
  live.take({ kind: 'room', room: 'hall', state: view('Hall') });
  live.take({ kind: 'room', room: 'bath', state: view('Bath', { volume: 31 }) });
  expect(live.rooms.value).toMatchObject({ bath: { volume: 31 }, hall: { name: 'Hall' } });
  live.take({ kind: 'gone', room: 'bath' });
  expect(Object.keys(live.rooms.value)).toEqual(['hall']);
  live.take({ kind: 'house', house: { ...house, favorites: [] } });
  expect(live.house.value?.favorites).toEqual([]);
  live.take({ kind: 'bridge', bridge: { ...bridge, not_ready: ['No broker.'] } });
  expect(live.bridge.value?.not_ready).toEqual(['No broker.']);
  live.take({ kind: 'happening', happening: { room: 'hall', event_type: 'announcement' } });
  expect(live.happening.value?.room).toBe('hall');
});

it('a bridge of another version has its own page loaded', () => {
  const reload = vi.fn();
  vi.stubGlobal('location', { reload });
  const whole = { kind: 'whole', house, households: [], rooms: {}, trace: [], minutes: [] } as const;
  live.take({ ...whole, bridge });
  expect(reload).not.toHaveBeenCalled();
  live.take({ ...whole, bridge: { ...bridge, version: '2' } });
  expect(reload).toHaveBeenCalledOnce();
  live.take({ ...whole, bridge });
  vi.unstubAllGlobals();
});

it('the trace and the minutes have an end, and a minute that is told again is replaced', () => {
  for (let seq = 1; seq <= 450; seq++) live.take({ kind: 'trace', entry: entry(seq) });
  expect([live.trace.value.length, live.trace.value[0]?.seq]).toEqual([400, 51]);
  for (let n = 0; n < 70; n++) live.take({ kind: 'minute', minute: minute(`m${n}`, 1) });
  live.take({ kind: 'minute', minute: minute('m69', 9) });
  expect(live.minutes.value).toHaveLength(60);
  expect(live.minutes.value.at(-1)?.events).toBe(9);
});

it('an answer tells how the clocks stand, and how long to wait', async () => {
  const headers = { Date: new Date(Date.now() - 3_600_000).toUTCString(), 'Retry-After': '12' };
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response('{"error":{"code":"too_many","message":"Wait."}}', { status: 429, headers }),
    ),
  );
  expect(await ask('GET', 'api/session')).toEqual({
    ...{ ok: false, status: 429, retryAfter: 12 },
    error: { code: 'too_many', message: 'Wait.' },
  });
  expect(Math.round(skew.value / 60_000)).toBe(60);
  vi.unstubAllGlobals();
});
