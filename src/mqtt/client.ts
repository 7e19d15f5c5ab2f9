import { createRequire } from 'node:module';
import type { IClientOptions, IPublishPacket, MqttClient, Packet } from 'mqtt';
import type { Cancel, Clock } from '../bridge/ports.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { ConnectionFailure } from './connection-failure.ts';
import { failure, failureOfCode, failureOfError } from './connection-failure.ts';
import type { MqttVersion } from './protocol-choice.ts';
import type { TlsTexts } from './tls-files.ts';
import type { Publication, Wire } from './wire.ts';

// An `import` would have Node look through its 120 KB for the names of exports first, at 8 MB and a fifth of the start.
const { connect, ReasonCodes }: typeof import('mqtt') = createRequire(import.meta.url)('mqtt');

/** A message from the broker. */
export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** True for one the broker kept; a command among these is a replay and must not be carried out. */
  readonly retained: boolean;
  /** MQTT 5; null when absent or under 3.1.1, like those below. Untrusted. */
  readonly responseTopic: string | null;
  readonly correlationData: Uint8Array | null;
  /** What was left of its life when it arrived, seconds. */
  readonly expirySeconds: number | null;
}

/** What one connection needs to know. */
export interface ConnectionOptions {
  readonly address: BrokerAddress;
  readonly version: MqttVersion;
  readonly clientId: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: TlsTexts;
  /** Null for one that only looks. */
  readonly will: { readonly topic: string; readonly payload: string } | null;
  readonly filters: readonly string[];
  readonly clock: Clock;
}

/** What one connection tells. Nothing follows `onEnd`, which comes once at most. */
export interface ConnectionEvents {
  /** The broker let us in and answered the subscription; `refused` lists the filters it did not grant. */
  onOpen(refused: readonly string[]): void;
  onMessage(message: IncomingMessage): void;
  /** `answered`: the broker had let us in, so it understood the version. */
  onEnd(why: ConnectionFailure, answered: boolean): void;
}

/** One connection, from CONNECT to its end; never used again after that. */
export interface Connection extends Wire {
  /** Says DISCONNECT, so that the will is not sent, and resolves when the broker closed. No `onEnd` follows. */
  close(): Promise<void>;
  /** Ends at once, without a word. No `onEnd` follows. */
  destroy(): void;
}

const KEEPALIVE_SECONDS = 30;
const ANSWER_WITHIN_MS = 10_000;
/** Never reached: our own deadline, by the clock that was handed in, is shorter. */
const LIBRARY_ANSWER_WITHIN_MS = 15_000;

/** More than a window of this many would not be faster, and keeps packet ids from ever running out. */
const LARGEST_WINDOW = 64;

/** What MQTT 5 calls the acknowledgement of a message that nobody gets (MQTT 5, §3.4.2.1). */
const NO_MATCHING_SUBSCRIBERS = 0x10;

/** No command is longer; tells an MQTT 5 broker not to send what would only fill memory. */
const LARGEST_INCOMING_BYTES = 1024 * 1024;

function clientOptions(options: ConnectionOptions): IClientOptions {
  const { address, tls, version } = options;
  const secure = address.protocol === 'mqtts' || address.protocol === 'wss';
  return {
    protocol: address.protocol,
    // WebSockets write the host into a URL, where IPv6 needs its brackets.
    host:
      address.protocol.startsWith('ws') && address.host.includes(':') ? `[${address.host}]` : address.host,
    port: address.port,
    path: address.path,
    protocolVersion: version,
    clientId: options.clientId,
    ...(options.username === null ? {} : { username: options.username }),
    ...(options.password === null ? {} : { password: options.password }),
    ...(secure ? { ...tls, rejectUnauthorized: true } : {}),
    ...(version === 5 ? { properties: { maximumPacketSize: LARGEST_INCOMING_BYTES } } : {}),
    ...(options.will === null
      ? {}
      : { will: { ...options.will, payload: Buffer.from(options.will.payload), qos: 1, retain: true } }),
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: LIBRARY_ANSWER_WITHIN_MS,
    // A client that never reconnects has no queue, store or subscription to replay.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    writeCache: false,
    // Its debug log would print the CONNECT packet with the password.
    log: () => {},
  };
}

/** The reason code of a refused SUBSCRIBE, CONNECT or PUBLISH; null for other errors. */
function reasonCode(error: Error): number | null {
  return 'code' in error && typeof error.code === 'number' ? error.code : null;
}

const nameOf = (code: number): string => ReasonCodes[code as keyof typeof ReasonCodes] ?? '';

/** The filters that a SUBACK did not grant; null when there was none that fits. */
function refusedFilters(filters: readonly string[], packet: Packet | undefined): readonly string[] | null {
  if (packet?.cmd !== 'suback' || packet.granted.length !== filters.length) return null;
  return filters.filter((_, index) => Number(packet.granted[index]) >= 0x80);
}

function incoming(topic: string, payload: Uint8Array, packet: IPublishPacket): IncomingMessage {
  const { responseTopic, correlationData, messageExpiryInterval } = packet.properties ?? {};
  return {
    topic,
    payload,
    retained: packet.retain,
    responseTopic: responseTopic ?? null,
    correlationData: correlationData ?? null,
    expirySeconds: messageExpiryInterval ?? null,
  };
}

function publishProperties(publication: Publication): NonNullable<IPublishPacket['properties']> {
  const { expirySeconds, correlationData, contentType } = publication;
  return {
    ...(expirySeconds === null ? {} : { messageExpiryInterval: expirySeconds }),
    ...(correlationData === null ? {} : { correlationData: Buffer.from(correlationData) }),
    ...(contentType === null ? {} : { contentType }),
  };
}

class MqttJsConnection implements Connection {
  readonly #client: MqttClient;
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #version: MqttVersion;
  /** The packet ids of publishes for which the broker had no subscriber. */
  readonly #unheard = new Set<number | undefined>();
  #over = false;
  #letIn = false;
  #corked = false;
  #cancelDeadline: Cancel = () => {};

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#version = options.version;
    this.#client = connect(clientOptions(options));
    this.#setNoDelay();
    this.#expectAnswerTo('CONNECT');
    this.#client.on('connect', () => this.#subscribe());
    this.#client.on('message', (topic, payload, packet) => {
      if (!this.#over) events.onMessage(incoming(topic, payload, packet));
    });
    // The client tells of a PUBACK only that there was one.
    this.#client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback' && packet.reasonCode === NO_MATCHING_SUBSCRIBERS) {
        this.#unheard.add(packet.messageId);
      }
    });
    this.#client.on('disconnect', (packet) => {
      const code = packet.reasonCode ?? 0;
      this.#end(failureOfCode(code, nameOf(code)));
    });
    this.#client.on('error', (error) => this.#end(this.#failureOf(error)));
    // The client keeps to itself the stream errors that have no code.
    this.#client.stream.on('error', (error: Error) => this.#end(failureOfError(error)));
    this.#client.on('close', () => this.#end(failure('hung_up', 'connection closed')));
  }

  get window(): number {
    return Math.min(this.#client.serverProperties?.receiveMaximum ?? LARGEST_WINDOW, LARGEST_WINDOW);
  }

  get largestPacketBytes(): number {
    return this.#client.serverProperties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  }

  publish(publication: Publication, done: (refusal: string | null, isUnheard?: boolean) => void): void {
    this.#corkForThisTurn();
    const { topic, payload, retain } = publication;
    const properties = this.#version === 5 ? { properties: publishProperties(publication) } : {};
    this.#client.publish(topic, payload, { qos: 1, retain, ...properties }, (error, packet) => {
      if (this.#over) return;
      if (!error) return done(null, this.#unheard.delete(packet?.messageId));
      const code = reasonCode(error);
      if (code === null) this.#end(failureOfError(error));
      else done(`${nameOf(code)}, code ${code}`);
    });
  }

  async close(): Promise<void> {
    this.#over = true;
    this.#cancelDeadline();
    await this.#client.endAsync();
  }

  destroy(): void {
    this.#over = true;
    this.#cancelDeadline();
    this.#client.end(true);
    // `end` does nothing when an orderly one was begun before.
    this.#client.stream.destroy();
  }

  #subscribe(): void {
    if (this.#over) return;
    this.#letIn = true;
    this.#cancelDeadline();
    const { filters } = this.#options;
    if (filters.length === 0) {
      this.#open([]);
      return;
    }
    this.#expectAnswerTo('SUBSCRIBE');
    // Kept messages come and are marked, and so are those that are about to be kept: the reader refuses both, since
    // whoever wants a command kept should learn it at once and not at the next connection.
    this.#client.subscribe(
      [...filters],
      { qos: 1, nl: true, rap: true, rh: 0 },
      (error, _granted, packet) => {
        if (this.#over) return;
        this.#cancelDeadline();
        const refused = refusedFilters(filters, packet);
        if (refused !== null) this.#open(refused);
        else this.#end(failure('garbled', error?.message ?? 'no answer to the subscription'));
      },
    );
  }

  #expectAnswerTo(packet: string): void {
    const seen = `no answer to the ${packet} within ${ANSWER_WITHIN_MS / 1000} s`;
    this.#cancelDeadline = this.#options.clock.after(ANSWER_WITHIN_MS, () =>
      this.#end(failure('silent', seen)),
    );
  }

  /** On a turn of its own: mqtt.js would swallow an exception here and take it for a refused subscription. */
  #open(refused: readonly string[]): void {
    setImmediate(() => {
      if (!this.#over) this.#events.onOpen(refused);
    });
  }

  #failureOf(error: Error): ConnectionFailure {
    const code = reasonCode(error);
    if (code !== null) return failureOfCode(code, nameOf(code));
    if (error.message === 'Keepalive timeout') return failure('silent', 'no answer to a ping');
    return failureOfError(error);
  }

  #end(why: ConnectionFailure): void {
    if (this.#over) return;
    this.destroy();
    this.#events.onEnd(why, this.#letIn);
  }

  /** Small packets must not wait for the broker's delayed acknowledgement; `ws` sees to it for WebSockets. */
  #setNoDelay(): void {
    const { stream } = this.#client;
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
  }

  /** Everything published in one turn of the event loop leaves in one write. */
  #corkForThisTurn(): void {
    if (this.#corked) return;
    this.#corked = true;
    const { stream } = this.#client;
    stream.cork();
    setImmediate(() => {
      this.#corked = false;
      stream.uncork();
    });
  }
}

/** Opens one connection to the broker. Throws when the options cannot even be tried, e.g. a PEM file without a key in it. */
export type OpenConnection = (options: ConnectionOptions, events: ConnectionEvents) => Connection;

/** Opens a connection with an mqtt.js client of its own, which is thrown away with it. */
export const openConnection: OpenConnection = (options, events) => new MqttJsConnection(options, events);
