import { computed } from '@preact/signals';
import { skew } from '../clock.ts';
import { now as here, useTick } from '../house/tick.ts';

/** The bridge's time, milliseconds; goes on while somebody who shows times is on the page. */
export const now = computed(() => here.value - skew.value);

/** Has `now` tick each second while the component is shown. */
export function useTicking(): void {
  useTick(true);
}
