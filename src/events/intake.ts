import type { Clock, Log } from '../bridge/ports.ts';
import { err, type Result } from '../bridge/result.ts';
import type { SonosEvent } from '../bridge/sonos.ts';
import { MAX_BODY_BYTES } from './body.ts';
import { type EventHeaders, type HeaderProblem, readHeaders } from './headers.ts';
import { type Envelope, type IgnoredReason, type Knows, readEvent } from './parse.ts';
import { type Credentials, isGenuine } from './signature.ts';
import { type Counted, createTally, type EventCounters, type RejectedReason } from './tally.ts';
import { createWorkQueue } from './work-queue.ts';

/** What an intake needs. */
export interface IntakeOptions {
  /** The key of the integration; null while there is none, and then no event is believed. */
  readonly credentials: () => Credentials | null;
  /** Takes an event that is signed, known and well-formed; called in order of arrival, never twice at once. */
  readonly accept: (event: SonosEvent, since: number) => void;
  /** A signed event came, and is about to be read. */
  readonly arrived?: (envelope: Envelope) => void;
  /** A signed event had no effect; the times of both are `Clock.elapsed` when it was taken. */
  readonly ignored?: (reason: IgnoredReason, headers: EventHeaders, since: number) => void;
  /** Events were dropped, so what is shown may be old: everything should be read again. */
  readonly lost: () => void;
  readonly knows: Knows;
  readonly clock: Clock;
  readonly log: Log;
  /** Something was counted. */
  readonly counted?: (what: Counted) => void;
  /** Events that wait at most; the oldest go first. */
  readonly maxWaiting?: number;
}

/** Where events are believed or not, whichever way they came. */
export interface Intake {
  /** The headers of an event that Sonos signed, from a list of name, value, name, value; null, and counted, for any other. */
  judge(rawHeaders: readonly string[]): EventHeaders | null;
  /** Takes the body that came with such headers; it is read soon, but not now. */
  take(headers: EventHeaders, body: string): void;
  /** Counts an event that did not come in whole. */
  rejected(reason: RejectedReason): void;
  counters(): EventCounters;
  /** Resolves when every event that was taken has been dealt with. */
  idle(): Promise<void>;
  /** Drops what waits, and takes no more. */
  close(): void;
}

const MAX_WAITING = 10_000;
/** Some 5,000 events of ordinary size, and far more than an honest house has waiting. */
const MAX_WAITING_CHARACTERS = 16 * MAX_BODY_BYTES;

/** The headers of an event that Sonos signed; they are all that decides. */
export function authenticate(
  rawHeaders: readonly string[],
  credentials: Credentials | null,
): Result<EventHeaders, HeaderProblem | 'no_credentials' | 'bad_signature'> {
  const headers = readHeaders(rawHeaders);
  if (!headers.ok) return headers;
  if (credentials === null) return err('no_credentials');
  return isGenuine(headers.value, headers.value.signature, credentials) ? headers : err('bad_signature');
}

/** Creates an intake with nothing in it. */
export function createIntake(options: IntakeOptions): Intake {
  const { clock } = options;
  const tally = createTally(clock, options.log, options.counted);

  const queue = createWorkQueue<Envelope & { readonly since: number }>({
    maxItems: options.maxWaiting ?? MAX_WAITING,
    maxSize: MAX_WAITING_CHARACTERS,
    lost: options.lost,
    work: (envelope) => {
      options.arrived?.(envelope);
      const event = readEvent(envelope, options.knows);
      if (!event.ok) {
        tally.ignored(event.error, envelope.headers);
        options.ignored?.(event.error, envelope.headers, envelope.since);
        return;
      }
      tally.accepted(envelope.at);
      options.accept(event.value, envelope.since);
    },
  });

  return {
    judge(rawHeaders) {
      const headers = authenticate(rawHeaders, options.credentials());
      if (headers.ok) return headers.value;
      tally.rejected(headers.error);
      return null;
    },
    take: (headers, body) =>
      queue.push({ headers, body, at: clock.now(), since: clock.elapsed() }, body.length),
    rejected: (reason) => tally.rejected(reason),
    counters: () => tally.counters(queue.dropped()),
    idle: queue.idle,
    close: queue.close,
  };
}
