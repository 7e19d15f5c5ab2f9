import { z } from 'zod';
import type { Json } from '../../bridge/sonos.ts';

/** The format of records that this version writes and reads. */
export const FORMAT = 1;

const json: z.ZodType<Json> = z.json();

/** Every line: milliseconds since the record began, by the stopwatch and by the calendar. */
const moment = {
  t: z.number().min(0).describe('Milliseconds since the record began.'),
  at: z.number().describe('Wall time, milliseconds since 1970.'),
};

const failure = z.object({
  kind: z.enum([
    ...(['group_gone', 'login_needed', 'forbidden', 'rate_limited', 'refused'] as const),
    ...(['unavailable', 'timeout', 'network', 'invalid_answer'] as const),
  ]),
  status: z.number().nullable(),
  errorCode: z.string().nullable(),
  reason: z.string().nullable(),
  retry: z.enum(['never', 'later', 'after_login', 'after_regroup']),
  effect: z.enum(['none', 'unknown']),
  retryAfterMs: z.number().nullable(),
});

const error = z.looseObject({ code: z.string(), message: z.string(), advice: z.string().optional() });

/** The first line of a run: who wrote it, and the settings by which the house is understood. */
const headerLine = z.object({
  line: z.literal('record'),
  ...moment,
  format: z.literal(FORMAT),
  bridge: z.string(),
  node: z.string(),
  started: z.string(),
  /** For chance that is not secret: the same number gives the same chances. */
  seed: z.number(),
  with_names: z.boolean(),
  /** Those that the middle of the house reads, as in a settings file. */
  settings: z.record(z.string(), json),
});

/** One line of a record. */
export const recordLine = z.discriminatedUnion('line', [
  headerLine,
  /** What was remembered from the last run, by document. */
  z.object({ line: z.literal('memory'), ...moment, documents: z.record(z.string(), json) }),
  z.object({
    line: z.literal('accounts'),
    ...moment,
    accounts: z.array(
      z.object({
        id: z.string(),
        status: z.enum(['linked', 'needs_login', 'unreachable']),
        households: z.array(z.string()),
      }),
    ),
  }),
  /** An event whose signature was right, before it is read; without a body when that was no JSON. */
  z.object({
    line: z.literal('event'),
    ...moment,
    household: z.string(),
    namespace: z.string(),
    type: z.string(),
    target_type: z.string(),
    target: z.string(),
    sequence: z.string(),
    body: json.optional(),
  }),
  /** Events were dropped unread. */
  z.object({ line: z.literal('lost'), ...moment }),
  /** A command for a room, or for the bridge itself: then household and room are null. */
  z.object({
    line: z.literal('command'),
    ...moment,
    household: z.string().nullable(),
    room: z.string().nullable(),
    command: z.string().nullable(),
    payload: json,
    /** The payload was this text, and no JSON object or list. */
    is_text: z.boolean(),
    retained: z.boolean(),
    expiry_seconds: z.number().nullable(),
  }),
  z.object({ line: z.literal('reply'), ...moment, reply: z.record(z.string(), json) }),
  /** An id that the house made up for a command that had none. */
  z.object({ line: z.literal('id'), ...moment, id: z.string() }),
  /** A call to Sonos, written when it was answered, `ms` after `t`. */
  z.object({
    line: z.literal('call'),
    ...moment,
    ms: z.number(),
    household: z.string(),
    method: z.enum(['GET', 'POST', 'DELETE']),
    path: z.string(),
    body: json.optional(),
    answer: json.optional(),
    error: failure.optional(),
  }),
  /** The sound of an announcement, made or not, `ms` after `t`; `number` counts them. */
  z.object({
    line: z.literal('sound'),
    ...moment,
    number: z.number(),
    ms: z.number(),
    length_ms: z.number().nullable().optional(),
    provider: z.string().nullable().optional(),
    is_ours: z.boolean().optional(),
    error: error.optional(),
  }),
  /** An announcement that was refused before it was made into a sound. */
  z.object({ line: z.literal('objection'), ...moment, error }),
  /** A speaker came for the sound of that number. */
  z.object({ line: z.literal('asked'), ...moment, number: z.number(), device: z.number() }),
  /** A retained topic was given another value: a JSON one, or a bare text. */
  z.object({ line: z.literal('publish'), ...moment, topic: z.string(), payload: json }),
  /** A line that could not be written without a secret in it. */
  z.object({ line: z.literal('withheld'), ...moment, was: z.string() }),
  z.object({ line: z.literal('end'), ...moment, because: z.enum(['stopped', 'full']) }),
]);

/** See `recordLine`. */
export type RecordLine = z.output<typeof recordLine>;

/** A line of one kind. */
export type LineOf<Kind extends RecordLine['line']> = Extract<RecordLine, { line: Kind }>;

/** A line before its moment is known. */
export type Untimed = RecordLine extends infer Line
  ? Line extends RecordLine
    ? Omit<Line, 't' | 'at'>
    : never
  : never;
