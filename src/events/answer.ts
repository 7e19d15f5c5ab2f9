import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { announcesBody } from './body.ts';

/** Connections that were told that they will be closed. */
const ending = new WeakSet<Socket>();

/** Whether the last answer on a connection is given: what else comes on it is not looked at (RFC 9112 §9.6). */
export const isEnding = ({ socket }: IncomingMessage): boolean => ending.has(socket);

/** The header that closes the connection, on which nothing more is looked at. */
function closing({ socket }: IncomingMessage): Readonly<Record<string, string>> {
  ending.add(socket);
  return { Connection: 'close' };
}

/** The header that closes the connection of whoever still has a body to send; nothing for all others. */
export const closingUnread = (request: IncomingMessage): Readonly<Record<string, string>> =>
  // Node would otherwise read on to the end of the body, to keep the connection for the next request.
  announcesBody(request) && !request.complete ? closing(request) : {};

/** Answers with a status and no body. */
export function answerEmpty(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, ...closingUnread(request), 'Content-Length': '0' });
  response.end();
}

/** Answers with a status and no body, and closes the connection. */
export function answerLast(request: IncomingMessage, response: ServerResponse, status: number): void {
  answerEmpty(request, response, status, closing(request));
}
