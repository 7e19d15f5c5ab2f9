import { type CommandError, commandError } from '../command-error.ts';
import { Loads } from './loads.ts';
import type { Preset } from './preset.ts';
import type { PresetsRecord, SnapshotRecord } from './preset-record.ts';

/** So many presets can be saved, and so many snapshots are kept. */
export const MOST_SAVED = 100;
const MOST_SNAPSHOTS = 50;

const notKept = commandError(
  'internal',
  'The disk refused it, so it is not kept.',
  'See the log of the bridge; is the disk full?',
);

/** What is kept of presets over a restart. */
export class PresetShelf {
  readonly #save: (record: PresetsRecord) => Promise<void>;
  readonly #saved: Map<string, Preset>;
  readonly #snapshots: Map<string, SnapshotRecord>;
  readonly loads: Loads;

  /** `save` makes it durable, and rejects when the disk refuses. */
  constructor(record: PresetsRecord, save: (record: PresetsRecord) => Promise<void>) {
    this.#save = save;
    this.#saved = new Map(record.saved.map(({ name, preset }) => [name, preset]));
    this.#snapshots = new Map(record.snapshots.map((snapshot) => [snapshot.name, snapshot]));
    // The store says itself that the disk refuses, and tries again.
    this.loads = new Loads(record.loads, () => void this.#kept().catch(() => {}));
  }

  get saved(): ReadonlyMap<string, Preset> {
    return this.#saved;
  }

  get snapshots(): ReadonlyMap<string, SnapshotRecord> {
    return this.#snapshots;
  }

  /** Keeps a preset, or (null) forgets it; what went wrong, or null once it is durable. */
  put(name: string, preset: Preset | null): Promise<CommandError | null> {
    return this.#changed(this.#saved, name, preset);
  }

  /** Keeps a snapshot; the oldest one goes when there are too many. */
  putSnapshot(snapshot: SnapshotRecord): Promise<CommandError | null> {
    const [oldest] = this.#snapshots.keys();
    const isFull = this.#snapshots.size >= MOST_SNAPSHOTS && !this.#snapshots.has(snapshot.name);
    if (isFull && oldest !== undefined) this.#snapshots.delete(oldest);
    return this.#changed(this.#snapshots, snapshot.name, snapshot);
  }

  async #changed<T>(all: Map<string, T>, name: string, value: T | null): Promise<CommandError | null> {
    const before = all.get(name);
    all.delete(name);
    if (value !== null) all.set(name, value);
    try {
      await this.#kept();
      return null;
    } catch {
      // What was answered as not kept must not come to be kept later.
      all.delete(name);
      if (before !== undefined) all.set(name, before);
      void this.#kept().catch(() => {});
      return notKept;
    }
  }

  #kept(): Promise<void> {
    return this.#save({
      saved: [...this.#saved].map(([name, preset]) => ({ name, preset })),
      snapshots: [...this.#snapshots.values()],
      loads: this.loads.record,
    });
  }
}
