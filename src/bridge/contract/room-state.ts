import { z } from 'zod';
import { namespaces } from '../namespaces/index.ts';

const bare = (schema: unknown): unknown => (schema instanceof z.ZodNullable ? bare(schema.unwrap()) : schema);

/** Two rows may each fill a part of the same object, as `group` and its volume do. */
function joined(one: z.ZodType | undefined, other: z.ZodType): z.ZodType {
  const [a, b] = [bare(one), bare(other)];
  if (!(a instanceof z.ZodObject && b instanceof z.ZodObject)) return other;
  const both = z.object({ ...a.shape, ...b.shape });
  return other instanceof z.ZodNullable ? both.nullable() : both;
}

/** The whole of which these are parts. */
export function wholeOf(parts: readonly z.ZodObject[]): z.ZodObject {
  const shape: Record<string, z.ZodType> = {};
  for (const part of parts) {
    for (const [key, schema] of Object.entries(part.shape)) shape[key] = joined(shape[key], schema);
  }
  return z.object(shape);
}

/** The whole state of a room: every row's part of it. */
export const roomStateSchema: z.ZodObject = wholeOf(
  namespaces.flatMap((row) => (row.room === null ? [] : [row.room.schema])),
);

/** What stands at a path such as `group.volume`, without its `null`. */
const partAt = (path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (at, key) => (at instanceof z.ZodObject ? bare(at.shape[key]) : undefined),
      roomStateSchema,
    );

const NUMBER = /^-?\d+(\.\d+)?(e[+-]\d+)?$/;
const PERCENT = /^(\d|[1-9]\d|100)$/;
const LIST = /^[^,]+(,[^,]+)*$/;

/** The topic of an attribute as plain text, while it holds something: what the value at its path looks like there. */
export function attributeTextSchema(path: string): z.ZodType {
  const part = partAt(path);
  if (part instanceof z.ZodBoolean) return z.enum(['true', 'false']);
  if (part instanceof z.ZodEnum) return part;
  if (part instanceof z.ZodArray) return z.string().regex(LIST);
  if (!(part instanceof z.ZodNumber)) return z.string().min(1);
  return z.string().regex(part.maxValue === 100 ? PERCENT : NUMBER);
}
