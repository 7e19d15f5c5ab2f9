import type { Kept } from '../../../src/web/access/kept.ts';

/** Keeps a value as the store does: also as text, which a next run reads; `full` makes the disk refuse. */
export function onDisk<T>(empty: T): Kept<T> & { full: boolean; text: string; saves: number } {
  let value = empty;
  return {
    ...{ full: false, text: JSON.stringify(empty), saves: 0 },
    get value() {
      return value;
    },
    async save(next: T) {
      value = next;
      this.saves += 1;
      if (this.full) throw new Error('ENOSPC');
      this.text = JSON.stringify(next);
    },
  };
}
