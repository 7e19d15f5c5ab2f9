import { z } from 'zod';
import type { PlayReport } from '../bridge/queue/queue-ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';

const size = (normal: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/)
    .default(String(normal))
    .transform(Number);

const windowQuery = z.object({
  itemId: z.string().max(128).default(''),
  previousWindowSize: size(0),
  upcomingWindowSize: size(10),
});

/** Which piece of the queue is asked for (docs.sonos.com, "Cloud queue"). */
export type WindowQuery = z.output<typeof windowQuery>;

/** Reads the query of `GET itemWindow`; what is wrong with it, in words. */
export function readWindowQuery(query: URLSearchParams): Result<WindowQuery, string> {
  const read = windowQuery.safeParse(Object.fromEntries([...query].slice(0, 32)));
  return read.success ? ok(read.data) : err(`${read.error.issues[0]?.path.join('.')} is no value for it.`);
}

/** The longest body that is read, in bytes. */
export const MAX_REPORT_BYTES = 65_536;

const millis = z.number().min(0).max(1e12).nullish().catch(null);

const reportBody = z.object({
  items: z
    .array(
      z.object({
        id: z.string().min(1).max(128),
        type: z.enum(['update', 'final']),
        positionMillis: millis,
        durationPlayedMillis: millis,
        error: z
          .object({ type: z.string().max(64).nullish(), status: z.int().nullish() })
          .nullish()
          .catch(null),
      }),
    )
    .max(100),
});

/** Reads the body of `POST timePlayed`; null when it is none. */
export function readReports(text: string): readonly PlayReport[] | null {
  try {
    return reportBody.parse(JSON.parse(text)).items.map((item) => ({
      itemId: item.id,
      isFinal: item.type === 'final',
      positionMs: item.positionMillis ?? null,
      playedMs: item.durationPlayedMillis ?? null,
      error: item.error == null ? null : { type: item.error.type ?? null, status: item.error.status ?? null },
    }));
  } catch {
    return null;
  }
}
