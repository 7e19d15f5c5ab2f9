import type { ListenerCounters } from '../events/listener.ts';
import type { Metric } from '../web/metrics.ts';
import type { BridgeState } from './bridge-state.ts';
import type { Parts } from './parts.ts';

const flag = (is: boolean): number => (is ? 1 : 0);

const byReason = (name: string, help: string, reasons: Readonly<Record<string, number>>): Metric[] =>
  Object.entries(reasons).map(([reason, value]) => ({
    name,
    help,
    type: 'counter',
    value,
    labels: { reason },
  }));

const gauge = (name: string, help: string, value: number): Metric => ({ name, help, type: 'gauge', value });

/** What Prometheus may know of the bridge. */
export function metricsOf(
  { bridge, mqtt, sonos, store }: Parts,
  state: BridgeState,
  events: ListenerCounters,
): Metric[] {
  return [
    gauge(
      'sonos_bridge_mqtt_connected',
      'Whether the MQTT broker is connected.',
      flag(mqtt.link.status.connected),
    ),
    gauge(
      'sonos_bridge_account_linked',
      'Whether every account is linked.',
      flag(state.account.status === 'linked'),
    ),
    gauge(
      'sonos_bridge_store_trouble',
      'Whether the disk refuses to keep something.',
      flag(store.trouble !== null),
    ),
    gauge('sonos_bridge_households', 'Households that are bridged.', bridge.households.length),
    gauge(
      'sonos_bridge_subscriptions_wanted',
      'Subscriptions that Sonos should hold.',
      state.subscriptions.wanted,
    ),
    gauge('sonos_bridge_subscriptions_held', 'Subscriptions that Sonos holds.', state.subscriptions.held),
    gauge('sonos_bridge_commands_waiting', 'Commands that wait to be sent.', bridge.waiting),
    gauge(
      'sonos_bridge_requests_last_minute',
      'Requests to Sonos in the last minute.',
      sonos.budget.usedLastMinute(),
    ),
    gauge('sonos_bridge_requests_waiting', 'Requests that wait for the budget.', sonos.budget.waiting()),
    {
      name: 'sonos_bridge_events_accepted',
      help: 'Events that were taken in.',
      type: 'counter',
      value: events.accepted,
    },
    {
      name: 'sonos_bridge_events_dropped',
      help: 'Events that came too fast.',
      type: 'counter',
      value: events.dropped,
    },
    ...byReason(
      'sonos_bridge_events_rejected',
      'Requests to the event path that were refused.',
      events.rejected,
    ),
    ...byReason('sonos_bridge_events_ignored', 'Signed events without effect.', events.ignored),
    {
      name: 'sonos_bridge_corrections',
      help: 'Changes that only a read showed.',
      type: 'counter',
      value: state.reconcile.corrections,
    },
  ];
}
