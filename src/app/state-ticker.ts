import type { Cancel, Clock } from '../bridge/ports.ts';
import { type BridgeState, urgent } from './bridge-state.ts';

const LOOK_EVERY_MS = 1_000;
const COUNTS_EVERY_MS = 60_000;

/** Publishes the bridge's state: at once when a person would act on a change, else once a minute. */
export function createStateTicker(
  clock: Clock,
  state: () => BridgeState,
  publish: (state: BridgeState) => void,
) {
  let shown = '';
  let counted = Number.NEGATIVE_INFINITY;
  let cancel: Cancel = () => {};

  function look(): void {
    const now = state();
    const isDue = clock.elapsed() - counted >= COUNTS_EVERY_MS;
    if (isDue || urgent(now) !== shown) {
      publish(now);
      shown = urgent(now);
      counted = clock.elapsed();
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  }

  return { start: look, stop: (): void => cancel() };
}
