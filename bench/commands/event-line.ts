import { connect, type Socket } from 'node:net';
import { sign } from '../../src/sim/signature.ts';

/** Where events of one room go, and whose they are. */
export interface Callback {
  readonly port: number;
  readonly path: string;
  readonly household: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Higher than any number that the simulated house has given. */
let sequence = 100_000_000_000;

/** Posts the events of one room over one connection, each when the one before it was answered. */
export class EventLine {
  readonly #callback: Callback;
  readonly #socket: Socket;
  readonly #waiting: string[] = [];
  #answer = '';
  #isBusy = false;
  posted = 0;
  refused = 0;

  constructor(callback: Callback) {
    this.#callback = callback;
    this.#socket = connect({ port: callback.port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', () => {
      this.refused += 1;
    });
  }

  /** Tells of a volume that was muted or not any more, as Sonos does. */
  tell(namespace: 'playerVolume' | 'groupVolume', target: string, muted: boolean): void {
    const { port, path, household, clientId, clientSecret } = this.#callback;
    sequence += 1;
    const targetType = namespace === 'playerVolume' ? 'playerId' : 'groupId';
    const signed = { sequence: String(sequence), namespace, type: namespace, targetType, target };
    const body = `{"_objectType":"${namespace}","volume":25,"muted":${muted},"fixed":false}`;
    this.#waiting.push(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\nX-Sonos-Household-Id: ${household}\r\nX-Sonos-Namespace: ${namespace}\r\n` +
        `X-Sonos-Type: ${namespace}\r\nX-Sonos-Target-Type: ${targetType}\r\nX-Sonos-Target-Value: ${target}\r\n` +
        `X-Sonos-Event-Seq-Id: ${sequence}\r\n` +
        `X-Sonos-Event-Signature: ${sign(signed, clientId, clientSecret)}\r\n\r\n${body}`,
    );
    this.#next();
  }

  #next(): void {
    if (this.#isBusy) return;
    const request = this.#waiting.shift();
    if (request === undefined) return;
    this.#isBusy = true;
    this.posted += 1;
    this.#socket.write(request, 'latin1');
  }

  #read(text: string): void {
    this.#answer += text;
    // Nothing is in the body of an answer, so its headers end it.
    if (!this.#answer.endsWith('\r\n\r\n')) return;
    if (!this.#answer.startsWith('HTTP/1.1 200 ')) this.refused += 1;
    this.#answer = '';
    this.#isBusy = false;
    this.#next();
  }
}
