import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody } from './bodies.ts';

/** What goes back to a player, and what the trace says of it. */
export interface Reply {
  readonly status: number;
  readonly body: { readonly [key: string]: unknown } | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** The items that it is about. */
  readonly items?: readonly string[];
  /** In words for people. */
  readonly note?: string;
}

/** An error in the documented form. */
export const refusal = (
  status: number,
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ status, headers, note: message, body: errorBody(status, reason, message) });

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Sends it. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status, body, headers } = reply;
  const text = body === null ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(body === null ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
    ...(status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) }),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    // What is left of a body that nobody reads must not be taken for a request.
    ...(hasBody(request) && !request.readableEnded ? { Connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? '' : text);
}
