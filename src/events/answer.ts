import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcesBody } from './body.ts';

/** The header that closes the connection of whoever still has a body to send; nothing for all others. */
export const closingUnread = (request: IncomingMessage): Readonly<Record<string, string>> =>
  // Node would otherwise read on to the end of the body, to keep the connection for the next request.
  announcesBody(request) && !request.complete ? { Connection: 'close' } : {};

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
