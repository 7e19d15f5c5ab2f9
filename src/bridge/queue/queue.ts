/** Something that is to be played: where it is, and how it is shown. */
export interface QueueTrack {
  readonly url: string;
  readonly title: string | null;
  readonly artist: string | null;
  readonly album: string | null;
  readonly image: string | null;
  /** Seconds; null when it is not known. */
  readonly duration: number | null;
  /** A media type, such as `audio/mpeg`. */
  readonly contentType: string;
}

/** A track in its place; its id is never given to another one. */
export interface QueueItem extends QueueTrack {
  readonly id: string;
}

/** A list of items that players fetch piece by piece: a value, replaced and never changed. */
export interface Queue {
  /** What all ids of this queue begin with. */
  readonly prefix: string;
  readonly items: readonly QueueItem[];
  /** Rises with every change. */
  readonly version: number;
  /** How many ids were given. */
  readonly given: number;
}

/** A piece of a queue, as a player asks for it. */
export interface QueueWindow {
  readonly items: readonly QueueItem[];
  readonly includesBeginning: boolean;
  readonly includesEnd: boolean;
}

/** The most items that Sonos takes at once (docs.sonos.com, "Cloud queue"). */
export const MOST_IN_WINDOW = 20;

/** A queue with nothing in it. */
export const emptyQueue = (prefix: string): Queue => ({ prefix, items: [], version: 1, given: 0 });

function inserted(
  queue: Queue,
  kept: readonly QueueItem[],
  at: number,
  tracks: readonly QueueTrack[],
): Queue {
  const { prefix, given } = queue;
  const added = tracks.map((track, index) => ({ ...track, id: `${prefix}-${given + index + 1}` }));
  return {
    prefix,
    items: [...kept.slice(0, at), ...added, ...kept.slice(at)],
    version: queue.version + 1,
    given: given + tracks.length,
  };
}

/** These tracks instead of whatever there was. */
export const replaced = (queue: Queue, tracks: readonly QueueTrack[]): Queue =>
  inserted(queue, [], 0, tracks);

/** These tracks at the end. */
export const appended = (queue: Queue, tracks: readonly QueueTrack[]): Queue =>
  inserted(queue, queue.items, queue.items.length, tracks);

/** Where an item stands, from 0; -1 when it is not in the queue. */
export const placeOf = (queue: Queue, itemId: string | null): number =>
  queue.items.findIndex(({ id }) => id === itemId);

/** These tracks after the current one; at the beginning while there is none. */
export const insertedNext = (queue: Queue, current: string | null, tracks: readonly QueueTrack[]): Queue =>
  inserted(queue, queue.items, placeOf(queue, current) + 1, tracks);

/** The queue without items. */
export const cleared = (queue: Queue): Queue => replaced(queue, []);

/** What follows the current item in another order; it and what stands before it stay. `chance` is from 0 to below 1. */
export function shuffled(queue: Queue, current: string | null, chance: () => number): Queue {
  const fixed = placeOf(queue, current) + 1;
  const rest = queue.items.slice(fixed);
  const drawn: QueueItem[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(Math.floor(chance() * rest.length), 1));
  return { ...queue, items: [...queue.items.slice(0, fixed), ...drawn], version: queue.version + 1 };
}

/**
 * The item with so many before and after it, 20 at most: what comes is worth more than what was. An empty id is the first item.
 * Null when the queue has no such item.
 */
export function windowOf(
  queue: Queue,
  itemId: string,
  previous: number,
  upcoming: number,
): QueueWindow | null {
  const { items } = queue;
  const at = itemId === '' ? 0 : placeOf(queue, itemId);
  if (at === -1) return null;
  const end = Math.min(items.length, at + 1 + Math.min(upcoming, MOST_IN_WINDOW - 1));
  const start = Math.max(0, at - previous, end - MOST_IN_WINDOW);
  return {
    items: items.slice(start, end),
    includesBeginning: start === 0,
    includesEnd: end === items.length,
  };
}
