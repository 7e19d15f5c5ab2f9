import type { Clock } from '../bridge/ports.ts';
import type { FetchClip, HeardClip } from './clip.ts';
import type { Knobs } from './knobs.ts';
import type { Shelf } from './library.ts';
import type { FavoriteSpec, JsonObject, PlaylistSpec, SonosSays } from './model.ts';
import type { Player } from './player.ts';
import type { PlayerFetch } from './player-fetch.ts';
import type { Chance } from './random.ts';
import type { Group, Topology } from './topology.ts';

/** Who listens to a household. */
export interface HouseholdListener {
  says(says: SonosSays): void;
  /** A player was away for too long: nothing can be subscribed on it any more. */
  lost(household: string, playerId: string): void;
  /** A clip began to sound, or ended. */
  sounds?(clip: HeardClip): void;
}

/** What the house is built with. */
export interface HouseholdPorts {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly knobs: Knobs;
  readonly listener: HouseholdListener;
  readonly fetchClip?: FetchClip;
  readonly playerFetch?: PlayerFetch;
}

/** What those need of a household who only tell of it. */
export interface Home {
  readonly id: string;
  readonly topology: Topology;
  readonly favorites: Shelf<FavoriteSpec>;
  readonly playlists: Shelf<PlaylistSpec>;
  readonly ports: HouseholdPorts;
  players(): Player[];
  player(id: string, orDevice?: boolean): Player | undefined;
  group(id: string): Group | undefined;
  members(group: Group): Player[];
  statusBody(group: Group): JsonObject;
}
