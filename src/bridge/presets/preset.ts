import { z } from 'zod';

/** Sonos takes at most 32 players in a group (docs.sonos.com, "setGroupMembers"). */
const MOST_ROOMS = 32;

const about = <S extends z.ZodType>(schema: S, description: string, expected?: string): S =>
  schema.meta({ description, ...(expected === undefined ? {} : { expected }) });

// Not `\p{Cc}`: editors read patterns without the `u` flag, and would take it for letters.
const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';
const LINE = new RegExp(`^(?=.*\\S)[^${CONTROL}]+$`);

const line = (longest: number) => z.string().max(longest).regex(LINE);

/** What a preset or a snapshot is called. */
export const presetName = line(64).trim();

/** A room by its address, its name or its player id; which one it is, is found out when the preset is applied. */
const roomWord = about(line(128), 'A room.', 'the address, the name or the player id of a room');

const rooms = z.array(roomWord).min(1).max(MOST_ROOMS);

const level = z.int().min(0).max(100);

/** What a preset wants of one room. */
const roomSettings = z.strictObject({
  volume: about(level.exactOptional(), 'The volume of the room.'),
  muted: about(z.boolean().exactOptional(), 'Whether the room is muted.'),
  volume_limit: about(level.min(1).exactOptional(), 'How loud the room gets at most.'),
  night_mode: about(z.boolean().exactOptional(), 'Whether what is loud in the sound of the TV is softened.'),
  dialog: about(z.boolean().exactOptional(), 'Whether voices in the sound of the TV are lifted.'),
});

const content = {
  favorite: about(line(128).exactOptional(), 'The favorite that the group plays, by name or id.'),
  playlist: about(line(128).exactOptional(), 'The Sonos playlist that the group plays, by name or id.'),
  stream: about(
    z.union([line(1024), z.record(z.string().max(64), line(1024))]).exactOptional(),
    'The stream that the group plays, as the command `stream` takes it.',
    'a URL, or an object as the command stream takes it',
  ),
  line_in: about(roomWord.exactOptional(), 'The room whose line-in the group plays.'),
  tv: about(roomWord.exactOptional(), 'The room whose TV the group plays.'),
};

const modes = {
  shuffle: about(z.boolean().exactOptional(), 'Whether the queue is shuffled.'),
  repeat: about(z.enum(['off', 'all', 'one']).exactOptional(), 'What is repeated.'),
  crossfade: about(z.boolean().exactOptional(), 'Whether tracks fade into each other.'),
};

const music = {
  ...content,
  ...modes,
  play: about(
    z.boolean().exactOptional(),
    'Whether the group plays; without it, what has to be loaded plays, and all else stays as it is.',
  ),
};

const group = z.strictObject({
  rooms: about(rooms, 'The rooms that play together; the first one leads.', 'a list of rooms'),
  ...music,
});

/** What a preset wants of the rooms that play together. */
export type Music = Omit<z.output<typeof group>, 'rooms'>;
/** Some rooms that play together, and what they play. */
export type Together = z.output<typeof group>;
/** The word for what is to be played. */
export type ContentWord = keyof typeof content;
/** The settings of a room that a preset can have. */
export type RoomSettings = z.output<typeof roomSettings>;

const CONTENT_WORDS = [
  'favorite',
  'playlist',
  'stream',
  'line_in',
  'tv',
] as const satisfies readonly ContentWord[];
const MODES = ['shuffle', 'repeat', 'crossfade'] as const;
const MUSIC_WORDS = [...CONTENT_WORDS, ...MODES, 'play'] as const;

/** What is to be played, by its word; null when nothing is said of it. */
export const contentWordOf = (wanted: Music): ContentWord | null =>
  CONTENT_WORDS.find((word) => wanted[word] !== undefined) ?? null;

/** The play modes that are wanted. */
export const modesOf = (wanted: Music): Pick<Music, (typeof MODES)[number]> =>
  Object.fromEntries(MODES.flatMap((mode) => (wanted[mode] === undefined ? [] : [[mode, wanted[mode]]])));

/** What was seen, and what would be right. */
interface Mistake {
  readonly found: string;
  readonly expected: string;
}

/** What is wrong with some rooms' music; null when nothing is. */
function mistakeOf(wanted: Music): Mistake | null {
  const named = CONTENT_WORDS.filter((word) => wanted[word] !== undefined);
  if (named.length > 1) return { found: named.join(', '), expected: 'one of them' };
  const [only] = named;
  const mode = MODES.find((each) => wanted[each] !== undefined);
  if (mode !== undefined && only !== undefined && only !== 'favorite' && only !== 'playlist')
    return { found: `${mode} beside ${only}`, expected: `${only} alone, which has no queue` };
  if (only === 'tv' && wanted.play === false)
    return { found: 'play: false beside tv', expected: 'tv alone, which cannot be paused' };
  return null;
}

const shape = {
  household: about(
    line(64).exactOptional(),
    'The household, by alias; needed where there is more than one.',
    'the alias of a household',
  ),
  rooms: about(
    z.record(roomWord, roomSettings).exactOptional(),
    'What each room is set to, by room.',
    'a map of room to {volume, muted, …}',
  ),
  group: about(
    rooms.exactOptional(),
    'The rooms that play together; the first one leads. What they play stands beside it.',
    'a list of rooms',
  ),
  ...music,
  groups: about(
    z.array(about(group, 'Rooms that play together, and what they play.')).max(MOST_ROOMS).exactOptional(),
    'Several groups, each with what it plays, in place of `group`.',
    'a list of {rooms, favorite, play, …}',
  ),
};

const plain = z.strictObject(shape);

/** A desired state of the house by name: what rooms are set to, who plays together, and what. */
export type Preset = z.output<typeof plain>;

/** Every group that a preset wants. */
export const togetherOf = ({ group: only, groups = [], ...rest }: Preset): readonly Together[] =>
  only === undefined
    ? groups
    : [{ rooms: only, ...Object.fromEntries(Object.entries(rest).filter(([key]) => isMusic(key))) }];

const isMusic = (key: string): boolean => (MUSIC_WORDS as readonly string[]).includes(key);

/** What is wrong with a preset as a whole, and where. */
function* mistakes(preset: Preset): Generator<Mistake & { readonly path: (string | number)[] }> {
  if (preset.group !== undefined && preset.groups !== undefined)
    yield { path: ['groups'], found: 'group and groups', expected: 'one of them, not both' };
  const stray = Object.keys(preset).find(isMusic);
  if (preset.group === undefined && stray !== undefined)
    yield {
      path: [stray],
      found: `${stray} without group`,
      expected: 'the rooms that play together, as group',
    };
  else if (preset.rooms === undefined && preset.group === undefined && preset.groups === undefined)
    yield { path: [], found: 'nothing that is wanted', expected: 'rooms, group or groups' };
  const seen = new Set<string>();
  for (const [index, together] of togetherOf(preset).entries()) {
    const path = preset.groups === undefined ? ['group'] : ['groups', index];
    const mistake = mistakeOf(together);
    if (mistake !== null) yield { path, ...mistake };
    for (const room of together.rooms) {
      if (seen.has(room)) yield { path, found: `"${room}" twice`, expected: 'each room in one group only' };
      seen.add(room);
    }
  }
}

/** Reads a preset, with what is wrong with it as a whole. */
export const presetSchema = plain.superRefine((preset, context) => {
  for (const { path, found, expected } of mistakes(preset)) {
    const message = `found ${found}; expected ${expected}`;
    context.addIssue({ code: 'custom', path, message, params: { found, expected }, input: preset });
  }
});

/** What may stand in the payload of `preset/save`, for the documents. */
export const savedPreset = z.strictObject({
  name: presetName,
  ...shape,
  rooms: z
    .union([shape.rooms.unwrap(), z.array(roomWord)])
    .exactOptional()
    .describe('What each room is set to; or, where nothing else is said, a list of the rooms to look at.'),
});
