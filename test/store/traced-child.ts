import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from 'vitest';
import { findProgram } from '../support/programs.ts';
import type { Said } from './token-child.ts';
import { transpile } from './transpiled.ts';

/** Where strace is; null when it is not installed. */
export const strace = findProgram('strace');

/** More ids than any run of the child makes up. */
const MOST_IDS = 200;

const running = new Set<ChildProcess>();
afterAll(() => {
  // A group of its own each, or strace would leave what it traces behind.
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
});

/** What a child said, and how it ended. */
export interface Life {
  readonly said: readonly Said[];
  readonly wasKilled: boolean;
  readonly complaints: string;
}

/** What a child logged at a level. */
export const logged = ({ said }: Life, level: string): string[] =>
  said.flatMap((each) => (each.is === 'log' && each.level === level ? [each.message] : []));

/** Makes the child plain JavaScript, and answers its path. */
export const transpileChild = (): string =>
  join(transpile('test/store/token-child.ts'), 'test/store/token-child.js');

/** What strace follows: the folder, the document, and every name that a save may give it for a moment. */
function pathsOf(folder: string): string[] {
  const document = join(folder, 'accounts.json');
  const temporaries = Array.from({ length: MOST_IDS }, (_, id) => `${document}.id-${id + 1}.tmp`);
  return [folder, document, `${document}.good`, ...temporaries].flatMap((path) => ['-P', path]);
}

/** How a child is run. */
export interface RunOptions {
  readonly child: string;
  readonly folder: string;
  readonly url: string;
  readonly household: string;
  readonly task: 'life' | 'rounds' | 'call';
  readonly rounds?: number;
  /** What strace is to do, e.g. `inject=fsync:signal=KILL:when=3`; its calls are counted on the document's paths alone. */
  readonly expressions: readonly string[];
  /** Where strace writes the calls. */
  readonly calls?: string;
  /** Follow every path, not only the document's. */
  readonly everywhere?: boolean;
  /** Looks at the folder after a round, while the child waits. */
  readonly afterRound?: (said: readonly Said[]) => void;
}

/** Runs a child to its end, or to its death. */
export async function run(options: RunOptions): Promise<Life> {
  const { child, folder, url, household, task, rounds = 0, expressions, calls = '/dev/null' } = options;
  const traced = [
    ...['-f', '-qq', '-y', '-s', '400', '-o', calls],
    ...(options.everywhere === true ? [] : pathsOf(folder)),
    ...expressions.flatMap((expression) => ['-e', expression]),
  ];
  const program = [process.execPath, child, folder, url, household, task, String(rounds)];
  const tracer = spawn(strace ?? 'strace', [...traced, ...program], {
    detached: true,
    // strace counts the calls of each thread, so all file work is done by one.
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  });
  const said: Said[] = [];
  let complaints = '';
  tracer.stderr.on('data', (data) => {
    complaints += data;
  });
  running.add(tracer);
  const ended = once(tracer, 'close');
  let failure: unknown = null;
  for await (const line of createInterface({ input: tracer.stdout })) {
    const word: Said = JSON.parse(line);
    said.push(word);
    if (word.is !== 'round') continue;
    try {
      options.afterRound?.(said);
    } catch (error) {
      failure ??= error;
    }
    tracer.stdin.write('\n');
  }
  const [status, signal] = await ended;
  running.delete(tracer);
  if (failure !== null) throw failure;
  return { said, wasKilled: signal === 'SIGKILL' || status === 137, complaints };
}
