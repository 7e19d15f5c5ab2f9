import { roomPicture } from '../../bridge/room-picture.ts';
import type { Household } from '../../bridge/state.ts';
import type { FurtherPicture } from '../further-picture.ts';
import type { Rendering } from '../render.ts';
import { isPlayerLevel, statusNames } from './names.ts';
import { distinctOf, shapeOf } from './shape.ts';

/** That project's word for "at the broker, and Sonos too". The bridge's one last will is the contract's, so no `0` follows. */
const CONNECTED = '2';

function* drawn(base: string, household: Household): Generator<readonly [string, string]> {
  const names = statusNames(household);
  for (const room of household.rooms.values()) {
    const picture = roomPicture(household, room);
    if (picture === null || !isPlayerLevel(room.playerId)) continue;
    const shape = shapeOf(household, room, picture);
    yield [`${base}/${room.playerId}`, JSON.stringify(shape)];
    const status = `${base}/status/${names.get(room.playerId) ?? room.playerId}`;
    for (const [end, value] of Object.entries(distinctOf(shape))) yield [`${status}/${end}`, value];
  }
}

/** The rooms as sonos2mqtt shows them, below the same base topic. */
export const createSonos2mqttPicture = (base: string): FurtherPicture => ({
  name: 'sonos2mqtt',
  delayMs: 0,
  grounds: ({ rooms, topology, own, groups, players }) => [rooms, topology, own, groups, players],
  draw: (household): Rendering => new Map(drawn(base, household)),
  fixed: (): Rendering => new Map([[`${base}/connected`, CONNECTED]]),
});
