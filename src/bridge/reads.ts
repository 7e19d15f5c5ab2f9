import { namespaceOf } from './namespaces/index.ts';
import type { Clock } from './ports.ts';
import { err, ok, type Result } from './result.ts';
import type { CallPriority, SendCall, SonosError, SonosEvent } from './sonos.ts';
import type { WantedSnapshot } from './wanted.ts';

/** What a read brought: news, nothing new, or an answer that an event had overtaken. */
export type ReadOutcome = 'changed' | 'same' | 'overtaken';

interface Options {
  readonly clock: Clock;
  readonly send: SendCall;
  /** Takes the answer in as an event; true when it changed what is remembered. */
  readonly accept: (event: SonosEvent) => boolean;
}

/** A read under way. */
interface Trip {
  readonly priority: CallPriority;
  /** Its answer is not taken in any more: an event came meanwhile, or a later read was begun. */
  isOvertaken: boolean;
  outcome: Promise<Result<ReadOutcome, SonosError>>;
}

const NOT_BEGUN: Promise<Result<ReadOutcome, SonosError>> = Promise.resolve(ok('same'));

/**
 * Whether a player just has none of what was read: an older one may lack whole namespaces. Where Sonos tells of changes,
 * a refusal is a failure like any other.
 */
export const isDenied = ({ isTold }: WantedSnapshot, { kind }: SonosError): boolean =>
  !isTold && (kind === 'refused' || kind === 'forbidden');

const invalid = (reason: string): SonosError => ({
  kind: 'invalid_answer',
  status: 200,
  errorCode: null,
  reason,
  retry: 'later',
  effect: 'none',
  retryAfterMs: null,
});

/** Reads what a target is, and takes the answer in through the same door as an event. */
export class Reads {
  readonly #options: Options;
  /** Reads under way, so that two who want the same share one. */
  readonly #underWay = new Map<string, Trip>();

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Never rejects. Whoever asks for the same while a read is under way gets its outcome; but a person's command does
   * not wait for housekeeping, whose answer may be older than what the person did.
   */
  read(
    household: string,
    wanted: WantedSnapshot,
    priority: CallPriority,
  ): Promise<Result<ReadOutcome, SonosError>> {
    const key = `${household} ${wanted.key}`;
    const other = this.#underWay.get(key);
    if (other !== undefined && (other.priority === priority || priority === 'housekeeping')) {
      return other.outcome;
    }
    this.#overtake(key);
    const trip: Trip = { priority, isOvertaken: false, outcome: NOT_BEGUN };
    this.#underWay.set(key, trip);
    trip.outcome = this.#readNow(household, wanted, trip).finally(() => {
      if (this.#underWay.get(key) === trip) this.#underWay.delete(key);
    });
    return trip.outcome;
  }

  /** An event about the slice came: it may be newer than the answer of a read under way, and never is much older. */
  heard(household: string, key: string): void {
    this.#overtake(`${household} ${key}`);
  }

  #overtake(key: string): void {
    const trip = this.#underWay.get(key);
    if (trip !== undefined) trip.isOvertaken = true;
    this.#underWay.delete(key);
  }

  async #readNow(
    household: string,
    wanted: WantedSnapshot,
    trip: Trip,
  ): Promise<Result<ReadOutcome, SonosError>> {
    const { clock, send, accept } = this.#options;
    const { namespace, type, target, path } = wanted;
    const answer = await send({
      method: 'GET',
      path,
      household,
      priority: trip.priority,
      repeatable: true,
    });
    if (!answer.ok) return answer;
    const body = namespaceOf(namespace)?.events[type]?.read(answer.value);
    if (body?.success !== true) return err(invalid(`The answer to ${namespace} is not of type ${type}.`));
    if (trip.isOvertaken) return ok('overtaken');
    const event = { household, namespace, type, target, sequence: null, body: body.data, at: clock.now() };
    return ok(accept(event) ? 'changed' : 'same');
  }
}
