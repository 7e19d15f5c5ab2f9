import type { Announcement } from './announcement.ts';
import { blocked } from './announcement-policy.ts';
import type { CommandError } from './command-error.ts';
import type { Clock } from './ports.ts';

type Said = Pick<Announcement, 'text' | 'url' | 'chime'>;

const keyOf = (room: string, { text, url, chime }: Said): string => JSON.stringify([room, text, url, chime]);

/** What was announced where in the last moments, so that the same is not said again and again. */
export class SaidLately {
  readonly #clock: Clock;
  readonly #forMs: number;
  /** `Clock.elapsed`, by room and what was said. */
  readonly #said = new Map<string, number>();

  /** Remembers for so many milliseconds; for 0, nothing. */
  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  note(room: string, announcement: Said): void {
    this.#said.set(keyOf(room, announcement), this.#clock.elapsed());
  }

  /** It was not heard after all. */
  forget(room: string, announcement: Said): void {
    this.#said.delete(keyOf(room, announcement));
  }

  /** What forbids to say it again in a room, called by its address in the words; null when nothing does. */
  objection(room: string, address: string, announcement: Said): CommandError | null {
    const oldest = this.#clock.elapsed() - this.#forMs;
    for (const [key, at] of this.#said) if (at <= oldest) this.#said.delete(key);
    if (!this.#said.has(keyOf(room, announcement))) return null;
    const seen = `The same was said in "${address}" less than ${this.#forMs / 1000} s ago.`;
    return blocked('repeat', seen, 'See announcements.repeat_seconds.');
  }
}
