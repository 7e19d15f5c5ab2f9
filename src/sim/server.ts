import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../bridge/ports.ts';
import type { SimRequest, SimResponse } from './http.ts';

/** A listening server; `close` also breaks open connections. */
export interface SimServer {
  /** Without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** What the server serves. */
export interface SimServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  /** How long an answer takes, milliseconds. */
  replyDelayMs(): number;
  handle(request: SimRequest): SimResponse;
  /** The picture at a path, a PNG; null when there is none. */
  picture(path: string): Uint8Array | null;
}

const MOST_BYTES = 1024 * 1024;

async function readRequest(message: IncomingMessage): Promise<SimRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BYTES) throw new Error('The body is too large.');
    chunks.push(bytes);
  }
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
  return {
    method: message.method ?? 'GET',
    path: message.url ?? '/',
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function write(response: ServerResponse, { status, headers, body, fate }: SimResponse): void {
  if (fate === 'hanging' || response.destroyed) return;
  if (fate === 'lost') {
    response.socket?.destroy();
    return;
  }
  response.writeHead(status, { ...headers, 'Content-Length': String(Buffer.byteLength(body)) });
  response.end(body);
}

function writePicture(response: ServerResponse, picture: Uint8Array): void {
  response.writeHead(200, { 'Content-Type': 'image/png', 'Content-Length': String(picture.length) });
  response.end(picture);
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The server has no port.'));
      else resolve(address);
    });
  });
}

/** Listens on `host:port` and answers every request by `handle`. */
export async function openServer(options: SimServerOptions): Promise<SimServer> {
  const server = createServer((message, response) => {
    const respond = async (): Promise<void> => {
      const request = await readRequest(message);
      const picture = request.method === 'GET' ? options.picture(request.path) : null;
      if (picture !== null) return writePicture(response, picture);
      const answer = options.handle(request);
      const delay = options.replyDelayMs();
      if (delay === 0) write(response, answer);
      else options.clock.after(delay, () => write(response, answer));
    };
    respond().catch(() => response.destroy());
  });
  const { port } = await listen(server, options.host, options.port);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${options.host}:${port}`, close };
}
