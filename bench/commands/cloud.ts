import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { z } from 'zod';
import { microseconds } from '../harness/proc.ts';
import { type Callback, EventLine } from './event-line.ts';
import { type Arrivals, cloudRequest } from './messages.ts';

// The process that plays the cloud: it answers the measured commands at once, and hands everything else on to the simulated Sonos.

type Request = z.output<typeof cloudRequest>;
type Serve = Extract<Request, { ask: 'serve' }>;
type Room = Serve['rooms'][number] & { readonly index: number };

const MEASURED = /\/players\/([^/]+)\/playerVolume\/mute$/;

let room: number[] = [];
let at: number[] = [];
let [wrong, connections, open, peak] = [0, 0, 0, 0];
let signal: Socket | null = null;
let callback: Callback | null = null;
const rooms = new Map<string, Room>();
/** What each room was told last, as Sonos knows it. */
const muted = new Map<string, boolean>();
const lines = new Map<string, EventLine>();

function lineOf(player: string, to: Callback): EventLine {
  const known = lines.get(player);
  if (known !== undefined) return known;
  const line = new EventLine(to);
  lines.set(player, line);
  return line;
}

/** Sonos tells of what changed, and of nothing else. */
function tellOf({ player, group }: Room, value: boolean): void {
  const before = muted.get(player) ?? false;
  muted.set(player, value);
  if (value === before || callback === null) return;
  const line = lineOf(player, callback);
  line.tell('playerVolume', player, value);
  line.tell('groupVolume', group, value);
}

const ANSWER = '{}';
const HEADERS = { 'Content-Type': 'application/json', 'Content-Length': ANSWER.length };

function take(target: Room, request: IncomingMessage, response: ServerResponse): void {
  // The head is here, so the call has arrived; its body comes in the same packet.
  at.push(microseconds());
  room.push(target.index);
  signal?.write(Uint8Array.of(target.index));
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => {
    text += piece;
  });
  request.on('end', () => {
    const isOn = text === '{"muted":true}';
    if (!isOn && text !== '{"muted":false}') wrong += 1;
    response.writeHead(200, HEADERS);
    response.end(ANSWER);
    tellOf(target, isOn);
  });
}

function handOn(upstream: URL, request: IncomingMessage, response: ServerResponse): void {
  const { method, url = '', headers } = request;
  const { hostname, port } = upstream;
  const asked = ask({ hostname, port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  request.pipe(asked);
}

async function serve({ key, certificate, upstream, signalPort, ...more }: Serve): Promise<object> {
  for (const [index, each] of more.rooms.entries()) rooms.set(each.player, { ...each, index });
  signal = connect({ port: signalPort, host: '127.0.0.1', noDelay: true });
  const base = new URL(upstream);
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const player = request.method === 'POST' ? MEASURED.exec(request.url ?? '')?.[1] : undefined;
    const target = player === undefined ? undefined : rooms.get(decodeURIComponent(player));
    if (target === undefined) handOn(base, request, response);
    else take(target, request, response);
  });
  // As a load balancer does, which keeps connections for a minute.
  server.keepAliveTimeout = 60_000;
  server.on('secureConnection', (socket) => {
    connections += 1;
    open += 1;
    peak = Math.max(peak, open);
    socket.once('close', () => {
      open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port };
}

const sumOf = (count: (line: EventLine) => number): number =>
  [...lines.values()].reduce((sum, line) => sum + count(line), 0);

function collect(): Arrivals {
  const arrivals = {
    ...{ room: Uint8Array.from(room), at: Float64Array.from(at), wrong, connections, peak },
    events: sumOf((line) => line.posted),
    refused: sumOf((line) => line.refused),
  };
  [room, at, wrong, connections, peak] = [[], [], 0, 0, open];
  return arrivals;
}

async function answer(message: unknown): Promise<object> {
  const request = cloudRequest.parse(message);
  if (request.ask === 'serve') return serve(request);
  if (request.ask === 'collect') return collect();
  callback = request;
  return {};
}

process.on('message', (message) => void answer(message).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
