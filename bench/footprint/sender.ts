import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { until } from '../harness/proc.ts';
import { requestText } from '../harness/signed-request.ts';
import { createEventMaker } from '../scale/signed-events.ts';

// The process that posts events at a fixed pace, to all rooms in turn.

const senderRequest = z.object({
  port: z.number(),
  path: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  places: z.array(
    z.object({ index: z.number(), household: z.string(), player: z.string(), group: z.string() }),
  ),
  perSecond: z.number(),
  seconds: z.number(),
});

const MOST_LINES = 32;
const TURN_MS = 5;

interface Line {
  readonly socket: Socket;
  readonly waiting: string[];
  isBusy: boolean;
  answer: string;
}

const counts = { sent: 0, good: 0, bad: 0 };

function next(line: Line): void {
  const request = line.waiting.shift();
  line.isBusy = request !== undefined;
  if (request !== undefined) line.socket.write(request, 'latin1');
}

function openLine(port: number): Line {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
  const line: Line = { socket, waiting: [], isBusy: false, answer: '' };
  socket.on('data', (text: string) => {
    line.answer += text;
    if (!line.answer.endsWith('\r\n\r\n')) return;
    if (line.answer.startsWith('HTTP/1.1 200 ')) counts.good += 1;
    else counts.bad += 1;
    line.answer = '';
    next(line);
  });
  return line;
}

/** Sends what is due by now, every few milliseconds; a room's events keep their order, for each has its connection. */
async function send(message: unknown): Promise<typeof counts> {
  const { port, path, places, perSecond, seconds, ...key } = senderRequest.parse(message);
  const make = createEventMaker(key);
  // One that is never used would be closed with an answer of its own.
  const lines = Array.from({ length: Math.min(MOST_LINES, places.length) }, () => openLine(port));
  const from = performance.now();
  const all = perSecond * seconds;
  while (counts.sent < all) {
    const due = Math.min(all, ((performance.now() - from) / 1000) * perSecond);
    for (; counts.sent < due; counts.sent += 1) {
      const place = places[counts.sent % places.length];
      const line = lines[(counts.sent % places.length) % lines.length];
      if (place === undefined || line === undefined) throw new Error('there are no places');
      const { rawHeaders, body } = make(place);
      line.waiting.push(requestText(port, path, rawHeaders, body));
      if (!line.isBusy) next(line);
    }
    await wait(TURN_MS);
  }
  await until('the last answers', () => (counts.good + counts.bad >= counts.sent ? true : null));
  return counts;
}

process.on('message', (message) => void send(message).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
