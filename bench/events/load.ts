import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { microseconds } from '../harness/proc.ts';
import { createEventMaker, type EventMaker } from './event-maker.ts';
import { loadRequest, type Sent } from './messages.ts';

// The process that posts events: raw sockets, one connection for each room, so that a room's events stay in order.

try {
  // Linux wakes a sleeper up to 50 µs late unless told otherwise (proc(5), timerslack_ns).
  writeFileSync('/proc/self/timerslack_ns', '1000');
} catch {
  // Then it is that much late, and the report says so.
}

/** The longest that the open loop sleeps, so that answers are read meanwhile. */
const LONGEST_SLEEP_MS = 0.2;
const ANSWERS_WITHIN_MS = 5_000;

/** Records that grow with the run. */
function createRecords() {
  const room: number[] = [];
  const kind: number[] = [];
  const count: number[] = [];
  const from: number[] = [];
  const late: number[] = [];
  const answered: number[] = [];
  let bad = 0;
  return {
    sent(
      ofRoom: number,
      event: { readonly kind: number; readonly count: number },
      at: number,
      lateBy: number,
    ): number {
      room.push(ofRoom);
      kind.push(event.kind);
      count.push(event.count);
      answered.push(Number.NaN);
      late.push(lateBy);
      return from.push(at) - 1;
    },
    answered(index: number, isGood: boolean): void {
      answered[index] = microseconds();
      if (!isGood) bad += 1;
    },
    all: (): Sent => ({
      room: Uint8Array.from(room),
      kind: Uint8Array.from(kind),
      count: Uint32Array.from(count),
      from: Float64Array.from(from),
      late: Float64Array.from(late),
      answered: Float64Array.from(answered),
      bad,
    }),
  };
}

type Records = ReturnType<typeof createRecords>;

/** One connection: sends an event, then waits for the answer. */
class Line {
  readonly #room: number;
  readonly #make: EventMaker;
  readonly #socket: Socket;
  #answer = '';
  #index = -1;
  #records: Records | null = null;
  /** Called whenever the connection is free again. */
  whenFree: () => void = () => {};

  constructor(room: number, port: number, make: EventMaker) {
    this.#room = room;
    this.#make = make;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
  }

  get isBusy(): boolean {
    return this.#index >= 0;
  }

  /** Sends the next event; its time begins at `dueAt`, or now. `late` is what of that is the generator's own fault. */
  send(records: Records, dueAt: number | null, late = 0): void {
    const event = this.#make(this.#room);
    this.#records = records;
    this.#index = records.sent(this.#room, event, dueAt ?? microseconds(), late);
    this.#socket.write(event.request, 'latin1');
  }

  #read(text: string): void {
    this.#answer += text;
    // Nothing is in the body of an answer, so its headers end it.
    if (!this.#answer.endsWith('\r\n\r\n')) return;
    this.#records?.answered(this.#index, this.#answer.startsWith('HTTP/1.1 200 '));
    this.#answer = '';
    this.#index = -1;
    this.whenFree();
  }
}

async function allFree(lines: readonly Line[]): Promise<void> {
  const end = performance.now() + ANSWERS_WITHIN_MS;
  while (lines.some((line) => line.isBusy) && performance.now() < end) await wait(2);
}

async function runClosed(lines: readonly Line[], seconds: number): Promise<Sent> {
  const records = createRecords();
  const end = microseconds() + seconds * 1e6;
  for (const line of lines) {
    const next = (): void => {
      if (microseconds() < end) line.send(records, null);
    };
    line.whenFree = next;
    next();
  }
  await wait(seconds * 1000);
  await allFree(lines);
  return records.all();
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps much more exactly than a timer does. */
const sleep = (milliseconds: number): void => void Atomics.wait(sleeper, 0, 0, milliseconds);

async function runOpen(lines: readonly Line[], seconds: number, perSecond: number): Promise<Sent> {
  const records = createRecords();
  const gap = (): number => (-Math.log(1 - Math.random()) / perSecond) * 1e6;
  const waiting = lines.map((): number[] => []);
  for (const [room, line] of lines.entries()) {
    line.whenFree = () => {
      const dueAt = waiting[room]?.shift();
      if (dueAt !== undefined) line.send(records, dueAt);
    };
  }
  const end = microseconds() + seconds * 1e6;
  let due = microseconds() + gap();
  let room = 0;
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const now = microseconds();
      for (; due <= now && due < end; due += gap()) {
        const line = lines[room];
        if (line?.isBusy) waiting[room]?.push(due);
        else line?.send(records, due, microseconds() - due);
        room = (room + 1) % lines.length;
      }
      if (due >= end) {
        resolve();
        return;
      }
      sleep(Math.min(LONGEST_SLEEP_MS, Math.max(0, (due - microseconds()) / 1000)));
      setImmediate(turn);
    };
    turn();
  });
  await allFree(lines);
  return records.all();
}

let lines: readonly Line[] = [];

async function answer(message: unknown): Promise<object> {
  const request = loadRequest.parse(message);
  if (request.ask === 'closed') return runClosed(lines, request.seconds);
  if (request.ask === 'open') return runOpen(lines, request.seconds, request.perSecond);
  const make = createEventMaker(request);
  lines = request.places.map((_, room) => new Line(room, request.port, make));
  return {};
}

process.on('message', (message) => void answer(message).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
