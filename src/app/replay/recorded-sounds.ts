import { commandError } from '../../bridge/command-error.ts';
import type { Clock } from '../../bridge/ports.ts';
import { err, ok } from '../../bridge/result.ts';
import type { ReadySound, Sounds } from '../../bridge/sounds.ts';
import type { LineOf, RecordLine } from '../record/lines.ts';
import { delayOf } from './recorded-answers.ts';

const NEAR_MS = 50;

const notRecorded = commandError('internal', 'The record does not say what became of this sound.');

/** The error codes of a record are those of its version; one that this version does not know is still an error. */
const errorOf = ({ message, advice }: { readonly message: string; readonly advice?: string | undefined }) =>
  commandError('internal', message, advice);

/** Sounds as the record tells of them: none is made. */
export class RecordedSounds implements Sounds {
  readonly #clock: Clock;
  readonly #sounds: LineOf<'sound'>[];
  readonly #objections: LineOf<'objection'>[];
  readonly #asked = new Map<number, (device: number) => void>();

  constructor(lines: readonly RecordLine[], clock: Clock) {
    this.#clock = clock;
    this.#sounds = lines.filter((line) => line.line === 'sound').sort((a, b) => a.number - b.number);
    this.#objections = lines.filter((line) => line.line === 'objection');
  }

  objection(): ReturnType<Sounds['objection']> {
    const now = this.#clock.elapsed();
    const index = this.#objections.findIndex(({ t }) => Math.abs(t - now) <= NEAR_MS);
    const [line] = index === -1 ? [] : this.#objections.splice(index, 1);
    return line === undefined ? null : errorOf(line.error);
  }

  prepare(): ReturnType<Sounds['prepare']> {
    const line = this.#sounds.shift();
    if (line === undefined) return Promise.resolve(err(notRecorded));
    const result = line.error === undefined ? ok(this.#sound(line)) : err(errorOf(line.error));
    return new Promise((resolve) => {
      this.#clock.after(delayOf(line, this.#clock.elapsed()), () => resolve(result));
    });
  }

  /** A speaker comes for a sound. */
  comes({ number, device }: LineOf<'asked'>): void {
    this.#asked.get(number)?.(device);
  }

  #sound({ number, length_ms, provider, is_ours }: LineOf<'sound'>): ReadySound {
    return {
      lengthMs: length_ms ?? null,
      provider: provider ?? null,
      isOurs: is_ours ?? false,
      from: '',
      urls: (devices, asked) => {
        this.#asked.set(number, asked);
        return Array.from({ length: devices }, (_, device) => `https://host.example/${number}-${device}`);
      },
    };
  }
}
