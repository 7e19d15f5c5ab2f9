import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Marks } from '../bridge/sequence.ts';
import { type MarksRecord, marksRecord } from '../bridge/sequence-marks.ts';
import type { Document } from '../store/store.ts';

/** Marks are saved so much later than they change: a crash makes at most the last few events repeatable. */
const DELAY_MS = 10_000;

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
      if (latest === null) cancel = clock.after(DELAY_MS, () => void flush());
      latest = marks;
    },
    flush,
  };
}
