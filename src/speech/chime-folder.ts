import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suggestion } from '../bridge/nearest.ts';
import type { Log } from '../bridge/ports.ts';
import { quoted } from '../bridge/quoted.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { codeOf, markOf, readChime, tooLarge } from './chime-file.ts';
import { CHIMES } from './chimes.ts';
import type { Pcm } from './pcm.ts';

/** A chime that is there. */
export interface FoundChime {
  /** Changes when its sound does, so that what was made of it can be kept under it. */
  readonly key: string;
  /** Its sound; a built-in one is made for this rate, a file comes as it is. */
  pcm(rate: number): Promise<Result<Pcm, string>>;
}

/** The chimes there are. */
export interface Chimes {
  /** Their names, those of the user's own first. */
  names(): Promise<readonly string[]>;
  /** The one of this name, in any case of letters. */
  find(name: string): Promise<Result<FoundChime, string>>;
}

/** Where chimes are. */
export interface ChimeOptions {
  /** The folder of the user's own; null when there is none. */
  readonly folder: string | null;
  readonly log: Pick<Log, 'warn'>;
}

interface Own {
  readonly name: string;
  readonly file: string;
}

/** Apple's file systems take accented letters apart. */
const folded = (name: string): string => name.normalize('NFC').toLowerCase();

/** The chimes among the names of a folder; of two that are called the same, the WAV file is it. */
function chimesAmong(files: readonly string[]): Own[] {
  const found = new Map<string, Own>();
  // Backwards, so that `bell.wav` comes before `bell.mp3`.
  for (const file of files.toSorted().reverse()) {
    const [, name, kind] = /^([^.\p{C}][^\p{C}]*)\.(wav|mp3)$/iu.exec(file) ?? [];
    if (name === undefined || kind === undefined) continue;
    const taken = found.get(folded(name));
    if (taken === undefined || (kind.toLowerCase() === 'wav' && !/\.wav$/i.test(taken.file))) {
      found.set(folded(name), { name: name.normalize('NFC'), file });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Opens the chimes. The folder is read at each use, so that a new file needs no restart. */
export function openChimes({ folder, log }: ChimeOptions): Chimes {
  let warned = false;

  /** The user's own; an error when the folder cannot be read. */
  async function own(): Promise<Result<readonly Own[], string>> {
    if (folder === null) return ok([]);
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      warned = false;
      return ok(chimesAmong(entries.filter((entry) => entry.isFile()).map(({ name }) => name)));
    } catch (cause) {
      const problem = `The folder of chimes ${folder} cannot be read (${codeOf(cause)}); look at announcements.chimes_dir.`;
      if (!warned) log.warn(`${problem} Only the built-in chimes are there.`);
      warned = true;
      return err(problem);
    }
  }

  async function openOwn(inFolder: string, { name, file }: Own): Promise<Result<FoundChime, string>> {
    const path = join(inFolder, file);
    const about = (problem: string): Result<never, string> => err(`The chime ${quoted(name)}: ${problem}`);
    try {
      const stats = await lstat(path);
      const refused = tooLarge(stats);
      if (refused !== null) return about(refused);
      const mark = markOf(stats);
      const pcm = async (): Promise<Result<Pcm, string>> => {
        const sound = await readChime(path, mark);
        return sound.ok ? sound : about(sound.error);
      };
      return ok({ key: `file ${file} ${mark}`, pcm });
    } catch (cause) {
      return about(`It cannot be read (${codeOf(cause)}).`);
    }
  }

  return {
    async names() {
      const found = await own();
      const names = found.ok ? found.value.map(({ name }) => name) : [];
      const taken = new Set(names.map(folded));
      return [...names, ...[...CHIMES.keys()].filter((name) => !taken.has(name))];
    },
    async find(name) {
      const found = await own();
      const wanted = folded(name);
      const mine = found.ok ? found.value.find((chime) => folded(chime.name) === wanted) : undefined;
      if (mine !== undefined && folder !== null) return openOwn(folder, mine);
      const built = CHIMES.get(wanted);
      if (built !== undefined) {
        return ok({ key: `built-in ${wanted} ${BUILT_IN_VERSION}`, pcm: async (rate) => ok(built(rate)) });
      }
      const known = [...(found.ok ? found.value.map((chime) => chime.name) : []), ...CHIMES.keys()];
      const advice = suggestion(name, [...new Set(known)]);
      return err(`No chime is called ${quoted(name)}. ${advice}${found.ok ? '' : ` ${found.error}`}`);
    },
  };
}

/** To be raised when a built-in chime sounds otherwise than before. */
const BUILT_IN_VERSION = 1;
