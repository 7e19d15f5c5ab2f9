import { z } from 'zod';
import * as formats from './formats.ts';
import { about, hosts, text } from './parts.ts';

const percent = z.int().min(0).max(100);

const time = (what: string) =>
  about(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), {
    description: `When they ${what}.`,
    expected: 'a time such as 22:00',
  });

const quietHours = z.strictObject({
  from: time('begin'),
  to: time('end; an earlier time than `from` is on the next day'),
  timezone: about(z.string().refine(formats.isTimeZone).exactOptional(), {
    description: "The time zone of both times; without it, the system's.",
    expected: 'a time zone such as Europe/Berlin',
    example: 'Europe/Berlin',
  }),
  rooms: about(z.array(about(text, { description: 'A room.', expected: 'a room' })).exactOptional(), {
    description: 'The rooms that they are for, by address (`kitchen`) or player id; without it, all.',
    expected: 'a list of rooms',
    example: ['bedroom'],
  }),
  min_priority: about(z.literal(['normal', 'high']).default('high'), {
    description: 'The least important announcement that may still be heard.',
  }),
});

/** `announcements`: what may be heard where, when, and how loudly. */
export const announcements = z.strictObject({
  volume: about(percent.exactOptional(), {
    description: "The volume of announcements; without it, the player's own.",
    example: 30,
  }),
  volumes: about(z.record(text, about(percent, { description: 'A volume.' })).default({}), {
    description:
      'The volume of announcements by room address (`kitchen`), instead of `announcements.volume`.',
    expected: 'a map of room to a whole number from 0 to 100',
    example: { bedroom: 15 },
  }),
  max_volume: about(z.int().min(1).max(100).default(100), {
    description: 'The loudest that an announcement may be; louder ones are played at this volume.',
  }),
  before: about(text.exactOptional(), {
    description:
      'The chime that goes ahead of every announcement: `chime`, `doorbell`, `gong`, `soft`, `alert`, or one of `announcements.chimes_dir`; without it, or with `none`, there is none.',
    expected: 'the name of a chime',
    example: 'chime',
  }),
  chimes_dir: about(text.exactOptional(), {
    description: "A folder with chimes of one's own; `bell.wav` and `bell.mp3` are called `bell`.",
    expected: 'the path of a folder',
    example: 'config/chimes',
  }),
  max_queue: about(z.int().min(1).max(1000).default(20), {
    description: 'How many announcements may wait in a room.',
  }),
  expire_seconds: about(z.number().positive().default(300), {
    description: 'After how long an announcement that still waits is not said any more.',
  }),
  quiet_hours: about(z.array(quietHours).default([]), {
    description: 'When only important announcements are heard.',
    expected: 'a list of {from, to, timezone, rooms, min_priority}',
    example: [{ from: '22:00', to: '06:30', rooms: ['bedroom'], min_priority: 'high' }],
  }),
  not_while_tv: about(z.boolean().default(false), {
    description: 'Whether a room that plays the TV is left alone, except by important announcements.',
  }),
  repeat_seconds: about(z.number().min(0).default(0), {
    description: 'For how long the same announcement is not repeated in a room; 0 repeats it always.',
  }),
  devices: about(z.literal(['primary', 'all']).default('primary'), {
    description:
      'Which speakers of a stereo pair or a home theatre play it; `all` are not exactly at the same time.',
  }),
  allowed_hosts: about(hosts.exactOptional(), {
    description:
      'Hosts from which the URLs of `announce`, `clip` and `stream` may come; without it any, but never loopback, link-local or cloud metadata addresses. `speech.clip_url` always may.',
    expected: 'a list of IP addresses (IPv6 without brackets) or host names',
    example: ['media.example.org'],
  }),
});
