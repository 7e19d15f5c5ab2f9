import type { IncomingMessage, ServerResponse } from 'node:http';
import { commandError } from '../bridge/command-error.ts';
import type { Clock, Log, Random } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { Sounds } from '../bridge/sounds.ts';
import { isForbiddenAddress, type UrlPolicy } from '../bridge/url-policy.ts';
import { createChain } from './chain.ts';
import { openChimes } from './chime-folder.ts';
import { type ClipCounters, createClipServer } from './clip-server.ts';
import { openClipStore } from './clip-store.ts';
import { decodeSound } from './decode.ts';
import { createFetchGuarded } from './fetch-guarded.ts';
import { clipBaseUrl } from './lan-address.ts';
import { createProviders, type ProvidersOptions } from './providers.ts';
import { createSounds, type SpeechDefaults } from './sounds.ts';
import type { StoredClip } from './stored-clip.ts';

/** Everything that speech needs. */
export interface SpeechOptions {
  readonly defaults: SpeechDefaults;
  readonly providers: ProvidersOptions;
  readonly timeoutMs: number;
  /** The folder with the user's own chimes; null when there is none. */
  readonly chimesFolder: string | null;
  readonly clips: {
    /** `speech.clip_url`; null when it is not set. */
    readonly url: string | null;
    readonly host: string;
    readonly port: number;
    readonly folder: string;
    readonly secret: string;
    readonly maxBytes: number;
    readonly maxAgeMs: number;
    /** Answers what is for others at the same address; false when it is not for them. */
    readonly further?: (request: IncomingMessage, response: ServerResponse) => boolean;
  };
  /** What other people's URLs must satisfy. */
  readonly policy: UrlPolicy;
  /** Whether the policy names hosts: then what it lets through is right, wherever its name leads. */
  readonly isPolicyListed: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Speech, running. */
export interface Speech {
  readonly sounds: Sounds;
  /** Where the clip server listens. */
  readonly port: number;
  /** The clip server's address for speakers, without a slash at its end; null when none is known. */
  address(): Promise<string | null>;
  counters(): ClipCounters;
  /** The names of the chimes there are now. */
  chimes(): Promise<readonly string[]>;
  /** Ends everything within a second. */
  stop(): Promise<void>;
}

const UNREACHABLE = commandError(
  'internal',
  'The bridge knows no address of its own that speakers could reach.',
  'Set speech.clip_url to one, such as http://192.168.1.10:8789.',
);

/** Opens cache, clip server and providers; what hinders, in words. */
export async function openSpeech(options: SpeechOptions): Promise<Result<Speech, string>> {
  const { clock, random, log, clips, policy, isPolicyListed } = options;
  const store = await openClipStore({ ...clips, clock, log });
  const server = createClipServer({ ...clips, store, clock, random, log });
  const started = await server.start();
  if (!started.ok) {
    await store.close();
    return err(started.error.message);
  }
  const { port } = started.value;
  const chain = createChain({
    ...{ clock, log, timeoutMs: options.timeoutMs },
    providers: createProviders(options.providers),
    check: decodeSound,
  });
  const address = () => clipBaseUrl({ configured: clips.url, host: clips.host, port });
  const offer = async (clip: StoredClip, provider: string | null) => {
    const base = await address();
    if (base === null) return err(UNREACHABLE);
    return ok({
      ...{ lengthMs: clip.lengthMs, provider, isOurs: true, from: base },
      urls: (devices: number, asked: (device: number) => void) =>
        server.ticketsFor(clip, devices, asked).map((path) => `${base}${path}`),
    });
  };
  const allows = (url: URL): boolean => policy(url.href).ok;
  const chimes = openChimes({ folder: options.chimesFolder, log });
  const sounds = createSounds({
    ...{ defaults: options.defaults, chain, store, policy, offer, log },
    providers: options.providers.order,
    chimes,
    fetchSound: createFetchGuarded({
      ...{ clock, allows, isForbidden: isForbiddenAddress },
      isListed: (url) => isPolicyListed && allows(url),
    }),
  });
  return ok({
    sounds,
    port,
    address,
    counters: () => server.counters(),
    chimes: () => chimes.names(),
    async stop() {
      chain.close();
      await server.stop();
      await store.close();
    },
  });
}
