import { addressesOf, type Household } from '../bridge/state.ts';
import type { SubscriptionStatus } from '../bridge/upkeep.ts';
import { readBrokerAddress } from '../mqtt/broker-address.ts';
import type { BridgeView, SubscriptionView } from '../web/api/messages.ts';
import type { BridgeState } from './bridge-state.ts';
import type { Parts } from './parts.ts';

/** Why the bridge is not ready to be relied upon; empty when it is. */
export function notReady({ mqtt, store }: Pick<Parts, 'mqtt' | 'store'>, state: BridgeState): string[] {
  const { account, subscriptions } = state;
  return [
    ...(mqtt.link.status.connected ? [] : ['The MQTT broker is not connected.']),
    ...(account.status === 'linked' || account.status === 'unreachable'
      ? []
      : ['The Sonos account needs a login.']),
    ...(subscriptions.held > 0 ? [] : ['Sonos holds no subscription for us.']),
    ...(store.trouble === null ? [] : [store.trouble.error.message]),
  ];
}

/** Names of the rooms that a target is, or the household's. */
function targetName(household: Household, target: string): string {
  const players = household.topology?.groups.get(target)?.playerIds ?? [target];
  const names = players.flatMap((id) => household.rooms.get(id)?.name ?? []).sort();
  if (names.length > 0) return names.join(', ');
  return target === household.id
    ? (household.name ?? household.alias)
    : addressesOf(household.rooms, players).join(', ');
}

/** Ages become times, to the second: the two clocks differ by parts of it from look to look. */
const timeOf = (ageMs: number | null, now: number): string | null =>
  ageMs === null ? null : new Date(Math.round((now - ageMs) / 1000) * 1000).toISOString();

const subscriptionOf =
  (household: Household, now: number) =>
  ({ namespace, target, ageMs, silentMs }: SubscriptionStatus): SubscriptionView => ({
    household: household.alias,
    namespace,
    target: targetName(household, target),
    renewed_at: timeOf(ageMs, now),
    event_at: timeOf(silentMs, now),
  });

/** Where a broker is, without user, password and path. */
function brokerAddress(url: string | undefined): string {
  if (url === undefined) return 'embedded';
  const address = readBrokerAddress(url);
  return address.ok ? address.value.shown : 'unknown';
}

/** The state of the bridge as its health page shows it. */
export function bridgeView(parts: Parts): BridgeView {
  const { bridge, config, mqtt, sonos, clock } = parts;
  const state = parts.state();
  const now = clock.now();
  const { wanted, held } = state.subscriptions;
  return {
    version: state.version,
    started_at: state.started_at,
    not_ready: notReady(parts, state),
    account: { status: state.account.status, token_expires_at: state.account.token_expires_at },
    accounts: sonos.accounts.list().map(({ id, status, households }) => ({ id, status, households })),
    broker: { ...mqtt.link.status, address: brokerAddress(config.mqtt.url) },
    callback: state.callback,
    subscriptions: {
      ...{ wanted, held },
      each: bridge.households.flatMap((household) =>
        bridge.subscriptions(household.id).map(subscriptionOf(household, now)),
      ),
    },
    reconcile: state.reconcile,
    requests: state.requests,
  };
}
