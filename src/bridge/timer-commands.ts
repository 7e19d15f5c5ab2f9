import { type CommandError, commandError, offline } from './command-error.ts';
import { erased, type OwnCommand, type Settle } from './own-command.ts';
import type { Clock } from './ports.ts';
import type { Ask } from './replies.ts';
import { momentOf, type RoomTimers } from './room-timers.ts';
import { type Household, type Room, seatOf } from './state.ts';
import { type Fade, fade, type Sleep, sleep, type Wake, wake } from './timer-readers.ts';
import { glideObjection } from './volume-glide.ts';

interface Ports {
  readonly clock: Clock;
  readonly timers: RoomTimers;
  readonly settle: Settle;
  readonly obstacle: (household: string) => CommandError | null;
}

/** The commands of rooms that take their time, by name: what they do and take. */
export const TIMER_COMMANDS = {
  fade: { describe: "Moves the room's volume little by little.", value: fade },
  sleep: {
    describe: "After some minutes, fades the room's group, pauses it and puts the volumes back.",
    value: sleep,
  },
  wake: { describe: 'At a time, begins music softly and raises it.', value: wake },
} as const;

const iso = (at: number): string => new Date(at).toISOString();
const noRooms = (): readonly string[] => [];

/** One that is not there cannot be promised anything. */
const absence = (household: Household, room: Room): CommandError | null =>
  household.topology !== null && seatOf(household, room.playerId) === null ? offline : null;

function fading({ timers, settle, obstacle }: Ports): OwnCommand<Fade> {
  async function glide(household: Household, room: Room, { to, seconds }: Fade, ask: Ask): Promise<void> {
    const place = { household: household.id, playerId: room.playerId };
    const end = await timers.glides.run({ ...place, to, milliseconds: seconds * 1000 });
    if (end.kind === 'failed') return settle(ask, 'failed', { error: end.error });
    const { kind, volume } = end;
    if (kind !== 'there') return settle(ask, 'unconfirmed', { result: { ended: kind, volume } });
    settle(ask, 'confirmed', { result: volume === to ? { volume } : { volume, limited_to: volume } });
  }
  return {
    ...TIMER_COMMANDS.fade,
    rooms: noRooms,
    objection: (household, room) => obstacle(household.id) ?? glideObjection(household, room),
    run(household, value, asks) {
      for (const [room, ask] of asks) {
        settle(ask, 'accepted');
        void glide(household, room, value, ask);
      }
    },
  };
}

function sleeping({ timers, settle }: Ports): OwnCommand<Sleep> {
  async function set(household: Household, room: Room, value: Sleep, ask: Ask): Promise<void> {
    const at = await timers.sleep(household, room, value, ask.id);
    settle(ask, 'accepted');
    settle(ask, 'confirmed', { result: { sleep_at: at === null ? null : iso(at) } });
  }
  return {
    ...TIMER_COMMANDS.sleep,
    rooms: noRooms,
    objection: absence,
    run(household, value, asks) {
      for (const [room, ask] of asks) void set(household, room, value, ask);
    },
  };
}

const past = commandError(
  'invalid_payload',
  'The time of "at" has passed, or never comes.',
  'Send a time of the day such as "07:00", or a moment that is still to come.',
);

function waking({ clock, timers, settle }: Ports): OwnCommand<Wake> {
  const momentFor = (value: Wake): number | null =>
    value === null ? null : momentOf(value.when, clock.now());
  function mistake(value: Wake): CommandError | null {
    if (value?.mistake != null)
      return commandError('invalid_payload', value.mistake.message, value.mistake.advice);
    return value !== null && momentFor(value) === null ? past : null;
  }
  async function set(household: Household, room: Room, value: Wake, ask: Ask): Promise<void> {
    const at = momentFor(value);
    await timers.wake(household, room, value, at, ask.id);
    settle(ask, 'accepted');
    settle(ask, 'confirmed', { result: { wake_at: at === null ? null : iso(at) } });
  }
  return {
    ...TIMER_COMMANDS.wake,
    rooms: noRooms,
    objection: (household, room, value) => absence(household, room) ?? mistake(value),
    run(household, value, asks) {
      for (const [room, ask] of asks) void set(household, room, value, ask);
    },
  };
}

/** Makes them. */
export const createTimerCommands = (
  ports: Ports,
): readonly (readonly [keyof typeof TIMER_COMMANDS, OwnCommand])[] => [
  ['fade', erased(fading(ports))],
  ['sleep', erased(sleeping(ports))],
  ['wake', erased(waking(ports))],
];
