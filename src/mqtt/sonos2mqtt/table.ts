import { CLOUD_LIMITS, type CloudLimit } from '../../bridge/cloud-limits.ts';
import type { CommandError } from '../../bridge/command-error.ts';
import { familiarRoom, type Place } from '../../bridge/familiar-names.ts';
import { PLAY_MODE_NAMES, readPlayMode } from '../../bridge/familiar-words.ts';
import { ok, type Result } from '../../bridge/result.ts';
import type { Json } from '../../bridge/sonos.ts';
import { plays, readNotify, readSpeak, silent, type Wanted } from './announcing.ts';
import { flag, type Input, misread, position, scalar, step } from './inputs.ts';

/** A command of the contract; null for several in one payload, as in `<room>/set`. */
export interface Translated {
  readonly command: string | null;
  readonly payload: { readonly [key: string]: Json };
}

/** A command of that project which the bridge can carry out. */
export interface Supported {
  readonly kind: 'supported';
  /** The contract's commands that it becomes. */
  readonly becomes: readonly string[];
  /** What it takes, for the documentation. */
  readonly input: string;
  /** What is different, for the documentation. */
  readonly note: string;
  readonly read: (input: Input, place: Place) => Result<Translated, CommandError>;
}

/** One that it cannot. */
export interface Unsupported {
  readonly kind: 'unsupported';
  readonly limit: CloudLimit;
}

type Row = Supported | Unsupported;

const unsupported = (limit: CloudLimit): Unsupported => ({ kind: 'unsupported', limit });

/** One that takes no input. */
const bare = (command: string, note = ''): Supported => ({
  kind: 'supported',
  becomes: [command],
  input: '–',
  note,
  read: () => ok({ command, payload: {} }),
});

/** One whose input is a single value. */
const valued = (
  command: string,
  input: string,
  value: (input: Input) => Result<Json, CommandError>,
  note = '',
): Supported => ({
  kind: 'supported',
  becomes: [command],
  input,
  note,
  read: (given) => {
    const read = value(given);
    return read.ok ? ok({ command, payload: { value: read.value } }) : read;
  },
});

const fixed = (command: string, value: Json): Supported => ({
  ...bare(command, `\`${value}\``),
  read: () => ok({ command, payload: { value } }),
});

const level = (input: Input) => scalar(input, 'a whole number from 0 to 100');
const FLAG = '`true` or `false`; nothing is `true`';
const STEP = 'a number; nothing is 4';

const announcing = (
  input: string,
  read: (input: Input) => Result<Wanted, CommandError>,
  note: string,
): Supported => ({
  kind: 'supported',
  becomes: ['announce'],
  input,
  note,
  read: (given, { household, room }) => {
    const wanted = read(given);
    if (!wanted.ok) return wanted;
    if (wanted.value.onlyWhenPlaying && !plays(household, room)) return silent;
    return ok({ command: 'announce', payload: wanted.value.payload });
  },
});

const NOTIFY = announcing(
  'a URL, or `{trackUri, volume, onlyWhenPlaying}`',
  readNotify,
  'over the music, which goes on by itself: `timeout` and `delayMs` have no meaning',
);
const SPEAK = announcing(
  'a text, or `{text, lang, volume, onlyWhenPlaying}`',
  readSpeak,
  'spoken as the settings under `speech` say: `endpoint`, `engine`, `gender`, `name` and `delayMs` have no meaning',
);

const playMode: Supported = {
  kind: 'supported',
  becomes: ['shuffle', 'repeat'],
  input: PLAY_MODE_NAMES.map((name) => `\`${name}\``).join(', '),
  note: '',
  read: (input) => {
    const modes = typeof input === 'string' ? readPlayMode(input.trim().toUpperCase()) : null;
    if (modes === null) return misread('That is no play mode.', `Send one of ${PLAY_MODE_NAMES.join(', ')}.`);
    return ok({ command: null, payload: { ...modes } });
  },
};

const joinGroup: Supported = {
  ...valued('join', "a room's name or id", (input) => scalar(input, 'the name of a room')),
  read: (input, { household }) => {
    const word = scalar(input, 'the name of a room');
    if (!word.ok) return word;
    // One that there is not is told so by the bridge's own command.
    const other = familiarRoom([household], String(word.value));
    const value = other.ok ? other.value.room.address : String(word.value);
    return ok({ command: 'join', payload: { value } });
  },
};

const repeat = valued(
  'repeat',
  FLAG,
  (input) => {
    const read = flag(input);
    if (!read.ok) return read;
    const word = String(read.value).trim().toLowerCase();
    if (['true', 'on', '1'].includes(word)) return ok('all');
    return ok(['false', '0'].includes(word) ? 'off' : word);
  },
  '`all` or `off`',
);

/** Commands to one room, as that project names them. The only statement of what becomes of which. */
export const COMMANDS: Readonly<Record<string, Row>> = {
  'adv-command': unsupported(CLOUD_LIMITS.local),
  clearqueue: unsupported(CLOUD_LIMITS.queue),
  crossfade: valued('crossfade', FLAG, flag),
  groupvolume: valued('group_volume', '0–100', level),
  groupvolumedown: valued('group_volume', STEP, (input) => step(input, '-')),
  groupvolumeup: valued('group_volume', STEP, (input) => step(input, '+')),
  joingroup: joinGroup,
  leavegroup: bare('leave'),
  mute: valued('mute', FLAG, flag),
  next: bare('next'),
  notify: NOTIFY,
  notifytwo: NOTIFY,
  pause: bare('pause'),
  play: bare('play'),
  playmode: playMode,
  previous: bare('previous'),
  queue: unsupported(CLOUD_LIMITS.uri),
  repeat,
  seek: valued('seek', '`0:03:01`, or seconds', position),
  selecttrack: unsupported(CLOUD_LIMITS.queue),
  setavtransporturi: unsupported(CLOUD_LIMITS.uri),
  setbass: unsupported(CLOUD_LIMITS.tone),
  setbuttonlockstate: unsupported(CLOUD_LIMITS.hardware),
  setledstate: unsupported(CLOUD_LIMITS.hardware),
  setnightmode: valued('night_mode', FLAG, flag),
  settreble: unsupported(CLOUD_LIMITS.tone),
  shuffle: valued('shuffle', FLAG, flag),
  sleep: unsupported(CLOUD_LIMITS.timer),
  snooze: unsupported(CLOUD_LIMITS.alarms),
  speak: SPEAK,
  speaktwo: SPEAK,
  stop: bare('pause', "Sonos' cloud has no stop"),
  switchtoline: bare('line_in'),
  switchtoqueue: unsupported(CLOUD_LIMITS.queue),
  switchtotv: bare('tv'),
  toggle: bare('toggle'),
  unmute: fixed('mute', false),
  volume: valued('volume', '0–100', level),
  volumedown: valued('volume', STEP, (input) => step(input, '-')),
  volumeup: valued('volume', STEP, (input) => step(input, '+')),
};

/** The command that wraps another one: `{"cmd": …, "val": …}`. */
export const WRAPPING = 'command';

/** A command to all rooms that the bridge can carry out. */
export interface SupportedEverywhere extends Omit<Supported, 'read'> {
  readonly read: (input: Input) => Result<Translated & { readonly onlyWhenPlaying: boolean }, CommandError>;
}

type EverywhereRow = SupportedEverywhere | Unsupported;

const everywhere = (command: string, note: string): SupportedEverywhere => ({
  ...bare(command, note),
  read: () => ok({ command, payload: {}, onlyWhenPlaying: false }),
});

const announcingEverywhere = (
  { input, note }: Supported,
  read: (input: Input) => Result<Wanted, CommandError>,
): SupportedEverywhere => ({
  kind: 'supported',
  becomes: ['announce'],
  input,
  note,
  read: (given) => {
    const wanted = read(given);
    return wanted.ok ? ok({ command: 'announce', ...wanted.value }) : wanted;
  },
});

/** Commands to all rooms, below `cmd`. */
export const BROADCASTS: Readonly<Record<string, EverywhereRow>> = {
  notify: announcingEverywhere(NOTIFY, readNotify),
  speak: announcingEverywhere(SPEAK, readSpeak),
  pauseall: everywhere('pause', 'every group, once'),
  'check-subscriptions': everywhere(
    'refresh',
    'the bridge keeps its subscriptions itself; everything is read again',
  ),
  listalarm: unsupported(CLOUD_LIMITS.alarms),
  listalarms: unsupported(CLOUD_LIMITS.alarms),
  setalarm: unsupported(CLOUD_LIMITS.alarms),
  setlogging: unsupported(CLOUD_LIMITS.settings),
};
