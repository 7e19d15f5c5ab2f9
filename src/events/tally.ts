import type { Clock, Log } from '../bridge/ports.ts';
import type { BodyProblem } from './body.ts';
import type { EventHeaders, HeaderProblem } from './headers.ts';
import type { IgnoredReason } from './parse.ts';
import type { RelayedProblem } from './relayed.ts';

/** Why a request to the event path was refused. */
export type RejectedReason =
  | HeaderProblem
  | 'bad_signature'
  | 'no_credentials' // there is no client id and secret yet, so nothing can be checked
  | BodyProblem
  | 'body_encoded'
  | RelayedProblem;

/** What is counted: see `EventCounters`. */
export type Counted = 'accepted' | 'rejected' | 'ignored';

/** What came in at the event path since the start. */
export interface EventCounters {
  /** Correctly signed, known, and handed on. */
  readonly accepted: number;
  /** Answered with 401, 413 or 415, cut off by the sender, or not believed of the relay; by reason. */
  readonly rejected: Readonly<Record<RejectedReason, number>>;
  /** Correctly signed and without effect; by reason. */
  readonly ignored: Readonly<Record<IgnoredReason, number>>;
  /** Correctly signed, but dropped unread because more came than could be worked off. */
  readonly dropped: number;
  /** Wall time at which the last accepted event arrived, milliseconds; null before the first. */
  readonly lastEventAt: number | null;
}

/** Counts what happens to events, and tells the operator of what is unusual without flooding the log. */
export interface Tally {
  accepted(at: number): void;
  rejected(reason: RejectedReason): void;
  ignored(reason: IgnoredReason, headers: EventHeaders): void;
  counters(dropped: number): EventCounters;
}

const QUIET_MS = 600_000;
const MAX_LOGGED_KINDS = 200;

const REJECTED: Readonly<Record<RejectedReason, string>> = {
  header_missing: 'an X-Sonos header was missing. Sonos sends seven of them; this was somebody else',
  header_doubled:
    'an X-Sonos header came twice. Sonos sends each once; this was somebody else, or a proxy adds them',
  header_malformed: 'an X-Sonos header was not of the documented form',
  bad_signature:
    'the signature was wrong. Is the client secret right, and of the same key as the client id? Otherwise somebody else knows the callback address',
  no_credentials:
    'there is no client id and client secret to check its signature with. Set sonos.client_id and sonos.client_secret',
  body_too_large: 'the body was longer than 1 MiB',
  body_incomplete: 'the sender left, or was too slow, before the body was complete',
  body_encoded: 'the body was compressed, which Sonos does not do. Does a proxy compress requests?',
  relay_forged:
    'it was not sealed with our key and secret. Has the relay another key or secret? Otherwise somebody else may publish there; see the access rules of the broker',
  relay_kept: 'the broker had kept it (retained), which the relay never asks for',
  relay_stale:
    'it was older than relay.expiry_seconds. Do the clocks of the relay and of this machine agree?',
  relay_too_large: 'it was longer than 1 MiB',
};

const IGNORED: Readonly<Record<IgnoredReason, string>> = {
  unknown_triple: 'the bridge does not know this kind of event',
  unknown_household:
    'its household is of no account that is linked here. The same key may serve another account',
  unknown_target:
    'its household has no such group or player at the moment, as it can be while rooms are regrouped',
  body_not_json: 'its body was not JSON',
  body_too_complex: 'its body was deeper or had more values than any event should have',
  body_not_of_its_type: 'its body lacked what the documentation says of this type',
};

const NO_REJECTED: Readonly<Record<RejectedReason, number>> = {
  header_missing: 0,
  header_doubled: 0,
  header_malformed: 0,
  bad_signature: 0,
  no_credentials: 0,
  body_too_large: 0,
  body_incomplete: 0,
  body_encoded: 0,
  relay_forged: 0,
  relay_kept: 0,
  relay_stale: 0,
  relay_too_large: 0,
};

const NO_IGNORED: Readonly<Record<IgnoredReason, number>> = {
  unknown_triple: 0,
  unknown_household: 0,
  unknown_target: 0,
  body_not_json: 0,
  body_too_complex: 0,
  body_not_of_its_type: 0,
};

/** Makes a tally that starts at nothing; `counted` is told after every count. */
export function createTally(clock: Clock, log: Log, counted: (what: Counted) => void = () => {}): Tally {
  const rejected = { ...NO_REJECTED };
  const ignored = { ...NO_IGNORED };
  const warned = new Map<RejectedReason, { at: number; leftOut: number }>();
  const logged = new Set<string>();
  let accepted = 0;
  let lastEventAt: number | null = null;

  function warnOf(reason: RejectedReason): void {
    const now = clock.elapsed();
    const last = warned.get(reason);
    if (last !== undefined && now - last.at < QUIET_MS) {
      last.leftOut += 1;
      return;
    }
    warned.set(reason, { at: now, leftOut: 0 });
    const more = last !== undefined && last.leftOut > 0 ? { left_out: last.leftOut } : {};
    const what = reason.startsWith('relay_') ? 'message of the relay' : 'request to the event callback';
    log.warn(`A ${what} was refused: ${REJECTED[reason]}.`, { reason, ...more });
  }

  function tellOf(reason: IgnoredReason, { namespace, type, targetType }: EventHeaders): void {
    const kind = `${reason} ${namespace}/${type}/${targetType}`;
    if (logged.has(kind) || logged.size >= MAX_LOGGED_KINDS) return;
    logged.add(kind);
    log.info(`An event from Sonos has no effect: ${IGNORED[reason]}. Further ones are only counted.`, {
      reason,
      namespace,
      type,
      target_type: targetType,
    });
  }

  return {
    accepted: (at) => {
      accepted += 1;
      lastEventAt = at;
      counted('accepted');
    },
    rejected: (reason) => {
      rejected[reason] += 1;
      warnOf(reason);
      counted('rejected');
    },
    ignored: (reason, headers) => {
      ignored[reason] += 1;
      tellOf(reason, headers);
      counted('ignored');
    },
    counters: (dropped) => ({
      accepted,
      rejected: { ...rejected },
      ignored: { ...ignored },
      dropped,
      lastEventAt,
    }),
  };
}
