import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Marks } from '../bridge/sequence.ts';
import { type MarksRecord, marksRecord } from '../bridge/sequence-marks.ts';
import type { Document } from '../store/store.ts';

/** Marks are saved so much later than they change: a crash makes at most the last few events repeatable. */
const DELAY_MS = 10_000;
/** All marks are written every time, which takes a microsecond or two for each: with very many, that much more seldom. */
const DELAY_PER_MARK_MS = 2;

function delayOf(marks: Marks): number {
  let count = 0;
  for (const each of marks.values()) count += each.size;
  return Math.max(DELAY_MS, count * DELAY_PER_MARK_MS);
}

/** Saves sequence marks some time after they changed, many changes at once. */
export function createMarksSaver(document: Document<MarksRecord>, clock: Clock) {
  let latest: Marks | null = null;
  let cancel: Cancel = () => {};

  async function flush(): Promise<void> {
    cancel();
    const marks = latest;
    latest = null;
    if (marks === null) return;
    // The store tells of a disk that refuses, once, and tries again by itself.
    await document.save(marksRecord(marks)).catch(() => {});
  }

  return {
    /** Takes marks to be saved soon. */
    save(marks: Marks): void {
      if (latest === null) cancel = clock.after(delayOf(marks), () => void flush());
      latest = marks;
    },
    flush,
  };
}
