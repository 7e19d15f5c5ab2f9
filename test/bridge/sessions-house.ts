import type { TestBridge } from '../support/bridge-house.ts';
import { openHouse } from './commands-house.ts';

export const STREAM = 'http://radio.example/live.mp3';
export const CREATE = /^POST \/groups\/[^/]+\/playbackSession$/;
export const LOAD = /loadStreamUrl$/;
export const SESSION_SUBSCRIPTION = /^POST \/playbackSessions\/.*subscription$/;

/** The id of the session that Sonos begins on a room's group, the n-th one of all. */
export const sessionId = (house: TestBridge, room: string, number = 1): string =>
  `${house.world.party(room).id}@${number}`;

/** A house whose Sonos begins sessions; `begun` counts them. */
export async function openSessions(options: Parameters<typeof openHouse>[0] = {}) {
  const house = await openHouse(options);
  const begun = { count: 0 };
  house.sonos.on(CREATE, ({ path }) => {
    const group = decodeURIComponent(path.split('/')[2] ?? '');
    if (!house.world.parties.some(({ id }) => id === group)) return null;
    begun.count += 1;
    return { ok: true, value: { sessionId: `${group}@${begun.count}`, sessionCreated: true } };
  });
  return { house, begun };
}

/** Sonos tells that the room's group plays what was loaded last. */
export function tellItPlays(house: TestBridge, room: string): void {
  const party = house.world.party(room);
  const body = house.sonos.made(LOAD).at(-1)?.body;
  party.state = 'PLAYBACK_STATE_PLAYING';
  party.itemId = String(body?.itemId);
  house.tell('playback', party.id);
}
