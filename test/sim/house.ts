import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../../src/bridge/ports.ts';
import {
  createSimulatedCloud,
  type Post,
  type SimulatedCloud,
  type SimulatedCloudOptions,
} from '../../src/sim/index.ts';

/** A clock that only moves when it is told to. */
export interface ManualClock extends Clock {
  /** Moves on, doing what falls due in order and letting promises settle in between. */
  advance(milliseconds: number): Promise<void>;
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
};

export function createManualClock(): ManualClock {
  let elapsed = 0;
  let timers: { at: number; work: () => void }[] = [];
  const due = (until: number) =>
    timers
      .filter(({ at }) => at <= until)
      .reduce<{ at: number; work: () => void } | null>(
        (first, timer) => (first === null || timer.at < first.at ? timer : first),
        null,
      );
  return {
    now: () => 1_790_000_000_000 + elapsed,
    elapsed: () => elapsed,
    after: (milliseconds, work) => {
      const timer = { at: elapsed + milliseconds, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: async (milliseconds) => {
      const until = elapsed + milliseconds;
      await settle();
      for (let timer = due(until); timer !== null; timer = due(until)) {
        const next = timer;
        timers = timers.filter((other) => other !== next);
        elapsed = Math.max(elapsed, next.at);
        next.work();
        await settle();
      }
      elapsed = until;
    },
  };
}

/** An event as the callback got it. */
export interface Arrived {
  readonly at: number;
  readonly type: string;
  readonly namespace: string;
  readonly target: string;
  readonly sequence: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface House {
  readonly clock: ManualClock;
  readonly cloud: SimulatedCloud;
  /** Everything posted, oldest first. */
  readonly arrived: Arrived[];
  /** What the callback answers with; `null` never answers. */
  answers: (attempt: number) => number | null;
  call(
    method: string,
    path: string,
    body?: unknown,
    more?: { token?: string; headers?: Record<string, string>; text?: string },
  ): Answered;
  /** Path of a room's present group, e.g. `/groups/RINCON…`. */
  group(room: string): string;
  player(room: string): string;
  household(): string;
  of(type: string): Arrived[];
}

const anyObject = z.record(z.string(), z.unknown());

const parsed = (text: string): Record<string, unknown> => {
  try {
    return anyObject.parse(JSON.parse(text));
  } catch {
    return {};
  }
};

const CALLBACK = 'https://bridge.example.com/events';

/** A simulated cloud on a manual clock, with a callback that remembers. */
export function createHouse(options: Partial<SimulatedCloudOptions> = {}): House {
  const clock = createManualClock();
  const arrived: Arrived[] = [];
  let attempt = 0;
  const post: Post = (_url, headers, text) => {
    arrived.push({
      at: clock.elapsed(),
      type: headers['X-Sonos-Type'] ?? '',
      namespace: headers['X-Sonos-Namespace'] ?? '',
      target: headers['X-Sonos-Target-Value'] ?? '',
      sequence: Number(headers['X-Sonos-Event-Seq-Id']),
      headers,
      text,
      body: parsed(text),
    });
    attempt += 1;
    const status = house.answers(attempt);
    return status === null ? new Promise(() => undefined) : Promise.resolve(status);
  };
  const cloud = createSimulatedCloud({ clock, post, callbackUrl: CALLBACK, ...options });
  const token = cloud.grantTokens().accessToken;
  const house: House = {
    clock,
    cloud,
    arrived,
    answers: () => 200,
    call: (method, path, body, more = {}) => {
      const text = more.text ?? (body === undefined ? '' : JSON.stringify(body));
      const {
        status,
        headers,
        body: answer,
      } = cloud.handle({
        method,
        path: `/control/api/v1${path}`,
        headers: {
          authorization: `Bearer ${more.token ?? token}`,
          'content-type': 'application/json',
          ...more.headers,
        },
        body: text,
      });
      return { status, type: headers['X-Sonos-Type'], headers, body: parsed(answer) };
    },
    group: (room) => `/groups/${cloud.world.room(room).groupId}`,
    player: (room) => `/players/${cloud.world.room(room).id}`,
    household: () => `/households/${cloud.world.household().id}`,
    of: (type) => arrived.filter((event) => event.type === type),
  };
  return house;
}

/** A recorded body. */
export const recorded = (name: string): Record<string, unknown> =>
  anyObject.parse(
    JSON.parse(readFileSync(new URL(`../fixtures/payloads/${name}.json`, import.meta.url), 'utf8')),
  );

/** Every path of keys in a body, arrays taken together, to compare shapes. */
export function shape(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => shape(item, `${path}[]`)))];
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}.${key}`,
    ...shape(inner, `${path}.${key}`),
  ]);
}
