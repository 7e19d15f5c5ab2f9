import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const project = join(import.meta.dirname, '../..');
const program = join(project, 'dist/main.js');
const lock = join(project, 'node_modules/.build-for-tests');
const BUILT_WITHIN_MS = 120_000;

const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function isFresh(): boolean {
  const sources = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...sources.map((name) => timeOf(join(project, 'src', name))));
  return timeOf(program) >= newest;
}

function runInProject(...program: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    // The test runner says that this is a test, and the page would be built as one for its developers.
    const env = { ...process.env, NODE_ENV: 'production' };
    const options = { cwd: project, timeout: BUILT_WITHIN_MS, env };
    execFile(process.execPath, [...program], options, (_error, said) => resolve(said));
  });
}

/** What `npm run build` does, without an empty folder in between. */
async function compile(): Promise<string> {
  const vite = await runInProject(join(project, 'node_modules/vite/bin/vite.js'), 'build');
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  return vite + (await runInProject(tsc, '-p', 'tsconfig.build.json'));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** True when the lock is ours. One that a killed test left behind is taken away. */
function takeLock(): boolean {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch {
    if (timeOf(join(lock, 'pid')) > 0 && !isAlive(Number(readFileSync(join(lock, 'pid'), 'utf8'))))
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

let built: Promise<string> | null = null;

/**
 * The path of the built program. `npm test` builds it beforehand; when it is missing or older than the sources it is
 * built here, once for all test files that ask at the same time. Type errors are found elsewhere and do not hinder it.
 */
export function builtProgram(): Promise<string> {
  // Once for a test file, so that its runs are all of the same build.
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const end = performance.now() + BUILT_WITHIN_MS;
  while (!takeLock()) {
    if (performance.now() > end) throw new Error(`${program} was not built in time.`);
    await wait(100);
  }
  try {
    const said = isFresh() ? '' : await compile();
    if (timeOf(program) === 0) throw new Error(`The program was not built: ${said}`);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
  return program;
}
