import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Cancel } from '../bridge/ports.ts';

/** What a player asks of a web server. */
export interface PlayerRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; empty for none. */
  readonly body: string;
}

/** What it got; a status of 0 when there was no whole answer. */
export interface PlayerAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Asks a web server; `done` is told once, and not after it was cancelled. */
export type PlayerFetch = (request: PlayerRequest, done: (answer: PlayerAnswer) => void) => Cancel;

const MOST_BYTES = 20 * 1024 * 1024;
const NOTHING: PlayerAnswer = { status: 0, body: new Uint8Array() };

/** Over a socket of its own. It waits for ever: whoever asked loses patience. */
export const playerFetch: PlayerFetch = ({ method, url, headers, body }, done) => {
  let over = false;
  let hangUp = (): void => {};
  const end = (answer: PlayerAnswer): void => {
    if (over) return;
    over = true;
    hangUp();
    done(answer);
  };
  const cancel = (): void => {
    over = true;
    hangUp();
  };
  try {
    const ask = url.startsWith('https:') ? httpsRequest : httpRequest;
    const more =
      body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const request = ask(url, { method, agent: false, headers: { ...headers, ...more } }, (response) => {
      const pieces: Buffer[] = [];
      let size = 0;
      response.on('data', (piece: Buffer) => {
        size += piece.length;
        pieces.push(piece);
        if (size > MOST_BYTES) end(NOTHING);
      });
      response.on('end', () => end({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }));
      response.on('error', () => end(NOTHING));
    });
    hangUp = () => request.destroy();
    request.on('error', () => end(NOTHING));
    request.end(body);
  } catch {
    // No web address, or a header that cannot be sent.
    end(NOTHING);
  }
  return cancel;
};
