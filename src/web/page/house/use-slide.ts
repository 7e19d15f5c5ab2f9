import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Doing } from './act.ts';
import { AT_REST, answered, dueOf, grasp, LETS_GO_MS, letGo, saw, send, shown, wish } from './slide.ts';

/** What a slider stands on. */
export interface Sliding {
  /** What the house says. */
  readonly actual: number | null;
  readonly give: (value: number) => Promise<Doing>;
  /** Whether it is sent while the finger moves, or when it lets go. */
  readonly isLive?: boolean;
  /** For what goes on by itself. */
  readonly tolerance?: number;
}

/** The value to show, and what an `<input type="range">` does with it. */
export function useSlide({ actual, give, isLive = true, tolerance = 0 }: Sliding) {
  const slide = useSignal(AT_REST);
  const latest = useRef({ actual, give });
  latest.current = { actual, give };

  const look = () => {
    slide.value = saw(slide.value, latest.current.actual, Date.now(), tolerance);
  };
  async function pump(): Promise<void> {
    const value = dueOf(slide.value);
    if (value === null) return;
    slide.value = send(slide.value);
    const doing = await latest.current.give(value);
    slide.value = answered(slide.value, doing === 'failed', Date.now());
    look();
    setTimeout(look, LETS_GO_MS + 50);
    await pump();
  }
  useEffect(look, [actual]);

  const release = () => {
    slide.value = letGo(slide.value);
    removeEventListener('pointerup', release);
    removeEventListener('pointercancel', release);
    void pump();
  };
  return {
    value: shown(slide.value, actual),
    isHeld: slide.value.held,
    handlers: {
      onPointerDown: () => {
        slide.value = grasp(slide.value, latest.current.actual);
        addEventListener('pointerup', release);
        addEventListener('pointercancel', release);
      },
      onInput: (event: { readonly currentTarget: HTMLInputElement }) => {
        slide.value = wish(slide.value, event.currentTarget.valueAsNumber, isLive);
        void pump();
      },
    },
  };
}
