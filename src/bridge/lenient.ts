import { z } from 'zod';

/**
 * How Sonos' bodies are read: fields that we do not know are dropped, numbers may arrive as text, and a field
 * that we can do without is absent rather than an error when it is not what the documentation says
 * (docs.sonos.com, "Control": unknown fields must be ignored, numbers may be strings).
 */

/** A number, also as text. */
export const sonosNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,15}(\.\d{1,15})?$/)
    .transform(Number),
]);

/** An id, also when it comes as a number. */
export const sonosId = z.union([z.string(), z.number().transform(String)]);

/** The id of a household, a group or a player: it stands in paths, in keys and in the headers of events. */
export const targetId = z.string().regex(/^[A-Za-z0-9_.:@-]{1,128}$/);

/** A field that may be absent, null or wrong: then it is null. */
export const maybe = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .catch(null)
    .transform((value) => value ?? null);

/** A list of which entries that cannot be read are left out, and counted. */
export const listOf = <Schema extends z.ZodType>(entry: Schema) =>
  z.array(z.unknown()).transform((entries) => {
    const read = entries.map((value) => entry.safeParse(value));
    const items = read.flatMap((result) => (result.success ? [result.data] : []));
    return { items, dropped: entries.length - items.length };
  });

/** The same, when nobody asks how many were left out. */
export const itemsOf = <Schema extends z.ZodType>(entry: Schema) =>
  maybe(listOf(entry)).transform((list) => list?.items ?? []);
