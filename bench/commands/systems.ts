import { type Child, script, startChild } from '../harness/child.ts';
import { CALLBACK_PATH, type Garage } from '../harness/daemon.ts';
import type { Home } from '../harness/home.ts';
import { until } from '../harness/proc.ts';
import { startCommandFlow } from './node-red.ts';

/** What a system is told of the world around it. */
export interface World {
  readonly brokerPort: number;
  /** Of the Control API. */
  readonly apiUrl: string;
  /** The certificate that the cloud shows. */
  readonly trust: string;
}

/** Something that takes commands in and calls, running. */
export interface Running {
  readonly child: Child;
  /** Where events go and whose they are; null when it takes none. */
  readonly callback: object | null;
  stop(): Promise<void>;
}

export type Name = 'bridge' | 'fetch' | 'https' | 'node-red';

/** Something that can be measured. */
export interface System {
  readonly name: Name;
  /** Settles when it is ready for commands and has nothing else to do. */
  start(world: World): Promise<Running>;
}

const playersOf = ({ places }: Home): Record<string, string> =>
  Object.fromEntries(places.map(({ address, player }) => [address, player]));

/** The delivered house, see `bridge.ts`. */
export const bridgeSystem = (home: Home, garage: Garage, nodeFlags: readonly string[] = []): System => ({
  name: 'bridge',
  start: async ({ brokerPort, apiUrl, trust }) => {
    // As the others speak, too. By MQTT 5 mosquitto bears no more than 20 unacknowledged answers, and some would fall out.
    const protocol = { BRIDGE_MQTT_PROTOCOL: '4' };
    const env = { ...protocol, BRIDGE_SONOS_API_URL: apiUrl, NODE_EXTRA_CA_CERTS: trust };
    const daemon = await garage.start({ brokerPort, nodeFlags, program: [script('commands/bridge')], env });
    await daemon.settled();
    const { clientId, clientSecret } = home.sonos;
    const callback = {
      port: daemon.port,
      path: CALLBACK_PATH,
      household: home.household,
      clientId,
      clientSecret,
    };
    return { child: daemon.child, callback, stop: () => daemon.stop() };
  },
});

/** The least that a program must do, see `loop.ts`. */
export const loopSystem = (home: Home, client: 'fetch' | 'https'): System => ({
  name: client,
  start: async ({ brokerPort, apiUrl, trust }) => {
    const settings = { brokerPort, apiUrl, players: playersOf(home), client };
    const child = startChild({
      args: [script('commands/loop')],
      env: { LOOP: JSON.stringify(settings), NODE_EXTRA_CA_CERTS: trust },
      isUnderTest: true,
    });
    await until('the loop to listen', () => (child.said().includes('listening') ? true : null));
    return { child, callback: null, stop: () => child.stop() };
  },
});

/** What one would build without the bridge. */
export const nodeRedSystem = (home: Home): System => ({
  name: 'node-red',
  start: async ({ brokerPort, apiUrl, trust }) => {
    const env = { NODE_EXTRA_CA_CERTS: trust };
    return { ...(await startCommandFlow(brokerPort, apiUrl, playersOf(home), env)), callback: null };
  },
});
