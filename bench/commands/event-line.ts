import { connect, type Socket } from 'node:net';
import { type Credentials, FIRST_SEQUENCE, requestText, signedHeaders } from '../harness/signed-request.ts';

/** Where events of one room go, and whose they are. */
export interface Callback extends Credentials {
  readonly port: number;
  readonly path: string;
  readonly household: string;
}

let sequence = FIRST_SEQUENCE;

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
    const { port, path, household, ...key } = this.#callback;
    sequence += 1;
    const targetType = namespace === 'playerVolume' ? 'playerId' : 'groupId';
    const event = { household, sequence, namespace, type: namespace, targetType, target } as const;
    const body = `{"_objectType":"${namespace}","volume":25,"muted":${muted},"fixed":false}`;
    this.#waiting.push(requestText(port, path, signedHeaders(event, key), body));
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
