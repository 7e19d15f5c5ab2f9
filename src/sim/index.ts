import type { Clock } from '../bridge/ports.ts';
import { fetchClip } from './clip-fetch.ts';
import { API_PREFIX, type SimulatedCloudOptions } from './cloud-parts.ts';
import { createControl } from './control.ts';
import type { SimRequest, SimResponse } from './http.ts';
import { createPictures, picturesFrom } from './pictures/picture.ts';
import { playerFetch } from './player-fetch.ts';
import { openNetwork } from './post.ts';
import type { Post } from './push.ts';
import { openServer, type SimServer } from './server.ts';
import { createSimulatedCloud, type SimulatedCloud } from './simulated-cloud.ts';

export type { HeardClip } from './clip.ts';
export type { SimulatedCloudOptions } from './cloud-parts.ts';
export type { HouseholdSpec, Source } from './model.ts';
export {
  airplay,
  alarm,
  LIVING_HOUSEHOLD_ID,
  list,
  livingHousehold,
  spotifyConnect,
  station,
  track,
} from './scenario.ts';
export { sign } from './signature.ts';
export { createSimulatedCloud, type SimulatedCloud } from './simulated-cloud.ts';
export type { Post };

/** Like `SimulatedCloudOptions`, with a real network, by which players also fetch clips unless told otherwise. */
export interface SimulatedSonosOptions extends Omit<SimulatedCloudOptions, 'clock' | 'post'> {
  readonly clock: Clock;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** 0, a free one, when absent. */
  readonly port?: number;
}

/** The simulated Sonos cloud on a real port, with its own control API under `/sim` and pictures under `/art`. */
export interface SimulatedSonos extends Omit<SimulatedCloud, 'stop'> {
  /** `apiUrl` and `loginUrl` go into the settings `sonos.api_url` and `sonos.login_url`. */
  start(): Promise<{ readonly apiUrl: string; readonly loginUrl: string; readonly url: string }>;
  /** Ends server, music and deliveries; may be called twice. */
  stop(): Promise<void>;
}

/** Builds it; nothing listens before `start`. */
export function createSimulatedSonos(options: SimulatedSonosOptions): SimulatedSonos {
  const { clock, host = '127.0.0.1', port = 0 } = options;
  const network = openNetwork();
  let server: SimServer | null = null;
  const shown = (text: string): string => (server === null ? text : picturesFrom(server.url, text));
  const post: Post = (url, headers, body, signal) => network.post(url, headers, shown(body), signal);
  const cloud = createSimulatedCloud({ fetchClip, playerFetch, ...options, post });
  const control = createControl(cloud);
  const pictures = createPictures();
  const answer = (request: SimRequest): SimResponse => {
    const response = cloud.handle(request);
    return { ...response, body: shown(response.body) };
  };
  const handle = (request: SimRequest): SimResponse =>
    request.path.startsWith('/sim/') ? control(request) : answer(request);
  return {
    ...cloud,
    start: async () => {
      const replyDelayMs = (): number => cloud.knobs.replyDelayMs;
      server = await openServer({ host, port, clock, handle, replyDelayMs, picture: pictures.at });
      const { url } = server;
      return { url, loginUrl: url, apiUrl: `${url}${API_PREFIX}` };
    },
    stop: async () => {
      cloud.stop();
      await server?.close();
      server = null;
      network.close();
    },
  };
}
