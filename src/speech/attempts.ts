import type { Clock, Log } from '../bridge/ports.ts';
import { err, type Result } from '../bridge/result.ts';
import {
  broken,
  type ProviderName,
  type SpeechFailure,
  type SpeechProvider,
  type Utterance,
} from './provider.ts';

/** What attempts are made of. */
export interface AttemptsOptions<T> {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly log: Log;
  /** Whether the bytes are a sound that can be used, and what becomes of them; the error is a sentence. */
  check(bytes: Uint8Array): Promise<Result<T, string>>;
}

/** Single providers at work: in time, never twice for the same, and known for how they do. */
export interface Attempts<T> {
  /** One attempt, shared by all who ask while it lasts. */
  make(provider: SpeechProvider, utterance: Utterance, key: string): Promise<Result<T, SpeechFailure>>;
  /** Whether the provider failed a moment ago, so that others come first. */
  isResting(provider: SpeechProvider): boolean;
  /** Stops what is under way, and everything that would come. */
  close(): void;
}

const REST_MS = 30_000;
const CLOSED = broken('The bridge is stopping and says nothing more.');

/** Attempts with a time-out each. */
export function createAttempts<T>(options: AttemptsOptions<T>): Attempts<T> {
  const { clock, log } = options;
  const underWay = new Map<string, Promise<Result<T, SpeechFailure>>>();
  /** Those that are broken, and until when they rest. */
  const resting = new Map<ProviderName, number>();
  const stops = new Set<() => void>();
  let isClosed = false;

  const note = (provider: ProviderName, outcome: Result<T, SpeechFailure>): void => {
    if (outcome.ok) {
      if (resting.delete(provider)) log.info('A speech provider works again', { provider });
      return;
    }
    const { reason, fault } = outcome.error;
    if (fault === 'message') {
      log.warn('A speech provider could not say a text', { provider, reason });
      return;
    }
    const tell = resting.has(provider) ? log.debug : log.warn;
    tell.call(log, 'A speech provider failed', { provider, reason });
    resting.set(provider, clock.elapsed() + REST_MS);
  };

  return {
    make(provider, utterance, key) {
      if (isClosed) return Promise.resolve(err(CLOSED));
      const shared = underWay.get(key);
      if (shared !== undefined) return shared;
      const attempt = inTime(options, provider, utterance, stops).then((outcome) => {
        underWay.delete(key);
        if (!isClosed) note(provider.name, outcome);
        return outcome;
      });
      underWay.set(key, attempt);
      return attempt;
    },
    isResting: ({ name }) => (resting.get(name) ?? 0) > clock.elapsed(),
    close() {
      isClosed = true;
      for (const stop of stops) stop();
    },
  };
}

/** Speaks and looks at the sound; whoever does not end in time, or at all, is not waited for. */
function inTime<T>(
  { clock, timeoutMs, check }: AttemptsOptions<T>,
  provider: SpeechProvider,
  utterance: Utterance,
  stops: Set<() => void>,
): Promise<Result<T, SpeechFailure>> {
  const abort = new AbortController();
  const work = async (): Promise<Result<T, SpeechFailure>> => {
    try {
      const spoken = await provider.speak(utterance, abort.signal);
      if (!spoken.ok) return spoken;
      const checked = await check(spoken.value);
      return checked.ok ? checked : err(broken(checked.error));
    } catch (bug) {
      // Sounds come from outside: one that a decoder stumbles over must not end the house, nor the chain.
      return err(
        broken(`It stopped with an internal error (${bug instanceof Error ? bug.name : 'unknown'}).`),
      );
    }
  };
  return new Promise((resolve) => {
    const end = (outcome: Result<T, SpeechFailure>): void => {
      cancel();
      stops.delete(stop);
      resolve(outcome);
    };
    const give = (why: SpeechFailure): void => {
      end(err(why));
      abort.abort();
    };
    const stop = (): void => give(CLOSED);
    stops.add(stop);
    const late = `No sound came within ${timeoutMs / 1000} seconds (speech.timeout_seconds).`;
    const cancel = clock.after(timeoutMs, () => give(broken(late)));
    void work().then(end);
  });
}
