import { z } from 'zod';
import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Container, JsonObject, Track } from './model.ts';
import type { PlayerAnswer, PlayerFetch } from './player-fetch.ts';

const named = z.object({ name: z.string().max(127) });

const version = z.string().max(64);

/** Sonos' queueItem, as a cloud queue server gives it. A track needs an address and a type. */
const queueItem = z.object({
  id: z.string().min(1).max(128),
  track: z.object({
    mediaUrl: z.string().min(1),
    contentType: z.string().min(1),
    name: z.string().max(100).optional(),
    artist: named.optional(),
    album: named.optional(),
    imageUrl: z.string().optional(),
    durationMillis: z.number().int().min(0).optional(),
  }),
});

const queueItemWindow = z.object({
  includesBeginningOfQueue: z.boolean(),
  includesEndOfQueue: z.boolean(),
  contextVersion: version,
  queueVersion: version,
  items: z.array(queueItem).max(20),
});

const context = z.object({
  contextVersion: version,
  queueVersion: version,
  container: z.object({ name: z.string().max(100).optional(), type: z.string().max(48).optional() }),
  reports: z
    .object({
      sendUpdateAfterMillis: z.number().int().min(0),
      periodicIntervalMillis: z.number().int().min(10_000).optional(),
    })
    .optional(),
});

const versions = z.object({ contextVersion: version, queueVersion: version });

/** A piece of a cloud queue. */
export interface QueuePiece {
  readonly tracks: readonly Track[];
  readonly includesEnd: boolean;
  readonly queueVersion: string;
  readonly contextVersion: string;
}

/** What a player reads of a context. */
export interface QueueContext {
  readonly container: Container;
  readonly reports: { readonly afterMs: number; readonly everyMs: number | null } | null;
}

function trackOf({ id, track }: z.output<typeof queueItem>): Track {
  const { mediaUrl, contentType, name, artist, album, imageUrl, durationMillis } = track;
  return {
    ...{ itemId: id, mediaUrl, contentType, name: name ?? '' },
    ...(artist === undefined ? {} : { artist: artist.name }),
    ...(album === undefined ? {} : { album: album.name }),
    ...(imageUrl === undefined ? {} : { imageUrl }),
    ...(durationMillis === undefined ? {} : { durationMillis }),
  };
}

/** How a player reaches a cloud queue. */
export interface WireOptions {
  readonly clock: Clock;
  readonly playerFetch: PlayerFetch;
  readonly baseUrl: string;
  readonly authorization: string | undefined;
  readonly groupId: string;
  readonly deviceId: string;
  readonly software: string;
}

const PATIENCE_MS = 5_000;
const FAILED: PlayerAnswer = { status: 0, body: new Uint8Array() };

/** A player's requests to a cloud queue server (docs.sonos.com, "Cloud queue"). */
export class QueueWire {
  readonly #options: WireOptions;
  readonly #open = new Set<Cancel>();

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** The context; the status instead when there is none. */
  context(done: (context: QueueContext | number) => void): void {
    this.#read('context', context, (read) => {
      if (typeof read === 'number') {
        done(read);
        return;
      }
      const { container, reports } = read;
      done({
        container: { type: container.type ?? 'trackList', name: container.name ?? '' },
        reports:
          reports === undefined
            ? null
            : { afterMs: reports.sendUpdateAfterMillis, everyMs: reports.periodicIntervalMillis ?? null },
      });
    });
  }

  /** The window around an item, an empty id for the beginning; the status instead when there is none. */
  window(itemId: string, reason: string, done: (piece: QueuePiece | number) => void): void {
    const query = new URLSearchParams({ itemId, previousWindowSize: '3', upcomingWindowSize: '10', reason });
    this.#read(`itemWindow?${query}`, queueItemWindow, (read) => {
      if (typeof read === 'number') {
        done(read);
        return;
      }
      const { items, includesEndOfQueue: includesEnd, queueVersion, contextVersion } = read;
      done({ tracks: items.map(trackOf), includesEnd, queueVersion, contextVersion });
    });
  }

  /** The queue's version; null when the server does not say. */
  version(done: (queueVersion: string | null) => void): void {
    this.#read('version', versions, (read) => done(typeof read === 'number' ? null : read.queueVersion));
  }

  /** The first bytes of an item's media, or all of them; with a status of 0 when there are none. */
  media(url: string, done: (answer: PlayerAnswer) => void): void {
    this.#ask({ method: 'GET', url, body: '', headers: { Range: 'bytes=0-' } }, done);
  }

  report(item: JsonObject): void {
    const body = JSON.stringify({ items: [item] });
    const url = `${this.#options.baseUrl}timePlayed`;
    this.#ask({ method: 'POST', url, body, headers: this.#headers() }, () => {});
  }

  /** Reports already on their way arrive; nothing else does. */
  close(): void {
    for (const cancel of this.#open) cancel();
  }

  #headers(): Record<string, string> {
    const { authorization, groupId, deviceId } = this.#options;
    return {
      'X-Sonos-Playback-Id': groupId,
      'X-Sonos-Device-Id': deviceId,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
  }

  #read<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    done: (read: z.output<Shape> | number) => void,
  ): void {
    const url = `${this.#options.baseUrl}${path}`;
    this.#ask({ method: 'GET', url, body: '', headers: this.#headers() }, ({ status, body }) => {
      if (status !== 200) {
        done(status);
        return;
      }
      try {
        done(shape.parse(JSON.parse(Buffer.from(body).toString())));
      } catch {
        done(0);
      }
    });
  }

  #ask(request: Parameters<PlayerFetch>[0], done: (answer: PlayerAnswer) => void): void {
    const { playerFetch, clock, software } = this.#options;
    let isOver = false;
    const end = (answer: PlayerAnswer): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      this.#open.delete(drop);
      done(answer);
    };
    const headers = { ...request.headers, 'User-Agent': `Linux UPnP/1.0 Sonos/${software}` };
    const abort = playerFetch({ ...request, headers }, end);
    const cancel = clock.after(PATIENCE_MS, () => {
      abort();
      end(FAILED);
    });
    const drop = (): void => {
      isOver = true;
      cancel();
      if (request.method !== 'POST') abort();
    };
    this.#open.add(drop);
  }
}
