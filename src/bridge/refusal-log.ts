import type { Clock, Fields, Log } from './ports.ts';
import type { SonosError } from './sonos.ts';
import { targetOfKey } from './state.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A person is told at most so often that subscriptions are refused. */
const TELL_EVERY_MS = 1_800_000;

/** What it is made of. */
interface Options {
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly subscriptions: Pick<Subscriptions, 'count' | 'failing'>;
}

/** Tells that Sonos refuses subscriptions of a household, once, and that it takes them again. */
export class RefusalLog {
  readonly #options: Options;
  /** `Clock.elapsed` when a person was told; null while nothing is refused. */
  #toldAt: number | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** One line stands for all of them: what hinders one subscription mostly hinders the others. */
  refused(key: string, error: SonosError): void {
    if (this.#toldAt !== null) return;
    this.#toldAt = this.#options.clock.elapsed();
    this.#options.log.warn('Sonos did not take a subscription; it is tried again later.', told(key, error));
  }

  /** Tells when all are held again. One that fails now and then is not worth two lines each time. */
  look(): void {
    const { id, clock, log, subscriptions } = this.#options;
    const { wanted, held } = subscriptions.count();
    if (this.#toldAt === null || subscriptions.failing || held < wanted) return;
    if (clock.elapsed() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = null;
    log.info('Sonos takes all subscriptions again.', { household: id });
  }
}

const told = (key: string, error: SonosError): Fields => ({
  namespace: key.slice(0, key.indexOf(' ')),
  target: targetOfKey(key),
  kind: error.kind,
  status: error.status,
  errorCode: error.errorCode,
  ...(error.kind === 'forbidden'
    ? { advice: 'Is the Event Callback URL registered on the developer portal?' }
    : {}),
});
