import { createHash } from 'node:crypto';

/** Everything that happened, line by line: as a digest, and in words for whoever replays a seed. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #show: ((line: string) => void) | null;
  #lines = 0;

  constructor(show: ((line: string) => void) | null = null) {
    this.#show = show;
  }

  note(at: number, what: string): void {
    this.#lines += 1;
    const line = `${at} ${what}`;
    this.#hash.update(line);
    this.#show?.(line);
  }

  /** Digest of all lines; the trace ends with it. */
  end(): string {
    return `${this.#lines} ${this.#hash.digest('hex').slice(0, 32)}`;
  }
}
