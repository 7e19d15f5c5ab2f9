import type { Json } from './sonos.ts';
import type { Household, RoomPicture } from './state.ts';

/** What every entity has. */
interface Common {
  /** As people read it, behind the room's name. */
  readonly name: string;
  /** A Material Design icon, `mdi:…`; without it, Home Assistant chooses. */
  readonly icon?: string;
  /** Something to set up, or to look at when it does not work, rather than to use. */
  readonly category?: 'config' | 'diagnostic';
  /** Switched off until a person wants it. */
  readonly isExtra?: true;
  /** The capability, in the contract's words, without which a room has none of it. */
  readonly needs?: string;
  /** The path of a flag: where it is true in the room's state, the room has none of it. */
  readonly unless?: string;
}

/** One of a few things to choose, what it looks like in the room's state, and the commands that it stands for. */
export interface Choice {
  readonly label: string;
  /** The value at the entity's path while it is chosen. */
  readonly when: Json;
  /** As in `<room>/set`. */
  readonly send: { readonly [command: string]: Json };
}

/**
 * How a part of a room looks in Home Assistant, as a row of the table hints it. `state` is a path in the room's state,
 * `command` a command of the contract.
 */
export type Entity = Common &
  (
    | {
        readonly platform: 'number';
        readonly state: string;
        readonly command: string;
        readonly min: number;
        readonly max: number;
        readonly unit: string;
      }
    /** Without a state, nobody can tell whether it is on: Home Assistant shows both ways to switch it. */
    | { readonly platform: 'switch'; readonly state: string | null; readonly command: string }
    | { readonly platform: 'button'; readonly command: string }
    | {
        readonly platform: 'sensor';
        readonly state: string;
        readonly deviceClass?: string;
        readonly unit?: string;
        /** All words that it can be. */
        readonly options?: readonly string[];
      }
    | {
        readonly platform: 'binary_sensor';
        readonly state: string;
        readonly deviceClass: string;
      }
    | { readonly platform: 'image'; readonly attribute: string }
    /** A name out of a list that the command takes as it is. */
    | {
        readonly platform: 'select';
        readonly state: string;
        readonly command: string;
        readonly options: (household: Household) => readonly string[];
      }
    | {
        readonly platform: 'choice';
        readonly state: string;
        readonly choices: (household: Household, picture: RoomPicture) => readonly Choice[];
      }
    | { readonly platform: 'text'; readonly command: string; readonly max: number }
    | { readonly platform: 'notify'; readonly command: string }
  );

/** Entities by their keys. A key is part of unique ids: it never changes, or automations lose what they refer to. */
export type Entities = Readonly<Record<string, Entity>>;
