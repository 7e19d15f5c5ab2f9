import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const STEP_MS = 1_000;

/** This browser's time, milliseconds; moves on only while somebody watches and the page is seen. */
export const now = signal(Date.now());

let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function set(): void {
  clearInterval(timer);
  timer = undefined;
  if (watchers === 0 || document.hidden) return;
  now.value = Date.now();
  timer = setInterval(() => {
    now.value = Date.now();
  }, STEP_MS);
}

/** Keeps `now` going while a component is there and `isWanted`. */
export function useTick(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted) return;
    watchers += 1;
    if (watchers === 1) document.addEventListener('visibilitychange', set);
    set();
    return () => {
      watchers -= 1;
      if (watchers === 0) document.removeEventListener('visibilitychange', set);
      set();
    };
  }, [isWanted]);
}
