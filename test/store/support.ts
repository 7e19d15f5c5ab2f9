import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { z } from 'zod';
import type { Clock, Fields, Log } from '../../src/bridge/ports.ts';
import type { Store, StoreOptions } from '../../src/store/store.ts';
import { openStore } from '../../src/store/store.ts';
import { systemRandom } from '../../src/system.ts';
import { transpile } from './transpiled.ts';

export const tokens = z.object({ n: z.int(), pad: z.string() });
export type Tokens = z.output<typeof tokens>;
export const none: Tokens = { n: 0, pad: '' };
export const numbered = (n: number, pad = ''): Tokens => ({ n, pad });

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  folders.push(folder);
  return folder;
}

/** A clock that stands until told. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  readonly timers: number;
}

export function createTestClock(start = Date.UTC(2026, 10, 21, 12)): TestClock {
  let passed = 0;
  const timers = new Set<{ readonly at: number; readonly work: () => void }>();
  return {
    now: () => start + passed,
    elapsed: () => passed,
    after: (milliseconds, work) => {
      const timer = { at: passed + milliseconds, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      passed += milliseconds;
      for (const timer of [...timers]) {
        if (timer.at <= passed && timers.delete(timer)) timer.work();
      }
    },
    get timers() {
      return timers.size;
    },
  };
}

/** A log that remembers. */
export interface TestLog extends Log {
  readonly lines: {
    readonly level: keyof Log;
    readonly message: string;
    readonly fields: Fields | undefined;
  }[];
  at(level: keyof Log): string[];
}

export function createTestLog(): TestLog {
  const lines: TestLog['lines'] = [];
  const level = (name: keyof Log) => (message: string, fields?: Fields) => {
    lines.push({ level: name, message, fields });
  };
  return {
    lines,
    at: (name) => lines.filter((line) => line.level === name).map((line) => line.message),
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  };
}

export interface Opened {
  readonly store: Store;
  readonly clock: TestClock;
  readonly log: TestLog;
}

/** Opens a store that must open. */
export async function open(folder: string, more: Partial<StoreOptions> = {}): Promise<Opened> {
  const clock = createTestClock();
  const log = createTestLog();
  const store = await openStore({ folder, clock, log, random: systemRandom, ...more });
  if (!store.ok) throw new Error(store.error.message);
  return { store: store.value, clock, log };
}

/** Opens, reads the one document, closes. */
export async function readOnce(folder: string): Promise<{ readonly value: Tokens; readonly log: TestLog }> {
  const { store, log } = await open(folder);
  const { value } = await store.document('tokens', tokens, none);
  await store.close();
  return { value, log };
}

/** Makes plain JavaScript of the store, for processes of their own; answers where `store/store.js` lies. */
export const transpileStore = (): string => join(transpile('src/store/store.ts', 'src/system.ts'), 'src');
