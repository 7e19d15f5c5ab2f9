import { z } from 'zod';
import { type CommandError, commandError } from '../command-error.ts';
import { defineCommand } from '../command-spec.ts';
import { maybe, sonosNumber } from '../lenient.ts';
import { playerPath } from '../paths.ts';
import { type Reader, volume } from '../readers.ts';
import { err, ok } from '../result.ts';
import type { Seat } from '../state.ts';
import { defineNamespace, type Namespace, on, roomPart } from './define.ts';
import { playerVolume } from './player-volume.ts';

/** The body of `playerSettings`; real players say much more (docs.sonos.com, "settings"). */
const settingsBody = z.object({
  volumeMode: maybe(z.string()),
  volumeScalingFactor: maybe(sonosNumber),
});

/** What is remembered of a player's settings. */
interface PlayerSettings {
  /** The loudest that the player gets, in percent; null when it did not say. */
  readonly limit: number | null;
  /** A line-out at a fixed level, or one that passes the sound through: nothing is scaled there. */
  readonly isFixed: boolean | null;
}

/** 0.01 to 1 as whole percent. A player may count in other steps than we do, and binary fractions are never exact. */
const percent = (factor: number): number => Math.min(100, Math.max(1, Math.round(factor * 100)));

/** A field that a body leaves out stays as it was. */
const remember = (body: z.output<typeof settingsBody>, earlier: PlayerSettings | null): PlayerSettings => ({
  limit: body.volumeScalingFactor === null ? (earlier?.limit ?? null) : percent(body.volumeScalingFactor),
  isFixed: body.volumeMode === null ? (earlier?.isFixed ?? null) : body.volumeMode !== 'VARIABLE',
});

const limit: Reader<{ readonly to: number }> = {
  name: '1–100',
  schema: z.union([z.int().min(1).max(100), z.string().regex(/^([1-9]\d?|100)$/)]).meta({ examples: [60] }),
  read: (raw) => {
    const read = volume.read(raw);
    if (read.ok && 'to' in read.value && read.value.to > 0) return ok(read.value);
    const message = read.ok ? 'That is no volume limit.' : read.error.message;
    return err({ message, advice: 'A volume limit is a whole number from 1 to 100, without steps.' });
  },
};

const known = ({ household, player }: Seat): PlayerSettings | null =>
  playerSettings.slice(household.players.get(player.id));

/** The settings are only read now and then; of the volume there are events. */
const isFixed = (seat: Seat): boolean =>
  known(seat)?.isFixed === true ||
  playerVolume.slice(seat.household.players.get(seat.player.id))?.fixed === true;

const fixed = (room: string): CommandError =>
  commandError(
    'not_capable',
    `The volume of "${room}" is fixed, so it has no limit.`,
    'Make the line-out variable in the Sonos app, then send "refresh" to the room.',
  );

const roomSchema = z.object({
  volume_limit: z.int().min(1).max(100).nullable().describe('How loud the room gets at most, in percent.'),
});

/** How a player is set up (docs.sonos.com, "settings"); Sonos tells no events of it. */
export const playerSettings: Namespace<PlayerSettings> = defineNamespace<PlayerSettings>({
  name: 'settings',
  target: 'player',
  subscribes: () => false,
  events: { playerSettings: on<PlayerSettings, typeof settingsBody>(settingsBody, remember) },
  snapshot: { path: (id) => `${playerPath(id)}/settings/player`, type: 'playerSettings' },
  room: roomPart(
    roomSchema,
    (slice, seat) => ({ volume_limit: isFixed(seat) ? null : (slice?.limit ?? null) }),
    (slice, seat) => [slice, isFixed(seat)],
  ),
  attributes: { volume_limit: 'volume_limit' },
  commands: {
    volume_limit: defineCommand<{ readonly to: number }>({
      describe: 'Sets how loud the room can get at most.',
      value: limit,
      aim: 'player',
      reads: ['settings'],
      combined: (_earlier, later) => later,
      plan: ({ to }, seat) =>
        isFixed(seat)
          ? err(fixed(seat.room.address))
          : ok({
              method: 'POST',
              path: `${playerPath(seat.player.id)}/settings/player`,
              body: { volumeScalingFactor: to / 100 },
            }),
      seen: ({ value, now }) => (known(now)?.limit === value.to ? 'seen' : 'not_yet'),
    }),
  },
  entities: {
    volume_limit: {
      platform: 'number',
      name: 'Volume limit',
      unless: 'fixed',
      icon: 'mdi:volume-equal',
      category: 'config',
      state: 'volume_limit',
      command: 'volume_limit',
      min: 1,
      max: 100,
      unit: '%',
    },
  },
});
