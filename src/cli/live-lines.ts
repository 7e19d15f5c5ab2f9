import { readJson } from '../bridge/read-json.ts';
import { eventSchema, type Place, replySchema, roomSchema } from './live-topics.ts';
import { printable } from './text.ts';

/** A topic below the base that got another payload, or a message that is not kept. */
export interface Change {
  readonly topic: string;
  readonly place: Place;
  /** Undefined when it was never seen before. */
  readonly before: string | undefined;
  readonly now: string;
}

/** A line of the view before it is laid out. */
export interface Line {
  readonly mark: 'state' | 'command' | 'confirmed' | 'waiting' | 'failed' | 'event';
  readonly topic: string;
  /** What is said; each piece on its own fits in a line or is shortened. */
  readonly pieces: readonly Piece[];
  /** Text that matters to the last word: it is wrapped, not shortened. */
  readonly isWhole?: boolean;
}

/** A part of what is said. */
export interface Piece {
  /** Said quietly before the value. */
  readonly label?: string;
  readonly value: string;
  /** Said quietly after it, when there is room. */
  readonly after?: string;
}

/** A payload as it is said. */
export const value = (payload: string): string => (payload === '' ? 'none' : printable(payload));

function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** One attribute of a room, with what it was. */
const attributeLine = ({ topic, before, now }: Change): Line => ({
  mark: 'state',
  topic,
  pieces: [{ value: value(now), ...(before === undefined ? {} : { after: `(was ${value(before)})` }) }],
});

/** What matters comes first. */
const ORDER = [
  ...['availability', 'state', 'title', 'artist', 'source', 'album', 'volume', 'muted', 'group', 'members'],
  ...['group_volume', 'group_muted', 'shuffle', 'repeat', 'crossfade', 'source_kind', 'duration', 'image'],
];
const rank = (attribute: string): number => {
  const at = ORDER.indexOf(attribute);
  return at === -1 ? ORDER.length : at;
};
/** Only said when there is nothing else. */
const MINOR = new Set(['source_kind', 'duration', 'image']);

/** What speaks for itself. */
const CLEAR = new Set(['state', 'title', 'artist', 'source', 'availability']);

/** One attribute among others. */
function together(attribute: string, payload: string): Piece {
  if (payload === '') return { value: `no ${attribute}` };
  return CLEAR.has(attribute) ? { value: value(payload) } : { label: attribute, value: value(payload) };
}

/** All that changed in a room at once. */
export function roomLine(room: string, changes: readonly Change[]): Line | null {
  const attributes = changes.flatMap((change) =>
    change.place.kind === 'attribute' ? [{ change, attribute: change.place.attribute }] : [],
  );
  const now = new Map(attributes.map(({ attribute, change }) => [attribute, change.now]));
  // A room that is alone is a group of one, which hears what it hears.
  const isEcho = (attribute: string): boolean =>
    attribute.startsWith('group_') && now.get(attribute) === now.get(attribute.slice('group_'.length));
  const major = attributes.filter(({ attribute }) => !MINOR.has(attribute) && !isEcho(attribute));
  const told = (major.length > 0 ? major : attributes).sort((a, b) => rank(a.attribute) - rank(b.attribute));
  const [only, ...others] = told;
  if (only === undefined) return restOfRoom(room, changes);
  if (others.length === 0) return attributeLine(only.change);
  return {
    mark: 'state',
    topic: room,
    pieces: told.map(({ change, attribute }) => together(attribute, change.now)),
  };
}

/** What a room's whole state says beyond its attributes: where in the track it is, what comes next. */
function restOfRoom(room: string, changes: readonly Change[]): Line | null {
  const last = changes.at(-1);
  const now = readJson(roomSchema, last?.now ?? '');
  const before = readJson(roomSchema, changes[0]?.before ?? '');
  if (now === null || before === null) return null;
  const pieces: Piece[] = [];
  if (now.position && now.position.seconds !== before.position?.seconds) {
    pieces.push({ label: 'position', value: clockTime(now.position.seconds) });
  }
  if (now.next?.title && now.next.title !== before.next?.title) {
    pieces.push({ label: 'next', value: value(now.next.title) });
  }
  if (now.stale !== before.stale) pieces.push({ label: 'stale', value: String(now.stale) });
  return pieces.length === 0 ? null : { mark: 'state', topic: room, pieces };
}

/** A command that somebody sent. */
export const commandLine = ({ topic, now }: Change): Line => ({
  mark: 'command',
  topic,
  pieces: [{ value: now === '' ? '(empty)' : printable(now) }],
});

const MARKS: Readonly<Record<string, Line['mark']>> = {
  accepted: 'waiting',
  unconfirmed: 'waiting',
  confirmed: 'confirmed',
  failed: 'failed',
};

/** The answer to a command. */
export function replyLine({ topic, now }: Change): Line {
  const reply = readJson(replySchema, now);
  if (reply === null) return { mark: 'event', topic, pieces: [{ value: printable(now) }] };
  const { command, status, elapsed_ms, error } = reply;
  const mark = MARKS[status] ?? 'event';
  if (error === undefined) {
    const after =
      status === 'accepted' || elapsed_ms === undefined ? {} : { after: `after ${elapsed_ms} ms` };
    return { mark, topic, pieces: [{ label: printable(command), value: printable(status), ...after }] };
  }
  const text = printable([error.message, error.advice].filter((part) => part).join(' '));
  return { mark, topic, isWhole: true, pieces: [{ label: `${printable(command)}:`, value: text }] };
}

/** Something that happened in a room. */
export function eventLine({ topic, now }: Change): Line {
  const event = readJson(eventSchema, now);
  if (typeof event?.event_type !== 'string')
    return { mark: 'event', topic, pieces: [{ value: printable(now) }] };
  const { event_type, ...all } = event;
  // Of an announcement, what is as usual need not be said each time.
  const { priority, ...rest } = all;
  const facts = event_type === 'announcement' && priority === 'normal' ? rest : all;
  const pieces = Object.entries(facts).flatMap(([label, fact]) =>
    typeof fact === 'string' || typeof fact === 'number'
      ? [{ label: printable(label), value: printable(String(fact)) }]
      : [],
  );
  return { mark: 'event', topic, pieces: [{ value: printable(event_type) }, ...pieces] };
}
