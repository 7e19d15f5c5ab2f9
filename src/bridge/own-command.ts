import type { CommandError } from './command-error.ts';
import type { Wish } from './intake.ts';
import type { Reader } from './readers.ts';
import type { Ask, Outcome, Reply, Status } from './replies.ts';
import type { Household, Room } from './state.ts';

/** Answers one who asked. */
export type Settle = (ask: Ask, status: Status, outcome?: Outcome) => void;

/** A command of the contract (§3) that the house carries out itself, with no single call behind it. */
export interface OwnCommand<Value = unknown> {
  /** One sentence for the documentation. */
  readonly describe: string;
  readonly value: Reader<Value>;
  /** Further rooms that the value names, as the sender wrote them. */
  readonly rooms: (value: Value) => readonly string[];
  /** What is wrong with it for a room, as far as it can be told at once; null when nothing is. */
  readonly objection: (household: Household, room: Room, value: Value) => CommandError | null;
  /** Carries it out for the rooms in which nothing speaks against it; every answer is its own, `accepted` too. */
  readonly run: (household: Household, value: Value, asks: ReadonlyMap<Room, Ask>) => void;
}

/** The command, whose value's type is known inside and nowhere else. */
export const erased = <Value>(command: OwnCommand<Value>): OwnCommand =>
  // Every value that reaches the functions of a command was read by its own reader.
  command as unknown as OwnCommand;

/** Carries out one command of a room for the house itself; settles with its last answer, and never rejects. */
export type Perform = (household: Household, room: Room, wish: Wish) => Promise<Reply>;
