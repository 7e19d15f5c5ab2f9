import type { Announcement } from '../../src/bridge/announcement.ts';
import type { CommandError } from '../../src/bridge/command-error.ts';
import { ok, type Result } from '../../src/bridge/result.ts';
import type { ReadySound, Sounds } from '../../src/bridge/sounds.ts';

/** A sound that was made, and for whom. */
export interface MadeSound {
  readonly announcement: Announcement;
  /** One for each time that it was sent: how many devices it was for. */
  readonly sent: number[];
  /** A device comes for the sound that was sent last. */
  come(device?: number): void;
}

/** Sounds of a fixed length that cost nothing, unless a test wants it otherwise. */
export interface FakeSounds extends Sounds {
  readonly made: MadeSound[];
  lengthMs: number | null;
  isOurs: boolean;
  objects: (announcement: Announcement) => CommandError | null;
  /** Comes before each sound is handed out. */
  before: (announcement: Announcement) => Promise<Result<null, CommandError>>;
}

/** See `FakeSounds`. */
export function createFakeSounds(): FakeSounds {
  function sound(announcement: Announcement): ReadySound {
    const number = sounds.made.length + 1;
    let asked: (device: number) => void = () => {};
    const sent: number[] = [];
    sounds.made.push({ announcement, sent, come: (device = 0) => asked(device) });
    return {
      lengthMs: sounds.lengthMs,
      isOurs: sounds.isOurs,
      provider: announcement.text === null ? null : 'espeak',
      from: 'http://192.168.1.5:8789',
      urls(devices, listener) {
        asked = listener;
        sent.push(devices);
        return Array.from(
          { length: devices },
          (_, index) => `http://192.168.1.5:8789/${number}/${index}.wav`,
        );
      },
    };
  }

  const sounds: FakeSounds = {
    made: [],
    lengthMs: 2_000,
    isOurs: true,
    objects: () => null,
    before: () => Promise.resolve(ok(null)),
    objection: (announcement) => sounds.objects(announcement),
    async prepare(announcement) {
      const hindrance = await sounds.before(announcement);
      return hindrance.ok ? ok(sound(announcement)) : hindrance;
    },
  };
  return sounds;
}
