import { z } from 'zod';
import { plainUrl } from '../clip.ts';
import { plain, type Raw, type Reader } from '../readers.ts';
import { err, ok } from '../result.ts';
import type { QueueTrack } from './queue.ts';

/** What is to be done with the queue of a group. */
export type QueueAction = 'play' | 'append' | 'next' | 'clear' | 'shuffle';

/** A track as its sender described it. */
export type WishedTrack = Omit<QueueTrack, 'contentType'> & {
  /** Null when the sender did not say it. */
  readonly contentType: string | null;
};

/** What `queue` asks for. */
export interface QueueWish {
  readonly action: QueueAction;
  readonly items: readonly WishedTrack[];
  /** Below the folder of the settings; empty for the folder itself. */
  readonly folder: string | null;
  /** The URL of a playlist, or the path of one below the folder of the settings. */
  readonly m3u: string | null;
  readonly shuffle: boolean;
  /** What the room shows as the source. */
  readonly name: string | null;
}

/** More do not fit into a payload that is taken. */
const MOST_ITEMS = 1_000;
const words = z.string().trim().min(1).max(100);
const url = z.string().min(1).max(1024);

const item = z.strictObject({
  url,
  title: words.optional(),
  artist: words.optional(),
  album: words.optional(),
  image: url.optional(),
  duration: z.number().positive().max(86_400).optional().describe('Seconds.'),
  content_type: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9.+-]{1,60}$/)
    .optional()
    .describe("`audio/mpeg` and the like; by the URL's ending unless given."),
});

const given = z.strictObject({
  action: z.enum(['play', 'append', 'next', 'clear', 'shuffle']).default('play'),
  items: z
    .array(z.union([url, item]))
    .max(MOST_ITEMS)
    .default([])
    .describe('URLs of audio files.'),
  folder: z.string().max(1024).optional().describe('A folder below `queue.folder`, with what is in it.'),
  m3u: url.optional().describe('The URL of a playlist, or its path below `queue.folder`.'),
  shuffle: z.boolean().default(false).describe('Whether what is added is mixed before.'),
  name: words.optional().describe('What the room shows as the source.'),
});

const advice =
  'Send a URL, a list of URLs, or {"action": "play", "items": ["http://…/one.mp3"]}; action is play, append, next, clear or shuffle; folder, m3u, shuffle and name as you like.';

/** A list that was sent bare; null when the text is anything else. */
function bareList(text: string): readonly unknown[] | null {
  if (!text.trimStart().startsWith('[')) return null;
  try {
    return z.array(z.unknown()).parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function objectOf(raw: Raw): unknown {
  if (raw.kind === 'text') return { items: bareList(raw.text) ?? [plain(raw)] };
  const { value, fields } = raw;
  return value === undefined ? fields : { ...fields, items: Array.isArray(value) ? value : [value] };
}

function trackOf(one: z.output<typeof item> | string): WishedTrack | null {
  const { image, title, artist, album, duration, content_type, ...rest } =
    typeof one === 'string' ? item.parse({ url: one }) : one;
  const address = plainUrl(rest.url);
  const picture = image === undefined ? null : plainUrl(image);
  if (address === null || (image !== undefined && picture === null)) return null;
  return {
    url: address,
    title: title ?? null,
    artist: artist ?? null,
    album: album ?? null,
    image: picture,
    duration: duration ?? null,
    contentType: content_type ?? null,
  };
}

/** Reads what `queue` takes. */
export const queueWish: Reader<QueueWish> = {
  name: 'URL; list of URLs; or object `{action, items, folder, m3u, shuffle, name}`',
  schema: z.union([z.string().min(1), z.array(z.union([url, item])).min(1), given]).meta({
    examples: [
      'http://192.168.1.20/one.mp3',
      { action: 'append', items: [{ url: 'http://192.168.1.20/two.mp3', title: 'Two' }] },
      { folder: 'Jazz/Miles', shuffle: true },
      { action: 'clear' },
    ],
  }),
  read: (raw) => {
    const misread = (message: string) => err({ message, advice });
    const read = given.safeParse(objectOf(raw));
    if (!read.success) {
      const wrong = read.error.issues
        .slice(0, 3)
        .map(({ path, message }) => [...(path.length === 0 ? [] : [path.join('.')]), message].join(': '));
      return misread(`${wrong.join('. ')}.`);
    }
    const { items, folder, m3u, name, action, shuffle } = read.data;
    const hasSource = items.length > 0 || folder !== undefined || m3u !== undefined;
    const takesNone = action === 'clear' || action === 'shuffle';
    if (hasSource && takesNone) return misread(`"${action}" takes no items, folder or m3u.`);
    if (!hasSource && !takesNone) return misread(`"${action}" needs items, a folder or an m3u.`);
    const tracks = items.flatMap((one) => trackOf(one) ?? []);
    if (tracks.length < items.length) return misread('Not every item is a plain http or https address.');
    return ok({
      ...{ action, items: tracks, shuffle },
      ...{ folder: folder ?? null, m3u: m3u ?? null, name: name ?? null },
    });
  },
};
