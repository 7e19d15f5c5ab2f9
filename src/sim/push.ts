import type { Clock } from '../bridge/ports.ts';
import type { Knobs } from './knobs.ts';
import type { SonosSays } from './model.ts';
import { withoutObjectTypes } from './object-types.ts';
import type { Chance } from './random.ts';
import { sign } from './signature.ts';

/** One HTTP POST; answers with the status, fails when there is none. `signal` ends it when Sonos waits no longer. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<number>;

/** What delivery needs. */
export interface PushPorts {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly knobs: Knobs;
  readonly post: Post;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The registered Event Callback URL; null when there is none. */
  callbackUrl(): string | null;
  /** The callback answered 403: Sonos stops posting for this target. */
  refused(says: SonosSays): void;
}

/** What became of the events so far. */
export interface PushCounts {
  readonly sent: number;
  readonly delivered: number;
  readonly retried: number;
  /** Given up after the last retry. */
  readonly lost: number;
  /** Never posted: by `deliver`, by `dropRate`, or for want of a URL. */
  readonly dropped: number;
}

/** Delivery of events to the callback, in order for each target. */
export interface Push {
  send(says: SonosSays): void;
  /** The counters of all targets begin anew, as after trouble at Sonos. */
  resetSequences(): void;
  /** How many events are on their way. */
  pending(): number;
  counts(): PushCounts;
  /** Nothing more is posted; what is on its way ends. */
  stop(): void;
}

interface Parcel {
  readonly says: SonosSays;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `wait` as a promise on the given clock. */
const pause = (clock: Clock, milliseconds: number): Promise<void> =>
  milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => clock.after(milliseconds, resolve));

class Deliveries implements Push {
  readonly #ports: PushPorts;
  readonly #sequences = new Map<string, number>();
  /** The end of each target's line. */
  readonly #lines = new Map<string, Promise<void>>();
  #stopped = false;
  #pending = 0;
  #counts = { sent: 0, delivered: 0, retried: 0, lost: 0, dropped: 0 };

  constructor(ports: PushPorts) {
    this.#ports = ports;
  }

  send(says: SonosSays): void {
    const parcel = this.#wrap(says);
    const { chance, knobs } = this.#ports;
    this.#counts.sent += 1;
    if (!knobs.deliver || chance.fraction() < knobs.dropRate || this.#ports.callbackUrl() === null) {
      this.#counts.dropped += 1;
      return;
    }
    const [least, most] = knobs.deliveryDelayMs;
    const delay = chance.integer(least, most);
    if (chance.fraction() < knobs.reorderRate) {
      this.#track(pause(this.#ports.clock, delay + knobs.reorderMs).then(() => this.#deliver(parcel)));
    } else {
      this.#enqueue(parcel, delay);
    }
    if (chance.fraction() < knobs.duplicateRate) this.#enqueue(parcel, delay);
  }

  resetSequences(): void {
    this.#sequences.clear();
  }

  pending(): number {
    return this.#pending;
  }

  counts(): PushCounts {
    return { ...this.#counts };
  }

  stop(): void {
    this.#stopped = true;
  }

  #wrap(says: SonosSays): Parcel {
    const { chance, clientId, clientSecret, knobs } = this.#ports;
    const { household, namespace, type, targetType, target } = says;
    const key = [household, namespace, target].join(' ');
    const number = (this.#sequences.get(key) ?? 0) + 1;
    this.#sequences.set(key, number);
    const sequence = String(number);
    const text = JSON.stringify(knobs.objectTypes ? says.body : withoutObjectTypes(says.body));
    const isAltered = chance.fraction() < knobs.corruptRate;
    const headers = {
      'Content-Type': 'application/json',
      'X-Sonos-Household-Id': household,
      'X-Sonos-Namespace': namespace,
      'X-Sonos-Type': type,
      'X-Sonos-Target-Type': targetType,
      'X-Sonos-Target-Value': target,
      'X-Sonos-Event-Seq-Id': sequence,
      'X-Sonos-Event-Signature': sign(
        { sequence, namespace, type, targetType, target },
        clientId,
        clientSecret,
      ),
    };
    return { says, headers, body: isAltered ? text.slice(0, Math.floor(text.length / 2)) : text };
  }

  #enqueue(parcel: Parcel, delay: number): void {
    const { household, namespace, target } = parcel.says;
    const key = [household, namespace, target].join(' ');
    const before = this.#lines.get(key) ?? Promise.resolve();
    const due = pause(this.#ports.clock, delay);
    const line = before.then(() => due).then(() => this.#deliver(parcel));
    this.#lines.set(key, line);
    this.#track(
      line.then(() => {
        if (this.#lines.get(key) === line) this.#lines.delete(key);
      }),
    );
  }

  #track(work: Promise<void>): void {
    this.#pending += 1;
    const settle = (): void => {
      this.#pending -= 1;
    };
    work.then(settle, settle);
  }

  async #deliver(parcel: Parcel): Promise<void> {
    const { clock, knobs } = this.#ports;
    for (let attempt = 0; attempt <= knobs.retries; attempt += 1) {
      if (this.#stopped) return;
      if (attempt > 0) this.#counts.retried += 1;
      const status = await this.#attempt(parcel);
      if (status === 403) this.#ports.refused(parcel.says);
      if (status >= 200 && status < 300) this.#counts.delivered += 1;
      if (status === 403 || (status >= 200 && status < 300)) return;
      if (attempt < knobs.retries) await pause(clock, knobs.retryMs);
    }
    this.#counts.lost += 1;
  }

  /** The status, or 0 when none came in time. */
  async #attempt({ headers, body }: Parcel): Promise<number> {
    const { clock, knobs, post } = this.#ports;
    const url = this.#ports.callbackUrl();
    if (url === null) return 0;
    const patience = new AbortController();
    return new Promise((resolve) => {
      const cancel = clock.after(knobs.answerMs, () => {
        resolve(0);
        patience.abort();
      });
      const settle = (status: number): void => {
        cancel();
        resolve(status);
      };
      post(url, headers, body, patience.signal).then(settle, () => settle(0));
    });
  }
}

/**
 * Delivery as the documentation tells it: answer within about a second, else again once a second, three times,
 * then lost for good. Sequence numbers grow for each household, namespace and target.
 */
export const createPush = (ports: PushPorts): Push => new Deliveries(ports);
