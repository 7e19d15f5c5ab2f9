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

const counter = (name: string, help: string, value: number): Metric => ({
  ...{ name, help, value },
  type: 'counter',
});
const gauge = (name: string, help: string, value: number): Metric => ({ name, help, type: 'gauge', value });

/** What Prometheus may know of the bridge. */
export function metricsOf(
  { bridge, mqtt, sonos, speech, store }: Parts,
  state: BridgeState,
  events: ListenerCounters,
): Metric[] {
  const clips = speech.counters();
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
    gauge(
      'sonos_bridge_announcements_open',
      'Announcements that are not over, by room.',
      bridge.announcements,
    ),
    counter('sonos_bridge_clips_served', 'Answers of the clip server with a sound.', clips.served),
    counter('sonos_bridge_clips_refused', 'Requests to the clip server for anything else.', clips.refused),
    counter('sonos_bridge_events_accepted', 'Events that were taken in.', events.accepted),
    counter('sonos_bridge_events_dropped', 'Events that came too fast.', events.dropped),
    ...byReason(
      'sonos_bridge_events_rejected',
      'Requests to the event path that were refused.',
      events.rejected,
    ),
    ...byReason('sonos_bridge_events_ignored', 'Signed events without effect.', events.ignored),
    counter('sonos_bridge_corrections', 'Changes that only a read showed.', state.reconcile.corrections),
  ];
}
