import { createHmac } from 'node:crypto';
import type { Bridge } from '../bridge/bridge.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import type { QueueSupply } from '../bridge/queue/queue-ports.ts';
import { err, ok } from '../bridge/result.ts';
import { isForbiddenAddress } from '../bridge/url-policy.ts';
import type { Config } from '../config/schema.ts';
import { readBody } from '../events/body.ts';
import type { LogOutput } from '../log.ts';
import { Library } from '../queue/library.ts';
import { createMedia } from '../queue/media.ts';
import { createQueueServer, type PlayerRequest, type QueueServer } from '../queue/queue-server.ts';
import { createSupply, type FetchPlaylist, LARGEST_PLAYLIST } from '../queue/supply.ts';
import type { Secrets } from '../secrets.ts';
import { answerSound } from '../speech/clip-answer.ts';
import { createFetchGuarded } from '../speech/fetch-guarded.ts';
import { soundPolicy } from './speech-side.ts';

interface Options {
  readonly config: Config;
  /** Without it, nobody can tell a path of ours. */
  readonly clipSecret: string;
  readonly secrets: Pick<Secrets, 'add'>;
  readonly log: LogOutput;
  readonly clock: Clock;
  readonly random: Random;
  /** Null until it is there. */
  readonly bridge: () => Bridge | null;
  /** The clip server's address for speakers; null when none is known. */
  readonly clipAddress: () => Promise<string | null>;
  readonly requested: (request: PlayerRequest) => void;
}

/** The queues' way to players. */
export interface QueueSide {
  readonly supply: QueueSupply;
  /** What the listener of announcements answers beside clips; absent when queues stand elsewhere. */
  readonly besideClips: Partial<{ readonly further: QueueServer['handle'] }>;
  /** What the public listener answers beside events. */
  readonly besideEvents: Partial<{ readonly further: QueueServer['handle'] }>;
}

const PLAYLISTS = 'audio/x-mpegurl, application/x-mpegurl, application/vnd.apple.mpegurl, */*;q=0.5';

function playlistFetcher(config: Config, clock: Clock): FetchPlaylist {
  const policy = soundPolicy(config);
  const isPolicyListed = config.announcements.allowed_hosts !== undefined;
  const allows = (url: URL): boolean => policy(url.href).ok;
  const fetchGuarded = createFetchGuarded({
    ...{ clock, allows, isForbidden: isForbiddenAddress },
    isListed: (url) => isPolicyListed && allows(url),
    ...{ maxBytes: LARGEST_PLAYLIST, accept: PLAYLISTS },
  });
  return async (url) => {
    const fetched = await fetchGuarded(url);
    return fetched.kind === 'fetched' ? ok(fetched.bytes) : err(fetched.reason);
  };
}

/** Joins queues, the folder of the settings and the listener on which players ask for them. */
export function openQueueSide(options: Options): QueueSide {
  const { config, clipSecret, secrets, log, clock, random, bridge } = options;
  const { folder, listener, max_items: mostItems } = config.queue;
  const secret = createHmac('sha256', clipSecret).update('queue').digest('base64url');
  secrets.add(secret);
  const library = folder === undefined ? null : new Library(folder);
  const media = createMedia(library, clipSecret);
  const address =
    listener === 'public' ? () => Promise.resolve(config.callback.public_url ?? null) : options.clipAddress;
  const server = createQueueServer({
    ...{ secret, media, clock, log: log.child('queue'), requested: options.requested },
    book: () => bridge()?.queues ?? null,
    answerSound: (request, response, sound) => answerSound(request, response, sound),
    readBody,
  });
  const further = { further: server.handle.bind(server) };
  return {
    supply: createSupply({
      ...{ library, media, secret, address, mostItems, random },
      fetchPlaylist: playlistFetcher(config, clock),
      policy: soundPolicy(config),
    }),
    besideClips: listener === 'clip' ? further : {},
    besideEvents: listener === 'public' ? further : {},
  };
}
