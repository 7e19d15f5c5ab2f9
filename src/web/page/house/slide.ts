/**
 * A slider as a value. What the finger wished is shown until the house shows it, too; so the thumb never jumps back
 * to what was while a command is on its way. One command at a time, then the newest wish.
 */
export interface Slide {
  readonly held: boolean;
  /** Whether the finger that holds it, or the last key, has changed it. */
  readonly moved: boolean;
  /** What is shown instead of what the house says; null when nobody wishes anything. */
  readonly wish: number | null;
  /** The value that is on its way. */
  readonly sent: number | null;
  /** Whether the wish has yet to be sent. */
  readonly isDue: boolean;
  /** When the answer to the wish came, milliseconds; null before. */
  readonly answeredAt: number | null;
}

/** How long a wish is shown after its answer when the house never shows it, milliseconds. */
export const LETS_GO_MS = 8_000;

/** Nobody wishes anything. */
export const AT_REST: Slide = {
  held: false,
  moved: false,
  wish: null,
  sent: null,
  isDue: false,
  answeredAt: null,
};

/** A finger, or the mouse, takes hold: from now on the thumb stays where it is. A second finger changes nothing. */
export const grasp = (slide: Slide, actual: number | null): Slide => ({
  ...slide,
  held: true,
  moved: slide.held && slide.moved,
  wish: slide.wish ?? actual,
});

/** Another value is wished. One that is not `live` is sent when the finger lets go; a key has nothing to let go of. */
export const wish = (slide: Slide, value: number, isLive = true): Slide => ({
  ...slide,
  moved: true,
  wish: value,
  isDue: isLive || !slide.held,
  answeredAt: null,
});

/** The finger lets go. What it wished is shown on, and sent if it was not yet. */
export function letGo(slide: Slide): Slide {
  const { moved, isDue, sent, wish: wished, answeredAt } = slide;
  if (!moved && !isDue && sent === null && answeredAt === null) return AT_REST;
  const isKnown = isDue || sent === wished || answeredAt !== null;
  return { ...slide, held: false, isDue: isDue || (moved && !isKnown) };
}

/** The value that is to be sent now; null when there is none, or one is on its way. */
export const dueOf = ({ wish: value, sent, isDue }: Slide): number | null =>
  isDue && sent === null ? value : null;

/** The wish has been sent. */
export const send = (slide: Slide): Slide => ({ ...slide, sent: slide.wish, isDue: false });

/** The answer is in. After a refusal the truth is shown, unless the finger is on it or has wished anew. */
export function answered(slide: Slide, isRefused: boolean, at: number): Slide {
  if (isRefused && !slide.held && !slide.isDue) return AT_REST;
  return { ...slide, sent: null, answeredAt: slide.sent === slide.wish && !slide.isDue ? at : null };
}

/** What the house says now, which may be what was wished; `tolerance` is for what goes on by itself. */
export function saw(slide: Slide, actual: number | null, at: number, tolerance = 0): Slide {
  const { held, wish: wished, sent, isDue, answeredAt } = slide;
  if (held || sent !== null || isDue || wished === null || answeredAt === null) return slide;
  const isThere = actual !== null && Math.abs(actual - wished) <= tolerance;
  return isThere || at - answeredAt >= LETS_GO_MS ? AT_REST : slide;
}

/** What the slider shows. */
export const shown = (slide: Slide, actual: number | null): number | null => slide.wish ?? actual;
