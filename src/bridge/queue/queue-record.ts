import { emptyQueue, type Queue, type QueueTrack, replaced } from './queue.ts';
import type { QueueAddress } from './queue-ports.ts';

/** A queue, where it stands, and how far it has come. */
export interface QueueRecord {
  readonly address: QueueAddress;
  readonly name: string;
  readonly household: string;
  queue: Queue;
  /** The group that it was loaded into; empty before. */
  group: string;
  /** The room through which it was loaded. */
  readonly playerId: string;
  /** Sonos' id of the session that plays it; empty before there is one. */
  session: string;
  /** The newest version that a player was given. */
  told: number;
  /** The item that plays, or played last; null before the first. */
  current: string | null;
  hasEnded: boolean;
  /** Whether it was cleared: what is added later begins anew. */
  isCleared: boolean;
}

/** A queue that nobody has loaded yet. */
export const newRecord = (
  address: QueueAddress,
  owner: Pick<QueueRecord, 'name' | 'household' | 'playerId'>,
  prefix: string,
  tracks: readonly QueueTrack[],
): QueueRecord => ({
  ...owner,
  address,
  queue: replaced(emptyQueue(prefix), tracks),
  ...{ group: '', session: '', told: 0, current: null, hasEnded: false, isCleared: false },
});
