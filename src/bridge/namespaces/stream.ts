import { z } from 'zod';
import { plainUrl } from '../clip.ts';
import { commandError } from '../command-error.ts';
import { defineCommand, type Evidence, type Witness } from '../command-spec.ts';
import { plain, type Reader } from '../readers.ts';
import { err, ok } from '../result.ts';
import { inSession, loadStream, type StreamLoad } from '../session-calls.ts';
import { metadataAt, type PlaybackError, playbackAt } from './playback-slice.ts';

// Lengths: docs.sonos.com, "loadStreamUrl" and "container".
const streamSchema = z.object({
  url: z.string().min(1).max(1024).describe('Plain http or https; the speakers fetch it themselves.'),
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe("What the room shows; the host's name without."),
  image: z.string().min(1).max(1024).optional().describe('The address of a picture to show.'),
});

const advice =
  'Send the address of a live stream, or {"url": "http://…", "name": "…", "image": "http://…"}; name has at most 100 characters.';

/** FNV-1a of 32 bits as hexadecimal digits: tells one address from another, and need do no more. */
function digestOf(text: string): string {
  let digest = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) digest = Math.imul(digest ^ byte, 0x01000193) >>> 0;
  return digest.toString(16).padStart(8, '0');
}

/** Reads what `stream` takes: an address, or an object with it and what the room shall show. */
const reader: Reader<StreamLoad> = {
  name: 'URL, or an object `{url, name, image}`',
  schema: z.union([z.string().min(1).max(1024), streamSchema]).meta({
    examples: [
      'http://radio.example/live.mp3',
      { url: 'http://radio.example/live.mp3', name: 'Live', image: 'http://radio.example/logo.png' },
    ],
  }),
  read: (raw) => {
    const given =
      raw.kind === 'text'
        ? { url: plain(raw) }
        : { ...(raw.value === undefined ? {} : { url: raw.value }), ...raw.fields };
    const read = streamSchema.safeParse(given);
    if (!read.success) {
      const wrong = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
      return err({ message: wrong.join(' '), advice });
    }
    const { name, image } = read.data;
    const url = plainUrl(read.data.url);
    const picture = image === undefined ? null : plainUrl(image);
    if (url === null || (image !== undefined && picture === null)) {
      const what = url === null ? 'The URL' : 'The address of the image';
      return err({ message: `${what} is not a plain http or https address.`, advice });
    }
    // What Sonos would show of a stream without a name.
    const host = new URL(url).hostname.slice(0, 100);
    return ok({ url, name: name ?? host, image: picture, itemId: `stream-${digestOf(url)}` });
  },
};

const failed = ({ code, reason }: PlaybackError) => ({
  ...commandError(
    'sonos_error',
    `The room cannot play it: ${reason === null ? code : `${code}: ${reason}`}.`,
    'The speakers fetch the stream themselves: it must be reachable from there, and be one that plays on and on.',
  ),
  sonos: { status: null, error_code: code, reason },
});

/** Sonos takes a dead address, too, so only what sounds, or an error that came since, says how it went. */
function evidence({ value, before, now }: Witness<StreamLoad>): Evidence {
  const [was, is] = [playbackAt(before), playbackAt(now)];
  if (is?.error != null && is.error !== was?.error) return failed(is.error);
  if (is?.state !== 'playing') return 'not_yet';
  if (is.itemId === value.itemId) return 'seen';
  const source = metadataAt(now)?.source;
  const isNamed = source?.kind === 'stream' && source.name === value.name;
  // The name alone may be that of what played before.
  return isNamed && (is.itemId === null || is.itemId !== was?.itemId) ? 'seen' : 'not_yet';
}

/** Plays a live stream through a session of ours, which takes the group over (docs.sonos.com, "loadStreamUrl"). */
export const stream = defineCommand<StreamLoad>({
  describe: "Plays a live stream on the room's group.",
  value: reader,
  aim: 'group',
  reads: ['playback', 'playbackMetadata'],
  // The picture is fetched by whoever shows the room: players, apps, this bridge's page.
  urls: ({ url, image }) => (image === null ? [url] : [url, image]),
  plan: (value, seat) => inSession(seat, 'stream', (session) => loadStream(session, value)),
  seen: evidence,
});
