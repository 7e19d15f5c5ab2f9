import type { BridgeView, SubscriptionView } from '../../api/messages.ts';

/** Oldest first: what Sonos does not hold, then what was renewed the longest ago. */
export const byAge = (each: readonly SubscriptionView[]): readonly SubscriptionView[] =>
  [...each].sort((a, b) => (a.renewed_at ?? '').localeCompare(b.renewed_at ?? ''));

/** How each part of the bridge stands, as a light would show it. */
export interface Lights {
  readonly account: Light;
  readonly broker: Light;
  readonly events: Light;
  readonly subscriptions: Light;
  readonly requests: Light;
}
export type Light = 'good' | 'warn' | 'bad';

/** Nearly spent: commands will have to wait soon. */
const MUCH = 0.8;

/** Judges what the bridge says of itself. */
export function lightsOf(bridge: BridgeView): Lights {
  const { account, broker, callback, subscriptions, requests } = bridge;
  const used = requests.used_last_minute / Math.max(1, requests.budget_per_minute);
  return {
    account: account.status === 'linked' ? 'good' : account.status === 'unreachable' ? 'warn' : 'bad',
    broker: broker.connected ? 'good' : 'bad',
    events: callback.last_event_at === null ? 'warn' : 'good',
    subscriptions:
      subscriptions.held >= subscriptions.wanted ? 'good' : subscriptions.held === 0 ? 'bad' : 'warn',
    requests: used >= 1 ? 'bad' : used >= MUCH ? 'warn' : 'good',
  };
}
