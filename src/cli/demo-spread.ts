import type { Cancel, Clock } from '../bridge/ports.ts';

/** A sound that a simulated speaker plays, as far as it matters here. */
export interface HeardSound {
  readonly deviceId: string;
  readonly url: string | null;
  /** `Clock.elapsed`. */
  readonly startedAt: number;
  /** Null while it is heard. */
  readonly endedAt: number | null;
}

/** Nobody else begins with the same sound after so long. */
const QUIET_MS = 1_000;

/** How far apart the speakers of one sound began, in words. */
function words(starts: readonly number[]): string {
  const spread = Math.max(...starts) - Math.min(...starts);
  return `${starts.length} speakers began within ${spread < 10 ? spread.toFixed(1) : Math.round(spread)} ms.`;
}

/** Watches simulated speakers, and says for each sound that several play how far apart they began. */
export function createSpread(clock: Clock, say: (sentence: string) => void): (heard: HeardSound) => void {
  const starts = new Map<string, number[]>();
  const ends = new Map<string, Cancel>();
  return ({ url, startedAt, endedAt }) => {
    // Each speaker has a way of its own to the sound, whose name stands before it.
    const sound = url?.split('/').at(-2);
    if (sound === undefined || endedAt !== null) return;
    const all = [...(starts.get(sound) ?? []), startedAt];
    starts.set(sound, all);
    ends.get(sound)?.();
    const tell = (): void => {
      starts.delete(sound);
      ends.delete(sound);
      if (all.length > 1) say(words(all));
    };
    ends.set(sound, clock.after(QUIET_MS, tell));
  };
}
