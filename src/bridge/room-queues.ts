import type { AnnouncementPriority } from './announcement.ts';
import { type ClipQueue, type Effect, emptyQueue, hasPlace, type Input, stepped } from './clip-queue.ts';
import type { Cancel, Clock } from './ports.ts';

interface RoomQueue<Key> {
  queue: ClipQueue<Key>;
  wake: Cancel;
}

/** The queues of all rooms, each with the one timer that it needs. */
export class RoomQueues<Key> {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #act: (effect: Effect<Key>) => void;
  readonly #rooms = new Map<string, RoomQueue<Key>>();

  /** `most` may wait in a room; `act` does what a step asks for. */
  constructor(clock: Clock, most: number, act: (effect: Effect<Key>) => void) {
    this.#clock = clock;
    this.#most = most;
    this.#act = act;
  }

  hasPlace(room: string, priority: AnnouncementPriority): boolean {
    return hasPlace(this.#rooms.get(room)?.queue ?? emptyQueue, priority, this.#most);
  }

  /** Lets something happen in a room. */
  step(room: string, input: Input<Key>): void {
    const { wake, queue: before } = this.#rooms.get(room) ?? { wake: () => {}, queue: emptyQueue };
    wake();
    const elapsed = this.#clock.elapsed();
    const { queue, effects, wakeAt } = stepped(
      before,
      input,
      { elapsed, now: this.#clock.now() },
      this.#most,
    );
    const next =
      wakeAt === null
        ? () => {}
        : this.#clock.after(wakeAt - elapsed, () => this.step(room, { kind: 'tick' }));
    this.#rooms.set(room, { queue, wake: next });
    for (const effect of effects) this.#act(effect);
  }

  /** No timer is left; the queues are as they were. */
  stop(): void {
    for (const { wake } of this.#rooms.values()) wake();
  }
}
