import { freePort } from '../../test/support/ports.ts';
import { type Child, script, startChild } from '../harness/child.ts';
import { CALLBACK_PATH, type Counted, type Garage } from '../harness/daemon.ts';
import type { Home } from '../harness/home.ts';
import { until } from '../harness/proc.ts';

/** Something that takes events in and publishes, running. */
export interface Running {
  readonly child: Child;
  readonly port: number;
  /** By its own account; null when it keeps none. */
  counted(): Promise<Counted | null>;
  stop(): Promise<void>;
}

/** Something that can be measured. */
export interface System {
  readonly name: 'bridge' | 'floor';
  /** The topic above everything that it publishes. */
  readonly base: string;
  /** The topics that show a room, with the room's place in the house. */
  readonly topics: Readonly<Record<string, number>>;
  /** Settles when it is ready for events and has nothing else to do. */
  start(brokerPort: number): Promise<Running>;
}

/** The daemon as it is delivered. */
export const bridgeSystem = (home: Home, garage: Garage, nodeFlags: readonly string[] = []): System => ({
  name: 'bridge',
  base: 'sonos',
  topics: Object.fromEntries(home.places.map(({ address }, room) => [`sonos/home/${address}`, room])),
  start: async (brokerPort) => {
    const daemon = await garage.start({ brokerPort, nodeFlags });
    await daemon.settled();
    return daemon;
  },
});

/** The least that a program must do, see `floor.ts`. */
export const floorSystem = ({ sonos, places }: Home): System => ({
  name: 'floor',
  base: 'floor',
  topics: Object.fromEntries(
    places.flatMap(({ player, group }, room) => [
      [`floor/${player}/playerVolume`, room],
      ...['playbackMetadata', 'playback', 'groupVolume'].map((name) => [`floor/${group}/${name}`, room]),
    ]),
  ),
  start: async (brokerPort) => {
    const port = await freePort();
    const { clientId, clientSecret } = sonos;
    const settings = { port, brokerPort, path: CALLBACK_PATH, clientId, clientSecret };
    const child = startChild({
      args: [script('events/floor')],
      env: { FLOOR: JSON.stringify(settings) },
      isUnderTest: true,
    });
    await until('the floor to listen', () => (child.said().includes('listening') ? true : null));
    return { child, port, counted: async () => null, stop: () => child.stop() };
  },
});
