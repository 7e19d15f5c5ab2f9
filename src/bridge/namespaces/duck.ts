import { z } from 'zod';
import { acceptance, type CommandSpec, defineCommand } from '../command-spec.ts';
import { playerPath } from '../paths.ts';
import { boolean, plain, type Raw, type Reader } from '../readers.ts';
import { err, ok } from '../result.ts';

/** How long the sound is lowered, seconds: 0 ends it, `null` leaves it to Sonos. */
type Ducking = { readonly seconds: number | null };

/** Sonos takes no more (docs.sonos.com, "duck"). */
const LONGEST_SECONDS = 60;

const secondsSchema = z.union([
  z.number().min(0).max(LONGEST_SECONDS),
  z
    .string()
    .trim()
    .regex(/^\d{1,2}(\.\d{1,3})?$/)
    .transform(Number)
    .refine((seconds) => seconds <= LONGEST_SECONDS),
]);

const SHOWN = { examples: [true, 'off', 10, { seconds: 5 }] };

function readDucking(raw: Raw): Ducking | null {
  const given = (raw.kind === 'json' ? raw.fields.seconds : undefined) ?? plain(raw);
  // 0 and 1 are seconds here, as all numbers are.
  const seconds = secondsSchema.safeParse(given);
  if (seconds.success) return { seconds: seconds.data };
  const word = boolean.read(raw);
  return word.ok ? { seconds: word.value ? null : 0 } : null;
}

const reader: Reader<Ducking> = {
  name: 'boolean, seconds from 0 to 60, or an object `{seconds}`',
  schema: z
    .union([
      z.boolean(),
      z.number().min(0).max(LONGEST_SECONDS),
      z.string().regex(/^\s*(true|false|on|off|[1-5]?\d(\.\d{1,3})?|60(\.0{1,3})?)\s*$/i),
      z.object({ seconds: z.number().min(0).max(LONGEST_SECONDS) }),
    ])
    .meta(SHOWN),
  read: (raw) => {
    const ducking = readDucking(raw);
    if (ducking !== null) return ok(ducking);
    return err({
      message: 'That does not say how long to lower the sound.',
      advice: 'Send true, false, seconds from 0 to 60, or {"seconds": 5}.',
    });
  },
};

/**
 * Lowers the sound of a player for a while (docs.sonos.com, "duck"). The volume that is shown stays as it is, and no event tells
 * of it, so Sonos' answer is the evidence.
 */
export const duck: CommandSpec = defineCommand<Ducking>({
  describe: 'Lowers the sound of the room for some seconds, or ends that; the volume stays what it is.',
  value: reader,
  aim: 'player',
  reads: [],
  plan: ({ seconds }, { player }) => {
    const path = `${playerPath(player.id)}/playerVolume`;
    if (seconds === 0) return ok({ method: 'POST', path: `${path}/unduck` });
    const body = seconds === null ? {} : { body: { durationMillis: Math.round(seconds * 1000) } };
    return ok({ method: 'POST', path: `${path}/duck`, ...body });
  },
  seen: acceptance,
});
