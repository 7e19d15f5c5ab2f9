import { setImmediate } from 'node:timers/promises';
import type { Clock, Fields, Log, Random } from '../../src/bridge/ports.ts';
import type { Document, Secrets } from '../../src/sonos/ledger.ts';

/** A clock that stands until it is moved; `jump` moves only the wall. */
export interface FakeClock extends Clock {
  advance(milliseconds: number): Promise<void>;
  jump(milliseconds: number): void;
  timers(): number;
}

/** Lets everything that is ready run, promises and I/O callbacks alike. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

export function fakeClock(start = Date.UTC(2026, 10, 22)): FakeClock {
  let elapsed = 0;
  let offset = start;
  let order = 0;
  let timers: { at: number; order: number; work: () => void }[] = [];
  const flush = settle;
  return {
    now: () => offset + elapsed,
    elapsed: () => elapsed,
    after(milliseconds, work) {
      order += 1;
      const timer = { at: elapsed + Math.max(0, milliseconds), order, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds;
      await flush();
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (next === undefined) break;
        timers = timers.filter((one) => one !== next);
        elapsed = Math.max(elapsed, next.at);
        next.work();
        await flush();
      }
      elapsed = end;
      await flush();
    },
    jump(milliseconds) {
      offset += milliseconds;
    },
    timers: () => timers.length,
  };
}

export function fakeRandom(fraction = 0): Random {
  let count = 0;
  return {
    id() {
      count += 1;
      return `id-${String(count).padStart(22, '0')}`;
    },
    fraction: () => fraction,
  };
}

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Fields | undefined;
}

/** A log that keeps its lines. */
export function fakeLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const keep = (level: Line['level']) => (message: string, fields?: Fields) => {
    lines.push({ level, message, fields });
  };
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}

export function fakeSecrets(): Secrets & {
  readonly known: Set<string>;
  readonly times: Map<string, number>;
} {
  const known = new Set<string>();
  const times = new Map<string, number>();
  const count = (value: string, by: number): number => {
    const now = (times.get(value) ?? 0) + by;
    times.set(value, now);
    return now;
  };
  return {
    ...{ known, times },
    add(value) {
      count(value, 1);
      known.add(value);
    },
    forget(value) {
      if (count(value, -1) <= 0) known.delete(value);
    },
  };
}

/** A document whose disk can refuse, wait, and be looked at. */
export function fakeDocument<T>(start: T): Document<T> & {
  readonly disk: { value: T; refuses: boolean; gate: Promise<void> };
} {
  const disk = { value: start, refuses: false, gate: Promise.resolve() };
  let value = start;
  return {
    disk,
    get value() {
      return value;
    },
    async save(next) {
      value = next;
      await disk.gate;
      if (disk.refuses) throw new Error('ENOSPC');
      disk.value = next;
    },
  };
}
