import type { z } from 'zod';
import type { announcementHappening } from './announcement-happening.ts';
import type { Item, LastStage, OpenStage } from './announcement-item.ts';
import type { CommandError } from './command-error.ts';
import type { Happening } from './namespaces/define.ts';
import type { Ask, Outcome, Status } from './replies.ts';
import type { Household, Room } from './state.ts';

type AnnouncementHappening = z.output<typeof announcementHappening>;

/** Who is told of announcements. */
export interface TellerPorts {
  readonly household: (id: string) => Household | undefined;
  readonly settle: (ask: Ask, status: Status, outcome?: Outcome) => void;
  readonly happened: (household: Household, room: Room, happening: Happening) => void;
  /** An announcement is heard in a room, or none is any more. */
  readonly announcing: (household: string, playerId: string, id: string | null) => void;
}

/** Tells what becomes of announcements: as an event of the room, and once as the answer to who asked. */
export class Teller {
  readonly #ports: TellerPorts;

  constructor(ports: TellerPorts) {
    this.#ports = ports;
  }

  /** It was taken in. */
  accepted(item: Item): void {
    this.#ports.settle(item.ask, 'accepted');
    this.#happened(item, 'queued', null);
  }

  /** It goes on. */
  reached(item: Item, stage: OpenStage): void {
    if (stage === 'playing') this.announcing(item);
    if (stage !== 'unsure') this.#happened(item, stage, null);
    if (stage !== 'sent') this.answer(item, null, stage === 'playing' ? 'confirmed' : 'unconfirmed');
  }

  /** It is heard now. */
  announcing(item: Item): void {
    this.#ports.announcing(item.household, item.playerId, item.ask.id);
  }

  /** It is over; with an error when it was not heard. */
  over(item: Item, stage: LastStage, error: CommandError | null): void {
    if (item.phase === 'playing') this.#ports.announcing(item.household, item.playerId, null);
    this.#happened(item, stage, error);
    this.answer(item, error);
  }

  /** The answer, unless it was given before. */
  answer(item: Item, error: CommandError | null, status: 'confirmed' | 'unconfirmed' = 'unconfirmed'): void {
    if (item.answered !== null) return;
    item.answered = error === null ? status : 'failed';
    this.#ports.settle(item.ask, item.answered, error === null ? {} : { error });
  }

  #happened(item: Item, status: AnnouncementHappening['status'], error: CommandError | null): void {
    const household = this.#ports.household(item.household);
    const room = household?.rooms.get(item.playerId);
    if (household === undefined || room === undefined) return;
    const happening: AnnouncementHappening = {
      event_type: 'announcement',
      id: item.ask.id,
      status,
      priority: item.announcement.priority,
      provider: item.sound.provider,
      ...(error === null ? {} : { error }),
    };
    this.#ports.happened(household, room, happening);
  }
}
