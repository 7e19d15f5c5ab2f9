import { createTestBridge, HOME, type TestBridge } from '../support/bridge-house.ts';

export const SUBSCRIBE = /^POST .*subscription$/;
export const GROUPS = /^GET .*groups$/;

/** A house where events arrive. */
export async function openHouse(options: Parameters<typeof createTestBridge>[0] = {}): Promise<TestBridge> {
  const house = createTestBridge(options);
  await house.start();
  house.tell('groups', HOME);
  await house.clock.advance(5_000);
  house.sonos.calls.length = 0;
  return house;
}

/** What the calls that a pattern finds were about. */
export const targets = (house: TestBridge, pattern: RegExp): string[] =>
  house.sonos
    .made(pattern)
    .map(({ path }) => decodeURIComponent(path).split('/').slice(2, 4).join(' '))
    .sort();

/** How the one household is kept true. */
export const status = (house: TestBridge) => {
  const first = house.bridge.status()[0];
  if (first === undefined) throw new Error('there is no household');
  return first;
};
