import type { Cancel, Clock } from '../bridge/ports.ts';
import { type BridgeState, urgent } from './bridge-state.ts';

const SOON_MS = 1_000;
const COUNTS_EVERY_MS = 60_000;

/** Publishes the bridge's state as it changes. */
export interface StateTicker {
  start(): void;
  /** Something happened that the state may show. */
  nudge(): void;
  stop(): void;
}

/**
 * Publishes within a second what a person would act on, and everything else once a minute. While nothing happens there
 * is nothing to do, and no timer.
 */
export function createStateTicker(
  clock: Clock,
  state: () => BridgeState,
  publish: (state: BridgeState) => void,
): StateTicker {
  let shown = { whole: '', urgent: '', at: Number.NEGATIVE_INFINITY };
  let cancel: Cancel = () => {};
  let dueAt = Number.POSITIVE_INFINITY;
  let isStopped = true;

  function lookAt(at: number): void {
    if (isStopped || at >= dueAt) return;
    cancel();
    dueAt = at;
    cancel = clock.after(Math.max(0, at - clock.elapsed()), look);
  }

  function look(): void {
    dueAt = Number.POSITIVE_INFINITY;
    const now = state();
    const next = { whole: JSON.stringify(now), urgent: urgent(now), at: clock.elapsed() };
    if (next.whole === shown.whole) return;
    if (next.urgent !== shown.urgent || next.at - shown.at >= COUNTS_EVERY_MS) {
      shown = next;
      publish(now);
    }
    // Counts of the last minute go down by themselves.
    lookAt(shown.at + COUNTS_EVERY_MS);
  }

  return {
    start() {
      isStopped = false;
      look();
    },
    nudge: () => lookAt(clock.elapsed() + SOON_MS),
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
