import { z } from 'zod';
import { plainUrl } from './clip.ts';
import { plain, type Reader } from './readers.ts';
import { err, ok } from './result.ts';

/** How important an announcement is: `high` goes ahead of what waits. */
export type AnnouncementPriority = 'normal' | 'high';

/** What is to be heard: exactly one of `text`, `url` and `chime` is given. Also as it is kept over a restart. */
export const announcementSchema = z.object({
  text: z.string().nullable(),
  url: z.string().nullable(),
  /** The name of a chime that is heard alone. */
  chime: z.string().nullable(),
  /** The chime ahead of it; null as the settings say, empty for none. */
  before: z.string().nullable(),
  volume: z.int().min(0).max(100).nullable(),
  language: z.string().nullable(),
  voice: z.string().nullable(),
  speed: z.number().nullable(),
  provider: z.string().nullable(),
  priority: z.enum(['normal', 'high']),
  /** Which speakers of a stereo pair or a home theatre; null as the settings say. */
  devices: z.enum(['primary', 'all']).nullable(),
});

/** See `announcementSchema`. */
export type Announcement = z.output<typeof announcementSchema>;

/** What `announce` asks for: the announcement, and further rooms as the sender named them. */
export interface Announce {
  readonly announcement: Announcement;
  readonly rooms: readonly string[];
}

const word = z.string().trim().min(1).max(128);
const chimeName = z.union([z.boolean(), word]);

const given = z.strictObject({
  text: z.string().optional().describe('Is spoken.'),
  url: z.string().max(1024).optional().describe('A WAV or MP3 file.'),
  chime: chimeName.optional().describe('`true`, or the name of one.'),
  before: z
    .union([z.boolean(), z.string().trim().max(128)])
    .optional()
    .describe('A chime ahead of the text or sound: `true`, a name, or `none`.'),
  volume: z.int().min(0).max(100).optional(),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/)
    .optional(),
  voice: word.optional(),
  speed: z.number().min(0.5).max(2).optional(),
  provider: word.optional().describe('Who speaks, instead of the order in the settings.'),
  priority: z.enum(['normal', 'high']).default('normal').describe('`high` goes ahead of what waits.'),
  devices: z.enum(['primary', 'all']).optional().describe('Speakers of a stereo pair or home theatre.'),
  rooms: z.array(word).max(64).default([]).describe('Further rooms, by address or name.'),
});

const advice =
  'Send a text, or {"text": "…"}, {"url": "http://…"} or {"chime": true}; volume (0 to 100), language, voice, speed (0.5 to 2), provider, priority (normal or high), before (chime), rooms and devices as you like.';

/** The chime that is meant when it is not named. */
const DEFAULT_CHIME = 'chime';

const chimeOf = (value: string | boolean | undefined): string | null =>
  value === true ? DEFAULT_CHIME : value === false ? null : (value ?? null);

function beforeOf(value: string | boolean | undefined): string | null {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? DEFAULT_CHIME : '';
  return value.toLowerCase() === 'none' ? '' : value;
}

/** Reads what `announce` takes: a text, or an object. */
export const announce: Reader<Announce> = {
  name: 'text; or object `{text or url or chime, volume, language, voice, speed, provider, priority, before, rooms, devices}`',
  schema: z.union([z.string().min(1), given]).meta({
    examples: ['Dinner is ready', { chime: 'doorbell', volume: 40, rooms: ['office'] }],
  }),
  read: (raw) => {
    const misread = (message: string) => err({ message, advice });
    const text = plain(raw);
    const said = raw.kind === 'text' ? { text } : { ...(text === undefined ? {} : { text }), ...raw.fields };
    const read = given.safeParse(said);
    if (!read.success) {
      const wrong = read.error.issues.map(({ path, message }) => [...path, message].join(': '));
      return misread(`${wrong.join('. ')}.`);
    }
    const { rooms, ...rest } = read.data;
    const chime = chimeOf(rest.chime);
    const url = rest.url === undefined ? null : plainUrl(rest.url);
    const what = [rest.text ?? null, rest.url ?? null, chime].filter((each) => each !== null);
    if (what.length !== 1) {
      const found = what.length === 0 ? 'None of text, url and chime is given.' : 'More than one is given.';
      return misread(`${found} An announcement is one of text, url and chime.`);
    }
    if (rest.text?.trim() === '') return misread('The text is empty.');
    if (rest.url !== undefined && url === null)
      return misread('The URL is not a plain http or https address.');
    return ok({
      rooms,
      announcement: {
        text: rest.text ?? null,
        url,
        chime,
        before: beforeOf(rest.before),
        volume: rest.volume ?? null,
        language: rest.language ?? null,
        voice: rest.voice ?? null,
        speed: rest.speed ?? null,
        provider: rest.provider ?? null,
        priority: rest.priority,
        devices: rest.devices ?? null,
      },
    });
  },
};

/** Reads what `cancel` takes: an announcement's id; null, for nothing at all, is every one of the room. */
export const cancelled: Reader<string | null> = {
  name: 'announcement id, or empty for all of the room’s',
  schema: z.union([z.string(), z.null()]).meta({ examples: ['door-1', ''] }),
  read: (raw) => {
    const value = plain(raw) ?? null;
    if (value === null || typeof value === 'boolean') return ok(null);
    if (typeof value === 'number') return ok(String(value));
    if (typeof value !== 'string')
      return err({
        message: 'That is not an id.',
        advice: 'Send the id of the announcement, or nothing for all of them.',
      });
    const id = value.trim();
    return ok(id === '' || id === 'PRESS' ? null : id);
  },
};
