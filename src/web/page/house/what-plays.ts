import type { RoomView } from '../../api/messages.ts';

/** What a room plays, as its card says it; the words for kinds are the page's. */
export interface WhatPlays {
  /** The largest line; null when there is nothing but the kind of source to name. */
  readonly title: string | null;
  /** Artist and album, or the like. */
  readonly lines: readonly string[];
  readonly image: string | null;
  /** What comes next; null when nobody knows. */
  readonly next: string | null;
}

/** What a player reports of a TV or a line-in is technology, and no title. */
const WITHOUT_TITLE = ['tv', 'line_in'];

const filled = (text: string | null | undefined): string | null => (text?.trim() ? text : null);

/** Takes from a room's state what its card says. */
export function whatPlays({ source, track, next }: Pick<RoomView, 'source' | 'track' | 'next'>): WhatPlays {
  const from = filled(source?.name);
  const own = WITHOUT_TITLE.includes(source?.kind ?? '') ? null : filled(track?.title);
  const title = own ?? from;
  const lines = [filled(track?.artist), filled(track?.album)].flatMap((line) => line ?? []);
  return {
    title,
    lines: [...new Set(lines)].filter((line) => line !== title),
    image: track?.image ?? source?.image ?? null,
    next: filled(next?.title),
  };
}

/** Where the music is from: the container and the service, without what the title says already. */
export function originOf({ source, track }: Pick<RoomView, 'source' | 'track'>): readonly string[] {
  const { title, lines } = whatPlays({ source, track, next: null });
  const parts = [filled(source?.name), filled(source?.service)].flatMap((part) => part ?? []);
  return [...new Set(parts)].filter((part) => part !== title && !lines.includes(part));
}

/** A hue of its own for every name, 0 to 359: pictures that are missing are told apart by it. */
export function hueOf(name: string): number {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 359_999;
  return sum % 360;
}
