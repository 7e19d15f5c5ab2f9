import type { Clock } from '../../src/bridge/ports.ts';
import { err, ok, type Result } from '../../src/bridge/result.ts';
import type { SendCall, SonosCall, SonosError } from '../../src/bridge/sonos.ts';

/** What a call is answered with: at once, later, or never; null leaves it to the rules before. */
export type Scripted = Result<unknown, SonosError> | Promise<Result<unknown, SonosError>> | 'hang' | null;

/** A call that was made, and when. */
export interface LoggedCall extends SonosCall {
  /** `Clock.elapsed`. */
  readonly at: number;
}

/** A scripted stand-in for the Control API. */
export interface FakeSonos {
  readonly send: SendCall;
  readonly calls: LoggedCall[];
  /** Answers calls whose `METHOD path` the pattern finds; a later rule goes before an earlier one. Takes the rule back. */
  on(pattern: RegExp, answer: (call: SonosCall) => Scripted): () => void;
  /** The calls that a pattern finds, of all or since a moment. */
  made(pattern: RegExp, since?: number): LoggedCall[];
}

/** A failed call: refused by Sonos unless said otherwise. */
export const sonosError = (error: Partial<SonosError> = {}): SonosError => ({
  kind: 'refused',
  status: 499,
  errorCode: null,
  reason: null,
  retry: 'never',
  effect: 'none',
  retryAfterMs: null,
  ...error,
});

/** Sonos understood and said no. */
export const refused = (errorCode: string | null = 'ERROR_COMMAND_FAILED', reason: string | null = null) =>
  err(sonosError({ errorCode, reason }));

/** The id that was called is dead. */
export const gone = () =>
  err(
    sonosError({
      kind: 'group_gone',
      status: 410,
      errorCode: 'ERROR_RESOURCE_GONE',
      retry: 'after_regroup',
    }),
  );

/** No answer came; it may have been carried out. */
export const lost = () =>
  err(sonosError({ kind: 'timeout', status: null, retry: 'later', effect: 'unknown' }));

/** Sonos is in trouble; nothing was done. */
export const down = () => err(sonosError({ kind: 'unavailable', status: 503, retry: 'later' }));

const keyOf = (call: SonosCall): string => `${call.method} ${decodeURIComponent(call.path)}`;

/** A Control API that says `{}` to everything until it is told otherwise. */
export function createFakeSonos(clock: Clock): FakeSonos {
  const rules: { readonly pattern: RegExp; readonly answer: (call: SonosCall) => Scripted }[] = [];
  const calls: LoggedCall[] = [];

  return {
    calls,
    send(call) {
      calls.push({ ...call, at: clock.elapsed() });
      for (const { pattern, answer } of rules.toReversed()) {
        const scripted = pattern.test(keyOf(call)) ? answer(call) : null;
        if (scripted === 'hang') return new Promise(() => {});
        if (scripted !== null) return Promise.resolve(scripted);
      }
      return Promise.resolve(ok({}));
    },
    on(pattern, answer) {
      const rule = { pattern, answer };
      rules.push(rule);
      return () => {
        rules.splice(rules.indexOf(rule), 1);
      };
    },
    made: (pattern, since = 0) => calls.filter((call) => call.at >= since && pattern.test(keyOf(call))),
  };
}

/** The answer, after some time on the clock. */
export const later = <T>(clock: Clock, milliseconds: number, make: () => T): Promise<T> =>
  new Promise((resolve) => clock.after(milliseconds, () => resolve(make())));
