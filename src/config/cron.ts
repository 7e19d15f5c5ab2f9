import { createTask, validateDetailed } from 'node-cron';
import type { CronPattern } from '../bridge/cron-runs.ts';
import { err, ok, type Result } from '../bridge/result.ts';

/**
 * Reads a cron expression: five fields, or a word such as `@daily`; what is wrong with it, in words. node-cron only says what an expression
 * means, by a calendar without changes of the clock: its own timers leave runs out where clocks change and the machine sleeps.
 */
export function readCron(expression: string): Result<CronPattern, string> {
  const count = expression.trim().split(/\s+/).length;
  if (!expression.trim().startsWith('@') && count !== 5) return err(`${count} fields`);
  const { valid, fields, errors } = validateDetailed(expression);
  if (!valid || fields === undefined) return err(errors.map(({ message }) => message).join('; '));
  const rising = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  const hours = rising(fields.hour);
  const minutes = hours.flatMap((hour) => rising(fields.minute).map((minute) => hour * 60 + minute));
  const first = (minutes[0] ?? 0) * 60_000;
  const task = createTask(expression, () => {}, { timezone: 'UTC' });
  return ok({
    minutes,
    isEveryHour: hours.length === 24,
    isOn: (day) => task.match(new Date(day + first)),
  });
}
