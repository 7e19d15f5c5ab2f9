import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { setNoDelay } from '../harness/mqtt-stream.ts';
import { microseconds } from '../harness/proc.ts';
import { countOf, KINDS, type Shown, valuesOf } from './markers.ts';
import { type Seen, watchRequest } from './messages.ts';

// The process that subscribes: it notes when each event was first to be seen.

const QUIET_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** What a room showed last, by kind, and the count of the event that it came from. */
interface Room {
  readonly values: (string | number | null)[];
  readonly counts: number[];
}

let room: number[] = [];
let kind: number[] = [];
let count: number[] = [];
let at: number[] = [];
let messages = 0;
let lastAt = 0;
const rooms = new Map<number, Room>();

function roomOf(index: number): Room {
  const known = rooms.get(index);
  if (known !== undefined) return known;
  const fresh = { values: KINDS.map(() => null), counts: KINDS.map(() => 0) };
  rooms.set(index, fresh);
  return fresh;
}

function look(index: number, shown: Shown, isKept: boolean, now: number): void {
  const { values, counts } = roomOf(index);
  for (const [number, value] of valuesOf(shown).entries()) {
    if (value === null || value === values[number]) continue;
    values[number] = value;
    // What the broker kept from before the run is only what changes are compared with.
    const seen = isKept ? null : countOf(number, value, counts[number] ?? 0);
    if (seen === null) continue;
    counts[number] = seen;
    room.push(index);
    kind.push(number);
    count.push(seen);
    at.push(now);
  }
}

async function subscribe(
  port: number,
  base: string,
  topics: Readonly<Record<string, number>>,
): Promise<void> {
  const byTopic = new Map(Object.entries(topics));
  const client = await connectAsync({ host: '127.0.0.1', port, protocol: 'mqtt', reconnectPeriod: 0 });
  client.on('error', (error) => {
    throw error;
  });
  setNoDelay(client);
  client.on('message', (topic, payload, { retain }) => {
    const now = microseconds();
    if (!retain) {
      messages += 1;
      lastAt = now;
    }
    const index = byTopic.get(topic);
    if (index === undefined) return;
    // Our own programs' words, thousands of times a second: reading the fields is check enough.
    const shown: Shown = JSON.parse(payload.toString());
    look(index, shown, retain, now);
  });
  await client.subscribeAsync(`${base}/#`, { qos: 0 });
}

/** Waits until nothing has come for a while, so that what is only late is not taken for lost. */
async function quiet(): Promise<void> {
  const [begun, patience] = [microseconds(), LONGEST_WAIT_MS * 1000];
  const isQuiet = (): boolean => microseconds() - Math.max(begun, lastAt) > QUIET_MS * 1000;
  while (!isQuiet() && microseconds() - begun < patience) await wait(20);
}

function collect(): Seen {
  const seen = {
    room: Uint8Array.from(room),
    kind: Uint8Array.from(kind),
    count: Uint32Array.from(count),
    at: Float64Array.from(at),
    messages,
  };
  [room, kind, count, at, messages] = [[], [], [], [], 0];
  return seen;
}

async function answer(message: unknown): Promise<object> {
  const request = watchRequest.parse(message);
  if (request.ask === 'collect') {
    await quiet();
    return collect();
  }
  await subscribe(request.port, request.base, request.topics);
  return {};
}

process.on('message', (message) => void answer(message).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
