import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inSlices } from '../../src/speech/slices.ts';

describe('long work', () => {
  it('is done in slices, each thing once and in order', async () => {
    const slices: [number, number][] = [];
    await inSlices(10, 4, (from, to) => slices.push([from, to]));
    expect(slices).toEqual([
      [0, 4],
      [4, 8],
      [8, 10],
    ]);
    await inSlices(0, 4, () => expect.unreachable());
  });

  it('lets everybody else have a turn between two slices', async () => {
    const happened: string[] = [];
    const others = (async () => {
      for (let turn = 0; turn < 2; turn += 1) {
        await setImmediate();
        happened.push('somebody else');
      }
    })();
    await inSlices(3, 1, (from) => happened.push(`slice ${from}`));
    await others;
    expect(happened).toEqual(['slice 0', 'somebody else', 'slice 1', 'somebody else', 'slice 2']);
  });
});
