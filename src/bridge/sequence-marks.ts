import { z } from 'zod';
import { judge, type Marks, type Verdict } from './sequence.ts';
import type { SonosEvent } from './sonos.ts';
import { type Household, hasTargetOf, sliceKey } from './state.ts';

const markRecord = z.object({ sequence: z.string().regex(/^(0|[1-9][0-9]{0,19})$/), at: z.number() });

/** Sequence marks as they are kept over restarts: by household, then by namespace and target. */
export const marksSchema = z.record(z.string(), z.record(z.string(), markRecord));

export type MarksRecord = z.output<typeof marksSchema>;

/** The numbers of the newest events. Bounded by what is alive: marks of targets that are gone are forgotten. */
export class SequenceMarks {
  readonly #marks = new Map<string, Map<string, { readonly sequence: string; readonly at: number }>>();

  constructor(record: MarksRecord = {}) {
    for (const [household, marks] of Object.entries(record)) {
      this.#marks.set(household, new Map(Object.entries(marks)));
    }
  }

  get all(): Marks {
    return this.#marks;
  }

  /** What the event's number says of it; when it is news, it is the new mark. An event that was read is always news. */
  judge({ household, namespace, target, sequence, at }: SonosEvent): Verdict {
    if (sequence === null) return 'newer';
    const key = sliceKey(namespace, target);
    const marks = this.#marks.get(household) ?? new Map();
    const verdict = judge(marks.get(key), sequence, at);
    if (verdict === 'newer' || verdict === 'restarted') {
      marks.set(key, { sequence, at });
      this.#marks.set(household, marks);
    }
    return verdict;
  }

  /** Keeps only marks of targets that the household has. */
  prune(household: Household): void {
    const marks = this.#marks.get(household.id);
    for (const key of marks?.keys() ?? []) if (!hasTargetOf(household, key)) marks?.delete(key);
  }

  forget(household: string): void {
    this.#marks.delete(household);
  }
}

/** The marks as they are kept. */
export const marksRecord = (marks: Marks): MarksRecord =>
  Object.fromEntries([...marks].map(([household, each]) => [household, Object.fromEntries(each)]));
