import type { Clock } from '../../bridge/ports.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import type { SonosCall, SonosError } from '../../bridge/sonos.ts';
import type { LineOf } from '../record/lines.ts';

/** A call of the record is taken for one that is made so much sooner or later; then its answer comes when it came. */
const SAME_MOMENT_MS = 5_000;
/** A call so near to the end may have been answered after it. */
const NEAR_END_MS = 2_000;

const unreachable: SonosError = {
  ...{ kind: 'network', status: null, errorCode: null, retry: 'later', effect: 'none', retryAfterMs: null },
  reason: 'The record has no answer to this call.',
};

const nameOf = ({ method, path }: Pick<SonosCall, 'method' | 'path'>): string => `${method} ${path}`;

/** When something that took so long from `t` on comes, counted from now. */
export function delayOf({ t, ms }: { readonly t: number; readonly ms: number }, now: number): number {
  return Math.abs(t - now) <= SAME_MOMENT_MS ? Math.max(0, t + ms - now) : ms;
}

/** Answers calls as the record does: by method and path, in order. */
export class RecordedAnswers {
  readonly #clock: Clock;
  readonly #endsAt: number;
  readonly #byName = new Map<string, LineOf<'call'>[]>();
  /** Calls that the record does not know, each `POST /path`, by how often. */
  readonly missing = new Map<string, number>();

  constructor(lines: readonly LineOf<'call'>[], clock: Clock, endsAt: number) {
    this.#clock = clock;
    this.#endsAt = endsAt;
    for (const line of [...lines].sort((a, b) => a.t - b.t)) {
      const name = nameOf(line);
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), line]);
    }
  }

  /** Calls of the record that nobody made. */
  get unused(): number {
    return [...this.#byName.values()].reduce((sum, lines) => sum + lines.length, 0);
  }

  readonly send = (call: SonosCall): Promise<Result<unknown, SonosError>> => {
    const name = nameOf(call);
    const line = this.#byName.get(name)?.shift();
    const now = this.#clock.elapsed();
    if (line === undefined && now > this.#endsAt - NEAR_END_MS) return new Promise(() => {});
    if (line === undefined) {
      this.missing.set(name, (this.missing.get(name) ?? 0) + 1);
      return Promise.resolve(err(unreachable));
    }
    const result = line.error === undefined ? ok(line.answer ?? null) : err(line.error);
    return new Promise((resolve) => {
      this.#clock.after(delayOf(line, now), () => resolve(result));
    });
  };
}
