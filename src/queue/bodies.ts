import type { QueueItem } from '../bridge/queue/queue.ts';
import { windowOf } from '../bridge/queue/queue.ts';
import type { ServedQueue } from '../bridge/queue/queue-ports.ts';
import type { WindowQuery } from './requests.ts';

type Body = { readonly [key: string]: unknown };

/** Nothing but the items changes while a queue is played. */
const CONTEXT_VERSION = '1';

const LONGEST_TRACK = 100;
const LONGEST_NAME = 127;

const cut = (text: string, most: number): string => [...text].slice(0, most).join('');
const named = (name: string | null): Body | null =>
  name === null ? null : { name: cut(name, LONGEST_NAME) };

/** Sonos' queueItem (docs.sonos.com, "playback objects"). */
function itemBody({ id, url, title, artist, album, image, duration, contentType }: QueueItem): Body {
  const by = named(artist);
  const from = named(album);
  return {
    id,
    track: {
      type: 'track',
      mediaUrl: url,
      contentType,
      ...(title === null ? {} : { name: cut(title, LONGEST_TRACK) }),
      ...(by === null ? {} : { artist: by }),
      ...(from === null ? {} : { album: { ...from, ...(by === null ? {} : { artist: by }) } }),
      ...(image === null ? {} : { imageUrl: image, images: [{ url: image, height: 0, width: 0 }] }),
      ...(duration === null ? {} : { durationMillis: Math.round(duration * 1000) }),
    },
    policies: {},
  };
}

/** What `GET version` answers. */
export const versionBody = ({ queue }: ServedQueue): Body => ({
  contextVersion: CONTEXT_VERSION,
  queueVersion: String(queue.version),
});

/** What `GET context` answers. */
export const contextBody = (served: ServedQueue): Body => ({
  ...versionBody(served),
  container: { type: 'trackList', name: cut(served.name, LONGEST_TRACK) },
  playbackPolicies: {
    ...{ canSkip: true, canSkipBack: true, canSkipToPrevious: true, limitedSkips: false },
    ...{ canSeek: true, canSkipToItem: true, canResume: true },
    ...{ canRepeat: true, canRepeatOne: true, canCrossfade: true },
    // The order is ours: the command `queue` mixes it.
    canShuffle: false,
  },
  reports: { sendUpdateAfterMillis: 1_000, periodicIntervalMillis: 30_000, sendPlaybackActions: false },
});

/** What `GET itemWindow` answers, and the ids in it; null when the queue has no such item. */
export function windowBody(
  served: ServedQueue,
  { itemId, previousWindowSize, upcomingWindowSize }: WindowQuery,
): { readonly body: Body; readonly ids: readonly string[] } | null {
  const window = windowOf(served.queue, itemId, previousWindowSize, upcomingWindowSize);
  if (window === null) return null;
  const { items, includesBeginning, includesEnd } = window;
  return {
    ids: items.map(({ id }) => id),
    body: {
      ...versionBody(served),
      includesBeginningOfQueue: includesBeginning,
      includesEndOfQueue: includesEnd,
      items: items.map(itemBody),
    },
  };
}

/** An error as players know it (docs.sonos.com, "Cloud queue"). */
export const errorBody = (code: number, reason: string, message: string): Body => ({
  error: { errors: [{ domain: 'cloudQueue', reason, message }], code, message },
});
