import type { Row, Step } from '../../events/attacks/row.ts';
import { taken } from '../../events/attacks/row.ts';
import { ACCOUNT, basic, PASSWORD } from '../house.ts';

/** What the rows need of the listener that they are played against. */
export interface Target {
  readonly port: number;
  /** The token of its forms. */
  readonly token: string;
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

export const FORM = 'Content-Type: application/x-www-form-urlencoded';
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

/** The form that unlinks the account when it is let through; nothing else does. */
export function formsOf({ token }: Target) {
  const fields = `account=${ACCOUNT.id}&token=${token}`;
  const length = `Content-Length: ${fields.length}`;
  const form = (parts: Parts = {}): Buffer =>
    message({ start: 'POST /unlink HTTP/1.1', body: fields, more: [FORM, length], ...parts });
  const withLines = (...more: string[]): Buffer => form({ more: [FORM, length, ...more] });
  return { fields, length, form, withLines };
}

/** A row that unlinks the account. */
export const done = (name: string, steps: Step | readonly Step[]): Row =>
  taken(name, steps, { answers: [303], end: 'closed', events: [`unlink ${ACCOUNT.id}`] });
