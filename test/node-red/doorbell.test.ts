import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '../e2e/house.ts';
import { figure } from '../support/figures.ts';
import { onStage, type Stage } from './stage.ts';

const RING = /^sonos\/home\/[^/]+\/set\/announce$/;
const LIMIT_MS = 10_000;

/** What was heard since then, once all of it has ended. */
async function heard({ house }: Stage, count: number, since: number): Promise<string[]> {
  const clips = () => house.sonos.heard.slice(since);
  await eventually(
    () => (clips().length >= count && clips().every(({ endedAt }) => endedAt !== null) ? true : undefined),
    `${count} rings`,
    clips,
    20_000,
  );
  return clips()
    .map(({ room, volume, priority, outcome }) => `${room} ${volume} ${priority} ${outcome}`)
    .sort();
}

/** Somebody had rung before, at night: it must not ring when Node-RED starts. */
const old = ['house/doorbell', '{"hour":23}'] as const;

// Where Node-RED runs it is past three at night.
onStage(['doorbell'], { hour: 3, needsSpeech: true, old }, (stage, { isMosquitto }) => {
  // The rest is short on one of the two brokers: it does not lie with them, and takes its time.
  if (isMosquitto) {
    it('rings in the rooms that are there, and says which one could not', async () => {
      const { observer, house, nodeRed } = stage();
      house.sonos.world.unplug('Office');
      await observer.holds('sonos/home/office/availability', 'offline');
      expect(nodeRed.saidBy('did not ring')).toBe(0);
      await observer.send('house/doorbell', '{"hour":12}');
      expect(await heard(stage(), 2, 0)).toEqual(['Kitchen 45 HIGH DONE', 'Living Room 35 HIGH DONE']);
      expect(nodeRed.saidBy('did not ring')).toBe(1);
    }, 40_000);
    return;
  }
  let start = 0;

  it('rings by day in three rooms, in each at its volume, and once', async () => {
    const { observer, house, nodeRed, told } = stage();
    start = performance.now();
    await observer.send('house/doorbell', '{"hour":12}');
    for (const again of ['{"hour":12}', 'pressed', '{"hour":23}'])
      await observer.send('house/doorbell', again);
    const rings = ['Kitchen 45 HIGH DONE', 'Living Room 35 HIGH DONE', 'Office 30 HIGH DONE'];
    expect(await heard(stage(), 3, 0)).toEqual(rings);
    const commands = told(RING);
    expect(commands.map(({ volume }) => volume)).toEqual([45, 35, 30]);
    expect(commands[0]).toEqual({
      text: 'Somebody is at the door.',
      before: 'doorbell',
      volume: 45,
      priority: 'high',
      id: expect.stringMatching(/^doorbell-\d+$/),
    });
    const starts = house.sonos.heard.map(({ startedAt }) => startedAt);
    figure('rings began within', `${Math.round(Math.max(...starts) - Math.min(...starts))} ms`);
    expect(nodeRed.saidBy('did not ring')).toBe(0);
  }, 40_000);

  it('rings at night in one room, quietly, by its own clock', async () => {
    const { observer, house, told } = stage();
    const since = house.sonos.heard.length;
    await wait(Math.max(0, LIMIT_MS + 500 - (performance.now() - start)));
    expect(told(RING)).toHaveLength(3);
    await observer.send('house/doorbell', 'pressed');
    expect(await heard(stage(), 1, since)).toEqual(['Kitchen 15 HIGH DONE']);
    expect(told(RING)).toHaveLength(4);
    expect(told(RING).at(-1)).toMatchObject({ volume: 15, before: 'doorbell' });
  });
});
