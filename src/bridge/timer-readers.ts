import { z } from 'zod';
import { type Misread, plain, type Raw, type Reader } from './readers.ts';
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
  /** What is wrong with the whole of it; null when nothing is. */
  readonly mistake: Misread | null;
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
  const found = read.error.issues.map(({ path, message }) =>
    `${path.join('.')}: ${message}`.replace(/^: /, ''),
  );
  return err({ message: `That is no value for it: ${found.join('; ')}.`, advice });
}

const fadeSchema = z.strictObject({ volume: level, seconds: fadeSeconds.default(USUAL_FADE_S) });

/** Reads what `fade` takes. */
export const fade: Reader<Fade> = {
  name: '0–100, and `seconds` beside it',
  schema: z
    .union([
      level,
      z.strictObject({ volume: level, seconds: fadeSeconds.optional() }),
      z.strictObject({ value: level, seconds: fadeSeconds.optional() }),
    ])
    .meta({ examples: [20, { volume: 20, seconds: 30 }] }),
  read(raw) {
    const advice = `Send {"value": 20, "seconds": 30}: a volume from 0 to 100, and at most ${MOST_SECONDS} seconds.`;
    const read = readWith(fadeSchema, fieldsOf(raw, 'volume'), advice);
    return read.ok ? ok({ to: read.value.volume, seconds: read.value.seconds }) : read;
  },
};

const sleepMinutes = z.number().min(0).max(DAY_MIN);
const fading = z.union([z.boolean(), fadeSeconds]);
const sleepSchema = z.strictObject({ minutes: sleepMinutes, fade: fading.default(true) });

/** Reads what `sleep` takes. */
export const sleep: Reader<Sleep> = {
  name: 'minutes, `off`, and `fade` beside it',
  schema: z
    .union([
      sleepMinutes,
      z.literal(['off']),
      z.strictObject({ minutes: sleepMinutes, fade: fading.optional() }),
      z.strictObject({ value: sleepMinutes, fade: fading.optional() }),
    ])
    .meta({ examples: [30, 'off', { minutes: 45, fade: 60 }] }),
  read(raw) {
    if (isOff(raw)) return ok(null);
    const advice =
      'Send minutes (at most 1440), "off", or {"minutes": 45, "fade": 60} with seconds of fading.';
    const read = readWith(sleepSchema, fieldsOf(raw, 'minutes'), advice);
    if (!read.ok) return read;
    const { minutes, fade: wished } = read.value;
    if (minutes === 0) return ok(null);
    return ok({ minutes, fadeSeconds: wished === true ? SLEEP_FADE_S : wished === false ? 0 : wished });
  },
};

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const word = z.string().max(128).regex(/\S/);

const days = z.array(z.union([z.enum(WEEK), z.int().min(0).max(6)])).min(1);
const at = z.union([
  clockTime,
  z.iso.datetime({ offset: true }),
  z
    .number()
    .positive()
    .max(7 * DAY_MIN),
]);

const wakeSchema = z.strictObject({
  at,
  favorite: word.optional(),
  playlist: word.optional(),
  volume: level.default(WAKE_VOLUME),
  fade_minutes: z.number().min(0).max(60).default(WAKE_FADE_MIN),
  days: days.optional(),
  timezone: word.optional(),
});

/** What no part of it says alone. */
function mistakeOf({
  at: when,
  favorite,
  playlist,
  timezone,
  ...wished
}: z.output<typeof wakeSchema>): string | null {
  if (favorite !== undefined && playlist !== undefined) return 'A favorite and a playlist are one too many.';
  const isTime = typeof when === 'string' && when.length === 5;
  if (!isTime && (wished.days ?? timezone) !== undefined)
    return '"days" and "timezone" go with a time of the day.';
  return timezone === undefined || isTimeZone(timezone) ? null : 'This machine knows no such "timezone".';
}

const numberOf = (day: (typeof WEEK)[number] | number): number =>
  typeof day === 'number' ? day : WEEK.indexOf(day);

function whenOf({ at: when, days: on, timezone }: z.output<typeof wakeSchema>): WakeAt {
  if (typeof when === 'number') return { kind: 'after', minutes: when };
  if (when.length > 5) return { kind: 'moment', at: new Date(when).getTime() };
  return { kind: 'time', time: when, timezone: timezone ?? null, days: on?.map(numberOf) ?? null };
}

const WAKE_ADVICE =
  'Send {"at": "07:00"} (or an ISO time, or minutes from now) with favorite or playlist, volume, fade_minutes, days (["mon", …]) and timezone as you like; or "off".';

/** Reads what `wake` takes. */
export const wake: Reader<Wake> = {
  name: 'map with `at`, or `off`',
  schema: z
    .union([
      clockTime,
      z.literal(['off']),
      z.strictObject({
        at: at.describe('`07:00`, an ISO time with offset, or minutes from now.'),
        favorite: word.optional(),
        playlist: word.optional(),
        volume: level.optional(),
        fade_minutes: z.number().min(0).max(60).optional().describe('How long the volume rises.'),
        days: days.optional().describe('0 is Sunday.'),
        timezone: word.optional().describe("Without it, the system's."),
      }),
    ])
    .meta({ examples: [{ at: '06:45', favorite: 'Radio', volume: 25, days: ['mon', 'tue'] }, 'off'] }),
  read(raw) {
    if (isOff(raw)) return ok(null);
    const read = readWith(wakeSchema, fieldsOf(raw, 'at'), WAKE_ADVICE);
    if (!read.ok) return read;
    const { favorite, playlist, volume, fade_minutes } = read.value;
    const command = favorite !== undefined ? 'favorite' : playlist !== undefined ? 'playlist' : 'play';
    const message = mistakeOf(read.value);
    return ok({
      when: whenOf(read.value),
      source: { command, value: favorite ?? playlist ?? null },
      ...{ volume, fadeSeconds: fade_minutes * 60 },
      mistake: message === null ? null : { message, advice: WAKE_ADVICE },
    });
  },
};
