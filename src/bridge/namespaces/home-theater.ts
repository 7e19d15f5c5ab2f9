import { z } from 'zod';
import { withoutCapability } from '../capability.ts';
import type { CommandError } from '../command-error.ts';
import { acceptance, type CommandSpec, defineCommand, type Plan } from '../command-spec.ts';
import { maybe } from '../lenient.ts';
import { playerPath } from '../paths.ts';
import { boolean, nothing } from '../readers.ts';
import { err, ok, type Result } from '../result.ts';
import { leavingSession } from '../session-calls.ts';
import type { Seat } from '../state.ts';
import type { Player } from '../topology.ts';
import { defineNamespace, type Namespace, on, roomPart } from './define.ts';
import { metadataAt } from './playback-slice.ts';

const CAPABILITY = 'HT_PLAYBACK';
const POWER = 'HT_POWER_STATE';

const isCapable = (player: Player | null): boolean => player?.capabilities.includes(CAPABILITY) ?? false;

/** The body of `homeTheaterOptions`; newer players say more (docs.sonos.com, "homeTheater"). */
const optionsBody = z.object({ nightMode: maybe(z.boolean()), enhanceDialog: maybe(z.boolean()) });

/** What is remembered of a home theatre. */
interface Theater {
  readonly nightMode: boolean | null;
  readonly enhanceDialog: boolean | null;
}

/** A field that a body leaves out stays as it was. */
const remember = (body: z.output<typeof optionsBody>, earlier: Theater | null): Theater => ({
  nightMode: body.nightMode ?? earlier?.nightMode ?? null,
  enhanceDialog: body.enhanceDialog ?? earlier?.enhanceDialog ?? null,
});

const known = ({ household, player }: Seat): Theater | null =>
  homeTheater.slice(household.players.get(player.id));

/** Switches a TV by its cable; nothing tells whether it is on, so Sonos' answer is all the evidence there is. */
const power = defineCommand<boolean>({
  describe: 'Switches the TV on that the room is connected to, or into standby.',
  value: boolean,
  aim: 'player',
  reads: [],
  plan: (value, seat) => {
    const error = withoutCapability(seat, POWER, `"${seat.room.address}" cannot switch a TV.`);
    if (error !== null) return err(error);
    const path = `${playerPath(seat.player.id)}/homeTheater/tvPowerState`;
    return ok({ method: 'POST', path, body: { tvPowerState: value ? 'ON' : 'STANDBY' } });
  },
  seen: acceptance,
});

function call(
  seat: Seat,
  lacking: string,
  path: string,
  body?: NonNullable<Plan['body']>,
): Result<Plan, CommandError> {
  const error = withoutCapability(seat, CAPABILITY, `"${seat.room.address}" cannot play TV${lacking}.`);
  if (error !== null) return err(error);
  const whole = `${playerPath(seat.player.id)}/homeTheater${path}`;
  return ok({ method: 'POST', path: whole, ...(body === undefined ? {} : { body }) });
}

const option = (describe: string, field: keyof Theater, word: string): CommandSpec =>
  defineCommand<boolean>({
    describe,
    value: boolean,
    aim: 'player',
    reads: ['homeTheater'],
    plan: (value, seat) => call(seat, `, so it has no ${word}`, '/options', { [field]: value }),
    // Sonos answers with what the options are now.
    seen: ({ value, now, answer }) =>
      known(now)?.[field] === value || optionsBody.safeParse(answer).data?.[field] === value
        ? 'seen'
        : 'not_yet',
  });

const roomSchema = z.object({
  home_theater: z
    .object({ night_mode: z.boolean().nullable(), dialog: z.boolean().nullable() })
    .nullable()
    .describe('What is made of the sound of a TV; null in a room without one.'),
});

/** What a soundbar makes of a TV's sound (docs.sonos.com, "homeTheater"); Sonos tells no events of it. */
export const homeTheater: Namespace<Theater> = defineNamespace<Theater>({
  name: 'homeTheater',
  target: 'player',
  subscribes: () => false,
  reads: isCapable,
  events: { homeTheaterOptions: on<Theater, typeof optionsBody>(optionsBody, remember) },
  snapshot: { path: (id) => `${playerPath(id)}/homeTheater/options`, type: 'homeTheaterOptions' },
  room: roomPart(roomSchema, (slice, { player }) => ({
    home_theater: isCapable(player)
      ? { night_mode: slice?.nightMode ?? null, dialog: slice?.enhanceDialog ?? null }
      : null,
  })),
  attributes: { night_mode: 'home_theater.night_mode', dialog: 'home_theater.dialog' },
  commands: {
    tv: defineCommand<null>({
      describe: "Switches the room's group to the TV.",
      value: nothing,
      aim: 'player',
      reads: ['playbackMetadata'],
      plan: (_value, seat) => {
        const plan = call(seat, '', '');
        return plan.ok ? ok({ ...plan.value, ...leavingSession(seat) }) : plan;
      },
      seen: ({ now }) => (metadataAt(now)?.source.kind === 'tv' ? 'seen' : 'not_yet'),
    }),
    tv_power: power,
    night_mode: option('Softens what is loud in the sound of the TV, or ends it.', 'nightMode', 'night mode'),
    dialog: option('Lifts voices in the sound of the TV, or ends it.', 'enhanceDialog', 'dialog option'),
  },
  entities: {
    tv_power: {
      platform: 'switch',
      name: 'TV power',
      icon: 'mdi:television',
      needs: 'tv_power',
      state: null,
      command: 'tv_power',
    },
    night_mode: {
      platform: 'switch',
      name: 'Night mode',
      icon: 'mdi:weather-night',
      needs: 'tv',
      state: 'home_theater.night_mode',
      command: 'night_mode',
    },
    dialog: {
      platform: 'switch',
      name: 'Dialog',
      icon: 'mdi:account-voice',
      needs: 'tv',
      state: 'home_theater.dialog',
      command: 'dialog',
    },
  },
});
