import { endOfStage, type Item } from './announcement-item.ts';
import { type AnnouncementSettings, blockedBy } from './announcement-policy.ts';
import { clipObstacle } from './announcement-words.ts';
import type { Input } from './clip-queue.ts';
import { type Devices, devicesOf, sendClips } from './clip-sender.ts';
import { type CommandError, fromSonos, offline } from './command-error.ts';
import { playerPath } from './paths.ts';
import type { Clock, Log } from './ports.ts';
import { err, ok, type Result } from './result.ts';
import type { SendCall } from './sonos.ts';
import type { ReadySound } from './sounds.ts';
import { type Household, type Room, type Seat, seatOf } from './state.ts';

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly send: SendCall;
  /** How loud a room may be now; null when nothing forbids more. */
  readonly ceiling: (room: Room) => number | null;
  readonly settings: AnnouncementSettings;
  readonly obstacle: (household: string) => CommandError | null;
  readonly household: (id: string) => Household | undefined;
  /** Settles when all that is not over is kept as it is now. */
  readonly saved: () => Promise<void>;
  /** Whether an announcement is not over yet. */
  readonly isOpen: (item: Item) => boolean;
  readonly step: (item: Item, input: Input<Item>) => void;
  readonly fail: (item: Item, error: CommandError) => void;
}

/** An announcement that is sent now, with its place in the house. */
interface Parcel {
  readonly item: Item;
  readonly seat: Seat;
  readonly devices: Devices;
}

/** Sends announcements whose turn it is; those whose turn comes in the same moment begin together. */
export class Dispatch {
  readonly #ports: Ports;
  #going: Item[] = [];

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** It is the turn of this one. */
  go(item: Item): void {
    if (this.#going.length === 0) queueMicrotask(() => void this.#sendAll());
    this.#going.push(item);
  }

  /** Has Sonos end a clip. */
  async end(item: Item, clipId: string): Promise<void> {
    const path = `${playerPath(item.playerId)}/audioClip/${encodeURIComponent(clipId)}`;
    const { household } = item;
    await this.#ports.send({ method: 'DELETE', path, household, priority: 'announcement', repeatable: true });
    if (this.#ports.isOpen(item)) this.#ports.step(item, { kind: 'ended', key: item });
  }

  async #sendAll(): Promise<void> {
    const going = this.#going;
    this.#going = [];
    for (const item of going) {
      item.phase = 'sending';
      item.endsAt = endOfStage('sent', item.sound, this.#ports.clock.now());
    }
    // Whatever happens from here on, no later run says it again.
    await this.#ports.saved();
    const open = going.filter((item) => this.#ports.isOpen(item));
    for (const sound of new Set(open.map((item) => item.sound))) {
      const together = open.filter((item) => item.sound === sound);
      this.#sendTogether(together, sound);
    }
  }

  #sendTogether(items: readonly Item[], sound: ReadySound): void {
    const parcels = items.flatMap((item): Parcel[] => {
      const parcel = this.#parcel(item);
      if (parcel.ok) return [parcel.value];
      this.#ports.fail(item, parcel.error);
      return [];
    });
    // The first device of each room is the one whose clip is followed.
    const whose = parcels.flatMap(({ item, devices }) => [
      item,
      ...Array<null>(devices.length - 1).fill(null),
    ]);
    const urls = [...sound.urls(whose.length, (device) => this.#asked(whose[device] ?? null))];
    for (const parcel of parcels) void this.#send(parcel, urls.splice(0, parcel.devices.length));
  }

  /** Looks once more whether it may be heard: it may have waited for minutes. */
  #parcel(item: Item): Result<Parcel, CommandError> {
    const { settings, clock } = this.#ports;
    const household = this.#ports.household(item.household);
    const seat = household && seatOf(household, item.playerId);
    if (seat == null) return err(offline);
    const { announcement } = item;
    const error =
      this.#ports.obstacle(item.household) ??
      clipObstacle(seat) ??
      blockedBy(settings, seat, announcement, clock.now());
    return error === null ? ok({ item, seat, devices: devicesOf(seat, announcement, settings) }) : err(error);
  }

  #asked(item: Item | null): void {
    if (item !== null && this.#ports.isOpen(item)) this.#ports.step(item, { kind: 'asked', key: item });
  }

  async #send({ item, seat, devices }: Parcel, urls: readonly string[]): Promise<void> {
    const { announcement } = item;
    const { settings, send, log } = this.#ports;
    const ceiling = this.#ports.ceiling(seat.room);
    const result = await sendClips({ seat, announcement, devices, urls, ceiling }, settings, send, log);
    if (!this.#ports.isOpen(item)) return;
    if (!result.ok && result.error.effect === 'none') return this.#ports.fail(item, fromSonos(result.error));
    // A lost answer does not mean that nothing happened: the player's fetch and its status tell.
    item.clipId = result.ok ? result.value : null;
    this.#ports.step(item, { kind: 'sent', key: item, clipId: item.clipId });
  }
}
