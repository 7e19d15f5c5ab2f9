import type { Cancel, Clock } from '../bridge/ports.ts';

/** When a device came to the gate and when it was let through, by the clock's `elapsed`; null while it waits. */
export interface Passage {
  readonly device: number;
  readonly askedMs: number;
  readonly passedMs: number | null;
}

/** Holds those who come first until all are there, so that they start together. */
export interface Gate {
  /** Resolves when the device may go on; at once for who comes late, or asks again. An aborted one leaves nothing. */
  pass(device: number, signal?: AbortSignal): Promise<void>;
  /** Who came, in the order of their first asking. */
  passages(): readonly Passage[];
  /** Lets everybody through, now and later. */
  close(): void;
}

/** How many different devices are waited for, how long at most, and who is told when the gate has opened. */
export interface GateOptions {
  readonly expected: number;
  readonly waitMs?: number;
  readonly opened?: (passages: readonly Passage[]) => void;
}

interface Visit {
  readonly askedMs: number;
  passedMs: number | null;
  /** The requests of this device that wait. */
  readonly waiting: Set<() => void>;
}

const WAIT_MS = 400;

/** Makes a gate that opens when so many devices have asked, or some time after the first one did. */
export function createGate(clock: Clock, { expected, waitMs = WAIT_MS, opened }: GateOptions): Gate {
  const visits = new Map<number, Visit>();
  let isOpen = false;
  let cancel: Cancel | null = null;

  const passages = (): readonly Passage[] =>
    [...visits].map(([device, { askedMs, passedMs }]) => ({ device, askedMs, passedMs }));

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    cancel?.();
    const passedMs = clock.elapsed();
    const held = [...visits.values()].flatMap((visit) => {
      visit.passedMs = passedMs;
      const waiting = [...visit.waiting];
      visit.waiting.clear();
      return waiting;
    });
    // Nothing comes between them: what they do next is done in one turn.
    for (const go of held) go();
    opened?.(passages());
  }

  function leave(device: number, visit: Visit, go: () => void): void {
    if (!visit.waiting.delete(go)) return;
    if (visit.waiting.size === 0) visits.delete(device);
    if (visits.size === 0) {
      cancel?.();
      cancel = null;
    }
    go();
  }

  function hold(device: number, visit: Visit, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const aborted = () => leave(device, visit, go);
      const go = () => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      };
      signal?.addEventListener('abort', aborted);
      visit.waiting.add(go);
      cancel ??= clock.after(waitMs, open);
      if (visits.size >= expected) open();
    });
  }

  return {
    pass: async (device, signal) => {
      if (signal?.aborted) return;
      const known = visits.get(device);
      const now = clock.elapsed();
      const visit = known ?? { askedMs: now, passedMs: isOpen ? now : null, waiting: new Set() };
      if (known === undefined) visits.set(device, visit);
      if (!isOpen) await hold(device, visit, signal);
    },
    passages,
    close: open,
  };
}
