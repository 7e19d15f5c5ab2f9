/** The kinds of source that a room can have, as the contract names them (§2). */
export const SOURCE_KINDS = [
  'tv',
  'airplay',
  'line_in',
  'none',
  'alarm',
  'spotify_connect',
  'stream',
  'radio',
  'queue',
  'other',
] as const;

/** One of them. */
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** The parts of a `metadataStatus` body by which a source is recognised. */
export interface SourceSigns {
  readonly container: {
    readonly type: string | null;
    readonly id: { readonly objectId: string | null; readonly serviceId: string | null } | null;
    readonly service: { readonly name: string | null; readonly id: string | null } | null;
  } | null;
  readonly currentItem: { readonly track: unknown } | null;
  readonly playbackSession: { readonly clientId: string | null } | null;
}

const QUEUES = /playlist|album|artist|track|list|show|book|podcast|episode|chapter|collection/;

type Test = (type: string, signs: SourceSigns) => boolean;

const isAlarm: Test = (_type, { container }) =>
  [container?.id?.serviceId, container?.service?.id, container?.service?.name].includes('buzzer');

/** In the contract's order: the first that fits is the kind. `container.type` is an open set of dotted words. */
const KINDS: readonly (readonly [SourceKind, Test])[] = [
  ['tv', (type) => type.startsWith('linein.homeTheater')],
  ['airplay', (type) => type === 'linein.airplay'],
  ['line_in', (type) => type === 'linein' || type.startsWith('linein.')],
  ['none', (type, signs) => signs.currentItem === null && (signs.container === null || type === 'item')],
  ['alarm', isAlarm],
  [
    'spotify_connect',
    (type, signs) =>
      signs.playbackSession?.clientId === 'spotify.connect.adapter' || type.includes('spotify.connect'),
  ],
  [
    'stream',
    (type, { container }) =>
      type.startsWith('station') && (container?.id?.objectId === '-1' || container?.service == null),
  ],
  ['radio', (type) => type.startsWith('station')],
  ['queue', (type, signs) => (type === '' ? signs.currentItem?.track != null : QUEUES.test(type))],
];

/** What kind of source a group plays. */
export function sourceKind(signs: SourceSigns): SourceKind {
  const type = signs.container?.type ?? '';
  return KINDS.find(([, fits]) => fits(type, signs))?.[0] ?? 'other';
}
