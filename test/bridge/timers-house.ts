import { ok } from '../../src/bridge/result.ts';
import { playerOf, type TestBridge, type TestOptions } from '../support/bridge-house.ts';
import { openHouse, PLAYING } from './commands-house.ts';

/** A house that does what it is told, and tells of it. */
export async function openLivelyHouse(options: TestOptions = {}): Promise<TestBridge> {
  const house = await openHouse(options);
  liven(house);
  return house;
}

/** Lets a house do what it is told, and tell of it a moment later. */
export function liven(house: TestBridge): void {
  const { sonos, world, clock } = house;
  const roomAt = (path: string): string =>
    [...world.speakers.keys()].find((room) => path.includes(playerOf(room))) ?? '';
  sonos.on(/^POST \/players\/[^/]+\/playerVolume$/, ({ path, body }) => {
    const room = roomAt(decodeURIComponent(path));
    world.speaker(room).volume = Number((body as { volume: number }).volume);
    clock.after(20, () => house.tell('playerVolume', playerOf(room)));
    return ok({});
  });
  sonos.on(/^POST \/players\/[^/]+\/playerVolume\/mute$/, ({ path, body }) => {
    const room = roomAt(decodeURIComponent(path));
    world.speaker(room).muted = (body as { muted: boolean }).muted;
    clock.after(20, () => house.tell('playerVolume', playerOf(room)));
    return ok({});
  });
  sonos.on(/^POST \/groups\/[^/]+\/playback\/pause$/, ({ path }) => {
    const room = roomAt(decodeURIComponent(path));
    world.party(room).state = 'PLAYBACK_STATE_PAUSED';
    clock.after(20, () => house.tell('playback', world.party(room).id));
    return ok({});
  });
  sonos.on(/^POST \/groups\/[^/]+\/(favorites|playback\/play)$/, ({ path }) => {
    const room = roomAt(decodeURIComponent(path));
    world.party(room).state = PLAYING;
    world.party(room).container = 'c-woken';
    clock.after(20, () => {
      house.tell('playback', world.party(room).id);
      house.tell('playbackMetadata', world.party(room).id);
    });
    return ok({});
  });
}

/** Somebody plays in a room. */
export function play(house: TestBridge, room: string): void {
  house.world.party(room).state = PLAYING;
  house.tell('playback', house.world.party(room).id);
}

/** What was called, in few words: rooms and groups by their first room. */
export const called = (house: TestBridge): string[] =>
  house.sonos.made(/^POST .*(olume|mute|pause|play|favorites)$/).map(({ path, body }) => {
    const decoded = decodeURIComponent(path);
    const room = [...house.world.speakers.keys()].find((each) => decoded.includes(playerOf(each)));
    const what = decoded.split('/').slice(3).join(' ');
    const value = body !== undefined && 'volume' in body ? ` ${String(body.volume)}` : '';
    return `${room} ${what.replace(/^player|^playback /, '')}${value}`;
  });

/** What was told of timers: `kitchen sleep started`. */
export const timersTold = (house: TestBridge): string[] =>
  house.happenings
    .filter(({ happening }) => happening.event_type === 'timer')
    .map(({ room, happening }) => `${room} ${String(happening.kind)} ${String(happening.outcome)}`);
