import type { Announcement } from './announcement.ts';
import { Dispatch } from './announcement-dispatch.ts';
import {
  endOfStage,
  expiryOf,
  type Item,
  isLast,
  recordOf,
  restoredItem,
  resumedTurn,
} from './announcement-item.ts';
import { type AnnouncementSettings, blocked, blockedBy } from './announcement-policy.ts';
import type { AnnouncementsRecord } from './announcement-record.ts';
import { clipObstacle, failureWords } from './announcement-words.ts';
import type { ClipStatus } from './clip.ts';
import type { Effect } from './clip-queue.ts';
import type { Failure, Stage } from './clip-turn.ts';
import { type CommandError, commandError, offline } from './command-error.ts';
import type { Happening } from './namespaces/define.ts';
import type { Cancel, Clock, Log, Random } from './ports.ts';
import type { Ask, Outcome, Status } from './replies.ts';
import { RoomQueues } from './room-queues.ts';
import type { SendCall } from './sonos.ts';
import type { Sounds } from './sounds.ts';
import { type Household, type Room, seatOf } from './state.ts';
import { within } from './within.ts';

/** What announcements need of the rest of the house. */
export interface AnnouncementPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly send: SendCall;
  readonly sounds: Sounds;
  readonly settings: AnnouncementSettings;
  /** Why no call can be made for a household; null when one can. */
  readonly obstacle: (household: string) => CommandError | null;
  readonly household: (id: string) => Household | undefined;
  /** Keeps what is not over; settles when it is durable. */
  readonly save: (record: AnnouncementsRecord) => Promise<void>;
  readonly settle: (ask: Ask, status: Status, outcome?: Outcome) => void;
  readonly happened: (household: Household, room: Room, happening: Happening) => void;
  /** An announcement is heard in a room, or none is any more. */
  readonly announcing: (household: string, playerId: string, id: string | null) => void;
}

/** A disk that does not answer holds an announcement up for no longer than this. */
const SAVE_MS = 2_000;

const roomKey = (household: string, playerId: string): string => `${household} ${playerId}`;

/** What is said in which room, when: takes announcements in, has their sounds made, and follows each to its end. */
export class Announcements {
  readonly #ports: AnnouncementPorts;
  readonly #queues: RoomQueues;
  /** By key, in the order in which they came. */
  readonly #items = new Map<string, Item>();
  /** Those whose household is not known yet: from an earlier run, or come right after the start. */
  #remembered: Item[] = [];
  readonly #dispatch: Dispatch;
  /** `Clock.elapsed` at which something was said in a room last, by both. */
  readonly #lastSaid = new Map<string, number>();
  readonly #expiries = new Set<Cancel>();
  #isStopped = false;

  constructor(ports: AnnouncementPorts) {
    this.#ports = ports;
    this.#queues = new RoomQueues(ports.clock, ports.settings.maxQueue, (effect) => this.#act(effect));
    this.#dispatch = new Dispatch({
      ...ports,
      saved: () => this.#saved(),
      isOpen: (item) => !this.#isStopped && this.#items.has(item.key),
      step: (item, input) => this.#step(item, input),
      fail: (item, error) => this.#fail(item, error),
    });
  }

  /** How many are not over. */
  get waiting(): number {
    return this.#items.size + this.#remembered.length;
  }

  /** Takes up what an earlier run left; answers who asked, so that nobody is heard twice. */
  restore(record: AnnouncementsRecord): readonly Ask[] {
    const { clock, random } = this.#ports;
    this.#remembered = record.items.map((item) => restoredItem(item, random.id(), clock));
    for (const item of this.#remembered) this.#hold(item);
    return this.#remembered.map(({ ask }) => ask);
  }

  /** What is wrong with an announcement in a room, as far as it can be told before its turn. */
  objection(household: Household, room: Room, announcement: Announcement): CommandError | null {
    const { sounds, settings, obstacle, clock } = this.#ports;
    const seat = seatOf(household, room.playerId);
    const error =
      obstacle(household.id) ??
      sounds.objection(announcement) ??
      (seat === null && household.topology !== null ? offline : null) ??
      (seat === null ? null : clipObstacle(seat)) ??
      (seat === null ? null : blockedBy(settings, seat, announcement, clock.now())) ??
      this.#repeated(household, room, announcement);
    if (error !== null) return error;
    const hasPlace = this.#queues.hasPlace(roomKey(household.id, room.playerId), announcement.priority);
    return hasPlace ? null : failureWords('failed', { kind: 'displaced' }, room.address, '');
  }

  /** Takes an announcement in for rooms in which nothing speaks against it. */
  take(household: Household, announcement: Announcement, asks: ReadonlyMap<Room, Ask>): void {
    const { clock, random, settings } = this.#ports;
    const items = [...asks].map(([{ playerId }, ask]): Item => {
      const expires = expiryOf(ask, settings.expireMs, clock);
      const fresh = { phase: 'waiting', sound: null, clipId: null, endsAt: null, isAnswered: false } as const;
      return {
        ...{ key: random.id(), household: household.id, playerId, ask, announcement, expires },
        ...fresh,
      };
    });
    for (const item of items)
      this.#lastSaid.set(this.#sayingKey(item.household, item.playerId, announcement), clock.elapsed());
    if (household.topology === null) {
      // Right after a start, nobody knows yet which room can play clips.
      this.#remembered.push(...items);
      for (const item of items) this.#hold(item);
      void this.#accept(items);
      return;
    }
    for (const item of items) this.#enter(item);
    void this.#make(announcement, items, this.#accept(items));
  }

  /** One that is not to be heard any more in a room; null: all of them. */
  cancel(household: Household, room: Room, id: string | null): void {
    this.#queues.step(roomKey(household.id, room.playerId), { kind: 'cancel', id });
  }

  /** A player told of its clips. */
  heard(household: string, playerId: string, clips: readonly ClipStatus[]): void {
    this.#queues.step(roomKey(household, playerId), { kind: 'clips', clips });
  }

  /** A household is known: what an earlier run left for it goes on. */
  known(household: Household): void {
    const { id, topology } = household;
    if (this.#remembered.length === 0 || topology === null) return;
    const ours = this.#remembered.filter((item) => item.household === id);
    this.#remembered = this.#remembered.filter((item) => item.household !== id);
    const together = new Map<string, Item[]>();
    for (const item of ours) {
      this.#items.set(item.key, item);
      if (item.phase === 'waiting') {
        this.#enter(item);
        const same = JSON.stringify([item.ask.id, item.announcement]);
        together.set(same, [...(together.get(same) ?? []), item]);
      } else {
        this.#step(item, { kind: 'resume', turn: resumedTurn(item, this.#ports.clock) });
      }
    }
    for (const [first, ...others] of together.values()) {
      if (first !== undefined) void this.#make(first.announcement, [first, ...others], this.#saved());
    }
  }

  /** No account has the household any more. */
  dropped(household: string): void {
    const error = commandError('not_linked', 'No account has the household any more.');
    for (const item of [...this.#items.values()]) {
      if (item.household === household) this.#fail(item, error);
    }
  }

  /** Ends all work. What is not over is kept for the next run, which answers it. */
  stop(): void {
    this.#isStopped = true;
    this.#queues.stop();
    for (const cancel of this.#expiries) cancel();
  }

  #sayingKey(household: string, playerId: string, { text, url, chime }: Announcement): string {
    return JSON.stringify([household, playerId, text, url, chime]);
  }

  #repeated(household: Household, room: Room, announcement: Announcement): CommandError | null {
    const { clock, settings } = this.#ports;
    const oldest = clock.elapsed() - settings.repeatMs;
    for (const [key, at] of this.#lastSaid) if (at <= oldest) this.#lastSaid.delete(key);
    if (!this.#lastSaid.has(this.#sayingKey(household.id, room.playerId, announcement))) return null;
    const seen = `The same was said in "${room.address}" less than ${settings.repeatMs / 1000} s ago.`;
    return blocked('repeat', seen, 'See announcements.repeat_seconds.');
  }

  #step(item: Item, input: Parameters<RoomQueues['step']>[1]): void {
    this.#queues.step(roomKey(item.household, item.playerId), input);
  }

  #enter(item: Item): void {
    this.#items.set(item.key, item);
    const { key, ask, announcement, expires } = item;
    const entry = { key, id: ask.id, priority: announcement.priority, expires, sound: null };
    this.#step(item, { kind: 'add', entry });
  }

  /** Keeps one for a household that is not known yet; one that does not come leaves nobody waiting for an answer. */
  #hold(item: Item): void {
    this.#expiries.add(this.#ports.clock.after(this.#leftOf(item), () => this.#outlived(item)));
  }

  #leftOf({ expires }: Item): number {
    const { clock } = this.#ports;
    return Math.max(0, Math.min(expires.elapsed - clock.elapsed(), expires.now - clock.now()));
  }

  /** Says that they are taken, once they are kept. */
  async #accept(items: readonly Item[]): Promise<void> {
    await this.#saved();
    for (const item of items) {
      if (this.#isStopped || item.isAnswered) continue;
      this.#ports.settle(item.ask, 'accepted');
      this.#say(item, 'queued');
    }
  }

  /** Has the sound made, and lets it be heard when it is ready and the announcement is kept. */
  async #make(announcement: Announcement, items: readonly Item[], kept: Promise<void>): Promise<void> {
    const making = this.#ports.sounds.prepare(announcement);
    await kept;
    const made = await making;
    if (this.#isStopped) return;
    for (const item of items) {
      if (!made.ok) {
        this.#fail(item, made.error);
        continue;
      }
      item.sound = made.value;
      this.#step(item, { kind: 'ready', key: item.key, sound: made.value });
    }
  }

  #act(effect: Effect): void {
    const item = this.#items.get(effect.key);
    if (item === undefined) return;
    if (effect.kind === 'tell') this.#told(item, effect.stage, effect.failure);
    else if (effect.kind === 'end') void this.#dispatch.end(item, effect.clipId);
    else this.#dispatch.go(item);
  }

  /** It cannot be said. */
  #fail(item: Item, error: CommandError): void {
    if (!this.#items.has(item.key)) return;
    this.#over(item, 'failed', error);
    this.#step(item, { kind: 'withdraw', key: item.key });
  }

  #told(item: Item, stage: Stage, failure?: Failure): void {
    if (!isLast(stage)) {
      if (stage !== 'unsure') item.phase = stage === 'playing' ? 'playing' : 'sent';
      item.endsAt = endOfStage(stage, item.sound, this.#ports.clock.now());
      if (stage === 'playing') this.#ports.announcing(item.household, item.playerId, item.ask.id);
      if (stage !== 'unsure') this.#say(item, stage);
      if (stage !== 'sent') this.#answer(item, stage === 'playing' ? 'confirmed' : 'unconfirmed');
      void this.#saved();
      return;
    }
    if (stage === 'done' || stage === 'interrupted') this.#over(item, stage, null);
    else {
      const room = item.ask.room ?? '';
      this.#over(item, stage, failureWords(stage, failure, room, item.sound?.from ?? ''));
    }
  }

  #over(item: Item, stage: Stage, error: CommandError | null): void {
    this.#items.delete(item.key);
    if (item.phase === 'playing') this.#ports.announcing(item.household, item.playerId, null);
    this.#say(item, stage, error);
    if (error === null) this.#answer(item, 'unconfirmed');
    else this.#answer(item, 'failed', { error });
    void this.#saved();
  }

  #answer(item: Item, status: Status, outcome: Outcome = {}): void {
    if (item.isAnswered) return;
    item.isAnswered = true;
    this.#ports.settle(item.ask, status, outcome);
  }

  #say(item: Item, status: Stage | 'queued', error: CommandError | null = null): void {
    const household = this.#ports.household(item.household);
    const room = household?.rooms.get(item.playerId);
    if (household === undefined || room === undefined) return;
    this.#ports.happened(household, room, {
      event_type: 'announcement',
      id: item.ask.id,
      status,
      priority: item.announcement.priority,
      provider: item.sound?.provider ?? null,
      ...(error === null ? {} : { error: { ...error } }),
    });
  }

  /** One that an earlier run left, and whose household did not come back in time. */
  #outlived(item: Item): void {
    if (!this.#remembered.includes(item)) return;
    this.#remembered = this.#remembered.filter((each) => each !== item);
    const error = failureWords('expired', undefined, item.ask.room ?? '', '');
    if (item.phase === 'waiting') this.#answer(item, 'failed', { error });
    else this.#answer(item, 'unconfirmed');
    void this.#saved();
  }

  /** Keeps what is not over. A disk that refuses is told of by the store, and holds nothing up. */
  async #saved(): Promise<void> {
    const items = [...this.#remembered, ...this.#items.values()].map(recordOf);
    const saving = this.#ports.save({ items }).catch(() => {});
    await within(this.#ports.clock, SAVE_MS, saving);
  }
}
