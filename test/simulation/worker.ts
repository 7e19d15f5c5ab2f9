import { parentPort } from 'node:worker_threads';
import { Month, type Outcome } from './month.ts';

/** What a worker is asked: to live through these months, one after the other. */
export interface Task {
  readonly seeds: readonly number[];
  readonly days: number;
}

/** Lives through one month. What would end the daemon ends the month, and is what is wrong with it. */
export async function live(seed: number, days: number, show?: (line: string) => void): Promise<Outcome> {
  const month = new Month(seed, days, show ?? null);
  let broken: (error: unknown) => void = () => {};
  const ended = new Promise<readonly string[]>((resolve) => {
    broken = (error) => {
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      resolve([`the bridge would have ended: ${words}`]);
    };
    month.live().then(resolve, broken);
  });
  process.on('unhandledRejection', broken);
  process.on('uncaughtException', broken);
  const wrong = await ended;
  process.off('unhandledRejection', broken);
  process.off('uncaughtException', broken);
  return month.outcome(wrong);
}

const port = parentPort;
port?.once('message', async ({ seeds, days }: Task) => {
  for (const seed of seeds) port.postMessage(await live(seed, days));
});
