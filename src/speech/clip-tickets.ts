import type { Clock, Log, Random } from '../bridge/ports.ts';
import type { ClipFacts } from './clip-folder.ts';
import { createGate, type Gate, type Passage } from './gate.ts';

/** One announcement on one device. */
export interface Ticket {
  readonly device: number;
  /** The name of the clip that it is for. */
  readonly name: string;
  readonly gate: Gate;
  /** To be called when the device asks; only the first call counts. */
  asked(): void;
}

/** The tickets of the last minutes. */
export interface Tickets {
  /** One path for each device, in their order. */
  issue(clip: ClipFacts, devices: number, heard: (device: number) => void): readonly string[];
  /** The ticket of this id for the clip of this name; null for any other, and for an old one. */
  find(name: string, id: string): Ticket | null;
  /** Opens every gate and forgets all tickets. */
  close(): void;
}

/** What tickets need. */
export interface TicketsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly waitMs?: number;
}

const FORGOTTEN_MS = 600_000;

const spreadOf = (passages: readonly Passage[]): number => {
  const asked = passages.map(({ askedMs }) => askedMs);
  return Math.round(Math.max(...asked) - Math.min(...asked));
};

/** Keeps tickets, each unguessable, for ten minutes. */
export function createTickets({ clock, random, log, waitMs }: TicketsOptions): Tickets {
  /** Oldest first. */
  const tickets = new Map<string, Ticket & { readonly until: number }>();

  function forgetOld(): void {
    const now = clock.elapsed();
    for (const [id, { until }] of tickets) {
      if (until > now) return;
      tickets.delete(id);
    }
  }

  function gateFor(devices: number): Gate {
    const opened = (passages: readonly Passage[]): void =>
      log.debug(
        `${passages.length} of ${devices} speakers have asked for a clip, ${spreadOf(passages)} ms apart, and get it now.`,
      );
    return createGate(clock, { expected: devices, opened, ...(waitMs === undefined ? {} : { waitMs }) });
  }

  return {
    issue: ({ name, type }, devices, heard) => {
      forgetOld();
      const gate = gateFor(devices);
      const until = clock.elapsed() + FORGOTTEN_MS;
      return Array.from({ length: devices }, (_, device) => {
        let hasAsked = false;
        const asked = (): void => {
          if (hasAsked) return;
          hasAsked = true;
          heard(device);
        };
        const id = random.id();
        tickets.set(id, { device, name, gate, asked, until });
        return `/${name}/${id}.${type}`;
      });
    },
    find: (name, id) => {
      forgetOld();
      const ticket = tickets.get(id);
      return ticket?.name === name ? ticket : null;
    },
    close: () => {
      for (const { gate } of tickets.values()) gate.close();
      tickets.clear();
    },
  };
}
