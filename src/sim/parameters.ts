import { z } from 'zod';
import type { JsonObject } from './model.ts';
import { globalError, invalidParameter, type Refusal } from './refusal.ts';

/**
 * How Sonos reads parameters (documentation page "Control"): numbers may come as text; a value of the wrong type,
 * or null, counts as absent; what is missing gives ERROR_MISSING_PARAMETERS, what is out of range
 * ERROR_INVALID_PARAMETER.
 */
const NUMERIC = /^-?\d+(\.\d+)?$/;

const asNumber = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMERIC.test(value) ? Number(value) : undefined;
};
const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const asBoolean = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
const asObject = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
const asTexts = (value: unknown): unknown =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;

/** A whole number; required. */
export const whole = (min: number, max: number) => z.preprocess(asNumber, z.int().min(min).max(max));
/** A whole number, or nothing. */
export const optionalWhole = (min: number, max: number) =>
  z.preprocess(asNumber, z.int().min(min).max(max).optional());
/** A number, or nothing. */
export const optionalNumber = (min: number, max: number) =>
  z.preprocess(asNumber, z.number().min(min).max(max).optional());
/** Text up to a length; required. */
export const text = (longest: number) => z.preprocess(asText, z.string().max(longest));
/** Text up to a length, or nothing. */
export const optionalText = (longest: number) => z.preprocess(asText, z.string().max(longest).optional());
/** A real boolean; required. */
export const flag = z.preprocess(asBoolean, z.boolean());
/** A real boolean, or nothing. */
export const optionalFlag = z.preprocess(asBoolean, z.boolean().optional());
/** One of these words, or nothing; another word is out of range. */
export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.preprocess(asText, z.enum(values).optional());
/** At most 32 ids; required. */
export const ids = z.preprocess(asTexts, z.array(z.string()).max(32));
/** At most 32 ids, or nothing. */
export const optionalIds = z.preprocess(asTexts, z.array(z.string()).max(32).optional());
/** An object of this shape; required. */
export const object = <Shape extends z.ZodType>(shape: Shape) => z.preprocess(asObject, shape);
/** An object of this shape, or nothing. */
export const optionalObject = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess(asObject, shape.optional());

/** What `playModes` may hold. */
export const playModes = z.object({
  repeat: optionalFlag,
  repeatOne: optionalFlag,
  shuffle: optionalFlag,
  crossfade: optionalFlag,
});

/** The parameters, or Sonos' refusal with the path of the first bad one. */
export function readParameters<Shape extends z.ZodType>(
  shape: Shape,
  body: JsonObject,
): { readonly values: z.output<Shape> } | { readonly refusal: Refusal } {
  const result = shape.safeParse(body, { reportInput: true });
  if (result.success) return { values: result.data };
  const issue = result.error.issues[0];
  const where = `[1].${issue?.path.join('.') ?? ''}`;
  const isMissing = issue?.code === 'invalid_type' && issue.input === undefined;
  const refusal = isMissing
    ? globalError(400, 'ERROR_MISSING_PARAMETERS', `Missing required value:${where}`)
    : invalidParameter(`Invalid value:${where}`);
  return { refusal };
}
