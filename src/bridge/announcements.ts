import type { Announcement } from './announcement.ts';
import { Dispatch } from './announcement-dispatch.ts';
import {
  endOfStage,
  expiryOf,
  type Item,
  isLast,
  type LastStage,
  recordOf,
  restoredItem,
  resumedTurn,
} from './announcement-item.ts';
import { type AnnouncementSettings, blockedBy } from './announcement-policy.ts';
import type { AnnouncementsRecord } from './announcement-record.ts';
import { Teller, type TellerPorts } from './announcement-teller.ts';
import { clipObstacle, failureWords } from './announcement-words.ts';
import type { ClipStatus } from './clip.ts';
import type { Effect, Input } from './clip-queue.ts';
import type { Failure, Stage } from './clip-turn.ts';
import { type CommandError, commandError, offline } from './command-error.ts';
import { HeldAnnouncements } from './held-announcements.ts';
import type { Clock, Log } from './ports.ts';
import type { Ask } from './replies.ts';
import { RoomQueues } from './room-queues.ts';
import { SaidLately } from './said-lately.ts';
import type { SendCall } from './sonos.ts';
import { type Sounds, UNMADE } from './sounds.ts';
import { type Household, type Room, seatOf } from './state.ts';
import { within } from './within.ts';

/** What announcements need of the rest of the house. */
export interface AnnouncementPorts extends TellerPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly send: SendCall;
  /** How loud a room may be now; null when nothing forbids more. */
  readonly ceiling: (room: Room) => number | null;
  readonly sounds: Sounds;
  readonly settings: AnnouncementSettings;
  /** Why no call can be made for a household; null when one can. */
  readonly obstacle: (household: string) => CommandError | null;
  /** Keeps what is not over; settles when it is durable. */
  readonly save: (record: AnnouncementsRecord) => Promise<void>;
}

/** A disk that does not answer holds an announcement up for no longer than this. */
const SAVE_MS = 2_000;

const roomKey = (household: string, playerId: string): string => `${household} ${playerId}`;
const roomOf = ({ household, playerId }: Item): string => roomKey(household, playerId);

const dropped = commandError('not_linked', 'No account has the household any more.');

/** What is said in which room, when: takes announcements in, has their sounds made, and follows each to its end. */
export class Announcements {
  readonly #ports: AnnouncementPorts;
  readonly #queues: RoomQueues<Item>;
  readonly #held: HeldAnnouncements;
  readonly #dispatch: Dispatch;
  readonly #teller: Teller;
  readonly #saidLately: SaidLately;
  /** In a queue, in the order in which they came. */
  readonly #items = new Set<Item>();
  #isStopped = false;

  constructor(ports: AnnouncementPorts) {
    const { clock, settings } = ports;
    this.#ports = ports;
    this.#queues = new RoomQueues(clock, settings.maxQueue, (effect) => this.#act(effect));
    this.#held = new HeldAnnouncements(clock, (item) => this.#outlived(item));
    this.#teller = new Teller(ports);
    this.#saidLately = new SaidLately(clock, settings.repeatMs);
    this.#dispatch = new Dispatch({
      ...ports,
      saved: () => this.#saved(),
      isOpen: (item) => !this.#isStopped && this.#items.has(item),
      step: (item, input) => this.#step(item, input),
      fail: (item, error) => this.#fail(item, error),
    });
  }

  /** How many are not over. */
  get waiting(): number {
    return this.#items.size + this.#held.items.length;
  }

  /** Takes up what an earlier run left; answers who asked. */
  restore(record: AnnouncementsRecord): readonly Pick<Item, 'ask' | 'answered'>[] {
    const { clock, settings } = this.#ports;
    for (const item of record.items) this.#held.hold(restoredItem(item, settings.expireMs, clock));
    return this.#held.items;
  }

  /** What is wrong with an announcement in a room, as far as it can be told before its turn. */
  objection(household: Household, room: Room, announcement: Announcement): CommandError | null {
    const { sounds, settings, obstacle, clock } = this.#ports;
    const general = obstacle(household.id) ?? sounds.objection(announcement);
    if (general !== null) return general;
    const seat = seatOf(household, room.playerId);
    if (seat === null && household.topology !== null) return offline;
    const key = roomKey(household.id, room.playerId);
    const error =
      (seat && (clipObstacle(seat) ?? blockedBy(settings, seat, announcement, clock.now()))) ??
      this.#saidLately.objection(key, room.address, announcement);
    if (error !== null) return error;
    const hasPlace = this.#queues.hasPlace(key, announcement.priority);
    return hasPlace ? null : failureWords('failed', { kind: 'displaced' }, room.address, '');
  }

  /** Takes an announcement in for rooms in which nothing speaks against it. */
  take(household: Household, announcement: Announcement, asks: ReadonlyMap<Room, Ask>): void {
    const items = [...asks].map(([room, ask]) => this.#item(household, room, announcement, ask));
    for (const item of items) this.#saidLately.note(roomOf(item), announcement);
    if (household.topology === null) {
      // Right after a start, nobody knows yet which room can play clips.
      for (const item of items) this.#held.hold(item);
      void this.#accept(items);
      return;
    }
    for (const item of items) this.#enter(item);
    void this.#make(announcement, items, this.#accept(items));
  }

  /** One that is not to be heard any more in a room; null: all of them. */
  cancel(household: Household, { playerId, address }: Room, id: string | null): void {
    const room = roomKey(household.id, playerId);
    const isMeant = (item: Item): boolean => roomOf(item) === room && (id === null || item.ask.id === id);
    const error = failureWords('cancelled', undefined, address, '');
    for (const item of this.#held.release(isMeant)) this.#over(item, 'cancelled', error);
    this.#queues.step(room, { kind: 'cancel', id });
  }

  /** A player told of its clips. */
  heard(household: string, playerId: string, clips: readonly ClipStatus[]): void {
    this.#queues.step(roomKey(household, playerId), { kind: 'clips', clips });
  }

  /** It is known who is there: what was held for the household goes on. */
  known({ id }: Household): void {
    const together = new Map<string, Item[]>();
    for (const item of this.#held.release(({ household }) => household === id)) {
      if (item.phase !== 'waiting') {
        this.#resume(item);
        continue;
      }
      this.#enter(item);
      // Rooms that were addressed at once share one sound, and begin together.
      const same = JSON.stringify([item.ask.id, item.announcement]);
      together.set(same, [...(together.get(same) ?? []), item]);
    }
    for (const items of together.values()) {
      for (const { announcement } of items.slice(0, 1)) void this.#make(announcement, items, this.#saved());
    }
  }

  /** No account has the household any more. */
  dropped(id: string): void {
    const isGone = ({ household }: Item): boolean => household === id;
    for (const item of this.#held.release(isGone)) this.#over(item, 'failed', dropped);
    for (const item of [...this.#items].filter(isGone)) this.#fail(item, dropped);
  }

  /** Ends all work. What is not over is kept for the next run, which answers it. */
  stop(): void {
    this.#isStopped = true;
    this.#queues.stop();
    this.#held.stop();
  }

  #item(household: Household, { playerId, address }: Room, announcement: Announcement, ask: Ask): Item {
    const { clock, settings } = this.#ports;
    return {
      ...{ household: household.id, playerId, room: address, ask, announcement },
      expires: expiryOf(ask, settings.expireMs, clock),
      ...{ phase: 'waiting', sound: UNMADE, clipId: null, endsAt: 0, answered: null },
    };
  }

  #step(item: Item, input: Input<Item>): void {
    this.#queues.step(roomOf(item), input);
  }

  #enter(item: Item): void {
    this.#items.add(item);
    const { ask, announcement, expires } = item;
    const entry = { key: item, id: ask.id, priority: announcement.priority, expires, sound: null };
    this.#step(item, { kind: 'add', entry });
  }

  /** One that Sonos had in an earlier run is only followed to its end. */
  #resume(item: Item): void {
    this.#items.add(item);
    if (item.phase === 'playing') this.#teller.announcing(item);
    this.#step(item, { kind: 'resume', turn: resumedTurn(item, this.#ports.clock) });
  }

  /** Says that they are taken, once they are kept. */
  async #accept(items: readonly Item[]): Promise<void> {
    await this.#saved();
    for (const item of items) if (!this.#isStopped && item.answered === null) this.#teller.accepted(item);
  }

  /** Has the sound made, and lets it be heard when it is ready and the announcement is kept. */
  async #make(announcement: Announcement, items: readonly Item[], kept: Promise<void>): Promise<void> {
    const making = this.#ports.sounds.prepare(announcement);
    await kept;
    const made = await making;
    if (this.#isStopped) return;
    for (const item of items) {
      if (made.ok) {
        item.sound = made.value;
        this.#step(item, { kind: 'ready', key: item, sound: made.value });
      } else this.#fail(item, made.error);
    }
  }

  #act(effect: Effect<Item>): void {
    if (effect.kind === 'tell') this.#told(effect.key, effect.stage, effect.failure);
    else if (effect.kind === 'end') void this.#dispatch.end(effect.key, effect.clipId);
    else this.#dispatch.go(effect.key);
  }

  #told(item: Item, stage: Stage, failure?: Failure): void {
    if (isLast(stage)) {
      const wasHeard = stage === 'done' || stage === 'interrupted';
      const words = () => failureWords(stage, failure, item.room, item.sound.from);
      this.#over(item, stage, wasHeard ? null : words());
      return;
    }
    if (stage !== 'unsure') item.phase = stage;
    item.endsAt = endOfStage(stage, item.sound, this.#ports.clock.now());
    this.#teller.reached(item, stage);
    void this.#saved();
  }

  /** It cannot be said. */
  #fail(item: Item, error: CommandError): void {
    if (!this.#items.has(item)) return;
    this.#over(item, 'failed', error);
    this.#step(item, { kind: 'withdraw', key: item });
  }

  #over(item: Item, stage: LastStage, error: CommandError | null): void {
    this.#items.delete(item);
    if (error !== null) this.#saidLately.forget(roomOf(item), item.announcement);
    this.#teller.over(item, stage, error);
    void this.#saved();
  }

  /** One whose household did not come back in time. */
  #outlived(item: Item): void {
    const isUnheard = item.phase === 'waiting';
    if (isUnheard) this.#over(item, 'expired', failureWords('expired', undefined, item.room, ''));
    else this.#over(item, 'done', null);
  }

  /** Keeps what is not over. A disk that refuses is told of by the store, and holds nothing up. */
  async #saved(): Promise<void> {
    const items = [...this.#held.items, ...this.#items].map(recordOf);
    const saving = this.#ports.save({ items }).catch(() => {});
    await within(this.#ports.clock, SAVE_MS, saving);
  }
}
