import type { Row, Step } from '../../events/attacks/row.ts';
import { taken } from '../../events/attacks/row.ts';
import { basic, PASSWORD } from '../house.ts';

/** What the rows need of the listener that they are played against. */
export interface Target {
  readonly port: number;
}

/** The parts of a request, each to be replaced by an odd one. */
export interface Parts {
  readonly start?: string;
  readonly host?: string;
  /** Null leaves it out. */
  readonly password?: string | null;
  readonly more?: readonly string[];
  readonly body?: string;
}

export const JSON_TYPE = 'Content-Type: application/json';
export const CHUNKED = 'Transfer-Encoding: chunked';
export const inChunks = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** A whole request; a GET of the metrics by somebody who knows the password, unless it says otherwise. */
export function message(parts: Parts = {}): Buffer {
  const {
    start = 'GET /metrics HTTP/1.1',
    host = 'Host: 127.0.0.1\r\n',
    password = PASSWORD,
    body = '',
  } = parts;
  const lines = [
    ...(password === null ? [] : [`Authorization: ${basic(password)}`]),
    ...(parts.more ?? (body === '' ? [] : [`Content-Length: ${body.length}`])),
  ];
  return Buffer.from(
    `${start}\r\n${host}${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`,
    'latin1',
  );
}

/** The wish that finishes a login when it is let through; nothing else does. */
export function wishesOf() {
  const fields = JSON.stringify({ address: 'http://localhost/?code=c&state=s' });
  const length = `Content-Length: ${fields.length}`;
  const wish = (parts: Parts = {}): Buffer =>
    message({ start: 'POST /api/login/paste HTTP/1.1', body: fields, more: [JSON_TYPE, length], ...parts });
  const withLines = (...more: string[]): Buffer => wish({ more: [JSON_TYPE, length, ...more] });
  return { fields, length, wish, withLines };
}

/** A row that finishes a login. */
export const done = (name: string, steps: Step | readonly Step[]): Row =>
  taken(name, steps, { answers: [200], end: 'closed', events: ['finish a login'] });
