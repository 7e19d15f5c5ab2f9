import { findPort } from '../app/free-port.ts';
import type { Config } from '../config/schema.ts';

/** The settings of the demo with ports that are free, and what had to move. */
export interface DemoPorts {
  readonly config: Config;
  readonly simulatorPort: number;
  /** One sentence for each port that was taken. */
  readonly moved: readonly string[];
}

interface Wish {
  readonly what: string;
  readonly host: string;
  readonly port: number;
}

const SIMULATOR_HOST = '127.0.0.1';

function wishes({ broker, callback, mqtt, sonos, speech, web }: Config) {
  return {
    broker: mqtt.url === undefined ? { what: 'broker', host: broker.host, port: broker.port } : null,
    websocket:
      mqtt.url === undefined && broker.websocket_port !== undefined
        ? { what: 'WebSocket', host: broker.host, port: broker.websocket_port }
        : null,
    callback: { what: 'event callback', host: callback.host, port: callback.port },
    web: { what: 'page', host: web.host, port: web.port },
    clips: { what: 'clip server', host: speech.clip_host, port: speech.clip_port },
    simulator: { what: 'simulated Sonos', host: SIMULATOR_HOST, port: Number(new URL(sonos.api_url).port) },
  } satisfies Record<string, Wish | null>;
}

/** Finds a port for everything that the demo opens: the one of the settings when it is free. */
export async function findDemoPorts(config: Config): Promise<DemoPorts> {
  const wanted = wishes(config);
  // What one would take after being moved may be what the next one wants.
  const spokenFor = new Set(Object.values(wanted).flatMap((wish) => wish?.port ?? []));
  const moved: string[] = [];
  const place = async (wish: Wish | null): Promise<number> => {
    if (wish === null) return 0;
    spokenFor.delete(wish.port);
    const port = await findPort(wish.host, wish.port, spokenFor);
    spokenFor.add(port);
    if (port !== wish.port && wish.port !== 0)
      moved.push(`Port ${wish.port} is taken; the demo's ${wish.what} is at ${port}.`);
    return port;
  };
  const broker = await place(wanted.broker);
  const websocket = await place(wanted.websocket);
  const callback = await place(wanted.callback);
  const web = await place(wanted.web);
  const clips = await place(wanted.clips);
  const simulatorPort = await place(wanted.simulator);
  return {
    simulatorPort,
    moved,
    config: {
      ...config,
      broker: {
        ...config.broker,
        ...(wanted.broker === null ? {} : { port: broker }),
        ...(wanted.websocket === null ? {} : { websocket_port: websocket }),
      },
      callback: { ...config.callback, port: callback },
      web: { ...config.web, port: web },
      speech: { ...config.speech, clip_port: clips },
    },
  };
}
