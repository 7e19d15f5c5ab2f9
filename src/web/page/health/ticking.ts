import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { skew } from '../clock.ts';

/** The bridge's time, milliseconds; goes on while somebody who shows times is on the page. */
export const now = signal(Date.now() - skew.value);

let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

const tick = (): void => {
  now.value = Date.now() - skew.value;
};

/** Has `now` tick each second while the component is shown. */
export function useTicking(): void {
  useEffect(() => {
    watchers += 1;
    tick();
    timer ??= setInterval(tick, 1_000);
    return () => {
      watchers -= 1;
      if (watchers > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
}
