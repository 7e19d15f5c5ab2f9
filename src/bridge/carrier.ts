import { type CommandError, commandError, fromSonos, offline } from './command-error.ts';
import type { CommandSpec, Plan } from './command-spec.ts';
import type { Errand, Job } from './job.ts';
import type { Clock } from './ports.ts';
import { type Ask, isLate, type Outcome, type Status } from './replies.ts';
import { err, ok, type Result } from './result.ts';
import type { SendCall, SonosError } from './sonos.ts';
import { type Household, type Seat, seatOf } from './state.ts';
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
  readonly settle: (ask: Ask, status: Status, outcome?: Outcome) => void;
}

/** An errand that is ready to go: where from, and with which call; null when there is nothing to do. */
interface Trip {
  readonly errand: Errand;
  readonly seat: Seat;
  readonly plan: Plan | null;
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

  #settle(errand: Errand, status: Status, error?: CommandError): void {
    for (const ask of errand.asks) this.#ports.settle(ask, status, error === undefined ? {} : { error });
  }

  /** The errand without those whose sender no longer wants it; null when nobody is left. */
  #inTime(errand: Errand): Errand | null {
    const late = errand.asks.filter((ask) => isLate(ask, this.#ports.clock));
    const error = commandError(
      'expired',
      'The command waited longer than its sender wanted.',
      'Nothing was done.',
    );
    this.#settle({ ...errand, asks: late }, 'failed', error);
    const asks = errand.asks.filter((ask) => !late.includes(ask));
    return asks.length === 0 ? null : { ...errand, asks };
  }

  #planned(job: Job, errand: Errand): Result<Trip, CommandError> {
    const household = this.#ports.household();
    const seat = household && seatOf(household, errand.playerId);
    if (seat == null) return err(offline);
    const plan = job.spec.plan(job.value, seat);
    return plan.ok ? ok({ errand, seat, plan: plan.value }) : plan;
  }

  #trips(job: Job, errands: readonly Errand[]): Trip[] {
    return errands.flatMap((each) => {
      const errand = this.#inTime(each);
      if (errand === null) return [];
      const trip = this.#planned(job, errand);
      if (trip.ok) return [trip.value];
      this.#settle(errand, 'failed', trip.error);
      return [];
    });
  }

  async #callAll(job: Job, trips: readonly Trip[], isSecondTry: boolean): Promise<void> {
    await Promise.all(sharing(trips).map((shared) => this.#call(job, shared, isSecondTry)));
  }

  async #call(job: Job, shared: readonly [Trip, ...Trip[]], isSecondTry: boolean): Promise<void> {
    const [{ plan, seat }] = shared;
    if (plan === null) {
      for (const trip of shared) this.#settle(trip.errand, 'confirmed');
      return;
    }
    const repeatable = job.spec.repeatable(job.value);
    const made = await this.#send(job, plan, seat);
    if (!made.ok) {
      for (const trip of shared) this.#settle(trip.errand, 'failed', made.error);
      return;
    }
    const result = made.value;
    if (result.ok || result.error.effect === 'unknown')
      for (const trip of shared) this.#ports.mayHaveChanged(trip.seat, job.spec);
    if (result.ok) return this.#witness(job, shared, result.value, null);
    if (result.error.kind === 'group_gone' && !isSecondTry) {
      // Sonos refused because the id is dead, so nothing was done: asking the room's new group is safe.
      await this.#ports.readTopology();
      const errands = shared.map((trip) => trip.errand);
      return this.#callAll(job, this.#trips(job, errands), true);
    }
    // A lost answer does not mean that nothing happened: the room's state tells.
    const canTell = result.error.effect === 'unknown' && (repeatable || !this.#isSeenAnyway(job, seat));
    if (canTell) return this.#witness(job, shared, null, result.error);
    // A silent group refuses to be paused: what was wanted is so, and that is what counts.
    const isSo = result.error.kind === 'refused' && repeatable;
    for (const { errand, seat: each } of shared) {
      if (isSo && this.#isSeenAnyway(job, each)) this.#settle(errand, 'confirmed');
      else this.#settle(errand, 'failed', meaning(job, result.error, each));
    }
  }

  /** Sends a call and what follows it; Sonos' answer to the last that was sent, or why the next could not be made. */
  async #send(
    { spec, value }: Job,
    first: Plan,
    seat: Seat,
  ): Promise<Result<Result<unknown, SonosError>, CommandError>> {
    const common = {
      household: seat.household.id,
      priority: spec.priority,
      repeatable: spec.repeatable(value),
    };
    for (let step = first; ; ) {
      const { next, ...call } = step;
      const result = await this.#ports.send({ ...call, ...common });
      if (!result.ok || next === undefined) return ok(result);
      const following = next(result.value, seat);
      if (!following.ok) return following;
      step = following.value;
    }
  }

  /** Whether the state says "done" although nothing was: it was so already, or it cannot be seen. */
  #isSeenAnyway({ spec, value }: Job, seat: Seat): boolean {
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
      trips.map(async ({ errand, seat }) => {
        const { spec, value } = job;
        const watch = {
          household: seat.household.id,
          playerId: seat.player.id,
          spec,
          value,
          before: seat,
          answer,
        };
        this.#conclude(errand, await this.#ports.witnesses.watch(watch), failure);
      }),
    );
    if (job.spec.aim === 'household') await endings;
  }

  #conclude(errand: Errand, ending: Ending, failure: SonosError | null): void {
    if (ending === 'seen') this.#settle(errand, 'confirmed');
    else if (ending !== 'no_evidence') this.#settle(errand, 'failed', ending);
    else if (failure !== null) this.#settle(errand, 'failed', fromSonos(failure));
    else this.#settle(errand, 'unconfirmed');
  }
}
