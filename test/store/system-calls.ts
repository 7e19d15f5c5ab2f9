import { readFileSync } from 'node:fs';

/** One system call of a traced run. */
export interface SystemCall {
  readonly name: string;
  /** Which one of its name it is, counted from 1, as strace counts for `when=`. */
  readonly when: number;
  /** The call with the names of its files, e.g. `rename *.tmp accounts.json`. */
  readonly place: string;
  /** Which save it belongs to, counted from 1; 0 before the first. */
  readonly save: number;
  readonly wasInjected: boolean;
}

const LINE = /^\d+ +([a-z_0-9]+)\((.*)$/u;

/** The names of the files in the arguments of a call; the folder is `.`, and all temporary files have one name. */
function filesIn(rest: string, folder: string): string[] {
  const seen = [...rest.matchAll(/["<]([^">]*)[">]/gu)].map((match) => match[1] ?? '');
  const ours = seen.filter((path) => path === folder || path.startsWith(`${folder}/`));
  const names = ours.map((path) => (path === folder ? '.' : path.slice(folder.length + 1)));
  return [...new Set(names.map((name) => name.replace(/^.*\.tmp$/u, '*.tmp')))];
}

/** Reads what strace wrote of a run that did all its file work on one thread. */
export function readCalls(log: string, folder: string): SystemCall[] {
  const counts = new Map<string, number>();
  let save = 0;
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name = '', rest = ''] = LINE.exec(line) ?? [];
      if (name === '') return [];
      const when = (counts.get(name) ?? 0) + 1;
      counts.set(name, when);
      if (rest.includes('.tmp"') && rest.includes('O_CREAT')) save += 1;
      const place = [name, ...filesIn(rest, folder)].join(' ');
      return [{ name, when, place, save, wasInjected: rest.includes('(INJECTED)') }];
    });
}

/**
 * Does the work for each item, a few at once: children wait for the disk more than they compute. After a failure no more
 * is begun, and what is under way is waited for.
 */
export async function inTurns<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>) {
  const left = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await work(item).catch((cause) => {
        failures.push(cause);
        left.length = 0;
      });
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  if (failures.length > 0) throw failures[0];
}
