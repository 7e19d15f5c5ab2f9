import type { CommandError } from './command-error.ts';
import { offline } from './command-error.ts';
import { playbackAt } from './namespaces/playback-slice.ts';
import { playerVolume } from './namespaces/player-volume.ts';
import type { Perform } from './own-command.ts';
import type { Json } from './sonos.ts';
import { type Seat, seatOf } from './state.ts';
import type { SleepRecord, WakeRecord } from './timer-record.ts';
import { type Glide, type GlideEnd, glideObjection, levelOf } from './volume-glide.ts';

/** How a timer ended, and why it did when it failed. */
export interface TimerEnd {
  readonly outcome: 'done' | 'interrupted' | 'failed';
  readonly error?: CommandError;
}

/** What carrying a timer out needs. */
export interface TimerRunPorts {
  readonly seat: (household: string, playerId: string) => Seat | null;
  readonly perform: Perform;
  readonly glide: (glide: Glide) => Promise<GlideEnd>;
  /** Keeps the timer as it stands now. */
  readonly saved: () => Promise<void>;
}

type Volumes = SleepRecord['volumes'];

/** Nearly silent. At nothing at all, Sonos would forget how loud the rooms of a group are to each other. */
const LOW = 1;

/** Whether somebody had another volume in mind. */
const wasMoved = (end: GlideEnd | undefined): boolean => end?.kind === 'touched' || end?.kind === 'replaced';

const done: TimerEnd = { outcome: 'done' };
const failed = (error: CommandError): TimerEnd => ({ outcome: 'failed', error });

/** Carries out what a timer stands for. */
export class TimerRun {
  readonly #ports: TimerRunPorts;

  constructor(ports: TimerRunPorts) {
    this.#ports = ports;
  }

  /** Fades a room's group, pauses it and puts the volumes back; `late` is how late it is, milliseconds. */
  async sleep(timer: SleepRecord, late: number): Promise<TimerEnd> {
    const seat = this.#seat(timer, timer.playerId);
    if (seat?.group == null) return failed(offline);
    const isPlaying = playbackAt(seat)?.state !== 'paused' && playbackAt(seat)?.state !== 'idle';
    const milliseconds = timer.fadeSeconds * 1000 - late;
    let lowered = timer.volumes;
    if (isPlaying && lowered.length === 0 && milliseconds > 0) {
      timer.volumes = lowered = this.#volumesOf(seat, seat.group.playerIds);
      await this.#ports.saved();
      const ends = await Promise.all(lowered.map((volume) => this.#lower(timer, volume, milliseconds)));
      // Who moves the volume is awake.
      const kept = lowered.filter((_volume, index) => !wasMoved(ends[index]));
      if (kept.length < lowered.length) {
        await this.#putBack(timer, kept);
        return { outcome: 'interrupted' };
      }
    }
    const error = await this.#perform(timer, timer.playerId, 'pause');
    // What still plays is left low: to be loud again in the middle of the night is worse.
    if (error !== null) return failed(error);
    await this.#putBack(timer, lowered);
    return done;
  }

  /** Begins music in a room softly, and raises it. */
  async wake(timer: WakeRecord, late: number): Promise<TimerEnd> {
    const seat = this.#seat(timer, timer.playerId);
    if (seat === null) return failed(offline);
    const isFixed = glideObjection(seat.household, seat.room) !== null;
    const before = levelOf(seat);
    if (!timer.isBegun) {
      const isSoft = !isFixed && timer.fadeSeconds > 0;
      if (isSoft) await this.#perform(timer, timer.playerId, 'volume', Math.min(LOW, timer.volume));
      if (isMuted(seat) && !isFixed) await this.#perform(timer, timer.playerId, 'mute', false);
      const { command, value } = timer.source;
      const error = await this.#perform(timer, timer.playerId, command, value ?? undefined);
      if (error !== null) {
        if (isSoft && before !== null) await this.#perform(timer, timer.playerId, 'volume', before);
        return failed(error);
      }
      timer.isBegun = true;
      await this.#ports.saved();
    }
    if (isFixed) return done;
    const milliseconds = Math.max(0, timer.fadeSeconds * 1000 - late);
    const end = await this.#ports.glide({ ...timer, to: timer.volume, milliseconds });
    if (end.kind === 'failed') return failed(end.error);
    return wasMoved(end) ? { outcome: 'interrupted' } : done;
  }

  #seat({ household }: SleepRecord | WakeRecord, playerId: string): Seat | null {
    return this.#ports.seat(household, playerId);
  }

  /** The volumes of a group's rooms, of those that can be moved and are not low already. */
  #volumesOf({ household }: Seat, playerIds: readonly string[]): Volumes {
    return playerIds.flatMap((playerId) => {
      const member = seatOf(household, playerId);
      if (member === null || glideObjection(household, member.room) !== null) return [];
      const volume = levelOf(member);
      return volume === null || volume <= LOW ? [] : [{ playerId, volume }];
    });
  }

  #lower({ household }: SleepRecord, { playerId }: Volumes[number], milliseconds: number): Promise<GlideEnd> {
    return this.#ports.glide({ household, playerId, to: LOW, milliseconds });
  }

  async #putBack(timer: SleepRecord, volumes: Volumes): Promise<void> {
    await Promise.all(
      volumes.map(({ playerId, volume }) => this.#perform(timer, playerId, 'volume', volume)),
    );
  }

  /** What went wrong; null when it was done, or may have been. */
  async #perform(
    timer: SleepRecord | WakeRecord,
    playerId: string,
    command: string,
    value?: Json,
  ): Promise<CommandError | null> {
    const seat = this.#seat(timer, playerId);
    if (seat === null) return offline;
    const raw = { kind: 'json', value, fields: {} } as const;
    const reply = await this.#ports.perform(seat.household, seat.room, { command, raw });
    return reply.error ?? null;
  }
}

const isMuted = (seat: Seat): boolean =>
  playerVolume.slice(seat.household.players.get(seat.player.id))?.muted === true;
