import type { Chance } from '../../src/sim/random.ts';
import type { Disk, Seen } from '../../src/store/disk.ts';
import type { Process, VirtualTime } from './time.ts';

/** What the disk refuses at the moment, as the system's error codes. */
export type DiskTrouble = 'ENOSPC' | 'EROFS' | 'EIO' | 'slow' | null;

interface File {
  readonly bytes: Uint8Array;
}

const refused = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });

/**
 * A folder on a disk that loses what was not synced: names moved since the last sync of the folder may be gone after a
 * power cut, from some moment on. A file's bytes are on the platter once `create` has settled.
 */
export class SimulatedDisk {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  #names = new Map<string, File>();
  /** The folder as it would be after a power cut now, and at every moment since the last sync. */
  #moments: Map<string, File>[] = [new Map()];
  trouble: DiskTrouble = null;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** Power fails: some suffix of what was not synced never happened. */
  cut(): void {
    this.#names = new Map(this.#chance.pick(this.#moments));
    this.#moments = [new Map(this.#names)];
  }

  /** The files' names, for whoever looks for leftovers. */
  get names(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** A document's text, as the bridge would find it after a kill; null when there is none. */
  textOf(name: string): string | null {
    const path = this.names.find((each) => each.endsWith(`/${name}`));
    const file = path === undefined ? undefined : this.#names.get(path);
    return file === undefined ? null : new TextDecoder().decode(file.bytes);
  }

  /** A full disk still lets names be moved and removed. */
  #refuses(path: string): boolean {
    if (this.trouble === 'ENOSPC') return path.endsWith('.tmp') && this.#names.has(path);
    return this.trouble === 'EROFS' || this.trouble === 'EIO';
  }

  /** The disk as one process sees it; after its death nothing that it asked for happens any more. */
  doorFor(process: Process): Disk {
    const act = async <T>(path: string, writes: boolean, work: () => T): Promise<T> => {
      await this.#time.pause(this.trouble === 'slow' ? 5_000 : 1);
      // A dead process is told nothing, and what it asked for does not happen.
      await new Promise<void>((resolve) => process.hear(resolve));
      if (writes && this.#refuses(path)) throw refused(this.trouble ?? '', path);
      const result = work();
      if (writes) this.#moments.push(new Map(this.#names));
      return result;
    };
    const must = (path: string): File => {
      const file = this.#names.get(path);
      if (file === undefined) throw refused('ENOENT', path);
      return file;
    };
    return {
      makeFolder: (path) => Promise.resolve(path),
      look: (path) =>
        act(path, false, () => {
          const isFolder = !path.includes('.') && !path.endsWith('lock');
          if (!isFolder) must(path);
          return { mode: isFolder ? 0o700 : 0o600, isFolder };
        }),
      tighten: () => Promise.resolve(false),
      list: (folder) => act(folder, false, () => this.names.map((path) => path.slice(folder.length + 1))),
      read: (path) =>
        act<Seen>(path, false, () => {
          const file = this.#names.get(path);
          return file === undefined ? { kind: 'absent' } : { kind: 'bytes', bytes: file.bytes };
        }),
      create: async (path, bytes) => {
        if (this.#names.has(path)) throw refused('EEXIST', path);
        // The name is there before the bytes are.
        this.#names.set(path, { bytes: bytes.slice(0, bytes.length / 2) });
        this.#moments.push(new Map(this.#names));
        await act(path, true, () => this.#names.set(path, { bytes }));
      },
      link: (from, to) =>
        act(to, true, () => {
          if (this.#names.has(to)) throw refused('EEXIST', to);
          this.#names.set(to, must(from));
        }),
      rename: (from, to) =>
        act(to, true, () => {
          const file = must(from);
          // Two names of one file: POSIX leaves both.
          if (this.#names.get(to) === file) return;
          this.#names.delete(from);
          this.#names.set(to, file);
        }),
      remove: (path) => act(path, this.trouble !== 'ENOSPC', () => void this.#names.delete(path)),
      sync: (folder) =>
        act(folder, true, () => {
          this.#moments = [];
        }),
    };
  }
}
