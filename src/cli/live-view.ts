import type { Cancel, Clock } from '../bridge/ports.ts';
import { readJson } from '../bridge/read-json.ts';
import type { IncomingMessage } from '../mqtt/client.ts';
import { lineText } from './line-text.ts';
import { linesOf } from './live-batch.ts';
import type { Change } from './live-lines.ts';
import { bridgeStateSchema, householdSchema, placeOf, type RoomShown, roomSchema } from './live-topics.ts';
import type { Paint } from './paint.ts';
import { roomTable } from './room-table.ts';

/** What the view needs. */
export interface LiveViewOptions {
  /** The base topic. */
  readonly base: string;
  readonly clock: Clock;
  readonly paint: Paint;
  /** How many characters a line may have. */
  readonly width: () => number;
  readonly say: (text: string) => void;
}

/** What one sees of a house by its topics alone: first all rooms, then every change. */
export interface LiveView {
  /** Takes a message from the broker. */
  take(message: Pick<IncomingMessage, 'topic' | 'payload'>): void;
  /** Resolves when every room has shown its state and nothing more came for a moment; at the latest after so long. */
  settled(atMostMs: number): Promise<void>;
  /** All rooms as they are now. */
  table(): string;
  /** Says every change from now on. */
  follow(): void;
  stop(): void;
}

/** Changes that come within this time are said together; long enough for a station to fill its buffer. */
const TOGETHER_MS = 400;
const QUIET_MS = 500;
const LOOK_EVERY_MS = 50;

const decoder = new TextDecoder();

function timeOf(clock: Clock): string {
  const at = new Date(clock.now());
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

class TopicView implements LiveView {
  readonly #options: LiveViewOptions;
  readonly #known = new Map<string, string>();
  #batch: Change[] = [];
  #cancel: Cancel = () => {};
  #isFollowing = false;
  #lastAt: number;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#lastAt = options.clock.elapsed();
  }

  take({ topic: whole, payload }: Pick<IncomingMessage, 'topic' | 'payload'>): void {
    const { base, clock } = this.#options;
    if (!whole.startsWith(`${base}/`)) return;
    const topic = whole.slice(base.length + 1);
    const place = placeOf(topic);
    const now = decoder.decode(payload);
    const isKept = place.kind === 'room' || place.kind === 'attribute' || place.kind === 'other';
    const before = isKept ? this.#known.get(topic) : undefined;
    if (isKept && topic !== 'bridge/log') this.#known.set(topic, now);
    this.#lastAt = clock.elapsed();
    if (!this.#isFollowing || (isKept && before === now)) return;
    if (this.#batch.length === 0) this.#cancel = clock.after(TOGETHER_MS, () => this.#flush());
    this.#batch.push({ topic, place, before, now });
  }

  async settled(atMostMs: number): Promise<void> {
    const { clock } = this.#options;
    const until = clock.elapsed() + atMostMs;
    const isDone = (): boolean => this.#isWhole() && clock.elapsed() - this.#lastAt >= QUIET_MS;
    while (!isDone() && clock.elapsed() < until) {
      await new Promise<void>((resolve) => {
        clock.after(LOOK_EVERY_MS, resolve);
      });
    }
  }

  table(): string {
    const { width, paint } = this.#options;
    const rooms = [...this.#rooms().values()].filter((room): room is RoomShown => room !== null);
    return rooms.length === 0
      ? ' No room has shown itself yet.'
      : roomTable(rooms, width(), paint).join('\n');
  }

  follow(): void {
    this.#isFollowing = true;
  }

  stop(): void {
    this.#isFollowing = false;
    this.#cancel();
    this.#batch = [];
  }

  /** The rooms that the households list, each with what it shows. */
  #rooms(): Map<string, RoomShown | null> {
    const households = [...this.#known].filter(([topic]) => !topic.includes('/'));
    return new Map(
      households.flatMap(([household, payload]) =>
        (readJson(householdSchema, payload)?.rooms ?? []).map((room) => {
          const topic = `${household}/${room}`;
          return [topic, readJson(roomSchema, this.#known.get(topic) ?? '')] as const;
        }),
      ),
    );
  }

  /** Whether every room shows what it does, and the bridge hears of all that changes. */
  #isWhole(): boolean {
    const rooms = [...this.#rooms().values()];
    const state = readJson(bridgeStateSchema, this.#known.get('bridge/state') ?? '');
    const { wanted, held } = state?.subscriptions ?? { wanted: 0, held: 0 };
    const isHeard = wanted > 0 && held === wanted;
    return isHeard && rooms.every((room) => room?.state != null && room.volume != null && !room.stale);
  }

  #flush(): void {
    const { clock, paint, say, width } = this.#options;
    const lines = linesOf(this.#batch.splice(0));
    const time = timeOf(clock);
    if (lines.length > 0) say(lines.map((line) => lineText(line, time, width(), paint)).join('\n'));
  }
}

/** Makes a view that has seen nothing yet. */
export const createLiveView = (options: LiveViewOptions): LiveView => new TopicView(options);
