import { z } from 'zod';

/** The kinds of event that are posted, in the order of their numbers. */
export const KINDS = ['metadata', 'playback', 'playerVolume', 'groupVolume'] as const;

export type Kind = (typeof KINDS)[number];

/** The namespace and the type of each kind of event. */
export const EVENT_WORDS: Readonly<Record<Kind, { readonly namespace: string; readonly type: string }>> = {
  metadata: { namespace: 'playbackMetadata', type: 'metadataStatus' },
  playback: { namespace: 'playback', type: 'playbackStatus' },
  playerVolume: { namespace: 'playerVolume', type: 'playerVolume' },
  groupVolume: { namespace: 'groupVolume', type: 'groupVolume' },
};

/** Of ten events two are metadata, four playback status and four volumes. */
export const MIX: readonly Kind[] = [
  'playback',
  'playerVolume',
  'playback',
  'groupVolume',
  'metadata',
  'playback',
  'playerVolume',
  'playback',
  'groupVolume',
  'metadata',
];

const TITLE = /^T#(\d{9})$/;
/** One further than the highest volume. */
const VOLUMES = 101;
const FIRST_POSITION_S = 10_000_000;
/** More than the bridge takes for a position that the clock alone has brought there. */
const STEP_S = 10;

/** What the nth event of a kind tells of a room. All are of one length, so that a request's length never changes. */
export const marks = {
  title: (count: number): string => `T#${String(count).padStart(9, '0')}`,
  positionMillis: (count: number): number => (FIRST_POSITION_S + count * STEP_S) * 1000,
  /** With spaces in front, which JSON allows. */
  volume: (count: number): string => String(count % VOLUMES).padStart(3, ' '),
};

/** What is read of a room's state, or of what the floor publishes. */
export const shownSchema = z.object({
  track: z.object({ title: z.string().nullable() }).nullish(),
  position: z.object({ seconds: z.number() }).nullish(),
  volume: z.number().nullish(),
  group: z.object({ volume: z.number().nullish() }).nullish(),
});

export type Shown = z.output<typeof shownSchema>;

type Value = string | number | null;

/** What a message says of each kind; null where it says nothing. */
export const valuesOf = (shown: Shown): readonly Value[] => [
  shown.track?.title ?? null,
  shown.position?.seconds ?? null,
  shown.volume ?? null,
  shown.group?.volume ?? null,
];

/** The count of the event that a value comes from, when `last` was the count before it; null for a value of another origin. */
export function countOf(kind: number, value: Value, last: number): number | null {
  if (KINDS[kind] === 'metadata') {
    const digits = TITLE.exec(String(value))?.[1];
    return digits === undefined ? null : Number(digits);
  }
  if (typeof value !== 'number') return null;
  if (KINDS[kind] === 'playback') {
    const count = (value - FIRST_POSITION_S) / STEP_S;
    return Number.isInteger(count) && count > 0 ? count : null;
  }
  const passed = (((value - last) % VOLUMES) + VOLUMES) % VOLUMES;
  return last + passed;
}
