import { type CommandError, commandError, offline } from './command-error.ts';
import { roomCommands } from './namespaces/index.ts';
import { playerVolume } from './namespaces/player-volume.ts';
import type { Perform } from './own-command.ts';
import type { Cancel, Clock } from './ports.ts';
import { type Household, type Room, type Seat, seatOf } from './state.ts';

interface Ports {
  readonly clock: Clock;
  readonly perform: Perform;
  readonly seat: (household: string, playerId: string) => Seat | null;
}

/** Where a room's volume is to go, and in which time. */
export interface Glide {
  readonly household: string;
  readonly playerId: string;
  readonly to: number;
  readonly milliseconds: number;
}

/** How a glide ended: there, or at a ceiling; by somebody else's hand; by one that came after it; or because it could not go on. */
export type GlideEnd =
  | { readonly kind: 'there' | 'touched' | 'replaced' | 'unconfirmed'; readonly volume: number }
  | { readonly kind: 'failed'; readonly error: CommandError };

/** Sonos hears of a volume at most so often. */
const STEP_MS = 1_000;
/** The last steps of a glide come no closer than this. */
const SHORTEST_MS = 100;

const unknown = commandError(
  'not_capable',
  'The volume of the room is not known yet.',
  'Send "refresh" to the room, then try again.',
);

/** What is known of a player's volume. */
export const levelOf = (seat: Seat): number | null =>
  playerVolume.slice(seat.household.players.get(seat.player.id))?.volume ?? null;

/** Why a room's volume cannot be moved; null when it can, as far as is known. */
export function glideObjection(household: Household, room: Room): CommandError | null {
  const seat = seatOf(household, room.playerId);
  // Right after a start, nobody knows yet who is there.
  if (seat === null) return household.topology === null ? null : offline;
  const plan = roomCommands.get('volume')?.plan({ to: 0 }, seat);
  return plan?.ok === false ? plan.error : null;
}

interface Under {
  isReplaced: boolean;
  wake: () => void;
  /** Settles at its end. */
  over: Promise<void>;
}

/** Moves volumes little by little, one glide a room; whoever else moves one has it. */
export class Glides {
  readonly #ports: Ports;
  readonly #under = new Map<string, Under>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Moves a volume; settles when it is there or when it went otherwise. Never rejects. */
  async run(glide: Glide): Promise<GlideEnd> {
    const key = `${glide.household} ${glide.playerId}`;
    const before = this.#under.get(key)?.over;
    this.#end(key);
    const own: Under = { isReplaced: false, wake: () => {}, over: Promise.resolve() };
    this.#under.set(key, own);
    // A step of the one before may be under way still.
    const moving = Promise.resolve(before).then(() => this.#move(glide, own));
    own.over = moving.then(() => {});
    const end = await moving;
    if (this.#under.get(key) === own) this.#under.delete(key);
    return end;
  }

  stop(): void {
    for (const key of [...this.#under.keys()]) this.#end(key);
  }

  #end(key: string): void {
    const earlier = this.#under.get(key);
    if (earlier === undefined) return;
    earlier.isReplaced = true;
    earlier.wake();
  }

  #seat({ household, playerId }: Glide): Seat | null {
    return this.#ports.seat(household, playerId);
  }

  async #move(glide: Glide, own: Under): Promise<GlideEnd> {
    const { clock } = this.#ports;
    const first = this.#seat(glide);
    if (first === null) return { kind: 'failed', error: offline };
    const from = levelOf(first);
    if (from === null) return { kind: 'failed', error: unknown };
    const began = clock.elapsed();
    for (let last = from; ; ) {
      const passed = clock.elapsed() - began;
      const part = passed >= glide.milliseconds ? 1 : passed / glide.milliseconds;
      const stepped = await this.#step(glide, last, Math.round(from + (glide.to - from) * part));
      if (stepped.kind !== 'there') return stepped;
      // A ceiling is as far as it goes.
      if (part === 1 || stepped.isLimited) return { kind: 'there', volume: stepped.volume };
      last = stepped.volume;
      if (!own.isReplaced) await this.#pause(own, glide.milliseconds - (clock.elapsed() - began));
      if (own.isReplaced) return { kind: 'replaced', volume: last };
      const level = this.#level(glide, last);
      if (level !== last) return { kind: 'touched', volume: level };
    }
  }

  /** What the volume is known to be; `last` where nobody knows. */
  #level(glide: Glide, last: number): number {
    const seat = this.#seat(glide);
    return (seat && levelOf(seat)) ?? last;
  }

  async #step(
    glide: Glide,
    last: number,
    volume: number,
  ): Promise<GlideEnd & { readonly isLimited?: boolean }> {
    if (volume === last) return { kind: 'there', volume };
    const seat = this.#seat(glide);
    if (seat === null) return { kind: 'failed', error: offline };
    const raw = { kind: 'json', value: volume, fields: {} } as const;
    const reply = await this.#ports.perform(seat.household, seat.room, { command: 'volume', raw });
    if (reply.error !== undefined) return { kind: 'failed', error: reply.error };
    if (reply.superseded_by !== undefined) return { kind: 'touched', volume: this.#level(glide, last) };
    const limit = reply.result?.limited_to;
    const reached = typeof limit === 'number' ? limit : volume;
    if (reply.status === 'unconfirmed') return { kind: 'unconfirmed', volume: reached };
    return { kind: 'there', volume: reached, isLimited: reached !== volume };
  }

  #pause(own: Under, left: number): Promise<void> {
    return new Promise((resolve) => {
      // The last step is not right behind the one before.
      const wait = left < 1.5 * STEP_MS ? Math.max(SHORTEST_MS, left) : STEP_MS;
      const cancel: Cancel = this.#ports.clock.after(wait, resolve);
      own.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
