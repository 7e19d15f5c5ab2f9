import type { Clock } from '../bridge/ports.ts';
import type { ClipFacts } from './clip-folder.ts';

/** What is known of one clip. */
export interface ClipEntry<Clip> {
  readonly clip: Clip;
  readonly facts: ClipFacts;
  /** The bytes, as long as the disk does not have them. */
  sound: Uint8Array | null;
  isOnDisk: boolean;
  /** Milliseconds since 1970. */
  usedAt: number;
  /** By the clock's `elapsed`. */
  heldUntil: number;
  /** How many read it at the moment. */
  readers: number;
}

/** The bounds of the index. */
export interface ClipIndexOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly clock: Clock;
}

/** A clip that was asked for goes last for so long: a speaker may ask for it again, for another part. */
const HELD_MS = 600_000;

/** Which clips there are, where, and which of them go when there are too many. It knows no disk. */
export class ClipIndex<Clip> {
  readonly #options: ClipIndexOptions;
  /** Least recently used first. */
  readonly #entries = new Map<string, ClipEntry<Clip>>();
  /** Files that nobody finds any more, until they are removed. */
  readonly #doomed = new Set<ClipFacts>();
  #diskBytes = 0;
  #memoryBytes = 0;

  constructor(options: ClipIndexOptions) {
    this.#options = options;
  }

  get clips(): number {
    return this.#entries.size;
  }

  /** What the files take, those included that are to be removed. */
  get diskBytes(): number {
    return this.#diskBytes;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** The clip of this name; null for none, and for one that is too old. */
  get(name: string): ClipEntry<Clip> | null {
    const entry = this.#entries.get(name);
    return entry === undefined || this.#isExpired(entry) ? null : entry;
  }

  has(entry: ClipEntry<Clip>): boolean {
    return this.#entries.get(entry.facts.name) === entry;
  }

  /** Takes a clip up, in the place of another one of its name; without a sound, it is on the disk. */
  enter(clip: Clip, facts: ClipFacts, sound: Uint8Array | null, usedAt: number): ClipEntry<Clip> {
    const former = this.#entries.get(facts.name);
    if (former !== undefined) this.forget(former);
    const now = this.#options.clock.now();
    const entry: ClipEntry<Clip> = {
      clip,
      facts,
      sound,
      isOnDisk: sound === null,
      // A clock that was wrong would otherwise keep it for years.
      usedAt: Math.min(usedAt, now),
      heldUntil: Number.NEGATIVE_INFINITY,
      readers: 0,
    };
    this.#entries.set(facts.name, entry);
    if (sound === null) this.#diskBytes += facts.bytes;
    else this.#memoryBytes += facts.bytes;
    return entry;
  }

  use(entry: ClipEntry<Clip>): void {
    entry.usedAt = this.#options.clock.now();
    this.hold(entry);
    if (!this.has(entry)) return;
    this.#entries.delete(entry.facts.name);
    this.#entries.set(entry.facts.name, entry);
  }

  hold(entry: ClipEntry<Clip>): void {
    entry.heldUntil = this.#options.clock.elapsed() + HELD_MS;
  }

  /** The disk has it now; or has it although it was forgotten meanwhile. */
  written(entry: ClipEntry<Clip>): void {
    this.#diskBytes += entry.facts.bytes;
    if (!this.has(entry)) {
      this.#doomed.add(entry.facts);
      return;
    }
    this.#memoryBytes -= entry.facts.bytes;
    entry.sound = null;
    entry.isOnDisk = true;
  }

  forget(entry: ClipEntry<Clip>): void {
    if (!this.has(entry)) return;
    this.#entries.delete(entry.facts.name);
    if (entry.isOnDisk) this.#doomed.add(entry.facts);
    else this.#memoryBytes -= entry.facts.bytes;
    // Whoever waits for a slow disk to write it holds the entry.
    entry.sound = null;
  }

  /** The files that are to be removed. */
  doomed(): readonly ClipFacts[] {
    return [...this.#doomed];
  }

  removed(facts: ClipFacts): void {
    if (this.#doomed.delete(facts)) this.#diskBytes -= facts.bytes;
  }

  /** Forgets what nobody used for too long. */
  sweep(): void {
    for (const entry of [...this.#entries.values()]) {
      if (this.#isExpired(entry)) this.forget(entry);
    }
  }

  /** Forgets clips on the disk until so many bytes more have room there, once the doomed files are removed. */
  makeDiskRoom(bytes: number): void {
    let kept = bytes + this.#diskBytes;
    for (const facts of this.#doomed) kept -= facts.bytes;
    if (kept <= this.#options.maxBytes) return;
    for (const entry of this.#inOrder((each) => each.isOnDisk)) {
      if (kept <= this.#options.maxBytes) return;
      this.forget(entry);
      kept -= entry.facts.bytes;
    }
  }

  /** Forgets clips in memory, though never the last, until no more than so many bytes are left. */
  makeMemoryRoom(most: number): void {
    const inMemory = [...this.#entries.values()].filter((entry) => !entry.isOnDisk);
    const newest = inMemory.at(-1);
    for (const entry of this.#inOrder((each) => !each.isOnDisk && each !== newest)) {
      if (this.#memoryBytes <= most) return;
      this.forget(entry);
    }
  }

  /** The order in which they go: what is held goes after what is not. */
  #inOrder(which: (entry: ClipEntry<Clip>) => boolean): readonly ClipEntry<Clip>[] {
    const those = [...this.#entries.values()].filter(which);
    return [
      ...those.filter((entry) => !this.#isHeld(entry)),
      ...those.filter((entry) => this.#isHeld(entry)),
    ];
  }

  #isHeld({ readers, heldUntil }: ClipEntry<Clip>): boolean {
    return readers > 0 || heldUntil > this.#options.clock.elapsed();
  }

  #isExpired(entry: ClipEntry<Clip>): boolean {
    return this.#options.clock.now() - entry.usedAt > this.#options.maxAgeMs && !this.#isHeld(entry);
  }
}
