import { adviceFor } from '../../mqtt/connection-failure.ts';
import { tryPort } from '../free-port.ts';
import type { BrokerSeen } from './broker-seen.ts';
import { type Check, type Finding, note, well, wrong } from './finding.ts';
import { isRunning, isWaiting, type World } from './world.ts';

const TITLE = 'Broker';

/** The embedded broker of a bridge that does not run: whether it could listen. */
async function couldListen({ config }: World): Promise<Finding> {
  const { host, port, websocket_port } = config.broker;
  for (const [key, wanted] of Object.entries({ port, websocket_port })) {
    if (wanted === undefined) continue;
    const tried = await tryPort(host, wanted);
    if (tried.ok) continue;
    const taken = tried.error === 'EADDRINUSE';
    return wrong(
      TITLE,
      `the embedded broker cannot listen at ${host}:${wanted} (${tried.error})`,
      taken
        ? `Something listens there already, perhaps another broker. Use that one (mqtt.url), or set broker.${key} to a free port.`
        : `Set broker.host to an address of this machine, and broker.${key} to a port that this user may open.`,
    );
  }
  return well(TITLE, `the embedded one; ${host}:${port} is free for it`);
}

const spoken = (version: number): string => (version === 5 ? 'MQTT 5' : 'MQTT 3.1.1');

function ofReadBack({ url, readBack, refused }: BrokerSeen, base: string): Finding | null {
  const mine = `${base}/#`;
  if (refused.length > 0) {
    return wrong(
      TITLE,
      `${url} does not let us subscribe to ${refused.join(', ')}`,
      `Allow the bridge's user to read and write ${mine} in the broker's access rules.`,
    );
  }
  if (readBack === null || readBack === 'came') return null;
  const seen =
    readBack === 'lost'
      ? 'what was published did not come back'
      : `the publish was refused (${readBack.refusal})`;
  return wrong(
    TITLE,
    `${url} lets us in, but ${seen}`,
    `Allow the bridge's user to read and write ${mine} in the broker's access rules.`,
  );
}

function ofBridge({ url, availability }: BrokerSeen, base: string, running: boolean): Finding | null {
  if (!running || availability === 'online') return null;
  return wrong(
    TITLE,
    `a bridge runs, but ${url} knows it as ${availability ?? 'nothing at all'} under ${base}`,
    'Its log says why it is not connected. Restart it if mqtt.url or mqtt.base_topic were changed since it started.',
  );
}

/** Whether the broker lets us in, publish and read under the base topic. */
export const checkBroker: Check = async (world) => {
  if (isWaiting(world)) return note(TITLE, 'not looked at: the bridge waits for its set-up');
  const seen = await world.broker();
  const base = world.config.mqtt.base_topic;
  if (seen.visit === null) return couldListen(world);
  if (!seen.visit.ok) {
    const { error } = seen.visit;
    return wrong(TITLE, `no connection to ${seen.url}: ${error.seen}`, adviceFor(error));
  }
  const problem =
    (seen.isEmbedded ? null : ofReadBack(seen, base)) ??
    (seen.refused.length > 0 ? null : ofBridge(seen, base, isRunning(world)));
  if (problem !== null) return problem;
  const version = spoken(seen.visit.value.version);
  const rights = seen.isEmbedded ? 'the embedded one' : `publishes and reads back under ${base}/`;
  const other =
    !isRunning(world) && seen.availability === 'online'
      ? `; a bridge elsewhere is online under ${base}/`
      : '';
  return well(TITLE, `${seen.url}, ${version}, ${rights}${other}`);
};
