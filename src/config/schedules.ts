import { z } from 'zod';
import * as formats from './formats.ts';
import { about, text } from './parts.ts';

/** A time of day, `HH:MM`. */
export const time = (description: string) =>
  about(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), { description, expected: 'a time such as 22:00' });

/** What `timezone` says of itself where it stands beside times. */
export const timezone = (description: string) =>
  about(z.string().refine(formats.isTimeZone).exactOptional(), {
    description,
    expected: 'a time zone such as Europe/Berlin',
    example: 'Europe/Berlin',
  });

const schedule = z.strictObject({
  cron: about(text, {
    description:
      'When: minute, hour, day of the month, month and day of the week, or a word such as `@daily`. Both days have to fit.',
    expected: 'five fields such as 30 6 * * mon-fri',
  }),
  timezone: timezone("The time zone of `cron`; without it, the system's."),
  household: about(text.exactOptional(), {
    description: 'The household by alias or id; without it, the only one.',
    expected: 'a household',
    example: 'home',
  }),
  room: about(text.exactOptional(), {
    description: 'The room by address, or `all`; without it, the command is one to the bridge itself.',
    expected: 'a room, or all',
    example: 'kitchen',
  }),
  command: about(text, { description: 'The command, as in topics.', expected: 'a command such as volume' }),
  value: about(z.json().exactOptional(), {
    description: 'What the command takes; a map is sent as the whole payload.',
    expected: 'any value',
    example: 20,
  }),
});

/** `schedules`: commands by the calendar. */
export const schedules = about(z.array(schedule).default([]), {
  description: 'Commands that are carried out by the calendar.',
  expected: 'a list of {cron, timezone, household, room, command, value}',
  example: [{ cron: '30 6 * * mon-fri', timezone: 'Europe/Berlin', room: 'kitchen', command: 'play' }],
});
