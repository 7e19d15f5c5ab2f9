import { z } from 'zod';
import { type CommandError, commandError } from '../command-error.ts';
import type { Raw } from '../readers.ts';
import { err, ok, type Result } from '../result.ts';
import type { Json } from '../sonos.ts';
import { type Preset, presetName, presetSchema, savedPreset } from './preset.ts';

const household = z
  .string()
  .min(1)
  .max(64)
  .exactOptional()
  .describe('The household, by alias; needed where there is more than one.');
const dryRun = z.boolean().exactOptional().describe('Only tells what would be done.');
const rooms = z.array(z.string().min(1).max(128)).min(1).max(32).exactOptional();

const DEFAULT_SNAPSHOT = 'snapshot';

const named = (more: z.ZodRawShape, examples: unknown[]) =>
  z.union([presetName, z.object({ value: presetName, household, ...more })]).meta({ examples });

/** The name of a preset or snapshot, and what is to be done with it. */
export interface Call {
  readonly name: string;
  readonly household: string | null;
  readonly isDry: boolean;
  /** The rooms to look at; null for all. */
  readonly rooms: readonly string[] | null;
}

const callSchema = z.strictObject({ value: presetName, household, dry_run: dryRun, rooms });

const invalid = (message: string, advice: string): CommandError =>
  commandError('invalid_payload', message, advice);

/** What a schema says is wrong, where, in one line. */
const mistakeIn = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 1)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('');

const call = ({ value, household: word, dry_run, rooms: list }: z.output<typeof callSchema>): Call => ({
  name: value,
  household: word ?? null,
  isDry: dry_run === true,
  rooms: list ?? null,
});

/** Reads a name, bare or with fields beside it; `otherwise` is what an empty payload stands for. */
export function readCall(
  word: string,
  raw: Raw,
  otherwise: string | null = null,
): Result<Call, CommandError> {
  const fields = raw.kind === 'json' ? raw.fields : {};
  const read = callSchema.safeParse({ ...fields, value: word.trim() === '' ? otherwise : word });
  if (read.success) return ok(call(read.data));
  const advice = 'Send its name, or {"value": name, "household": alias, "dry_run": true}.';
  return err(invalid(`That names no preset: ${mistakeIn(read.error)}.`, advice));
}

/** The same for a snapshot, which has a name anyway. */
export const readSnapshotCall = (word: string, raw: Raw): Result<Call, CommandError> =>
  readCall(word, raw, DEFAULT_SNAPSHOT);

/** A preset that is to be saved: as it was written, or (null) as the house is now. */
export interface Save {
  readonly call: Call;
  readonly preset: Preset | null;
}

/** Reads what `preset/save` was given. */
export function readSave(word: string, raw: Raw): Result<Save, CommandError> {
  const { name, ...fields }: { readonly [key: string]: Json } = raw.kind === 'json' ? raw.fields : {};
  const called = word.trim() === '' ? name : word;
  const isCapture = Object.keys(fields).every((key) => key === 'household' || key === 'rooms');
  if (isCapture && (fields.rooms === undefined || Array.isArray(fields.rooms))) {
    const read = readCall(typeof called === 'string' ? called : '', {
      kind: 'json',
      value: undefined,
      fields,
    });
    return read.ok ? ok({ call: read.value, preset: null }) : read;
  }
  const refused = (mistake: string) =>
    err(
      invalid(`That is no preset: ${mistake}.`, 'Send {"name": …, "rooms": {"kitchen": {"volume": 20}}, …}.'),
    );
  const as = presetName.safeParse(called);
  if (!as.success) return refused(`name: ${mistakeIn(as.error)}`);
  const read = presetSchema.safeParse(fields);
  if (!read.success) return refused(mistakeIn(read.error));
  return ok({ call: { name: as.data, household: null, isDry: false, rooms: null }, preset: read.data });
}

/** What each command takes, for the documents. */
export const PRESET_VALUES = {
  preset: {
    name: 'name, or `{value, household, dry_run}`',
    schema: named({ dry_run: dryRun }, ['dinner', { value: 'dinner', dry_run: true }]),
  },
  save: {
    name: 'name, or an object `{name, rooms, group, favorite, …}` as in the settings',
    schema: z.union([presetName, savedPreset]).meta({
      examples: ['dinner', { name: 'dinner', rooms: { kitchen: { volume: 20 } } }],
    }),
  },
  delete: { name: 'name', schema: presetName.meta({ examples: ['dinner'] }) },
  snapshot: {
    name: 'empty, name, or `{value, household, rooms}`',
    schema: z
      .union([z.literal(''), presetName, z.object({ value: presetName.exactOptional(), household, rooms })])
      .meta({ examples: ['', 'before the guests', { value: 'kitchen', rooms: ['kitchen'] }] }),
  },
  restore: {
    name: 'empty, name, or `{value, household, dry_run}`',
    schema: z
      .union([
        z.literal(''),
        presetName,
        z.object({ value: presetName.exactOptional(), household, dry_run: dryRun }),
      ])
      .meta({ examples: ['', 'before the guests'] }),
  },
} as const;
