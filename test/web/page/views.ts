import type { BridgeView, TraceEntry } from '../../../src/web/api/messages.ts';

/** A bridge with which all is well, but for what is given. */
export const bridgeView = (other: Partial<BridgeView>): BridgeView => ({
  version: '1.0.0',
  started_at: '2026-11-21T20:00:00.000Z',
  not_ready: [],
  account: { status: 'linked', token_expires_at: '2026-11-22T20:00:00.000Z' },
  accounts: [{ id: 'a', status: 'linked', households: ['home'] }],
  broker: { connected: true, protocol: 5, address: 'mqtt://192.168.1.2:1883' },
  callback: { last_event_at: '2026-11-21T20:05:00.000Z', accepted: 4, rejected: 0 },
  subscriptions: { wanted: 17, held: 17, each: [] },
  reconcile: { last_at: null, corrections: 0 },
  requests: { budget_per_minute: 600, used_last_minute: 4 },
  ...other,
});

/** An entry of the trace, but for what is given. */
export const entry = (other: Partial<TraceEntry>): TraceEntry => ({
  ...{ seq: 1, at: '2026-11-21T20:00:00.000Z', kind: 'event', household: 'home', room: 'kitchen' },
  ...{ what: 'playback playbackStatus', outcome: 'applied', ms: 3, detail: null },
  ...other,
});
