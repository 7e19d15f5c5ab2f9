import type { z } from 'zod';

/** A payload that is JSON of that shape; null when it is not. */
export function readJson<T>(schema: z.ZodType<T>, payload: string): T | null {
  try {
    const read = schema.safeParse(JSON.parse(payload));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
