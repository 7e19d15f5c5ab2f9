import { commandError } from '../../src/bridge/command-error.ts';
import { err, ok } from '../../src/bridge/result.ts';
import type { ReadySound, Sounds } from '../../src/bridge/sounds.ts';
import type { FetchClip } from '../../src/sim/clip.ts';
import type { Chance } from '../../src/sim/random.ts';
import type { Speech } from '../../src/speech/speech.ts';
import type { Process, VirtualTime } from './time.ts';

const OURS = 'https://bridge.example.com/clips/';
const SAMPLES_PER_SECOND = 10;

/** Where somebody else has the sound of an announcement. */
export const soundElsewhere = (id: string): string => `https://sounds.example.com/${id}.wav`;

/** The announcement that a URL is the sound of: its id is in the text, and so in the URL; null for any other URL. */
export const announcementOf = (url: string): string | null =>
  /\/(a\d+)(?:-\d+)?\.wav$/.exec(url)?.[1] ?? null;

/** The chimes that the bridge finds. */
export const SIMULATED_CHIMES: readonly string[] = ['chime', 'doorbell'];

/** How long an announcement sounds, milliseconds: from one second to seven. */
const lengthOf = (url: string): number => 1_000 + 1_000 * (Number(announcementOf(url)?.slice(1) ?? 0) % 7);

/** A sound file of that length that has hardly a byte. */
function wav(milliseconds: number): Uint8Array {
  const size = Math.round((milliseconds / 1000) * SAMPLES_PER_SECOND);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + size, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(size, 40);
  return Buffer.concat([header, Buffer.alloc(size, 128)]);
}

const MUTE = commandError('internal', 'No voice is at hand.', 'Try again.');

/** Speech, and the players' way to its sounds and to those of others. */
export class SimulatedSpeech {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  /** Who is told that a player came for a URL of ours. */
  #served = new Map<string, { readonly process: Process; readonly asked: () => void }>();
  #count = 0;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** The speech of one run of the bridge: what it has to say is gone with it. */
  doorFor(process: Process): Speech {
    this.#served = new Map();
    return {
      sounds: this.#soundsFor(process),
      port: 8789,
      address: () => Promise.resolve(null),
      counters: () => ({ served: 0, refused: 0 }),
      chimes: () => Promise.resolve(SIMULATED_CHIMES),
      stop: () => Promise.resolve(),
    };
  }

  #soundsFor(process: Process): Sounds {
    return {
      objection: () => null,
      prepare: async ({ text, url }) => {
        const milliseconds = this.#chance.pick([0, 0, 0, 200, 3_000]);
        const isMute = this.#chance.fraction() < 0.04;
        if (milliseconds > 0) await new Promise<void>((resolve) => process.after(milliseconds, resolve));
        if (isMute) return err(MUTE);
        return ok(url === null ? this.#spoken(process, text ?? '') : elsewhere(url));
      },
    };
  }

  #spoken(process: Process, text: string): ReadySound {
    const id = text.split(' ').at(-1) ?? '';
    return {
      ...{ lengthMs: lengthOf(`/${id}.wav`), provider: 'espeak', isOurs: true, from: OURS },
      urls: (devices, asked) =>
        Array.from({ length: devices }, (_, device) => {
          this.#count += 1;
          const url = `${OURS}${id}-${this.#count}.wav`;
          this.#served.set(url, { process, asked: () => asked(device) });
          return url;
        }),
    };
  }

  /** A player gets a sound. */
  readonly fetch: FetchClip = (url, _headers, download) =>
    this.#time.after(this.#chance.pick([20, 20, 20, 1_500]), () => {
      if (!url.startsWith(OURS)) {
        download.came(wav(lengthOf(url)));
        return download.ended(true);
      }
      const served = this.#served.get(url);
      if (served?.process.isAlive !== true) return download.ended(false);
      // A machine that sleeps lets the player wait.
      served.process.hear(() => {
        served.asked();
        download.came(wav(lengthOf(url)));
        download.ended(true);
      });
    });
}

/** Of a sound that is elsewhere nothing is known. */
const elsewhere = (url: string): ReadySound => ({
  ...{ lengthMs: null, provider: null, isOurs: false, from: new URL(url).host },
  urls: (devices) => Array.from({ length: devices }, () => url),
});
