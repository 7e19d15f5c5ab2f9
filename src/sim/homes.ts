import type { Clock } from '../bridge/ports.ts';
import type { FetchClip } from './clip.ts';
import type { HouseholdListener } from './home.ts';
import { Household } from './household.ts';
import { snapshot } from './household-bodies.ts';
import type { Knobs } from './knobs.ts';
import type { HouseholdSpec, SonosSays } from './model.ts';
import type { Player } from './player.ts';
import type { PlayerFetch } from './player-fetch.ts';
import type { Chance } from './random.ts';
import { type RoomView, viewRoom } from './room-view.ts';

/** What the world is built with. */
export interface WorldPorts {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly knobs: Knobs;
  readonly fetchClip?: FetchClip;
  readonly playerFetch?: PlayerFetch;
}

/** Every household there is: finding, watching and looking. */
export class Homes {
  readonly #households: Household[];
  readonly #listeners = new Set<HouseholdListener>();

  constructor(specs: readonly HouseholdSpec[], ports: WorldPorts) {
    const listener: HouseholdListener = {
      says: (says) => {
        for (const each of this.#listeners) each.says(says);
      },
      lost: (household, playerId) => {
        for (const each of this.#listeners) each.lost(household, playerId);
      },
      sounds: (clip) => {
        for (const each of this.#listeners) each.sounds?.(clip);
      },
    };
    this.#households = specs.map((spec, index) => new Household(spec, index, { ...ports, listener }));
  }

  /** Hears everything that changes, subscribed or not; the answer ends it. */
  listen(listener: HouseholdListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  households(): readonly Household[] {
    return this.#households;
  }

  /** By id; without an id the first one. */
  household(id?: string): Household {
    const found = id === undefined ? this.#households[0] : this.#households.find((home) => home.id === id);
    if (found === undefined) throw new Error(`There is no household ${id}.`);
    return found;
  }

  find(room: string): { home: Household; player: Player } {
    for (const home of this.#households) {
      const player = home.players().find(({ id, name }) => id === room || name === room);
      if (player !== undefined) return { home, player };
    }
    throw new Error(`There is no room ${room}.`);
  }

  /** All music ends without a word, so that no timer outlives the world. */
  stop(): void {
    for (const home of this.#households) home.stop();
  }

  /** True while something still settles by itself, apart from music that plays on. */
  isSettling(): boolean {
    return this.#households.some((home) => home.unsettled > 0);
  }

  /** The room as it is now. */
  room(room: string): RoomView {
    const { home, player } = this.find(room);
    return viewRoom(home, player);
  }

  rooms(): RoomView[] {
    return this.#households.flatMap((home) => home.players().map((player) => this.room(player.id)));
  }

  /** The present state as an event would tell it; null when there is none. */
  snapshot(household: string, namespace: string, target: string): SonosSays | null {
    return snapshot(this.household(household), namespace, target);
  }
}
