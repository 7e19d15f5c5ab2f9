import type { Cancel, Clock, Log, Random } from '../bridge/ports.ts';
import type { BrokerAddress } from './broker-address.ts';
import { readBrokerAddress } from './broker-address.ts';
import type { Connection, ConnectionOptions, IncomingMessage, OpenConnection } from './client.ts';
import { openConnection } from './client.ts';
import type { ConnectionFailure } from './connection-failure.ts';
import { evidenceOf, failure } from './connection-failure.ts';
import { LinkLog, type LinkWords } from './link-log.ts';
import { createListeners } from './listeners.ts';
import { type KeptMessage, lookAtKept } from './look.ts';
import type { Outbox, ServedOutbox } from './outbox.ts';
import { createOutbox } from './outbox.ts';
import type { MqttVersion } from './protocol-choice.ts';
import { ProtocolChoice } from './protocol-choice.ts';
import type { TlsPaths } from './tls-files.ts';
import { readTlsFiles } from './tls-files.ts';
import { expectedOfTopic, readTopic } from './valid-topic.ts';
import type { Wire } from './wire.ts';

/** What the link to the broker needs. */
export interface MqttLinkOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** `sonos-mqtt-bridge-` and eight random characters unless given. */
  readonly clientId?: string;
  /** Read at every connect, so that a renewed certificate needs no restart. */
  readonly tls?: TlsPaths;
  readonly protocol: 'auto' | MqttVersion;
  /** Holds `online` and `offline`, and is the last will. */
  readonly availabilityTopic: string;
  /** What to subscribe to, at QoS 1. They must not overlap, or a message may come twice. */
  readonly filters: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How a connection is opened; with mqtt.js unless given. */
  readonly open?: OpenConnection;
}

/** How the link is. `protocol` is null while it is down. */
export interface MqttLinkStatus {
  readonly connected: boolean;
  readonly protocol: MqttVersion | null;
}

/** What a link carries, as the link serves it. */
export interface Freight
  extends Pick<ServedOutbox, 'detach' | 'oldestUnacknowledged' | 'watch' | 'whenIdle'> {
  /** A new connection. */
  attach(wire: Wire): void;
  /** Puts the last words in, before an orderly end. */
  farewell(): void;
}

/** What a link to the broker needs, whatever it carries. */
export interface BrokerLinkOptions
  extends Omit<MqttLinkOptions, 'availabilityTopic' | 'clientId'>,
    Partial<LinkWords> {
  readonly clientId: string;
  readonly will: ConnectionOptions['will'];
}

/** A link to the broker, kept up for as long as it is started. */
export interface BrokerLink {
  start(): void;
  /**
   * Sends what is waiting, then `offline`, and leaves. Settles within two seconds and never rejects; with a broker
   * that does not answer in time the will says `offline`. Messages that come meanwhile are not handed on.
   */
  stop(): Promise<void>;
  readonly status: MqttLinkStatus;
  /** Why there is no connection; null while there is one, and before the first attempt has ended. */
  readonly trouble: ConnectionFailure | null;
  /** The filters that the broker did not grant at the last connect. */
  readonly refused: readonly string[];
  onStatus(listener: (status: MqttLinkStatus) => void): Cancel;
  onMessage(listener: (message: IncomingMessage) => void): Cancel;
  /** What the broker keeps at these filters; null while it cannot be asked. */
  look(filters: readonly string[]): Promise<readonly KeptMessage[] | null>;
}

/** The link between the house and its broker. */
export interface MqttLink extends BrokerLink {
  readonly outbox: Outbox & Pick<ServedOutbox, 'size'>;
}

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** After a connection that held so long the pauses start short again. */
const GOOD_AFTER_MS = 30_000;
/** A connection that looks open and acknowledges nothing is as good as lost. */
const ACKNOWLEDGED_WITHIN_MS = 20_000;
const FLUSH_WITHIN_MS = 1_000;
const STOP_WITHIN_MS = 1_900;
const DOWN: MqttLinkStatus = { connected: false, protocol: null };

const newClientId = (random: Random): string =>
  `sonos-mqtt-bridge-${random
    .id()
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)}`;

class KeptLink implements BrokerLink {
  readonly #freight: Freight;
  readonly #options: BrokerLinkOptions;
  readonly #address: BrokerAddress;
  readonly #choice: ProtocolChoice;
  readonly #log: LinkLog;
  readonly #statusListeners = createListeners<MqttLinkStatus>();
  readonly #messageListeners = createListeners<IncomingMessage>();
  readonly onStatus = this.#statusListeners.add;
  readonly onMessage = this.#messageListeners.add;
  #status = DOWN;
  #trouble: ConnectionFailure | null = null;
  #refused: readonly string[] = [];
  #phase: 'new' | 'running' | 'stopping' = 'new';
  #connection: Connection | null = null;
  #openedAt = 0;
  #failuresInARow = 0;
  #cancelTimer: Cancel = () => {};
  #stopped: Promise<void> | null = null;
  #lostWhileStopping: () => void = () => {};

  constructor(options: BrokerLinkOptions, address: BrokerAddress, freight: Freight) {
    this.#options = options;
    this.#address = address;
    this.#freight = freight;
    this.#choice = new ProtocolChoice(options.protocol);
    this.#log = new LinkLog(options.clock, options.log, address.shown, options);
  }

  get status(): MqttLinkStatus {
    return this.#status;
  }

  get trouble(): ConnectionFailure | null {
    return this.#trouble;
  }

  get refused(): readonly string[] {
    return this.#refused;
  }

  start(): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'running';
    void this.#attempt();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async look(filters: readonly string[]): Promise<readonly KeptMessage[] | null> {
    const { protocol } = this.#status;
    if (protocol === null) return null;
    const { open = openConnection } = this.#options;
    const options = await this.#connectionOptions(protocol).catch(() => null);
    if (options === null) return null;
    return lookAtKept(open, { ...options, filters, clientId: `${this.#options.clientId}-look`, will: null });
  }

  async #attempt(): Promise<void> {
    const version = this.#choice.next();
    try {
      const options = await this.#connectionOptions(version);
      if (this.#phase !== 'running') return;
      const { open = openConnection } = this.#options;
      this.#connection = open(options, {
        onOpen: (refused) => this.#opened(version, refused),
        onMessage: (message) => {
          if (this.#phase === 'running') this.#messageListeners.tell(message);
        },
        onEnd: (why, answered) => this.#ended(why, answered),
      });
    } catch (error) {
      // Only files of ours that cannot be read or used end here.
      if (this.#phase === 'running') this.#ended(failure('tls_files', String(error)), false);
    }
  }

  async #connectionOptions(version: MqttVersion): Promise<ConnectionOptions> {
    const { username, password, clientId, tls, will, filters, clock } = this.#options;
    return {
      address: this.#address,
      version,
      clientId,
      username: username ?? this.#address.username,
      password: password ?? this.#address.password,
      tls: await readTlsFiles(tls ?? {}),
      will,
      filters,
      clock,
    };
  }

  #opened(version: MqttVersion, refusedFilters: readonly string[]): void {
    const connection = this.#connection;
    if (connection === null || this.#phase !== 'running') return;
    this.#trouble = null;
    this.#refused = refusedFilters;
    this.#choice.accepted();
    this.#openedAt = this.#options.clock.elapsed();
    this.#log.opened(version);
    this.#log.refusedFilters(refusedFilters);
    this.#cancelTimer();
    this.#freight.attach(connection);
    this.#cancelTimer = this.#freight.watch(ACKNOWLEDGED_WITHIN_MS, (milliseconds) => {
      connection.destroy();
      const seconds = Math.round(milliseconds / 1000);
      this.#ended(failure('wedged', `a message was not acknowledged for ${seconds} s`), true);
    });
    this.#tellStatus({ connected: true, protocol: version });
  }

  /** `answered` says whether the broker let us in, and so understood the version. */
  #ended(why: ConnectionFailure, answered: boolean): void {
    const wasUp = this.#status.connected;
    const waitingTopic = this.#freight.oldestUnacknowledged()?.topic ?? null;
    this.#connection = null;
    this.#trouble = why;
    this.#cancelTimer();
    this.#freight.detach();
    if (this.#phase === 'stopping') {
      this.#lostWhileStopping();
      return;
    }
    if (wasUp) {
      this.#log.lost(why, waitingTopic);
      if (this.#options.clock.elapsed() - this.#openedAt >= GOOD_AFTER_MS) this.#failuresInARow = 0;
      this.#retryAfter(this.#nextPause());
    } else if (this.#choice.failed(answered ? 'none' : evidenceOf(why))) {
      this.#log.otherVersion(why);
      this.#retryAfter(0);
    } else {
      this.#log.failed(why);
      this.#retryAfter(this.#nextPause());
    }
    this.#tellStatus(DOWN);
  }

  #retryAfter(milliseconds: number): void {
    this.#cancelTimer = this.#options.clock.after(milliseconds, () => void this.#attempt());
  }

  #nextPause(): number {
    const pause = Math.min(SHORTEST_PAUSE_MS * 2 ** Math.min(this.#failuresInARow, 16), LONGEST_PAUSE_MS);
    this.#failuresInARow += 1;
    return pause * (0.5 + this.#options.random.fraction() / 2);
  }

  #tellStatus(status: MqttLinkStatus): void {
    if (status.connected === this.#status.connected && status.protocol === this.#status.protocol) return;
    this.#status = status;
    this.#statusListeners.tell(status);
  }

  async #stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#cancelTimer();
    const connection = this.#connection;
    if (connection !== null && this.#status.connected) {
      await new Promise<void>((resolve) => this.#sayGoodbye(connection, resolve));
    }
    this.#connection?.destroy();
    this.#connection = null;
    this.#freight.detach();
    this.#tellStatus(DOWN);
  }

  #sayGoodbye(connection: Connection, resolve: () => void): void {
    const { clock } = this.#options;
    const cancels: Cancel[] = [];
    const done = () => {
      for (const cancel of cancels.splice(0)) cancel();
      resolve();
    };
    let said = false;
    const sayOffline = () => {
      if (said) return;
      said = true;
      this.#freight.farewell();
      cancels.push(this.#freight.whenIdle(() => void connection.close().then(done, done)));
    };
    this.#lostWhileStopping = done;
    cancels.push(clock.after(STOP_WITHIN_MS, done), clock.after(FLUSH_WITHIN_MS, sayOffline));
    cancels.push(this.#freight.whenIdle(sayOffline));
  }
}

function addressIn(url: string): BrokerAddress {
  const address = readBrokerAddress(url);
  if (!address.ok) throw new TypeError(`mqtt.url is no broker's address: ${address.error}.`);
  return address.value;
}

/** Makes a link that carries what is handed in; nothing is opened before `start`. Throws a TypeError when the URL is none. */
export const createBrokerLink = (options: BrokerLinkOptions, freight: Freight): BrokerLink =>
  new KeptLink(options, addressIn(options.url), freight);

/**
 * Makes the link between the house and its broker; nothing is opened before `start`. Throws a TypeError when the
 * URL or the availability topic is none: the settings' schema should have refused it.
 */
export function createMqttLink(options: MqttLinkOptions): MqttLink {
  const address = addressIn(options.url);
  const { availabilityTopic: topic, clientId = newClientId(options.random) } = options;
  const read = readTopic(topic);
  if (!read.ok)
    throw new TypeError(`The availability topic is none: expected ${expectedOfTopic(read.error)}.`);
  const outbox = createOutbox(options);
  const freight = {
    attach: (wire: Wire) => outbox.attach(wire, { topic, payload: 'online' }),
    farewell: () => outbox.retain(topic, 'offline'),
    detach: () => outbox.detach(),
    oldestUnacknowledged: () => outbox.oldestUnacknowledged(),
    watch: outbox.watch.bind(outbox),
    whenIdle: outbox.whenIdle.bind(outbox),
  };
  const will = { topic, payload: 'offline' };
  return Object.assign(new KeptLink({ ...options, clientId, will }, address, freight), { outbox });
}
