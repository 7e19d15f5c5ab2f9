import { type CommandError, commandError, fromSonos, offline } from './command-error.ts';
import type { CommandSpec, Plan, Told } from './command-spec.ts';
import type { Errand, Job } from './job.ts';
import type { Clock } from './ports.ts';
import { type Ask, isLate, type Outcome, type Status } from './replies.ts';
import { err, ok, type Result } from './result.ts';
import type { SendCall, SonosError } from './sonos.ts';
import { type Household, type Seat, seatOf } from './state.ts';
import type { Limited } from './volume-ceilings.ts';
import type { Ending, Witnesses } from './witness.ts';

/** What carrying out needs of the rest of the house. */
export interface CarrierPorts {
  readonly clock: Clock;
  readonly send: SendCall;
  readonly witnesses: Witnesses;
  readonly household: () => Household | undefined;
  /** Reads who plays with whom, now. */
  readonly readTopology: () => Promise<void>;
  /** Whether a list of the household was not read yet, or has been overtaken. */
  readonly lacks: (household: Household, namespace: string) => boolean;
  /** Reads such a list. */
  readonly readList: (household: Household, namespace: string) => Promise<void>;
  /** Sonos carried a command out, or may have. */
  readonly mayHaveChanged: (seat: Seat, spec: CommandSpec) => void;
  /** Takes in what a call says of a target. */
  readonly told: (household: string, told: Told) => void;
  /** What a command comes to under the ceilings, at this moment. */
  readonly limited: (command: string, value: unknown, seat: Seat) => Result<Limited, CommandError>;
  readonly settle: (ask: Ask, status: Status, outcome?: Outcome) => void;
  /** The effect of a job shows in a room, which was like `before` when the call was sent. */
  readonly carried: (job: Job, before: Seat) => void;
}

/** An errand that is ready to go: where from, and with which call; null when there is nothing to do. */
interface Trip {
  readonly errand: Errand;
  readonly seat: Seat;
  readonly plan: Plan | null;
  /** The job's value as far as the ceilings let it go, and where they stopped it. */
  readonly value: unknown;
  readonly limitedTo: number | null;
}

/** What came of a command's calls, up to the first that failed. */
interface Sent {
  /** Sonos' answer to the last that was sent, or why the next could not be made. */
  readonly outcome: Result<unknown, SonosError> | CommandError;
  /** Whether it was the last one that there was. */
  readonly isLast: boolean;
  /** Whether Sonos took one before it. */
  readonly hasActed: boolean;
}

/** Trips that need the same call share it: a group is told once, however many of its rooms were addressed. */
function sharing(trips: readonly Trip[]): (readonly [Trip, ...Trip[]])[] {
  if (trips.length < 2) return trips.map((trip) => [trip]);
  const byCall = new Map<string, [Trip, ...Trip[]]>();
  for (const trip of trips) {
    const key = JSON.stringify(trip.plan);
    const same = byCall.get(key);
    if (same === undefined) byCall.set(key, [trip]);
    else same.push(trip);
  }
  return [...byCall.values()];
}

/** What a failed call means to the one who asked for it. */
const meaning = ({ spec }: Job, error: SonosError, seat: Seat): CommandError =>
  (error.kind === 'refused' ? spec.refused(error, seat) : null) ?? fromSonos(error);

/** Carries jobs out: resolves rooms to groups at the last moment, calls Sonos, and answers when the effect shows. */
export class Carrier {
  readonly #ports: CarrierPorts;

  constructor(ports: CarrierPorts) {
    this.#ports = ports;
  }

  /** Settles when what comes after the job may go; its answers may take longer. Never rejects. */
  async run(job: Job): Promise<void> {
    // Right after a start, nobody knows yet who plays with whom.
    if (this.#ports.household()?.topology === null) await this.#ports.readTopology();
    const household = this.#ports.household();
    for (const list of job.spec.needs) {
      if (household !== undefined && this.#ports.lacks(household, list)) {
        await this.#ports.readList(household, list);
      }
    }
    await this.#callAll(job, this.#trips(job, job.errands), false);
  }

  #fail({ asks }: Pick<Errand, 'asks'>, error: CommandError): void {
    for (const ask of asks) this.#ports.settle(ask, 'failed', { error });
  }

  /** It was done, as far as the ceilings let it go. */
  #done({ errand, limitedTo }: Trip, status: 'confirmed' | 'unconfirmed'): void {
    const outcome = limitedTo === null ? {} : { result: { limited_to: limitedTo } };
    for (const ask of errand.asks) this.#ports.settle(ask, status, outcome);
  }

  /** The errand without those whose sender no longer wants it; null when nobody is left. */
  #inTime(errand: Errand): Errand | null {
    const late = errand.asks.filter((ask) => isLate(ask, this.#ports.clock));
    const error = commandError(
      'expired',
      'The command waited longer than its sender wanted.',
      'Nothing was done.',
    );
    this.#fail({ asks: late }, error);
    const asks = errand.asks.filter((ask) => !late.includes(ask));
    return asks.length === 0 ? null : { ...errand, asks };
  }

  #planned(job: Job, errand: Errand): Result<Trip, CommandError> {
    const household = this.#ports.household();
    const seat = household && seatOf(household, errand.playerId);
    if (seat == null) return err(offline);
    const limited = this.#ports.limited(job.command, job.value, seat);
    if (!limited.ok) return limited;
    const { value, to } = limited.value;
    const plan = job.spec.plan(value, seat);
    return plan.ok ? ok({ errand, seat, plan: plan.value, value, limitedTo: to }) : plan;
  }

  #trips(job: Job, errands: readonly Errand[]): Trip[] {
    return errands.flatMap((each) => {
      const errand = this.#inTime(each);
      if (errand === null) return [];
      const trip = this.#planned(job, errand);
      if (trip.ok) return [trip.value];
      this.#fail(errand, trip.error);
      return [];
    });
  }

  async #callAll(job: Job, trips: readonly Trip[], isSecondTry: boolean): Promise<void> {
    await Promise.all(sharing(trips).map((shared) => this.#call(job, shared, isSecondTry)));
  }

  async #call(job: Job, shared: readonly [Trip, ...Trip[]], isSecondTry: boolean): Promise<void> {
    const [{ plan, seat, value }] = shared;
    if (plan === null) {
      for (const trip of shared) this.#done(trip, 'confirmed');
      return;
    }
    const sent = await this.#send({ ...job, value }, plan, seat);
    const { outcome, hasActed } = sent;
    const isNothing = 'code' in outcome || (!outcome.ok && outcome.error.effect === 'none');
    if (hasActed || !isNothing) for (const trip of shared) this.#ports.mayHaveChanged(trip.seat, job.spec);
    if ('code' in outcome) {
      for (const trip of shared) this.#fail(trip.errand, outcome);
      return;
    }
    if (outcome.ok) return this.#witness(job, shared, outcome.value, null);
    const mayRepeat = job.spec.repeatable(value) || !hasActed;
    if (outcome.error.kind === 'group_gone' && !isSecondTry && mayRepeat) {
      // Sonos refused because the id is dead, so nothing was done: asking the room's new group is safe.
      await this.#ports.readTopology();
      const errands = shared.map((trip) => trip.errand);
      return this.#callAll(job, this.#trips(job, errands), true);
    }
    return this.#refused(job, shared, outcome.error, sent.isLast);
  }

  /** Sonos did not take a call, or its answer was lost. */
  async #refused(
    job: Job,
    shared: readonly [Trip, ...Trip[]],
    error: SonosError,
    isLast: boolean,
  ): Promise<void> {
    const repeatable = job.spec.repeatable(shared[0].value);
    // A lost answer does not mean that nothing happened: the room's state tells. But what was to follow surely did not.
    const mayBeSo = error.effect === 'unknown' && isLast;
    const canTell = mayBeSo && (repeatable || !this.#isSeenAnyway(job, shared[0]));
    if (canTell) return this.#witness(job, shared, null, error);
    // A silent group refuses to be paused: what was wanted is so, and that is what counts.
    const isSo = error.kind === 'refused' && repeatable && isLast;
    for (const trip of shared) {
      if (isSo && this.#isSeenAnyway(job, trip)) this.#done(trip, 'confirmed');
      else this.#fail(trip.errand, meaning(job, error, trip.seat));
    }
  }

  /** Sends a call and what follows it. */
  async #send({ spec, value }: Job, plan: Plan, seat: Seat): Promise<Sent> {
    const common = {
      household: seat.household.id,
      priority: spec.priority,
      repeatable: spec.repeatable(value),
    };
    let hasActed = false;
    for (let step = plan; ; hasActed = true) {
      const { next, first, tells, gone, ...call } = step;
      this.#tell(seat, first);
      const outcome = await this.#ports.send({ ...call, ...common });
      if (outcome.ok) this.#tell(seat, tells?.(outcome.value, seat));
      else if (outcome.error.kind === 'group_gone') this.#tell(seat, gone);
      const isLast = next === undefined;
      if (!outcome.ok || isLast) return { outcome, isLast, hasActed };
      const following = next(outcome.value, seat);
      if (!following.ok) return { outcome: following.error, isLast, hasActed: true };
      step = following.value;
    }
  }

  #tell(seat: Seat, told: Told | null | undefined): void {
    if (told != null) this.#ports.told(seat.household.id, told);
  }

  /** Whether the state says "done" although nothing was: it was so already, or it cannot be seen. */
  #isSeenAnyway({ spec }: Job, { seat, value }: Trip): boolean {
    const at = this.#ports.clock.now();
    return spec.seen({ value, before: seat, now: seat, answer: null, at }) === 'seen';
  }

  /** A regrouping holds its lane until it shows, because what comes after it is resolved by the new groups. */
  async #witness(
    job: Job,
    trips: readonly Trip[],
    answer: unknown,
    failure: SonosError | null,
  ): Promise<void> {
    const endings = Promise.all(
      trips.map(async (trip) => {
        const { spec } = job;
        const { seat, value } = trip;
        const watch = {
          household: seat.household.id,
          playerId: seat.player.id,
          spec,
          value,
          before: seat,
          answer,
        };
        const ending = await this.#ports.witnesses.watch(watch);
        if (ending === 'seen') this.#ports.carried(job, seat);
        this.#conclude(trip, ending, failure);
      }),
    );
    if (job.spec.aim === 'household') await endings;
  }

  #conclude(trip: Trip, ending: Ending, failure: SonosError | null): void {
    const { errand } = trip;
    if (ending === 'seen') this.#done(trip, 'confirmed');
    else if (ending !== 'no_evidence') this.#fail(errand, ending);
    else if (failure !== null) this.#fail(errand, fromSonos(failure));
    else this.#done(trip, 'unconfirmed');
  }
}
