import { createHmac } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Clock, Log } from '../bridge/ports.ts';
import { within } from '../bridge/within.ts';
import { type ClipFacts, type ClipFolder, createClipFolder, keptFacts } from './clip-folder.ts';
import { type ClipEntry, ClipIndex } from './clip-index.ts';
import { type Sound, type StoredClip, streamOf } from './stored-clip.ts';

/** Clips by what they were made of, bounded, kept over restarts. */
export interface ClipStore {
  /** Unguessable although the key is known: an HMAC-SHA256 of it under the store's own secret, base64url. */
  nameOf(key: string): string;
  /** Marks the clip as used; null when there is none. */
  find(key: string): Promise<StoredClip | null>;
  /** For the server: keeps the clip from being thrown away for a while, but does not count as a use. */
  findByName(name: string): StoredClip | null;
  /** The clip can be served at once; the disk follows. */
  put(key: string, sound: Sound): Promise<StoredClip>;
  /** What is kept at present. */
  size(): { readonly clips: number; readonly diskBytes: number; readonly memoryBytes: number };
  /** Waits for the disk, for a second at most. */
  close(): Promise<void>;
}

/** What a store needs. */
export interface ClipStoreOptions {
  readonly folder: string;
  /** Without it, nobody can tell a clip's name. */
  readonly secret: string;
  /** The most that all clips take on the disk. */
  readonly maxBytes: number;
  /** A clip that nobody used for so long is thrown away. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** The most that clips take in memory that are not on the disk; the newest one may be larger. */
  readonly memoryBytes?: number;
  readonly disk?: ClipFolder;
}

const MEMORY_BYTES = 20 * 1024 * 1024;
/** A disk that takes longer is not waited for. */
const PATIENCE_MS = 1_000;
const SWEEP_EVERY_MS = 3_600_000;

const codeOf = (cause: unknown): string =>
  cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.name) : 'unknown error';

class Clips implements ClipStore {
  readonly #options: ClipStoreOptions;
  readonly #disk: ClipFolder;
  readonly #index: ClipIndex<StoredClip>;
  /** One after another, and never failing. */
  #lane: Promise<void> = Promise.resolve();
  #isRefused = false;
  #isClosed = false;
  #sweptAt: number;

  constructor(options: ClipStoreOptions) {
    this.#options = options;
    this.#disk = options.disk ?? createClipFolder(options.folder);
    this.#index = new ClipIndex(options);
    this.#sweptAt = options.clock.elapsed();
  }

  async open(): Promise<void> {
    try {
      for (const { facts, usedAt } of await this.#disk.open()) this.#enter(facts, null, usedAt);
      this.#index.sweep();
      this.#index.makeDiskRoom(0);
      await this.#removeDoomed();
    } catch (cause) {
      this.#refused(cause);
    }
  }

  nameOf(key: string): string {
    return createHmac('sha256', this.#options.secret).update(key).digest('base64url');
  }

  async find(key: string): Promise<StoredClip | null> {
    this.#sweep();
    const name = this.nameOf(key);
    const entry = this.#index.get(name);
    if (entry === null) return null;
    this.#index.use(entry);
    const isThere = !entry.isOnDisk || (await this.#isThere(entry));
    // Meanwhile it may have been made anew.
    const found = this.#index.get(name);
    return found === entry && !isThere ? null : (found?.clip ?? null);
  }

  findByName(name: string): StoredClip | null {
    const entry = this.#index.get(name);
    if (entry === null) return null;
    this.#index.hold(entry);
    return entry.clip;
  }

  async put(key: string, { bytes, ...facts }: Sound): Promise<StoredClip> {
    this.#sweep();
    const name = this.nameOf(key);
    const kept = keptFacts({ ...facts, name, bytes: bytes.length });
    const entry = this.#enter(kept, bytes, this.#options.clock.now());
    this.#index.use(entry);
    this.#follow(() => this.#write(entry));
    const most = this.#options.memoryBytes ?? MEMORY_BYTES;
    if (this.#index.memoryBytes > most) {
      await within(this.#options.clock, PATIENCE_MS, this.#lane);
      this.#index.makeMemoryRoom(most);
    }
    return entry.clip;
  }

  size(): { readonly clips: number; readonly diskBytes: number; readonly memoryBytes: number } {
    const { clips, diskBytes, memoryBytes } = this.#index;
    return { clips, diskBytes, memoryBytes };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await within(this.#options.clock, PATIENCE_MS, this.#lane);
  }

  #enter(facts: ClipFacts, sound: Uint8Array | null, usedAt: number): ClipEntry<StoredClip> {
    const clip: StoredClip = { ...facts, read: (first, last) => this.#read(entry, first, last) };
    const entry = this.#index.enter(clip, facts, sound, usedAt);
    return entry;
  }

  async #read(entry: ClipEntry<StoredClip>, first: number, last: number): Promise<Readable | null> {
    const { sound, facts } = entry;
    entry.readers += 1;
    const left = () => {
      entry.readers -= 1;
    };
    try {
      // Of nothing there is nothing to read.
      const bytes = first > last ? new Uint8Array() : sound;
      const stream =
        bytes === null ? await this.#disk.read(facts, first, last) : streamOf(bytes, first, last);
      if (stream !== null) return stream.once('close', left);
      this.#index.forget(entry);
    } catch (cause) {
      this.#refused(cause);
    }
    left();
    return null;
  }

  /** Whether the disk still has it; one that does not answer counts as one that has not. */
  async #isThere(entry: ClipEntry<StoredClip>): Promise<boolean> {
    const looked = this.#disk.touch(entry.facts, entry.usedAt).then(
      (there) => {
        if (!there) this.#index.forget(entry);
        return there;
      },
      (cause: unknown) => {
        this.#refused(cause);
        return false;
      },
    );
    return (await within(this.#options.clock, PATIENCE_MS, looked)) && (await looked);
  }

  #sweep(): void {
    const now = this.#options.clock.elapsed();
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    this.#index.sweep();
    this.#follow(() => this.#removeDoomed());
  }

  #follow(work: () => Promise<void>): void {
    if (this.#isClosed) return;
    this.#lane = this.#lane.then(work).catch((cause: unknown) => this.#refused(cause));
  }

  async #removeDoomed(): Promise<void> {
    for (const facts of this.#index.doomed()) {
      await this.#disk.remove(facts);
      this.#index.removed(facts);
    }
  }

  async #write(entry: ClipEntry<StoredClip>): Promise<void> {
    const { facts, sound, usedAt } = entry;
    const fits = facts.bytes <= this.#options.maxBytes;
    if (fits) this.#index.makeDiskRoom(facts.bytes);
    await this.#removeDoomed();
    if (!fits || sound === null || !this.#index.has(entry)) return;
    await this.#disk.write(facts, sound, usedAt);
    this.#index.written(entry);
    if (entry.usedAt !== usedAt) await this.#disk.touch(facts, entry.usedAt);
    await this.#removeDoomed();
    if (this.#isRefused) this.#options.log.info('Clips are kept on disk again.');
    this.#isRefused = false;
  }

  #refused(cause: unknown): void {
    const { log, folder } = this.#options;
    const message = `The disk refuses clips in ${folder} (${codeOf(cause)}). Announcements go on; their sound is kept in memory, and made anew after a restart. Look whether the disk is full or read-only, and whether the folder is the bridge's own.`;
    log[this.#isRefused ? 'debug' : 'warn'](message, { code: codeOf(cause) });
    this.#isRefused = true;
  }
}

/** Opens the store of clips; a disk that refuses is told of once, and then the clips are kept in memory. */
export async function openClipStore(options: ClipStoreOptions): Promise<ClipStore> {
  const clips = new Clips(options);
  await clips.open();
  return clips;
}
