import type { Clock } from '../bridge/ports.ts';
import { within } from '../bridge/within.ts';

/** The house could not be opened; the message says why and what to do. */
export class AppRefused extends Error {}

const OPEN_WITHIN_MS = 60_000;

/** What was opened; throws `AppRefused` with the words for why it was not. */
export const opened = <T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string },
): T => {
  if (result.ok) return result.value;
  throw new AppRefused(result.error);
};

/** Waits for the data folder and throws `AppRefused` after a minute: a disk can hang for ever, and a house that neither opens nor refuses helps nobody. */
export async function inTime<T>(clock: Clock, work: Promise<T>, folder: string): Promise<T> {
  if (await within(clock, OPEN_WITHIN_MS, work)) return work;
  const seen = `The data folder ${folder} did not answer within ${OPEN_WITHIN_MS / 1000} s.`;
  throw new AppRefused(`${seen} Check the disk, or the network that it hangs on.`);
}
