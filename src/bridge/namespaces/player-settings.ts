import { z } from 'zod';
import { type CommandError, commandError } from '../command-error.ts';
import { defineCommand, type Plan } from '../command-spec.ts';
import { maybe, sonosNumber } from '../lenient.ts';
import { playerPath } from '../paths.ts';
import { boolean, type Reader, volume } from '../readers.ts';
import { err, ok, type Result } from '../result.ts';
import type { Seat } from '../state.ts';
import { defineNamespace, type Namespace, on, roomPart } from './define.ts';
import { fixedPlayer, settingsAt } from './fixed-volume.ts';
import { type PlayerSettings, VOLUME_MODES } from './settings-slice.ts';

/** The body of `playerSettings`; real players say much more (docs.sonos.com, "settings"). */
const settingsBody = z.object({
  volumeMode: maybe(z.string().toLowerCase().pipe(z.enum(VOLUME_MODES))),
  volumeScalingFactor: maybe(sonosNumber),
  monoMode: maybe(z.boolean()),
});

/** 0.01 to 1 as whole percent. A player may count in other steps than we do, and binary fractions are never exact. */
const percent = (factor: number): number => Math.min(100, Math.max(1, Math.round(factor * 100)));

/** A field that a body leaves out stays as it was. */
const remember = (body: z.output<typeof settingsBody>, earlier: PlayerSettings | null): PlayerSettings => ({
  limit: body.volumeScalingFactor === null ? (earlier?.limit ?? null) : percent(body.volumeScalingFactor),
  mode: body.volumeMode ?? earlier?.mode ?? null,
  mono: body.monoMode ?? earlier?.mono ?? null,
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

const known = ({ household, player }: Seat): PlayerSettings | null => settingsAt(household, player.id);

/** Nothing is scaled at a fixed level, nor what is passed through. */
const hasNoLimit = (seat: Seat): boolean => {
  const mode = known(seat)?.mode ?? 'variable';
  // The settings are only read now and then; of the volume there are events.
  return mode !== 'variable' || fixedPlayer(seat) !== null;
};

const withoutLimit = (seat: Seat): CommandError =>
  commandError(
    'not_capable',
    known(seat)?.mode === 'pass_through'
      ? `"${seat.room.address}" passes its volume through to an amplifier, so it has no limit.`
      : `The volume of "${seat.room.address}" is fixed, so it has no limit.`,
    'Make the line-out variable in the Sonos app, then send "refresh" to the room.',
  );

const settingsPath = ({ player }: Seat): string => `${playerPath(player.id)}/settings/player`;

/** Players that were asked and told of no such thing have none: models differ, and so does their software. */
function monoPlan(value: boolean, seat: Seat): Result<Plan, CommandError> {
  if (known(seat)?.mono !== null)
    return ok({ method: 'POST', path: settingsPath(seat), body: { monoMode: value } });
  return err(
    commandError(
      'not_capable',
      `"${seat.room.address}" tells of no mono mode.`,
      'Some players have none, and some need newer software.',
    ),
  );
}

const roomSchema = z.object({
  volume_limit: z.int().min(1).max(100).nullable().describe('How loud the room gets at most, in percent.'),
  volume_mode: z
    .enum(VOLUME_MODES)
    .nullable()
    .describe(
      'What a line-out does with volumes: `variable` as every speaker, `fixed` leaves them to the amplifier, `pass_through` ' +
        'tells them and leaves its level alone, so that an amplifier can follow.',
    ),
  mono: z
    .boolean()
    .nullable()
    .describe('Whether both channels play the same; null where a player has no such setting.'),
});

/**
 * How a player is set up (docs.sonos.com, "settings"); Sonos tells no events of it. The volume mode is shown and cannot be set
 * here: one mistaken message would put a line-out to its full level. Nor can Wi-Fi be switched off, which may cut a player off.
 */
export const playerSettings: Namespace<PlayerSettings> = defineNamespace<PlayerSettings>({
  name: 'settings',
  target: 'player',
  subscribes: () => false,
  events: { playerSettings: on<PlayerSettings, typeof settingsBody>(settingsBody, remember) },
  snapshot: { path: (id) => `${playerPath(id)}/settings/player`, type: 'playerSettings' },
  room: roomPart(
    roomSchema,
    (slice, seat) => ({
      volume_limit: hasNoLimit(seat) ? null : (slice?.limit ?? null),
      volume_mode: slice?.mode ?? null,
      mono: slice?.mono ?? null,
    }),
    (slice, seat) => [slice, hasNoLimit(seat)],
  ),
  attributes: { volume_limit: 'volume_limit', volume_mode: 'volume_mode', mono: 'mono' },
  commands: {
    volume_limit: defineCommand<{ readonly to: number }>({
      describe: 'Sets how loud the room can get at most.',
      value: limit,
      aim: 'player',
      reads: ['settings'],
      combined: (_earlier, later) => later,
      plan: ({ to }, seat) =>
        hasNoLimit(seat)
          ? err(withoutLimit(seat))
          : ok({ method: 'POST', path: settingsPath(seat), body: { volumeScalingFactor: to / 100 } }),
      seen: ({ value, now }) => (known(now)?.limit === value.to ? 'seen' : 'not_yet'),
    }),
    mono: defineCommand<boolean>({
      describe: 'Plays the same on both channels of the room, or ends it.',
      value: boolean,
      aim: 'player',
      reads: ['settings'],
      plan: monoPlan,
      seen: ({ value, now }) => (known(now)?.mono === value ? 'seen' : 'not_yet'),
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
    mono: {
      platform: 'switch',
      name: 'Mono',
      icon: 'mdi:speaker-single',
      category: 'config',
      isExtra: true,
      state: 'mono',
      command: 'mono',
    },
  },
});
