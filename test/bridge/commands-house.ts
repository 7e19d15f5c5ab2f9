import { createTestBridge, playerOf, type TestBridge } from '../support/bridge-house.ts';

/** Calls that carry a command out. */
export const CALLS = /^POST .*(playback|olume|favorites|playlists|Members|audioClip)(?!.*subscription)/;

/** A house where events arrive, and of which everything is known. */
export async function openHouse(options: Parameters<typeof createTestBridge>[0] = {}): Promise<TestBridge> {
  const house = createTestBridge(options);
  await house.start();
  house.tell('playerVolume', playerOf('kitchen'));
  await house.clock.advance(1_000);
  house.sonos.calls.length = 0;
  return house;
}

/** Somebody sets a room's volume at the speaker, and Sonos tells of it. */
export const tellVolume = (house: TestBridge, room: string, volume: number): void => {
  house.world.speaker(room).volume = volume;
  house.tell('playerVolume', playerOf(room));
};

/** Somebody plays or stops, and Sonos tells of it. */
export const tellPlayback = (house: TestBridge, room: string, state: string): void => {
  house.world.party(room).state = state;
  house.tell('playback', house.world.party(room).id);
};

export const PLAYING = 'PLAYBACK_STATE_PLAYING';
