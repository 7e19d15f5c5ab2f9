import { expect, it } from 'vitest';
import { createSpread } from '../../src/cli/demo-spread.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const heard = (deviceId: string, startedAt: number, sound = 'bell', endedAt: number | null = null) => ({
  ...{ deviceId, startedAt, endedAt },
  url: `http://127.0.0.1:8789/${sound}/${deviceId}.wav`,
});

it('speakers that begin with the same sound are told, and how far apart they were', async () => {
  const clock = createFakeClock();
  const said: string[] = [];
  const watch = createSpread(clock, (sentence) => said.push(sentence));
  for (const sound of [heard('a', 100), heard('b', 103.2), heard('alone', 100, 'gong')]) watch(sound);
  await clock.advance(900);
  watch(heard('c', 101));
  watch(heard('a', 100, 'bell', 2_000));
  watch({ ...heard('x', 100), url: null });
  await clock.advance(1_000);
  expect(said).toEqual(['3 speakers began within 3.2 ms.']);
  // The same sound again, later, is another time.
  for (const sound of [heard('a', 5_000), heard('b', 5_380)]) watch(sound);
  await clock.advance(1_000);
  expect(said.at(-1)).toBe('2 speakers began within 380 ms.');
  expect(clock.timers).toBe(0);
});
