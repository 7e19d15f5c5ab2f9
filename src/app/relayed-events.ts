import { createIntake } from '../events/intake.ts';
import type { ListenerCounters } from '../events/listener.ts';
import { openRelayed } from '../events/relayed.ts';
import type { IncomingMessage } from '../mqtt/client.ts';
import { intakeOptions } from './listeners.ts';
import type { Parts } from './parts.ts';
import { relayTopicsOf } from './relay-ground.ts';

/** Where a house gets its events from. */
export interface EventWay {
  /** Of the public listener; null when none is open. */
  readonly port: number | null;
  counters(): ListenerCounters;
  stop(): Promise<void>;
}

/** In the first moments everything is read anyway, and nothing was missed. */
const JUST_OPENED_MS = 2_000;

/** Takes events that relays put on the broker, from the moment at which the link is opened. */
export function openRelayedEvents(parts: Parts): EventWay {
  const { config, key, clock, mqtt, bridge } = parts;
  const intake = createIntake(intakeOptions(parts));
  const topics = relayTopicsOf(config);
  const openedAt = clock.elapsed();

  function take(household: string, { payload, retained }: IncomingMessage): void {
    if (retained) {
      // Somebody clears what the broker had kept.
      if (payload.length > 0) intake.rejected('relay_kept');
      return;
    }
    const ground = { credentials: key, now: clock.now(), expirySeconds: config.relay.expiry_seconds };
    const opened = openRelayed(payload, ground);
    if (!opened.ok) {
      intake.rejected(opened.error);
      return;
    }
    const headers = intake.judge(opened.value.headers);
    if (headers === null) return;
    if (headers.household === household) intake.take(headers, opened.value.body);
    else intake.rejected('relay_forged');
  }

  const cancels = [
    mqtt.link.onMessage((message) => {
      const household = topics.householdOf(message.topic);
      if (household !== null) take(household, message);
    }),
    // The broker keeps nothing for us while we are away.
    mqtt.link.onStatus(({ connected }) => {
      if (connected && clock.elapsed() - openedAt > JUST_OPENED_MS) bridge.lostEvents();
    }),
  ];
  return {
    port: null,
    counters: () => ({ ...intake.counters(), connectionsRefused: 0 }),
    stop: async () => {
      for (const cancel of cancels) cancel();
      await intake.idle();
      intake.close();
    },
  };
}
