import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { findProgram } from '../programs.ts';

/** A template and what it is given. */
export interface Job {
  readonly template: string;
  /** The payload that came, or what somebody chose. */
  readonly value: string | number;
  /** A `state` also gets `value_json` when the value is JSON; a `command` gets the further variables. */
  readonly as: 'state' | 'command';
  readonly variables?: Readonly<Record<string, unknown>>;
}

const rendered = z.object({
  text: z.string().nullable(),
  /** Why there is no text. */
  fault: z.string().nullable(),
  /** What the template used that was not there; Home Assistant writes a warning for each. */
  undefined: z.array(z.string()),
});
export type Rendered = z.output<typeof rendered>;

/** Debian's Python, which has Debian's packages, wherever another one comes first on the PATH. */
const DEBIAN_PYTHON = '/usr/bin/python3';

function hasJinja(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import jinja2'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function findPython(): string | null {
  const python = [DEBIAN_PYTHON, findProgram('python3')].find((each) => each !== null && hasJinja(each));
  if (python !== undefined) return python;
  const line =
    'Jinja2 is not installed for python3, so the tests that need it cannot run: apt-get install python3-jinja2';
  if (process.env.CI === 'true') throw new Error(line);
  console.warn(line);
  return null;
}

const python = findPython();

/** Whether templates can be rendered by the real Jinja. Where CI=true they must. */
export const jinjaIsInstalled = python !== null;

/** The real Jinja, in one process for all templates, which begins with the first of them. */
export class Jinja {
  readonly #waiting: { readonly jobs: number; readonly resolve: (outcomes: Rendered[]) => void }[] = [];
  #child: ChildProcess | null = null;
  #said = '';

  #start(): ChildProcess {
    if (python === null) throw new Error('Jinja2 is not installed');
    const child = spawn(python, [join(import.meta.dirname, 'jinja.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = `${this.#said}${chunk}`.slice(-2000);
    });
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#waiting.shift()?.resolve(z.array(rendered).parse(JSON.parse(line)));
      });
    child.once('close', () => {
      const fault = `Jinja ended: ${this.#said}`;
      for (const { jobs, resolve } of this.#waiting.splice(0))
        resolve(Array.from({ length: jobs }, () => ({ text: null, fault, undefined: [] })));
    });
    return child;
  }

  /** What each of them gives, in order. */
  renderAll(jobs: readonly Job[]): Promise<Rendered[]> {
    if (jobs.length === 0) return Promise.resolve([]);
    this.#child ??= this.#start();
    const { stdin } = this.#child;
    return new Promise((resolve) => {
      this.#waiting.push({ jobs: jobs.length, resolve });
      stdin?.write(`${JSON.stringify(jobs)}\n`);
    });
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin?.end();
    await ended;
  }
}
