import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createMarksSaver } from '../../src/app/marks-saver.ts';
import type { Marks } from '../../src/bridge/sequence.ts';
import { type MarksRecord, marksRecord, SequenceMarks } from '../../src/bridge/sequence-marks.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** Marks after so many events. */
function marks(sequence: string): Marks {
  const all = new SequenceMarks({});
  all.judge({
    household: 'Sonos_1',
    namespace: 'groups',
    type: 'groups',
    target: 'Sonos_1',
    sequence,
    body: {},
    at: 0,
  });
  return all.all;
}

function setUp() {
  const clock = createFakeClock();
  const disk = { saved: [] as MarksRecord[], refuses: false };
  const document = {
    value: {},
    async save(value: MarksRecord) {
      if (disk.refuses) throw new Error('ENOSPC');
      disk.saved.push(value);
    },
  };
  return { clock, disk, saver: createMarksSaver(document, clock) };
}

it('marks are saved ten seconds after the first of them changed, only the latest', async () => {
  const { clock, disk, saver } = setUp();
  saver.save(marks('1'));
  await clock.advance(6000);
  saver.save(marks('2'));
  expect(disk.saved).toEqual([]);
  await clock.advance(4000);
  expect(disk.saved).toEqual([marksRecord(marks('2'))]);
  saver.save(marks('3'));
  await clock.advance(10_000);
  expect(disk.saved).toHaveLength(2);
});

it('at the end what waits is saved at once, and nothing twice', async () => {
  const { clock, disk, saver } = setUp();
  saver.save(marks('1'));
  await saver.flush();
  expect(disk.saved).toEqual([marksRecord(marks('1'))]);
  await saver.flush();
  await clock.advance(60_000);
  expect(disk.saved).toHaveLength(1);
  expect(clock.timers).toBe(0);
});

it('a disk that refuses, of which the store tells, keeps nobody from saving the next marks', async () => {
  const { clock, disk, saver } = setUp();
  disk.refuses = true;
  saver.save(marks('1'));
  await clock.advance(10_000);
  await setImmediate();
  expect(disk.saved).toEqual([]);
  disk.refuses = false;
  saver.save(marks('2'));
  await clock.advance(10_000);
  expect(disk.saved).toEqual([marksRecord(marks('2'))]);
});

it('very many marks are saved more seldom: all of them are written every time', async () => {
  const { clock, disk, saver } = setUp();
  const mark = { sequence: '1', at: 0 };
  const target = (index: number) => [`playback RINCON_${index}`, mark] as const;
  saver.save(new Map([['Sonos_1', new Map(Array.from({ length: 10_000 }, (_, index) => target(index)))]]));
  await clock.advance(19_000);
  expect(disk.saved).toEqual([]);
  await clock.advance(2_000);
  await setImmediate();
  expect(disk.saved).toHaveLength(1);
});
