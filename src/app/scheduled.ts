import type { Schedule } from '../bridge/schedules.ts';
import type { Config } from '../config/schema.ts';

/** The schedules of the settings, read; the reader of their times is loaded only when there are some. */
export async function schedulesOf({ schedules }: Config): Promise<readonly Schedule[]> {
  if (schedules.length === 0) return [];
  const { readCron } = await import('../config/cron.ts');
  return schedules.flatMap(({ cron, timezone, household, room, command, value }) => {
    const pattern = readCron(cron);
    // Reading the settings has refused those that are wrong.
    if (!pattern.ok) return [];
    const where = { household: household ?? null, room: room ?? null };
    return [{ cron, pattern: pattern.value, timezone: timezone ?? null, ...where, command, value }];
  });
}
