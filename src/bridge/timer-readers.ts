import { z } from 'zod';
import { plain, type Raw, type Reader } from './readers.ts';
import { err, ok, type Result } from './result.ts';
import type { Json } from './sonos.ts';
import { isTimeZone } from './zoned-time.ts';

/** What `fade` asks for. */
export interface Fade {
  readonly to: number;
  readonly seconds: number;
}

/** What `sleep` asks for; null ends the one that is set. */
export type Sleep = { readonly minutes: number; readonly fadeSeconds: number } | null;

/** When `wake` is meant: so long from now, at a moment, or at a time of some days. */
export type WakeAt =
  | { readonly kind: 'after'; readonly minutes: number }
  | { readonly kind: 'moment'; readonly at: number }
  | {
      readonly kind: 'time';
      readonly time: string;
      readonly timezone: string | null;
      /** 0 is Sunday; null for the next time only. */
      readonly days: readonly number[] | null;
    };

/** What `wake` asks for; null ends the one that is set. */
export type Wake = {
  readonly when: WakeAt;
  readonly source: { readonly command: 'favorite' | 'playlist' | 'play'; readonly value: string | null };
  readonly volume: number;
  readonly fadeSeconds: number;
} | null;

const level = z.int().min(0).max(100);
const MOST_SECONDS = 3_600;
const fadeSeconds = z.number().min(0).max(MOST_SECONDS);
/** As long as people fade when they do not say. */
const USUAL_FADE_S = 5;
const SLEEP_FADE_S = 30;
const WAKE_FADE_MIN = 5;
const WAKE_VOLUME = 20;
const DAY_MIN = 1_440;
const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** A payload's fields; what stands alone, or as `value`, is one of them. */
function fieldsOf(raw: Raw, name: string): { readonly [key: string]: Json } {
  const value = plain(raw);
  const number =
    typeof value === 'string' && /^\d{1,5}(\.\d{1,9})?$/.test(value.trim()) ? Number(value) : value;
  const fields = raw.kind === 'json' ? raw.fields : {};
  return number === undefined || number === '' ? fields : { [name]: number, ...fields };
}

const OFF = new Set<unknown>(['off', 'false', 'none', '0', 0, false, null]);

/** Whether a payload says that there is to be none. */
function isOff(raw: Raw): boolean {
  const value = plain(raw);
  return OFF.has(typeof value === 'string' ? value.trim().toLowerCase() : value);
}

function readWith<Schema extends z.ZodType>(
  schema: Schema,
  fields: unknown,
  advice: string,
): Result<z.output<Schema>, { readonly message: string; readonly advice: string }> {
  const read = schema.safeParse(fields);
  if (read.success) return ok(read.data);
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') ?? '';
  const message = `${where === '' ? 'That' : `"${where}"`} is no value for it: ${issue?.message ?? 'it is wrong'}.`;
  return err({ message, advice });
}

const fadeSchema = z.strictObject({ volume: level, seconds: fadeSeconds.default(USUAL_FADE_S) });

/** Reads what `fade` takes. */
export const fade: Reader<Fade> = {
  name: '0–100, and `seconds` beside it',
  schema: z
    .union([level, z.object({ volume: level.optional(), seconds: fadeSeconds.optional() })])
    .meta({ examples: [20, { volume: 20, seconds: 30 }] }),
  read(raw) {
    const advice = `Send {"value": 20, "seconds": 30}: a volume from 0 to 100, and at most ${MOST_SECONDS} seconds.`;
    const read = readWith(fadeSchema, fieldsOf(raw, 'volume'), advice);
    return read.ok ? ok({ to: read.value.volume, seconds: read.value.seconds }) : read;
  },
};

const sleepSchema = z.strictObject({
  minutes: z.number().min(0).max(DAY_MIN),
  fade: z.union([z.boolean(), fadeSeconds]).default(true),
});

/** Reads what `sleep` takes. */
export const sleep: Reader<Sleep> = {
  name: 'minutes, `off`, and `fade` beside it',
  schema: z
    .union([
      z.number().min(0).max(DAY_MIN),
      z.literal(['off']),
      z.object({
        minutes: z.number().min(0).max(DAY_MIN).optional(),
        fade: z.union([z.boolean(), fadeSeconds]).optional(),
      }),
    ])
    .meta({ examples: [30, 'off', { minutes: 45, fade: 60 }] }),
  read(raw) {
    if (isOff(raw)) return ok(null);
    const advice =
      'Send minutes (at most 1440), "off", or {"minutes": 45, "fade": 60} with seconds of fading.';
    const read = readWith(sleepSchema, fieldsOf(raw, 'minutes'), advice);
    if (!read.ok) return read;
    const { minutes, fade: fading } = read.value;
    if (minutes === 0) return ok(null);
    return ok({ minutes, fadeSeconds: fading === true ? SLEEP_FADE_S : fading === false ? 0 : fading });
  },
};

const day = z.union([z.enum(WEEK).transform((word) => WEEK.indexOf(word)), z.int().min(0).max(6)]);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const word = z.string().trim().min(1).max(128);

const wakeSchema = z
  .strictObject({
    at: z.union([
      clockTime,
      z.iso.datetime({ offset: true }),
      z
        .number()
        .positive()
        .max(7 * DAY_MIN),
    ]),
    favorite: word.optional(),
    playlist: word.optional(),
    volume: level.default(WAKE_VOLUME),
    fade_minutes: z.number().min(0).max(60).default(WAKE_FADE_MIN),
    days: z.array(day).min(1).optional(),
    timezone: word.optional(),
  })
  .refine(({ favorite, playlist }) => favorite === undefined || playlist === undefined, {
    message: 'a favorite and a playlist are one too many',
  })
  .refine(({ at, days, timezone }) => clockTime.safeParse(at).success || (days ?? timezone) === undefined, {
    message: 'days and a time zone go with a time of the day',
  });

function whenOf({ at, days, timezone }: z.output<typeof wakeSchema>): WakeAt {
  if (typeof at === 'number') return { kind: 'after', minutes: at };
  if (at.length > 5) return { kind: 'moment', at: new Date(at).getTime() };
  return { kind: 'time', time: at, timezone: timezone ?? null, days: days ?? null };
}

/** Reads what `wake` takes. */
export const wake: Reader<Wake> = {
  name: 'map with `at`, or `off`',
  schema: z
    .union([
      clockTime,
      z.literal(['off']),
      z.object({
        at: z
          .union([z.string(), z.number()])
          .describe('`07:00`, an ISO time with offset, or minutes from now.'),
        favorite: z.string().optional(),
        playlist: z.string().optional(),
        volume: level.optional(),
        fade_minutes: z.number().min(0).max(60).optional().describe('How long the volume rises.'),
        days: z
          .array(z.union([z.enum(WEEK), z.int().min(0).max(6)]))
          .optional()
          .describe('0 is Sunday.'),
        timezone: z.string().optional().describe("Without it, the system's."),
      }),
    ])
    .meta({ examples: [{ at: '06:45', favorite: 'Radio', volume: 25, days: ['mon', 'tue'] }, 'off'] }),
  read(raw) {
    if (isOff(raw)) return ok(null);
    const advice =
      'Send {"at": "07:00"} (or an ISO time, or minutes from now) with favorite or playlist, volume, fade_minutes, days (["mon", …]) and timezone as you like; or "off".';
    const read = readWith(wakeSchema, fieldsOf(raw, 'at'), advice);
    if (!read.ok) return read;
    const { favorite, playlist, volume, fade_minutes, timezone } = read.value;
    if (timezone !== undefined && !isTimeZone(timezone)) {
      return err({
        message: '"timezone" is none that this machine knows.',
        advice: 'Send one such as Europe/Berlin.',
      });
    }
    const command = favorite !== undefined ? 'favorite' : playlist !== undefined ? 'playlist' : 'play';
    return ok({
      when: whenOf(read.value),
      source: { command, value: favorite ?? playlist ?? null },
      ...{ volume, fadeSeconds: fade_minutes * 60 },
    });
  },
};
