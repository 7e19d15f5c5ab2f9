import { Readable } from 'node:stream';
import type { ClipFacts, ClipType } from './clip-folder.ts';

/** A clip that can be served, from the disk or, when that refuses, from memory. */
export interface StoredClip extends ClipFacts {
  /** Its bytes from `first` to `last`, both included, read as they are wanted; null when they are gone. */
  read(first: number, last: number): Promise<Readable | null>;
}

/** A sound as somebody made it. */
export interface Sound {
  readonly bytes: Uint8Array;
  readonly type: ClipType;
  readonly lengthMs: number | null;
  /** Who made it, in a word or two. */
  readonly note: string;
}

const PIECE_BYTES = 65_536;

function* piecesOf(sound: Uint8Array, first: number, last: number): Generator<Uint8Array> {
  for (let start = first; start <= last; start += PIECE_BYTES) {
    yield sound.subarray(start, Math.min(start + PIECE_BYTES, last + 1));
  }
}

/** A sound in memory as a stream, in pieces, so that a reader who stalls is told from one who is slow. */
export const streamOf = (sound: Uint8Array, first: number, last: number): Readable =>
  Readable.from(piecesOf(sound, first, last), { objectMode: false });
