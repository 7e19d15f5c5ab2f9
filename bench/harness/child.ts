import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../test/support/programs.ts';
import { cpuMicroseconds, residentMegabytes } from './proc.ts';

/** The folder of the project, as seen from where the bench is compiled to (`bench/dist/bench/harness`). */
export const PROJECT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The path of another compiled file of the bench, such as `events/load`. */
export const script = (name: string): string => fileURLToPath(new URL(`../${name}.js`, import.meta.url));

/** The cores that this process may use, such as `0-1,4` (proc(5), `Cpus_allowed_list`). */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

const [testedCore = 0, ...otherCores] = allowedCores();
const taskset = otherCores.length > 0 ? findProgram('taskset', 'util-linux') : null;

/** How many cores the bench has. */
export const coreCount = otherCores.length + 1;

/** Whether the system under test has a core to itself. */
export const isPinned = taskset !== null;

/** Leaves the first core to the system under test: this process, and whatever it starts, stays on the others. */
export function leaveFirstCore(): void {
  if (taskset === null) return;
  const { pid } = process;
  execFileSync(taskset, ['-a', '-c', '-p', otherCores.join(','), String(pid)], { stdio: 'ignore' });
}

/** A process that the bench started. */
export interface Child {
  readonly pid: number;
  /** What it wrote to standard output so far. */
  said(): string;
  /** Sends it a message, and gives the next one that it sends; fails when it ends instead. */
  ask(message: object): Promise<unknown>;
  cpuMicroseconds(): number;
  resident(): { readonly now: number; readonly peak: number };
  isAlive(): boolean;
  /** SIGTERM, and SIGKILL ten seconds later; settles when it is gone. */
  stop(): Promise<void>;
}

interface Start {
  readonly command?: string;
  readonly args: readonly string[];
  /** Beside PATH and HOME, which is all that is handed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gives it the first core. */
  readonly isUnderTest?: boolean;
  /** One of the bench's own, that answers messages. */
  readonly talks?: boolean;
}

const alive = new Set<ChildProcess>();
// Whatever ends the bench early must not leave programs behind.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const KILL_AFTER_MS = 10_000;

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await once(child, 'exit');
  clearTimeout(kill);
}

function answerOf(child: ChildProcess, name: string, complaints: () => string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const answered = (message: unknown): void => {
      child.off('exit', gone);
      resolve(message);
    };
    const gone = (code: number | null): void => {
      child.off('message', answered);
      reject(new Error(`${name} ended with ${code}: ${complaints()}`));
    };
    child.once('message', answered);
    child.once('exit', gone);
  });
}

/** Starts a program; unless told otherwise it is Node. */
export function startChild({
  command = process.execPath,
  args,
  env = {},
  isUnderTest = false,
  talks = false,
}: Start): Child {
  const { PATH = '', HOME = '' } = process.env;
  const line = [command, ...args];
  const [program = command, ...rest] =
    isUnderTest && taskset !== null ? [taskset, '-c', String(testedCore), ...line] : line;
  const child = spawn(program, rest, {
    // Without NODE_EXTRA_CA_CERTS and the like, which cost every start some time.
    env: { PATH, HOME, ...env },
    stdio: talks ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    serialization: 'advanced',
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  let said = '';
  let complaints = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk}`.slice(-2000);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started`);
  return {
    pid,
    said: () => said,
    ask: async (message) => {
      const answer = answerOf(child, args.join(' '), () => complaints);
      child.send(message);
      return answer;
    },
    cpuMicroseconds: () => cpuMicroseconds(pid),
    resident: () => residentMegabytes(pid),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    stop: async () => {
      child.kill('SIGTERM');
      await ended(child);
    },
  };
}

/** What these have used of the processors so far, together: microseconds. */
export const cpuOf = (children: readonly Child[]): number =>
  children.reduce((sum, child) => sum + child.cpuMicroseconds(), 0);
