import type { Clock } from '../../bridge/ports.ts';
import type { ReadySound, Sounds } from '../../bridge/sounds.ts';
import type { Making, Moment } from './making.ts';
import { errorOf, round } from './written.ts';

/** Where lines go. */
interface Paper {
  moment(): Moment;
  write(moment: Moment, line: Making): void;
}

/** The same sounds, with what became of each written down, and each time that a speaker came for one. */
export function watchedSounds(sounds: Sounds, clock: Clock, paper: Paper): Sounds {
  let count = 0;

  const watched = (number: number, sound: ReadySound): ReadySound => ({
    ...sound,
    urls: (devices, asked) =>
      sound.urls(devices, (device) => {
        paper.write(paper.moment(), () => ({ line: 'asked', number, device }));
        asked(device);
      }),
  });

  return {
    objection(announcement) {
      const objection = sounds.objection(announcement);
      if (objection !== null)
        paper.write(paper.moment(), (redaction) => ({
          line: 'objection',
          error: errorOf(objection, redaction),
        }));
      return objection;
    },
    async prepare(announcement) {
      count += 1;
      const number = count;
      const moment = paper.moment();
      const since = clock.elapsed();
      const result = await sounds.prepare(announcement);
      const ms = round(clock.elapsed() - since);
      paper.write(moment, (redaction) => ({
        ...{ line: 'sound', number, ms },
        ...(result.ok
          ? {
              ...{ length_ms: result.value.lengthMs, provider: result.value.provider },
              is_ours: result.value.isOurs,
            }
          : { error: errorOf(result.error, redaction) }),
      }));
      return result.ok ? { ok: true, value: watched(number, result.value) } : result;
    },
  };
}
