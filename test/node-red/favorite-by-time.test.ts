import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '../e2e/house.ts';
import { onStage, type Stage } from './stage.ts';

const BUTTON = 'house/kitchen/button';
const COMMAND = 'sonos/home/kitchen/set';
const REPLY = 'sonos/home/kitchen/reply';

/** Until the flow lets the next one pass. */
const pause = (): Promise<void> => wait(3300);

/** Presses the button, and gives the newest command when there were so many. */
async function press({ observer, tells }: Stage, count: number, payload = 'pressed') {
  await observer.send(BUTTON, payload);
  return (await tells(COMMAND, count)).at(-1);
}

/** A station that is paused is idle; music would only be paused. */
async function becomesIdle({ house, observer }: Stage): Promise<void> {
  house.sonos.world.playFavorite('Kitchen', 'Village Stream');
  await observer.holds('sonos/home/kitchen/state', 'playing');
  house.sonos.world.pause('Kitchen');
  await observer.holds('sonos/home/kitchen/state', 'idle');
}

async function plays({ house, observer }: Stage, favorite: string, volume: number): Promise<void> {
  await observer.holds('sonos/home/kitchen/source', favorite);
  await observer.holds('sonos/home/kitchen/state', 'playing');
  expect(house.sonos.world.find('Kitchen').player.volume).toBe(volume);
}

// Where Node-RED runs it is past eight in the morning.
onStage(['favorite-by-time'], { hour: 8, old: [BUTTON, '{"hour":20}'] }, (stage, { isMosquitto }) => {
  it('plays the favorite of the morning, by its own clock, after it has set the volume', async () => {
    const { calls, house, observer, told } = stage();
    const since = house.sonos.requests.length;
    await observer.holds('sonos/home/kitchen/state', 'idle');
    expect(told(COMMAND)).toEqual([]);
    expect(await press(stage(), 1)).toEqual({ volume: 15, favorite: 'Morning Coffee' });
    await plays(stage(), 'Morning Coffee', 15);
    const [volume, favorite, ...more] = calls(/(playerVolume|favorites)$/, since);
    expect(volume).toMatchObject({ path: expect.stringMatching(/playerVolume$/), body: { volume: 15 } });
    const { id } = house.sonos.world.household().favorites.find('Morning Coffee') ?? {};
    expect(favorite?.body).toMatchObject({ favoriteId: id, action: 'REPLACE', playOnCompletion: true });
    expect(more).toEqual([]);
  });

  // What follows does not lie with the broker, and takes its time.
  if (isMosquitto) return;

  it('leaves a room alone that plays, is paused, or has its night', async () => {
    const { house, observer, told } = stage();
    await pause();
    await observer.send(BUTTON, '{"hour":20}');
    house.sonos.world.pause('Kitchen');
    await observer.holds('sonos/home/kitchen/state', 'paused');
    await observer.send(BUTTON, '{"hour":20}');
    await becomesIdle(stage());
    await observer.send(BUTTON, '{"hour":2}');
    await pause();
    expect(told(COMMAND)).toHaveLength(1);
  });

  it('plays other ones in the evening and by day, once for two presses', async () => {
    const { observer, told } = stage();
    await observer.send(BUTTON, '{"hour":20}');
    expect(await press(stage(), 2, '{"hour":20}')).toEqual({ volume: 25, favorite: 'Lark Jazz' });
    await plays(stage(), 'Lark Jazz', 25);
    await pause();
    await becomesIdle(stage());
    expect(await press(stage(), 3, '{"hour":13}')).toEqual({ volume: 20, favorite: 'Lark One' });
    await plays(stage(), 'Lark One', 20);
    expect(told(COMMAND)).toHaveLength(3);
  });

  it('plays nothing when the favorite is not there, and the answer says so', async () => {
    const { house, nodeRed, observer, told } = stage();
    await becomesIdle(stage());
    house.sonos.world.removeFavorite('Morning Coffee');
    await eventually(
      () => (observer.topics.get('sonos/home/favorites')?.includes('Morning') === false ? true : undefined),
      'the favorite to be gone',
      () => observer.topics.get('sonos/home/favorites'),
    );
    await pause();
    expect(nodeRed.saidBy('could not')).toBe(0);
    const since = observer.messages.length;
    await press(stage(), 4);
    const failed = await eventually(
      () => told(REPLY, since).find(({ status }) => status === 'failed'),
      'a failed answer',
      () => told(REPLY, since),
    );
    expect(failed).toMatchObject({ command: 'favorite', error: { code: 'unknown_favorite' } });
    await eventually(
      () => (nodeRed.saidBy('could not') === 1 ? true : undefined),
      'it in the log',
      () => nodeRed.said(),
    );
    expect(observer.topics.get('sonos/home/kitchen/state')).toBe('idle');
  });
});
