import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sign } from '../../src/sim/index.ts';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { passwordFile } from '../support/mosquitto-passwords.ts';
import { freePort } from '../support/ports.ts';
import { linkInBrowser, openPlace, type Place, type Program, run } from './daemon.ts';
import { eventually, Observer } from './house.ts';

/** The secret path of the callback, which shall be read nowhere. */
export const PATH = '/sonos/events/canary-path-6f1d0c52b7';

const PASSWORDS = {
  'sonos-relay': 'relay-password',
  'sonos-bridge': 'bridge-password',
  house: 'house-password',
};
type User = keyof typeof PASSWORDS;

const project = join(import.meta.dirname, '../..');

/** The access rules of the example, with the lines that the page on relays adds. */
function accessRules(): string {
  const page = readFileSync(join(project, 'docs/relay.md'), 'utf8');
  const block = /^```conf\n([\s\S]*?)^```$/m.exec(page)?.[1];
  if (block === undefined) throw new Error('docs/relay.md has no access rules');
  return `${readFileSync(join(project, 'config/mosquitto/acl.conf'), 'utf8')}\n${block}`;
}

/** Two relays behind a balancer, a broker with those rules, and a house that listens there. */
export interface RelayHouse {
  readonly place: Place;
  readonly mosquitto: Mosquitto;
  readonly balancer: Balancer;
  readonly relays: readonly Program[];
  readonly relayPorts: readonly number[];
  readonly publicPort: number;
  readonly bridge: Program;
  readonly observer: Observer;
  /** Connects under the name of somebody whom the rules know. */
  enter(user: User, filter: string): Promise<Observer>;
  startRelay(index: number): Promise<Program>;
  startBridge(): Promise<Program>;
  volume(room: string): number | undefined;
  callback(): { accepted: number; rejected: number };
  leave(): Promise<void>;
}

const settled = async (program: Program, message: string): Promise<void> => {
  await eventually(
    () => (program.stdout.includes(message) ? true : undefined),
    message,
    () => program.said,
    15_000,
  );
};

/** A message as a relay puts it on the broker, told a second time; `secret` is what it is sealed with. */
export function sealed(
  rest: { readonly received_at: string; readonly headers: readonly string[]; readonly body: string },
  clientId: string,
  secret: string,
): string {
  const text = `"received_at":${JSON.stringify(rest.received_at)},"headers":${JSON.stringify(rest.headers)},"body":${JSON.stringify(rest.body)}}`;
  const key = createHmac('sha256', secret).update(`sonos-mqtt-bridge relay\n${clientId}`).digest();
  return `{"seal":"${createHmac('sha256', key).update(text).digest('base64url')}",${text}`;
}

/** The headers of an event about the volume of a player, rightly signed by whoever has the secret. */
export function volumeHeaders(
  { sonos }: Place,
  {
    household,
    player,
    sequence,
    signedAs = sequence,
  }: { household: string; player: string; sequence: string; signedAs?: string | undefined },
): string[] {
  const fields = {
    ...{ sequence, namespace: 'playerVolume', type: 'playerVolume' },
    ...{ targetType: 'playerId', target: player },
  };
  return [
    ...['X-Sonos-Household-Id', household, 'X-Sonos-Namespace', fields.namespace],
    ...['X-Sonos-Type', fields.type, 'X-Sonos-Target-Type', fields.targetType],
    ...['X-Sonos-Target-Value', player, 'X-Sonos-Event-Seq-Id', sequence],
    ...[
      'X-Sonos-Event-Signature',
      sign({ ...fields, sequence: signedAs }, sonos.clientId, sonos.clientSecret),
    ],
  ];
}

const openBroker = async (): Promise<Mosquitto> =>
  startMosquitto(['allow_anonymous false', 'password_file FOLDER/passwords', 'acl_file FOLDER/acl.conf'], {
    passwords: await passwordFile(PASSWORDS),
    'acl.conf': accessRules(),
  });

const login = (user: User) => ({ username: user, password: PASSWORDS[user] });

/** Opens all of it; the account is linked, and every event comes by the relays. */
export async function openRelayHouse(mqtt: Readonly<Record<string, unknown>> = {}): Promise<RelayHouse> {
  const mosquitto = await openBroker();
  const publicPort = await freePort();
  const relayPorts = [await freePort(), await freePort()];
  const place = await openPlace({
    callback: { host: '127.0.0.1', port: publicPort, relay: true },
    mqtt: { url: mosquitto.url, ...login('sonos-bridge'), ...mqtt },
    // Whatever is seen came by an event.
    poll_seconds: 0,
    reconcile_minutes: 600,
  });
  const { sonos } = place;
  const file = join(place.folder, 'relay.yaml');
  const settings = {
    log: { level: 'trace' },
    sonos: { client_id: sonos.clientId, client_secret: sonos.clientSecret },
    callback: { host: '127.0.0.1', path: PATH },
    mqtt: { url: mosquitto.url, ...login('sonos-relay'), ...mqtt },
  };
  await writeFile(file, JSON.stringify(settings));
  const programs: Program[] = [];
  const startRelay = async (index: number): Promise<Program> => {
    const words = ['relay', '--config', file, '--callback.port', String(relayPorts[index])];
    const program = await run(words, { cwd: place.folder });
    programs.push(program);
    await settled(program, 'Connected to the MQTT broker');
    return program;
  };
  const startBridge = async (): Promise<Program> => {
    const program = await place.start();
    await settled(program, 'The bridge runs.');
    await settled(program, 'Connected to the MQTT broker');
    return program;
  };
  const enter = (user: User, filter: string): Promise<Observer> =>
    Observer.connect(mosquitto.port, { protocolVersion: 5, ...login(user) }, filter);

  const relays = [await startRelay(0), await startRelay(1)];
  const balancer = await startBalancer(relayPorts);
  sonos.registerCallback(`http://127.0.0.1:${balancer.port}${PATH}`);
  const observer = await enter('house', 'sonos/#');
  const bridge = await startBridge();
  await linkInBrowser(place.page);
  const state = () => observer.json('sonos/bridge/state');
  const callback = () => state().callback as { accepted: number; rejected: number };
  await eventually(
    () => {
      const { wanted = 0, held } = (state().subscriptions ?? {}) as { wanted?: number; held?: number };
      return wanted > 0 && held === wanted && callback().accepted > 0 ? true : undefined;
    },
    'events by the relays',
    () => [state(), bridge.said.slice(-2000), relays.map(({ said }) => said.slice(-2000))],
    20_000,
  );
  await sonos.delivered();
  return {
    ...{ place, mosquitto, balancer, relays, relayPorts, publicPort, bridge, observer },
    ...{ enter, startRelay, startBridge, callback },
    volume: (room) => observer.json(`sonos/home/${room}`).volume as number | undefined,
    async leave() {
      for (const { child } of programs) child.kill('SIGKILL');
      await Promise.all(programs.map((program) => program.end));
      await balancer.stop();
      await observer.end();
      await place.leave();
      await mosquitto.stop();
    },
  };
}
