import type { Grounds } from '../bridge/same.ts';
import type { Household } from '../bridge/state.ts';
import type { Rendering } from './render.ts';

/**
 * A further picture of the house beside the contract's topics: Home Assistant's discovery, or a shape that people know
 * from another bridge. Its retained topics are remembered over restarts, and cleared when they lose their meaning.
 */
export interface FurtherPicture {
  /** Under which its topics are remembered. */
  readonly name: string;
  /** How long changes are gathered before it is drawn again, milliseconds; 0 is the same turn. */
  readonly delayMs: number;
  /** What a household's drawing is made of: while each of it is the same as before, so is the drawing. */
  grounds(household: Household): Grounds;
  /** Every retained topic of a household. Rooms of which nothing is known yet are left out. */
  draw(household: Household): Rendering;
  /** Topics of a household that keep what they hold: what they say is not known now, but they have not lost their meaning. */
  kept?(household: Household): readonly string[];
  /** Topics that belong to no household. */
  fixed?(): Rendering;
}

/** A command of the contract that a message through a familiar door stands for. */
export interface DoorCommand {
  readonly household: string;
  /** As in the contract's topic: an address, an id, or `all`. */
  readonly room: string;
  /** Null for several, as in `<room>/set`. */
  readonly command: string | null;
  readonly payload: Uint8Array;
}

/** What a message through a familiar door asks for, and what is said at once to one whom nobody can serve. */
export interface DoorReading {
  readonly commands: readonly DoorCommand[];
  readonly answers: readonly { readonly topic: string; readonly payload: string }[];
}

/** Topics under which commands come in another shape than the contract's. */
export interface FamiliarDoor {
  /** What to subscribe to; they overlap with no other filter of the bridge. */
  readonly filters: readonly string[];
  /** What a message asks for; null when its topic is not this door's. Everything in it is untrusted. */
  read(
    message: { readonly topic: string; readonly payload: Uint8Array },
    households: readonly Household[],
  ): DoorReading | null;
}
