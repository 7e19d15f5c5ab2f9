const BESIDE_EACH_OTHER = 6;

/** Does the work for all, in order, a few beside each other. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(BESIDE_EACH_OTHER, items.length) }, worker));
}
