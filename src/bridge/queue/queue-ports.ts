import type { CommandError } from '../command-error.ts';
import type { Result } from '../result.ts';
import type { Queue, QueueTrack } from './queue.ts';
import type { QueueWish } from './queue-wish.ts';

/** Something that was asked for and is not in the queue. */
export interface LeftOut {
  /** As its sender or the playlist wrote it; without anything secret. */
  readonly entry: string;
  /** In words for people. */
  readonly reason: string;
}

/** What a wish came to. */
export interface Gathered {
  readonly tracks: readonly QueueTrack[];
  readonly leftOut: readonly LeftOut[];
}

/** Where players find a queue of ours. */
export interface QueueAddress {
  /** Unguessable; the part of the address that tells queues apart. */
  readonly key: string;
  /** Ends in the version of the cloud queue API. */
  readonly baseUrl: string;
  /** The `Authorization` header that players send; null when they send none. */
  readonly authorization: string | null;
}

/** What queues are made of: addresses, folders, playlists. Nothing of it ever rejects. */
export interface QueueSupply {
  /** The most items of one queue. */
  readonly mostItems: number;
  /** What is wrong with a wish, as far as it can be told at once; null when nothing is. */
  objection(wish: QueueWish): CommandError | null;
  gather(wish: QueueWish): Promise<Result<Gathered, CommandError>>;
  address(): Promise<Result<QueueAddress, CommandError>>;
}

/** A queue as players are served it. */
export interface ServedQueue {
  readonly queue: Queue;
  /** What the room shows as the source. */
  readonly name: string;
  readonly authorization: string | null;
  readonly household: string;
  /** The group that it was loaded into. */
  readonly group: string;
}

/** What a player says of an item that it played, or plays (docs.sonos.com, "timePlayed"). */
export interface PlayReport {
  readonly itemId: string;
  readonly isFinal: boolean;
  readonly positionMs: number | null;
  readonly playedMs: number | null;
  readonly error: { readonly type: string | null; readonly status: number | null } | null;
}

/** The queues as their server sees them. */
export interface QueueBook {
  /** Null for a key of none. */
  find(key: string): ServedQueue | null;
  /** The queue, if any, with an item whose address ends like this, and the item's id. */
  endingIn(path: string): { readonly served: ServedQueue; readonly itemId: string } | null;
  /** A player was given the queue as it stands in this version, or a piece of it. */
  told(key: string, version: number): void;
  reported(key: string, reports: readonly PlayReport[]): void;
}
