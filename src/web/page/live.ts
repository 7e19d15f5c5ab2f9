import { computed, signal } from '@preact/signals';
import type {
  BridgeView,
  HappeningView,
  HouseView,
  LiveMessage,
  MinuteView,
  RoomView,
  TraceEntry,
} from '../api/messages.ts';

const MOST_TRACED = 400;
const MOST_MINUTES = 60;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** A page that nobody sees lets its connection go: browsers have six for each server. */
const HIDDEN_MS = 30_000;

/** Whether the stream is there: `waiting` until the first message, `lost` while it has to be opened again. */
export const link = signal<'waiting' | 'live' | 'lost'>('waiting');
export const bridge = signal<BridgeView | null>(null);
export const households = signal<readonly { readonly alias: string; readonly name: string | null }[]>([]);
export const house = signal<HouseView | null>(null);
/** By address. */
export const rooms = signal<Readonly<Record<string, RoomView>>>({});
export const trace = signal<readonly TraceEntry[]>([]);
export const minutes = signal<readonly MinuteView[]>([]);
/** The last thing that happened in a room, such as a step of an announcement. */
export const happening = signal<HappeningView | null>(null);
/** The last reply to a command, whoever sent it. */
export const reply = signal<Extract<LiveMessage, { kind: 'reply' }>['reply'] | null>(null);

/** The address of the shown household. */
export const alias = computed(() => house.value?.alias ?? '');

/** Takes a message of the stream in. */
export function take(message: LiveMessage): void {
  switch (message.kind) {
    case 'whole':
      // A bridge of another version has a page of its own: a tablet on a wall must not stay behind.
      if (bridge.value !== null && bridge.value.version !== message.bridge.version) location.reload();
      bridge.value = message.bridge;
      households.value = message.households;
      house.value = message.house;
      rooms.value = message.rooms;
      trace.value = message.trace;
      minutes.value = message.minutes;
      break;
    case 'bridge':
      bridge.value = message.bridge;
      break;
    case 'house':
      house.value = message.house;
      break;
    case 'room':
      rooms.value = { ...rooms.value, [message.room]: message.state };
      break;
    case 'gone': {
      const { [message.room]: _gone, ...others } = rooms.value;
      rooms.value = others;
      break;
    }
    case 'trace':
      trace.value = [...trace.value, message.entry].slice(-MOST_TRACED);
      break;
    case 'minute':
      minutes.value = [...minutes.value.filter(({ at }) => at !== message.minute.at), message.minute].slice(
        -MOST_MINUTES,
      );
      break;
    case 'happening':
      happening.value = message.happening;
      break;
    case 'reply':
      reply.value = message.reply;
      break;
  }
}

const KINDS: readonly LiveMessage['kind'][] = [
  ...(['whole', 'bridge', 'house', 'room', 'gone', 'reply', 'happening', 'trace', 'minute'] as const),
];

let wished: string | null = null;
let source: EventSource | null = null;
let retryMs = FIRST_RETRY_MS;
let timer: ReturnType<typeof setTimeout> | undefined;

function open(onRefused: () => void): void {
  clearTimeout(timer);
  source?.close();
  const query = wished === null ? '' : `?household=${encodeURIComponent(wished)}`;
  const stream = new EventSource(`./api/live${query}`);
  source = stream;
  for (const kind of KINDS) {
    stream.addEventListener(kind, (event: MessageEvent<string>) => {
      link.value = 'live';
      retryMs = FIRST_RETRY_MS;
      take(JSON.parse(event.data) as LiveMessage);
    });
  }
  stream.onerror = () => {
    // The browser gives up for good on some answers, so we try again ourselves.
    stream.close();
    link.value = 'lost';
    timer = setTimeout(() => open(onRefused), retryMs);
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    onRefused();
  };
}

let hiding: ReturnType<typeof setTimeout> | undefined;
let unwatch: (() => void) | null = null;

/** Opens the stream, and keeps it open while somebody looks; `onRefused` is told whenever it broke. */
export function follow(onRefused: () => void): void {
  unwatch?.();
  const turn = () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => {
        clearTimeout(timer);
        source?.close();
        source = null;
      }, HIDDEN_MS);
    } else if (source === null || source.readyState === EventSource.CLOSED) open(onRefused);
  };
  document.addEventListener('visibilitychange', turn);
  unwatch = () => document.removeEventListener('visibilitychange', turn);
  open(onRefused);
}

/** Ends the stream, as when the session is over. */
export function leave(): void {
  unwatch?.();
  unwatch = null;
  clearTimeout(hiding);
  clearTimeout(timer);
  source?.close();
  source = null;
  link.value = 'waiting';
}

/** Shows another household from now on. */
export function show(household: string, onRefused: () => void): void {
  wished = household;
  open(onRefused);
}
