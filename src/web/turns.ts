/** Lets only so much of some dear work be under way at once. */
export interface Turns {
  /** Does the work when its turn comes; null when too many wait already. */
  take<T>(work: () => Promise<T>): Promise<T> | null;
}

/** Creates turns: `atOnce` under way, and `waiting` more in a line. */
export function createTurns(atOnce: number, waiting: number): Turns {
  const line: (() => void)[] = [];
  let busy = 0;

  async function run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      const next = line.shift();
      // The place goes over to who waited longest, so that nobody slips in between.
      if (next === undefined) busy -= 1;
      else next();
    }
  }

  return {
    take: (work) => {
      if (busy < atOnce) {
        busy += 1;
        return run(work);
      }
      if (line.length >= waiting) return null;
      return new Promise<void>((resolve) => line.push(resolve)).then(() => run(work));
    },
  };
}
