import type { Clock, Log } from '../bridge/ports.ts';
import type { ConnectionFailure } from './connection-failure.ts';
import { adviceFor } from './connection-failure.ts';
import type { MqttVersion } from './protocol-choice.ts';

/** What a loss of the broker means for what the link carries; for a house unless given. */
export interface LinkWords {
  readonly whenLost: string;
  readonly whenBack: string;
}

const OF_A_HOUSE: LinkWords = {
  whenLost: 'What is to be said is kept and sent when it is back.',
  whenBack: 'everything retained is sent again.',
};

/** What the operator reads about the link: one line per loss, one per return, and each kind of trouble once. */
export class LinkLog {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #broker: string;
  readonly #words: LinkWords;
  /** The kinds of failure already explained in this outage. */
  readonly #explained = new Set<string>();
  #lostAt: number | null = null;
  #refused = '';

  /** `broker` is the address as it may be shown. */
  constructor(clock: Clock, log: Log, broker: string, words: Partial<LinkWords> = {}) {
    this.#clock = clock;
    this.#log = log;
    this.#broker = broker;
    this.#words = {
      whenLost: words.whenLost ?? OF_A_HOUSE.whenLost,
      whenBack: words.whenBack ?? OF_A_HOUSE.whenBack,
    };
  }

  /** The link is up. */
  opened(version: MqttVersion): void {
    const spoken = `MQTT ${version === 5 ? '5' : '3.1.1'}`;
    if (this.#lostAt === null) {
      this.#log.info(`Connected to the MQTT broker at ${this.#broker} with ${spoken}.`);
    } else {
      const seconds = Math.round((this.#clock.elapsed() - this.#lostAt) / 1000);
      this.#log.info(
        `The MQTT broker at ${this.#broker} is back after ${seconds} s, with ${spoken}; ${this.#words.whenBack}`,
      );
    }
    this.#lostAt = null;
    this.#explained.clear();
  }

  /** The link was up and is lost. `waitingTopic` is the oldest publish that was not acknowledged. */
  lost(why: ConnectionFailure, waitingTopic: string | null): void {
    this.#lostAt = this.#clock.elapsed();
    this.#explained.add(why.kind);
    this.#log.warn(
      `Lost the MQTT broker at ${this.#broker}: ${why.seen}. ${adviceFor(why)} ${this.#words.whenLost}`,
      waitingTopic === null ? {} : { waiting_topic: waitingTopic },
    );
  }

  /** An attempt failed; it is made again. */
  failed(why: ConnectionFailure): void {
    if (this.#explained.has(why.kind)) return;
    this.#explained.add(why.kind);
    this.#log.warn(
      `No connection to the MQTT broker at ${this.#broker}: ${why.seen}. ${adviceFor(why)} It is tried again until it works.`,
    );
  }

  /** The broker does not speak the version that was tried; the other one is tried at once. */
  otherVersion(why: ConnectionFailure): void {
    this.#log.debug(`The MQTT broker at ${this.#broker} did not take MQTT 5 (${why.seen}); trying 3.1.1.`);
  }

  /** These subscriptions were not granted; said again only when it changes. */
  refusedFilters(filters: readonly string[]): void {
    const refused = filters.join(', ');
    if (refused !== '' && refused !== this.#refused) {
      this.#log.error(
        `The MQTT broker at ${this.#broker} refused the subscription to ${refused}. Commands sent there do not arrive. Allow the bridge's user to subscribe to it in the broker's access rules.`,
      );
    }
    this.#refused = refused;
  }
}
