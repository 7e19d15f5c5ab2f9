import { Carrier } from './carrier.ts';
import { type CommandError, commandError } from './command-error.ts';
import type { CommandSpec, Told } from './command-spec.ts';
import { admitted, type CommandRequest, type Envelope, type Known, opened, type Wish } from './intake.ts';
import { type Errand, isOverruled, type Job } from './job.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { roomCommands } from './namespaces/index.ts';
import { suggestion } from './nearest.ts';
import { OWN_COMMANDS, type OwnCommand } from './own-commands.ts';
import { OwnWishes } from './own-wishes.ts';
import type { Clock, Random } from './ports.ts';
import { quoted } from './quoted.ts';
import type { Misread } from './readers.ts';
import {
  type Answer,
  type Answered,
  type Ask,
  askFrom,
  createAnswered,
  lateness,
  type Outcome,
  type Reply,
  type Status,
} from './replies.ts';
import type { Result } from './result.ts';
import { findRoom } from './room-name.ts';
import type { SendCall } from './sonos.ts';
import { type Household, type Room, type Seat, seatOf } from './state.ts';
import type { UrlPolicy } from './url-policy.ts';
import { type Ceiling, limited } from './volume-ceilings.ts';
import type { Witnesses } from './witness.ts';

/** What the commands need of the rest of the house. */
export interface CommandPorts extends Known {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: SendCall;
  readonly witnesses: Witnesses;
  readonly policy: UrlPolicy;
  readonly ceilings: readonly Ceiling[];
  readonly answer: Answer;
  /** By alias or id; undefined when there is none. */
  readonly household: (word: string) => Household | undefined;
  readonly readTopology: (household: string) => Promise<void>;
  readonly readList: (household: Household, namespace: string) => Promise<void>;
  /** Sonos carried a command out, or may have. */
  readonly mayHaveChanged: (seat: Seat, spec: CommandSpec) => void;
  /** Takes in what a call says of a target. */
  readonly told: (household: string, told: Told) => void;
  /** Whether a list of the household was not read yet, or has been overtaken. */
  readonly lacks: (household: Household, namespace: string) => boolean;
  /** The effect of a job shows in a room, which was like `before` when the call was sent. */
  readonly carried: (job: Job, before: Seat) => void;
  /** The commands that are not rows of the table. */
  readonly own: ReadonlyMap<string, OwnCommand>;
}

/** Every command that a room takes. */
const commandNames: readonly string[] = [...roomCommands.keys(), ...Object.keys(OWN_COMMANDS)];

const asksOf = (job: Job): readonly Ask[] => job.errands.flatMap((errand) => errand.asks);

/** The commands of rooms: read, answered, put in order, carried out. */
export class Commands {
  readonly #ports: CommandPorts;
  readonly #answered: Answered;
  readonly #lanes = new Map<string, Lanes>();
  readonly #ownWishes: OwnWishes;
  /** Asks whose volume was overruled before it was sent, and by whom. */
  readonly #overruled = new WeakMap<Ask, string>();

  /** Asks of the house itself, and who hears their answers. */
  readonly #performed = new WeakMap<Ask, (reply: Reply) => void>();

  constructor(ports: CommandPorts) {
    this.#ports = ports;
    this.#answered = createAnswered(ports.clock, (ask, reply) => {
      const told = this.#performed.get(ask);
      if (told === undefined) ports.answer(ask, reply);
      else if (reply.status !== 'accepted') told(reply);
    });
    this.#ownWishes = new OwnWishes(ports.clock, this.#answered);
  }

  /** How many wait to be sent. */
  get waiting(): number {
    return [...this.#lanes.values()].reduce((sum, lanes) => sum + lanes.waiting, 0);
  }

  /** Ends all work. Whoever still waits is told that nothing more will be done. */
  stop(): void {
    for (const lanes of this.#lanes.values()) lanes.stop();
    const advice = 'Look at the room, and send it again if need be.';
    this.#answered.failAll(
      commandError('internal', 'The bridge stopped before the effect showed.', advice),
      // The next run says what still waits, and answers it.
      (ask) => ask.command !== 'announce',
    );
  }

  /** Somebody asked in an earlier run: asking the same again is waiting with them, or the answer that was given. */
  resume(ask: Ask, answered: Status | null): void {
    this.#answered.recall(ask, answered);
  }

  /** Takes a message in. Whatever is wrong with it is answered; it never throws. */
  take(request: CommandRequest): void {
    const envelope = opened(request);
    const named = this.#ports.household(request.household);
    const admission = admitted(request, envelope, named, this.#ports);
    if (!admission.ok) {
      const room = (named && findRoom(named, request.room)?.address) ?? request.room;
      const ask = this.#ask(request, envelope.ok ? envelope.value : null, request.command ?? 'set', room);
      // A room that was renamed after it was told does not change what it was told.
      if (request.retained || !this.#answered.known(ask)) this.#fail(ask, admission.error);
      return;
    }
    const { household, rooms, letter } = admission.value;
    for (const wish of letter.wishes) {
      const ask = this.#ask(request, letter, wish.command, '');
      const asks = rooms.map((room) => [room, { ...ask, room: room.address }] as const);
      const own = this.#ports.own.get(wish.command);
      if (own === undefined) this.#wish(household, wish, new Map(asks));
      else this.#ownWishes.take(household, own, wish, new Map(asks));
    }
  }

  /**
   * Carries out a command of the table that is a part of something greater, like every other: in its turn, with its evidence. Settles
   * with its last answer, which is told to nobody else; never rejects.
   */
  perform(household: Household, room: Room, { command, raw }: Wish): Promise<Reply> {
    const ask = this.#ownAsk(household, room, command);
    return new Promise((resolve) => {
      this.#performed.set(ask, resolve);
      this.#wish(household, { command, raw }, new Map([[room, ask]]));
    });
  }

  /** The same for a command that is no row of the table, with its value as it is. */
  carry(
    household: Household,
    room: Room,
    command: string,
    spec: CommandSpec,
    value: unknown,
  ): Promise<Reply> {
    const ask = this.#ownAsk(household, room, command);
    return new Promise((resolve) => {
      this.#performed.set(ask, resolve);
      const error = this.#ports.obstacle(household.id);
      if (error !== null) return this.#fail(ask, error);
      this.settle(ask, 'accepted');
      this.#enqueue(household, { command, spec, value, errands: [{ playerId: room.playerId, asks: [ask] }] });
    });
  }

  /** Somebody of this house asks. */
  #ownAsk(household: Household, room: Room, command: string): Ask {
    const wrote = { id: null, expiresAt: null };
    const what = { household: household.alias, room: room.address, command };
    return askFrom(this.#ports, { wrote, responseTo: null, expirySeconds: null }, what);
  }

  #ask(request: CommandRequest, envelope: Envelope | null, command: string, room: string): Ask {
    const household = this.#ports.household(request.household)?.alias ?? request.household;
    return askFrom(this.#ports, { ...request, wrote: envelope }, { household, room, command });
  }

  /** Takes one wish for the rooms it addresses; those for which it makes sense go on together. */
  #wish(household: Household, { command, raw }: Wish, asks: ReadonlyMap<Room, Ask>): void {
    const spec = roomCommands.get(command);
    const read = spec?.value.read(raw);
    const errands: Errand[] = [];
    for (const [room, ask] of asks) {
      if (this.#answered.repeated(ask)) continue;
      const objection = this.#objection(household, room, ask, spec, read);
      if (objection !== null) {
        this.#fail(ask, objection);
        continue;
      }
      this.settle(ask, 'accepted');
      errands.push({ playerId: room.playerId, asks: [ask] });
    }
    if (spec !== undefined && read?.ok && errands.length > 0) {
      this.#enqueue(household, { command, spec, value: read.value, raw, errands });
    }
  }

  /** What is wrong with a wish for a room, as far as it can be told before its turn. */
  #objection(
    household: Household,
    room: Room,
    ask: Ask,
    spec: CommandSpec | undefined,
    read: Result<unknown, Misread> | undefined,
  ): CommandError | null {
    const late = lateness(ask, this.#ports.clock);
    if (late !== null) return late;
    if (spec === undefined || read === undefined) {
      const message = `There is no command ${quoted(ask.command)}.`;
      return commandError('unknown_command', message, suggestion(ask.command, commandNames));
    }
    if (!read.ok) return commandError('invalid_payload', read.error.message, read.error.advice);
    return this.#ports.obstacle(household.id) ?? this.#impossible(household, room, spec, read.value);
  }

  #impossible(household: Household, room: Room, spec: CommandSpec, value: unknown): CommandError | null {
    for (const url of spec.urls(value)) {
      const allowed = this.#ports.policy(url);
      if (!allowed.ok) return allowed.error;
    }
    const seat = seatOf(household, room.playerId);
    // A list that was not read yet, or a room that is away, is looked at again when its turn comes.
    if (seat === null || spec.needs.some((name) => this.#ports.lacks(household, name))) return null;
    const plan = spec.plan(value, seat);
    return plan.ok ? null : plan.error;
  }

  #enqueue(household: Household, job: Job): void {
    const taken = this.#lanesOf(household.id).add(job, (earlier, merged) => {
      if (!isOverruled(earlier, merged)) return;
      for (const { playerId, asks } of earlier.errands) {
        const by = job.errands.filter((errand) => errand.playerId === playerId).flatMap((each) => each.asks);
        for (const { id } of by) for (const ask of asks) this.#overruled.set(ask, id);
      }
    });
    if (taken) return;
    const error = commandError('rate_limited', 'Too many commands wait already.', 'Send fewer at once.');
    for (const ask of asksOf(job)) this.#fail(ask, error);
  }

  #lanesOf(id: string): Lanes {
    const known = this.#lanes.get(id);
    if (known !== undefined) return known;
    const ports = this.#ports;
    const household = () => ports.household(id);
    const carrier = new Carrier({
      ...ports,
      household,
      limited: (command, value, seat) => limited(ports.ceilings, command, value, seat, ports.clock.now()),
      readTopology: () => ports.readTopology(id),
      settle: (ask, status, outcome) => this.settle(ask, status, outcome),
    });
    const made = createLanes({ clock: ports.clock, household, run: (job) => carrier.run(job) });
    this.#lanes.set(id, made);
    return made;
  }

  /** Answers one who asked. */
  settle(ask: Ask, status: Status, outcome: Outcome = {}): void {
    const by = this.#overruled.get(ask);
    this.#answered.settle(ask, status, by === undefined ? outcome : { ...outcome, superseded_by: by });
  }

  #fail(ask: Ask, error: CommandError): void {
    this.settle(ask, 'failed', { error });
  }
}
