import type { SonosEvent } from '../../src/bridge/sonos.ts';
import { createIntake } from '../../src/events/intake.ts';
import { createRelayListener, type RelayListenerOptions } from '../../src/events/relay-listener.ts';
import { openRelayed, sealEvent } from '../../src/events/relayed.ts';
import { CALLBACK, KEY, knows, recordingLog, steppingClock } from './house.ts';

/** A relay's listener and the intake of a bridge, with nothing but the sealed messages between them. */
export async function startRelayed(different: Partial<RelayListenerOptions> = {}) {
  const events: SonosEvent[] = [];
  const log = recordingLog();
  const clock = steppingClock();
  const credentials = KEY;
  const intake = createIntake({
    ...{ credentials: () => KEY, lost: () => {}, knows, clock, log },
    accept: (event) => {
      events.push(event);
    },
  });
  const listener = createRelayListener({
    ...{ host: '127.0.0.1', port: 0, callbackPath: CALLBACK, healthPath: '/health', credentials, clock, log },
    canPass: () => true,
    pass(headers, body, done) {
      const message = new TextEncoder().encode(sealEvent(headers, body, clock.now(), KEY));
      const opened = openRelayed(message, { credentials, now: clock.now(), expirySeconds: 60 });
      const judged = opened.ok ? intake.judge(opened.value.headers) : null;
      if (opened.ok && judged !== null) intake.take(judged, opened.value.body);
      // The broker's answer takes a turn at least.
      setImmediate(() => done(judged === null ? 'too_large' : 'taken'));
    },
    ...different,
  });
  const started = await listener.start();
  if (!started.ok) throw new Error(started.error.message);
  return { listener, port: started.value.port, events, log, clock, intake };
}
