import type { HeardClip } from './clip.ts';

/** What was heard of clips, box by box. */
export interface Diary {
  /** The latest 1,000, in the order they began. */
  readonly heard: readonly HeardClip[];
  /** A clip began, or ended. */
  note(clip: HeardClip): void;
}

const KEPT = 1000;

/** An empty one; `onClip` is told of each begin and each end. */
export function createDiary(onClip?: (heard: HeardClip) => void): Diary {
  const heard: HeardClip[] = [];
  return {
    heard,
    note: (clip) => {
      const place = heard.findLastIndex(({ clipId }) => clipId === clip.clipId);
      if (place >= 0) heard[place] = clip;
      else if (clip.endedAt === null) heard.push(clip);
      if (heard.length > KEPT) heard.shift();
      onClip?.(clip);
    },
  };
}
