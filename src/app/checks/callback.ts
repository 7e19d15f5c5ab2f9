import { onceFor } from '../../bridge/once-for.ts';
import type { Result } from '../../bridge/result.ts';
import { createPublicListener } from '../../events/listener.ts';
import { createQuietLog } from '../quiet-log.ts';
import type { Key } from '../sonos-side.ts';
import { GREETING, probeHeaders } from './callback-probe.ts';
import { type Check, type Finding, note, well, wrong } from './finding.ts';
import { type Reached, unreachable } from './reach.ts';
import { checkRelayed } from './relayed.ts';
import { isRunning, type World } from './world.ts';

const TITLE = 'Callback';
interface Probe {
  readonly world: World;
  readonly key: Key;
  /** Without the secret path; this is what is shown. */
  readonly base: string;
  readonly url: string;
}

const PROXY = 'your reverse proxy or tunnel';

function ofStatus({ base, world }: Probe, { status }: Reached): Finding {
  const { host, port } = world.config.callback;
  if (status >= 300 && status < 400) {
    return wrong(
      TITLE,
      `${base} sends the caller elsewhere (HTTP ${status})`,
      'Sonos does not follow. Set callback.public_url to the final address, and pass the path on as it is.',
    );
  }
  if (status === 401 || status === 403) {
    return wrong(
      TITLE,
      `something in front of the bridge at ${base} asks for a login (HTTP ${status})`,
      `Let the callback path through ${PROXY} without a login; the bridge checks every signature itself.`,
    );
  }
  if (status >= 502 && status <= 504) {
    return wrong(
      TITLE,
      `${base} is reached, but nothing behind it (HTTP ${status})`,
      `Let ${PROXY} forward to port ${port} of this machine (callback.host is ${host}).`,
    );
  }
  return wrong(
    TITLE,
    `${base} answers, but not the bridge (HTTP ${status})`,
    `Let ${PROXY} pass every path on unchanged to port ${port} of this machine; if another bridge or another data folder serves this address, use its callback.path.`,
  );
}

async function ofFailure({ base, world }: Probe, code: string): Promise<Finding> {
  const { seen, advice } = unreachable(code, 'the public listener');
  const last = isRunning(world) ? (await world.broker()).state?.callback.last_event_at : undefined;
  if (typeof last === 'string') {
    return note(
      TITLE,
      `${base} cannot be reached from here (${seen}), but the last event came at ${last}`,
      'It works from outside. Some routers do not let their own public address be reached from within.',
    );
  }
  return wrong(
    TITLE,
    `${base}: ${seen}`,
    `${advice} Some routers do not let their own public address be reached from within; then try from another network.`,
  );
}

async function afterProbe({ base, world }: Probe): Promise<Finding> {
  if (!isRunning(world)) return well(TITLE, `a signed probe through ${base} came in`);
  const last = (await world.broker()).state?.callback.last_event_at ?? null;
  if (last !== null)
    return well(TITLE, `a signed probe through ${base} came in; the last event came at ${last}`);
  return well(
    TITLE,
    `a signed probe through ${base} came in; no event of Sonos yet`,
    "If none comes when you change a volume: is the Event Callback URL on the developer portal the one that the bridge's page shows?",
  );
}

async function probe(each: Probe): Promise<Finding> {
  const { world, key, base, url } = each;
  const greeting = await world.reach({ url });
  if (!greeting.ok) return ofFailure(each, greeting.error);
  if (greeting.value.status !== 200 || !greeting.value.text.includes(GREETING)) {
    return ofStatus(each, greeting.value);
  }
  const answer = await world.reach({ url, method: 'POST', headers: probeHeaders(key), body: '{}' });
  if (!answer.ok) return ofFailure(each, answer.error);
  if (answer.value.status === 200) return afterProbe(each);
  if (answer.value.status !== 401) return ofStatus(each, answer.value);
  return wrong(
    TITLE,
    `the bridge at ${base} does not take our signature (HTTP 401)`,
    `It has another key or secret: restart it if they were changed, and look for another bridge at this address. If there is none, ${PROXY} does not pass the X-Sonos headers on unchanged.`,
  );
}

/** Listens in place of a bridge that does not run, for as long as the work takes. */
async function withListener(
  { config, clock }: World,
  key: Key,
  callbackPath: string,
  work: () => Promise<Finding>,
): Promise<Finding> {
  const listener = createPublicListener({
    ...{ callbackPath, clock, redirect: null },
    host: config.callback.host,
    port: config.callback.port,
    credentials: () => key,
    accept: () => {},
    lost: () => {},
    knows: () => false,
    log: createQuietLog({ clean: (text) => text }, () => {}).log,
  });
  const started: Result<unknown, { readonly message: string }> = await listener.start();
  if (!started.ok)
    return wrong(TITLE, 'no bridge runs, and its public listener cannot be opened', started.error.message);
  try {
    return await work();
  } finally {
    await listener.stop();
  }
}

const check: Check = async (world) => {
  const { key, config } = world;
  const base = config.callback.public_url;
  if (key === null) return note(TITLE, 'not looked at: the key of the integration is missing');
  if (config.callback.relay) return checkRelayed(world, key);
  if (base === undefined) {
    const polling =
      config.poll_seconds === 0
        ? 'the bridge sees no changes'
        : `the bridge asks Sonos every ${config.poll_seconds} seconds instead`;
    return note(
      TITLE,
      `callback.public_url is not set; until events come in, ${polling}`,
      `Let a public https address lead to port ${config.callback.port}, set it as callback.public_url, and register the Event Callback URL that the page shows.`,
    );
  }
  if (isRunning(world)) {
    if (world.callbackPath === null)
      return note(TITLE, 'not looked at: the path that the running bridge made up cannot be read');
    return probe({ world, key, base, url: `${base}${world.callbackPath}` });
  }
  const path = world.callbackPath ?? `/sonos/events/${world.random.id()}`;
  return withListener(world, key, path, () => probe({ world, key, base, url: `${base}${path}` }));
};

/**
 * Whether events can come in: a signed one, made up here, goes out to the public address and has to arrive. Made once in a
 * world, since other checks ask for it, too.
 */
export const checkCallback: Check = onceFor(check);
