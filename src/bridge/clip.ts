import { z } from 'zod';
import { plain, type Reader } from './readers.ts';
import { err, ok } from './result.ts';
import type { Json } from './sonos.ts';

/** How we name ourselves to players, so that our clips can be told from others' (docs.sonos.com, "loadAudioClip"). */
export const APP_ID = 'io.github.sonos-mqtt-bridge';

/** A clip as a player last told of it. */
export interface ClipStatus {
  readonly id: string;
  readonly name: string | null;
  readonly appId: string | null;
  /** `ACTIVE`, `DONE`, `DISMISSED`, `INACTIVE`, `INTERRUPTED`, `ERROR`: an open set. */
  readonly status: string | null;
  readonly errorCode: string | null;
}

/** The clips of a player, of all apps. */
export interface Clips {
  readonly clips: readonly ClipStatus[];
  /** The id of the announcement that is heard there now; null when none is. */
  readonly announcing: string | null;
}

/** What `clip` asks for: the body of the call, and the URL that a policy may look at. */
export interface Clip {
  readonly url: string | null;
  readonly body: { readonly [key: string]: Json };
}

const LONGEST_URL = 1024;

// Lengths and ranges: docs.sonos.com, "loadAudioClip". Sonos ignores a wrong type in silence, so it is refused here.
const clipSchema = z.object({
  url: z.string().max(LONGEST_URL).optional(),
  name: z.string().min(1).max(64).default('Clip'),
  volume: z.int().min(0).max(100).optional(),
  priority: z.enum(['low', 'high']).default('low'),
  type: z.enum(['custom', 'chime']).optional(),
});

/**
 * A URL as the parser spells it, so that the player fetches from the very host that a policy looked at (`http://a\\@b/`
 * is `a` to one parser and `b` to another); null when it is not plain http or https, or too long for Sonos.
 */
export function plainUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username + url.password === '';
  return isPlain && url.href.length <= LONGEST_URL ? url.href : null;
}

const advice =
  'Send {"url": "http://…/sound.mp3"} or {"type": "chime"}; name (at most 64 characters), volume (0 to 100), priority (low or high) as you like.';

/** Reads what `clip` takes: an object with a URL, or the built-in chime. A bare URL will do. */
export const clip: Reader<Clip> = {
  name: 'object `{url, name, volume, priority, type}`',
  schema: z.union([z.string().min(1).max(LONGEST_URL), clipSchema]).meta({
    examples: [{ url: 'http://192.168.1.9/bell.mp3', volume: 30 }, { type: 'chime' }],
  }),
  read: (raw) => {
    const given =
      raw.kind === 'text'
        ? { url: plain(raw) }
        : { ...(raw.value === undefined ? {} : { url: raw.value }), ...raw.fields };
    const read = clipSchema.safeParse(given);
    if (!read.success) {
      const wrong = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
      return err({ message: wrong.join(' '), advice });
    }
    const { name, volume, priority, type = 'custom' } = read.data;
    if (type === 'custom' && read.data.url === undefined)
      return err({ message: 'The clip has no URL.', advice });
    const url = read.data.url === undefined ? null : plainUrl(read.data.url);
    if (read.data.url !== undefined && url === null)
      return err({ message: 'The URL is not a plain http or https address.', advice });
    return ok({
      url,
      body: {
        name,
        appId: APP_ID,
        priority: priority.toUpperCase(),
        clipType: type.toUpperCase(),
        ...(url === null ? {} : { streamUrl: url }),
        ...(volume === undefined ? {} : { volume }),
      },
    });
  },
};
