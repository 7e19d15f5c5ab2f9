import type { z } from 'zod';
import type { Happening } from '../namespaces/define.ts';
import { playbackAt } from '../namespaces/playback-slice.ts';
import { type Household, type Room, seatOf } from '../state.ts';
import { placeOf } from './queue.ts';
import type { queueEndedHappening, queueItemHappening, queuePlayedHappening } from './queue-happenings.ts';
import type { PlayReport } from './queue-ports.ts';
import type { QueueRecord } from './queue-record.ts';

interface Ports {
  readonly household: (id: string) => Household | undefined;
  readonly happened: (household: Household, room: Room, happening: Happening) => void;
}

type Told =
  | z.output<typeof queueItemHappening>
  | z.output<typeof queuePlayedHappening>
  | z.output<typeof queueEndedHappening>;

/** Tells how far queues have come, as events of the rooms that play them. */
export class QueueProgress {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** What the room's state says of it. */
  looked(household: Household, record: QueueRecord): void {
    const seat = seatOf(household, record.playerId);
    const playback = seat !== null && seat.group?.id === record.group ? playbackAt(seat) : null;
    if (playback === null) return;
    // At its end a player stands at some item again, and plays none.
    if (playback.state === 'idle') this.#over(record);
    else this.#begun(record, playback.itemId);
  }

  /** What a player says of it. */
  reported(record: QueueRecord, { itemId, isFinal, playedMs, error }: PlayReport): void {
    const item = record.queue.items[placeOf(record.queue, itemId)];
    if (!isFinal && record.current === null) this.#begun(record, itemId);
    this.#tell(record, {
      ...{ event_type: 'queue_played', id: itemId, title: item?.title ?? null, final: isFinal },
      ...{ seconds: playedMs === null ? null : playedMs / 1000, error },
    });
    if (isFinal && itemId === record.current) this.#over(record);
  }

  #begun(record: QueueRecord, itemId: string | null): void {
    const place = placeOf(record.queue, itemId);
    const item = record.queue.items[place];
    if (item === undefined || item.id === record.current) return;
    record.current = item.id;
    record.hasEnded = false;
    const { id, title } = item;
    const items = record.queue.items.length;
    this.#tell(record, { event_type: 'queue_item', id, title, position: place + 1, items });
  }

  #over(record: QueueRecord): void {
    const { items } = record.queue;
    if (record.hasEnded || record.current === null || items.at(-1)?.id !== record.current) return;
    record.hasEnded = true;
    this.#tell(record, { event_type: 'queue_ended', items: items.length });
  }

  #tell({ household: id, group, playerId }: QueueRecord, happening: Told): void {
    const household = this.#ports.household(id);
    if (household === undefined) return;
    const players = household.topology?.groups.get(group)?.playerIds ?? [playerId];
    for (const player of players) {
      const room = household.rooms.get(player);
      if (room !== undefined) this.#ports.happened(household, room, happening);
    }
  }
}
