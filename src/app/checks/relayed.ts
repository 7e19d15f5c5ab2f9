import type { Key } from '../sonos-side.ts';
import { GREETING, probeHeaders } from './callback-probe.ts';
import { type Finding, note, well, wrong } from './finding.ts';
import { unreachable } from './reach.ts';
import { isRunning, type World } from './world.ts';

const TITLE = 'Callback';

function unpassed(base: string, status: number): Finding {
  if (status === 503) {
    return wrong(
      TITLE,
      `a relay at ${base} took the probe, and could not pass it on (HTTP 503)`,
      "Look at the relay's log: its broker has to be there, and this bridge has to listen at the same broker and topic (relay.topic).",
    );
  }
  if (status === 401) {
    return wrong(
      TITLE,
      `the relay at ${base} does not take our signature (HTTP 401)`,
      'Give relays and bridge the same sonos.client_id and sonos.client_secret, and let the load balancer pass the X-Sonos headers on unchanged.',
    );
  }
  return wrong(
    TITLE,
    `${base} answers, but no relay (HTTP ${status})`,
    'Let the load balancer pass the callback path on unchanged; callback.path has to be that of the relays.',
  );
}

/** Whether a signed probe goes by the relays to the broker; only a running bridge is there to listen. */
export async function checkRelayed(world: World, key: Key): Promise<Finding> {
  const { public_url: base, path } = world.config.callback;
  if (base === undefined || path === undefined) {
    return note(
      TITLE,
      'events come by relays and the MQTT broker; where the relays are is not known here',
      'To have a probe sent all the way round, set callback.public_url and callback.path to those of the relays.',
    );
  }
  const url = `${base}${path}`;
  const greeting = await world.reach({ url });
  if (!greeting.ok) {
    const { seen, advice } = unreachable(greeting.error, 'the load balancer of the relays');
    return wrong(TITLE, `${base}: ${seen}`, advice);
  }
  const { status, text } = greeting.value;
  if (status !== 200 || !text.includes(GREETING)) return unpassed(base, status === 503 ? 502 : status);
  if (!isRunning(world)) return well(TITLE, `a relay answers at ${base}; no bridge runs that could listen`);
  const answer = await world.reach({ url, method: 'POST', headers: probeHeaders(key), body: '{}' });
  if (!answer.ok)
    return wrong(TITLE, `${base}: ${unreachable(answer.error, 'the relay').seen}`, 'Try it again.');
  if (answer.value.status !== 200) return unpassed(base, answer.value.status);
  return well(TITLE, `a signed probe went through ${base} and a relay to the broker`);
}
