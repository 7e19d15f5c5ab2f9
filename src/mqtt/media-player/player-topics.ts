import type { Household, Room } from '../../bridge/state.ts';
import type { Topics } from '../topics.ts';

/** The level under which everything stands that only media players need. */
export const PLAYER = 'media_player';

/** What is shown of a room below that level, in the words and units of the integration. */
export const SHOWN = ['state', 'volume', 'mute', 'duration', 'position', 'mediatype'] as const;

/** One of them. */
export type Shown = (typeof SHOWN)[number];

/** Commands whose payloads the contract has in another shape. */
export const TRANSLATED = ['volume', 'mute', 'play_media'] as const;

/** One of them. */
export type Translated = (typeof TRANSLATED)[number];

/** The topics of one room's media player. */
export interface PlayerTopics {
  shown(what: Shown): string;
  translated(what: Translated): string;
  /** A topic of the contract, below the room. */
  contract(below: string): string;
}

/** See `PlayerTopics`. */
export function playerTopics(topics: Topics, { alias }: Household, { address }: Room): PlayerTopics {
  const contract = (below: string): string => topics.room(alias, address, below);
  return {
    shown: (what) => contract(`${PLAYER}/${what}`),
    translated: (what) => contract(`${PLAYER}/set/${what}`),
    contract,
  };
}
