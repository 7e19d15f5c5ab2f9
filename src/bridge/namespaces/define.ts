import { z } from 'zod';
import type { CommandSpec } from '../command-spec.ts';
import type { Entities } from '../entity.ts';
import type { ToldDevices } from '../hardware.ts';
import { type Grounds, kept } from '../same.ts';
import type { Json } from '../sonos.ts';
import type { Household, Seat, Slices } from '../state.ts';
import type { Player } from '../topology.ts';

/** Whose namespace it is. `account` stands for everything that a login can see, `session` for a playback session of ours. */
export type TargetKind = 'account' | 'household' | 'group' | 'player' | 'session';

/** Something that happened in a room, for its `event` topic. */
export interface Happening {
  readonly event_type: string;
  readonly [key: string]: Json;
}

/** What may no longer be true: nothing, who plays with whom, or that and the subscriptions of the event's target too. */
export type Doubt = 'nothing' | 'topology' | 'subscriptions';

/** How one event type is read and remembered. The body is what its schema made of it. */
export interface EventSpec<Slice> {
  readonly schema: z.ZodType;
  /** Reads a body by the schema. */
  readonly read: (body: unknown) => z.ZodSafeParseResult<unknown>;
  /** The next slice; the earlier one again when nothing changed. Null only while there is none, or when a session is over. */
  readonly remember: (earlier: Slice | null, body: unknown, at: number) => Slice | null;
  /** What happened in the rooms of the target: happenings that the row names. */
  readonly happened: (earlier: Slice | null, body: unknown, at: number) => readonly Happening[];
}

/** How the answer to a call of ours is remembered. The body is what the call's plan made of it. */
export type AnswerSpec<Slice> = Pick<EventSpec<Slice>, 'remember' | 'happened'>;

/** One row of the table: a namespace of the Control API, and everything that the bridge makes of it. */
export interface Namespace<Slice = unknown> {
  readonly name: string;
  readonly target: TargetKind;
  /** By `X-Sonos-Type`. */
  readonly events: Readonly<Record<string, EventSpec<Slice>>>;
  /** What answers to our calls tell, by a word of ours (`Told.type`); no event from outside is taken for one. */
  readonly answers: Readonly<Record<string, AnswerSpec<Slice>>>;
  /** The read that gives the whole state, as an event of this type; null when there is none. */
  readonly snapshot: { readonly path: (target: string) => string; readonly type: string } | null;
  /** Whether Sonos sends events of it, for this player where it depends on the player. */
  readonly subscribes: (player: Player | null) => boolean;
  /** Whether there is a snapshot to read, for this player where it depends on the player. */
  readonly reads: (player: Player | null) => boolean;
  /** Its part of a room's state. */
  readonly room: RoomPart<Slice> | null;
  /** One topic per attribute of a room: where in the room's state its value stands. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Retained topics of the household. */
  readonly topics: Readonly<Record<string, HouseholdTopic<Slice>>>;
  readonly commands: Readonly<Record<string, CommandSpec>>;
  /** What its events say on a room's `event` topic, by `event_type`. */
  readonly happenings: Readonly<Record<string, z.ZodObject>>;
  /** How it looks in Home Assistant. */
  readonly entities: Entities;
  /** What the row remembers of a target; null when nothing yet. */
  readonly slice: (slices: Slices | undefined) => Slice | null;
  /** Whether a remembered slice has been overtaken and must be read again. */
  readonly overtaken: (slice: Slice) => boolean;
  /** What an event makes doubtful beyond its own slice. */
  readonly doubts: (body: unknown) => Doubt;
  /** What an event or read tells of players' devices beside its own slice. */
  readonly devices: (body: unknown) => ToldDevices | null;
}

/** A row's part of a room's state: its schema, and its value from what is remembered. */
export interface RoomPart<Slice> {
  readonly schema: z.ZodObject;
  /** What the value is made of, beside who plays with whom: while all of it is the same, so is the value. */
  readonly grounds: (slice: Slice | null, seat: Seat) => Grounds;
  readonly of: (slice: Slice | null, seat: Seat) => { readonly [key: string]: Json };
}

/** A retained topic of a household: its schema, and its value; null when it is not known yet. */
export interface HouseholdTopic<Slice> {
  readonly schema: z.ZodObject;
  /** What the value is made of: while all of it is the same, so is the value. */
  readonly grounds: (slice: Slice | null, household: Household) => Grounds;
  readonly of: (slice: Slice | null, household: Household) => { readonly [key: string]: Json } | null;
}

type Optional =
  | 'snapshot'
  | 'subscribes'
  | 'reads'
  | 'room'
  | 'attributes'
  | 'topics'
  | 'commands'
  | 'happenings'
  | 'entities'
  | 'events'
  | 'answers'
  | 'overtaken'
  | 'doubts'
  | 'devices';

/** Makes a row; what is left out is nothing. */
export function defineNamespace<Slice>(
  row: Pick<Namespace<Slice>, 'name' | 'target'> & Partial<Pick<Namespace<Slice>, Optional>>,
): Namespace<Slice> {
  return {
    events: {},
    answers: {},
    snapshot: null,
    subscribes: () => true,
    reads: () => true,
    room: null,
    attributes: {},
    topics: {},
    commands: {},
    happenings: {},
    entities: {},
    overtaken: () => false,
    doubts: () => 'nothing',
    devices: () => null,
    // Only this row's `remember` ever writes the entry of its name, so the entry is a Slice.
    slice: (slices) => (slices?.[row.name] as Slice | undefined) ?? null,
    ...row,
  };
}

/** Makes an event's entry; `remember` may return a new value that says the same, the earlier one is kept then. */
export function on<Slice, Schema extends z.ZodType>(
  schema: Schema,
  remember: (body: z.output<Schema>, earlier: Slice | null, at: number) => Slice | null,
  happened: (body: z.output<Schema>, earlier: Slice | null, at: number) => readonly Happening[] = () => [],
): EventSpec<Slice> {
  let compiled: z.ZodType | null = null;
  return {
    schema,
    read(body) {
      // A compiled schema reads in a third of the time; compiling all of them would make every start later.
      compiled ??= z.compile(schema);
      return compiled.safeParse(body);
    },
    // The body always comes from this entry's own schema, see `read`.
    remember: (earlier, body, at) => {
      const next = remember(body as z.output<Schema>, earlier, at);
      return next === null ? null : kept(earlier, next);
    },
    happened: (earlier, body, at) => happened(body as z.output<Schema>, earlier, at),
  };
}

/** Makes an answer's entry; its bodies are made by the plans of the same row. */
export const answered = <Slice, Body>(
  remember: (body: Body, earlier: Slice | null, at: number) => Slice | null,
): AnswerSpec<Slice> => ({
  remember: (earlier, body, at) => {
    const next = remember(body as Body, earlier, at);
    return next === null ? null : kept(earlier, next);
  },
  happened: () => [],
});

/** Makes a room part whose value is checked against its schema's type; by default it is made of the slice alone. */
export const roomPart = <Slice, Shape extends z.ZodObject>(
  schema: Shape,
  of: (slice: Slice | null, seat: Seat) => z.output<Shape> & { readonly [key: string]: Json },
  grounds: RoomPart<Slice>['grounds'] = (slice) => [slice],
): RoomPart<Slice> => ({ schema, of, grounds });

/** Makes a household topic whose value is checked against its schema's type; by default it is made of the slice alone. */
export const householdTopic = <Slice, Shape extends z.ZodObject>(
  schema: Shape,
  of: (
    slice: Slice | null,
    household: Household,
  ) => (z.output<Shape> & { readonly [key: string]: Json }) | null,
  grounds: HouseholdTopic<Slice>['grounds'] = (slice) => [slice],
): HouseholdTopic<Slice> => ({ schema, of, grounds });
