import type { Household, Room } from '../../bridge/state.ts';

/** What makes our devices and entities different from everybody else's at Home Assistant, and from another bridge's. */
export interface Identity {
  /** The prefix of all ids: it holds letters, digits and `_` only. */
  readonly prefix: string;
  readonly bridge: string;
  /** A room's device: it stays the same whatever the room is called. */
  room(room: Pick<Room, 'playerId'>): string;
  /** The entity id that is proposed, such as `number.sonos_kitchen_volume`. */
  entityId(domain: string, household: Pick<Household, 'alias'> | null, address: string, key: string): string;
}

const plain = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');

/** The first household's alias unless the settings say otherwise; it would only make ids longer. */
const USUAL_ALIAS = 'home';

/** Ids made from the base topic, so that two bridges on one broker are told apart. */
export function identityOf(baseTopic: string): Identity {
  const prefix = plain(baseTopic) || 'sonos';
  return {
    prefix,
    bridge: `${prefix}_bridge`,
    room: ({ playerId }) => `${prefix}_${playerId.replace(/[^A-Za-z0-9_-]/g, '_')}`,
    entityId(domain, household, address, key) {
      const alias = household === null || household.alias === USUAL_ALIAS ? [] : [household.alias];
      const words = [prefix, ...alias, address, key].map((word) => plain(word).toLowerCase());
      return `${domain}.${words.join('_')}`;
    },
  };
}
