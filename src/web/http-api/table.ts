import { CLOUD_LIMITS, type CloudLimit } from '../../bridge/cloud-limits.ts';
import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { familiarRoom } from '../../bridge/familiar-names.ts';
import { flagAt, textAt } from '../../bridge/familiar-words.ts';
import { favorites } from '../../bridge/namespaces/favorites.ts';
import { attributes } from '../../bridge/namespaces/index.ts';
import { playlists } from '../../bridge/namespaces/playlists.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import { roomPicture } from '../../bridge/room-picture.ts';
import type { Json } from '../../bridge/sonos.ts';
import type { Household, Room, RoomPicture } from '../../bridge/state.ts';
import type { WebQuestion } from '../options.ts';
import { stateOf } from './state.ts';
import { misread, needed, onOff, readClip, readSay } from './words.ts';

/** A call that names a room: what stands behind the action, and the wall time. */
export interface Call {
  readonly household: Household;
  readonly room: Room;
  readonly args: readonly string[];
  readonly query: string;
  readonly now: number;
}

/** What a call comes to: commands to ask for, or something to show. */
export type Deed = { readonly ask: readonly WebQuestion[] } | { readonly show: Json };

/** An action that the bridge can carry out. */
export interface Supported<C> {
  readonly kind: 'supported';
  /** The contract's commands that it becomes; none when it only shows something. */
  readonly becomes: readonly string[];
  /** What may stand behind it, for the documentation. */
  readonly args: string;
  /** What is different, for the documentation. */
  readonly note: string;
  readonly act: (call: C) => Result<Deed, CommandError>;
}

/** One that it cannot. */
export interface Unsupported {
  readonly kind: 'unsupported';
  readonly limit: CloudLimit;
}

/** A line of a table. */
export type Row<C> = Supported<C> | Unsupported;

type Payload = WebQuestion['payload'];

export const unsupported = (limit: CloudLimit): Unsupported => ({ kind: 'unsupported', limit });

const asking = (
  command: string,
  args: string,
  payload: (call: Call) => Result<Payload, CommandError>,
  note = '',
): Supported<Call> => ({
  kind: 'supported',
  becomes: [command],
  args,
  note,
  act: (call) => {
    const read = payload(call);
    return read.ok ? ok({ ask: [question(call.household, call.room, command, read.value)] }) : read;
  },
});

/** One command for one room. */
export const question = (
  household: Household,
  room: Room,
  command: string,
  payload: Payload,
): WebQuestion => ({
  household: household.alias,
  room: room.address,
  command,
  payload,
  answers: 1,
});

const bare = (command: string, note = ''): Supported<Call> => asking(command, '', () => ok({}), note);

const fixed = (command: string, value: Json): Supported<Call> =>
  asking(command, '', () => ok({ value }), `\`${value}\``);

const valued = (command: string, args: string, what: string): Supported<Call> =>
  asking(command, args, (call) => {
    const word = needed(call.args, what);
    return word.ok ? ok({ value: word.value }) : word;
  });

const pictureOf = ({ household, room }: Call): RoomPicture => roomPicture(household, room) ?? {};

const switched = (command: string): Supported<Call> =>
  asking(command, '`on`, `off`, `toggle`', (call) => {
    const value = onOff(call.args, flagAt(pictureOf(call), attributes.get(command) ?? command));
    return value.ok ? ok({ value: value.value }) : value;
  });

const NEXT_REPEAT: Readonly<Record<string, string>> = { off: 'all', all: 'one', one: 'off' };
const REPEATS: Readonly<Record<string, string>> = {
  on: 'all',
  all: 'all',
  one: 'one',
  off: 'off',
  none: 'off',
};

const repeat = asking('repeat', '`on`, `all`, `one`, `off`, `none`, `toggle`', (call) => {
  const word = call.args[0]?.trim().toLowerCase() ?? '';
  const now = textAt(pictureOf(call), 'play_modes.repeat') ?? 'off';
  const value =
    word === 'toggle' ? NEXT_REPEAT[now] : Object.hasOwn(REPEATS, word) ? REPEATS[word] : undefined;
  return value === undefined
    ? misread('That is no way to repeat.', 'Add on, all, one, off or toggle.')
    : ok({ value });
});

/** Another room of the household. */
function other({ household, args }: Call): Result<Room, CommandError> {
  const word = needed(args, 'the name of a room');
  if (!word.ok) return word;
  const place = familiarRoom([household], word.value);
  return place.ok ? ok(place.value.room) : place;
}

const join = asking('join', '`/<other room>`', (call) => {
  const host = other(call);
  return host.ok ? ok({ value: host.value.address }) : host;
});

/** The same for the other room: it joins this one, or leaves its group. */
const forOther = (command: string, payload: (call: Call) => Payload): Supported<Call> => ({
  ...bare(command, 'for the other room'),
  args: '`/<other room>`',
  act: (call) => {
    const guest = other(call);
    return guest.ok ? ok({ ask: [question(call.household, guest.value, command, payload(call))] }) : guest;
  },
});

const lineIn = asking('line_in', '`[/<room with the line-in>]`', (call) => {
  if (call.args[0] === undefined) return ok({});
  const source = other(call);
  return source.ok ? ok({ value: source.value.address }) : source;
});

const shown = (
  what: string,
  note: string,
  show: (call: Call) => Result<Json, CommandError>,
): Supported<Call> => ({
  kind: 'supported',
  becomes: [],
  args: what,
  note,
  act: (call) => {
    const value = show(call);
    return value.ok ? ok({ show: value.value }) : value;
  },
});

const unread = err(
  commandError('not_linked', 'The list was not read from Sonos yet.', 'Try again in a moment.'),
);

const list = (
  items: (household: Household) => readonly { readonly id: string; readonly name: string }[] | null,
): Supported<Call> =>
  shown('`[/detailed]`', 'names; `detailed` adds the id', ({ household, args }) => {
    const all = items(household);
    if (all === null) return unread;
    const isDetailed = args[0]?.toLowerCase() === 'detailed';
    return ok(all.map(({ id, name }) => (isDetailed ? { title: name, id } : name)));
  });

const state = shown('', 'without what the cloud does not know', (call) => {
  const picture = roomPicture(call.household, call.room);
  return picture === null ? unread : ok(stateOf(picture, call.now));
});

/** Seconds, also as hours, minutes and seconds; null when it is neither. */
function secondsOf(word: string): number | null {
  if (/^\d{1,5}$/.test(word)) return Number(word);
  const [, hours, minutes, seconds] = /^(\d{1,2}):([0-5]\d):([0-5]\d)$/.exec(word) ?? [];
  return seconds === undefined ? null : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

const sleep = asking('sleep', '`/<seconds, hh:mm:ss or off>`', ({ args: [word = ''] }) => {
  if (word.toLowerCase() === 'off') return ok({ value: 'off' });
  const seconds = secondsOf(word);
  return seconds === null
    ? misread('That is no time to sleep.', 'Add seconds, a time such as 0:30:00, or off.')
    : ok({ value: seconds / 60 });
});

const { queue, uri, search, tone } = CLOUD_LIMITS;

/** What may stand behind a room, in lower case. The only statement of what becomes of which. */
export const ACTIONS: Readonly<Record<string, Row<Call>>> = {
  play: bare('play'),
  pause: bare('pause'),
  playpause: bare('toggle'),
  next: bare('next'),
  previous: bare('previous'),
  volume: valued('volume', '`/<0–100, +n or -n>`', 'a volume such as 15, +5 or -5'),
  groupvolume: valued('group_volume', '`/<0–100, +n or -n>`', 'a volume such as 15, +5 or -5'),
  mute: fixed('mute', true),
  unmute: fixed('mute', false),
  togglemute: fixed('mute', 'toggle'),
  groupmute: fixed('group_mute', true),
  groupunmute: fixed('group_mute', false),
  timeseek: valued('seek', '`/<seconds>`', 'seconds from the start of the track'),
  shuffle: switched('shuffle'),
  crossfade: switched('crossfade'),
  repeat,
  favorite: valued('favorite', '`/<name>`', 'the name of a Sonos favorite'),
  playlist: valued('playlist', '`/<name>`', 'the name of a Sonos playlist'),
  favorites: list((household) => favorites.slice(household.own)?.items ?? null),
  playlists: list((household) => playlists.slice(household.own)?.items ?? null),
  state,
  join,
  add: forOther('join', ({ room }) => ({ value: room.address })),
  leave: bare('leave'),
  isolate: bare('leave'),
  ungroup: bare('leave'),
  remove: forOther('leave', () => ({})),
  say: asking(
    'announce',
    '`/<text>[/<language or voice>][/<volume>]`',
    ({ args, query }) => readSay(args, query),
    'over the music; answered when it begins',
  ),
  clip: asking(
    'announce',
    '`/<URL or chime>[/<volume>]`',
    ({ args, query }) => readClip(args, query),
    'over the music; `bell.mp3` is the chime `bell`',
  ),
  linein: lineIn,
  tv: bare('tv'),
  nightmode: switched('night_mode'),
  speechenhancement: switched('dialog'),
  queue: unsupported(queue),
  clearqueue: unsupported(queue),
  dequeue: unsupported(queue),
  removefromqueue: unsupported(queue),
  reorderqueue: unsupported(queue),
  addtoqueue: unsupported(uri),
  setavtransporturi: unsupported(uri),
  trackseek: unsupported(queue),
  sleep,
  bass: unsupported(tone),
  treble: unsupported(tone),
  loudness: unsupported(tone),
  sub: unsupported(tone),
  surround: unsupported(tone),
  musicsearch: unsupported(search),
  spotify: unsupported(search),
  applemusic: unsupported(search),
  amazonmusic: unsupported(search),
  bbcsounds: unsupported(search),
  deezer: unsupported(search),
  napster: unsupported(search),
  pandora: unsupported(search),
  siriusxm: unsupported(search),
  tunein: unsupported(search),
  aldilifemusic: unsupported(search),
};
