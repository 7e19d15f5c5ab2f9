import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { FetchClip } from './audio-clips.ts';
import type { Post } from './push.ts';

/** The network of the simulated cloud and its players: real sockets, kept alive. */
export interface Network {
  readonly post: Post;
  readonly fetchClip: FetchClip;
  close(): void;
}

const WAV_HEADER_BYTES = 44;
const MP3_BYTES_PER_SECOND = 16_000;
const LONGEST_CLIP_BYTES = 20 * 1024 * 1024;

/** How long a WAV or MP3 sounds, in milliseconds; null when it is neither. MP3 is taken as 128 kbit/s. */
export function clipLength(sound: Buffer): number | null {
  if (sound.length >= WAV_HEADER_BYTES && sound.toString('latin1', 0, 4) === 'RIFF') {
    const bytesPerSecond = sound.readUInt32LE(28);
    return bytesPerSecond === 0
      ? null
      : Math.round(((sound.length - WAV_HEADER_BYTES) / bytesPerSecond) * 1000);
  }
  const isMp3 =
    sound.toString('latin1', 0, 3) === 'ID3' || (sound[0] === 0xff && ((sound[1] ?? 0) & 0xe0) === 0xe0);
  return isMp3 ? Math.round((sound.length / MP3_BYTES_PER_SECOND) * 1000) : null;
}

/** Players fetch MP3 and WAV themselves; anything else, or too much of it, is no clip. */
const fetchClip: FetchClip = async (url, authorization) => {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5000) });
  if (!response.ok) return null;
  const sound = Buffer.from(await response.arrayBuffer());
  return sound.length > LONGEST_CLIP_BYTES ? null : clipLength(sound);
};

/** Opens keep-alive agents; `close` ends their sockets. */
export function openNetwork(): Network {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });
  const post: Post = (url, headers, body, signal) =>
    new Promise((resolve, reject) => {
      const isSecure = url.startsWith('https:');
      const options = {
        method: 'POST',
        agent: isSecure ? https : http,
        headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
        signal,
      };
      const request = (isSecure ? httpsRequest : httpRequest)(url, options, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  return {
    post,
    fetchClip,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
