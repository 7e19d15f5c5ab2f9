import { z } from 'zod';
import { about, text } from './parts.ts';
import { time, timezone } from './schedules.ts';

const ceiling = z.strictObject({
  rooms: about(z.array(about(text, { description: 'A room.', expected: 'a room' })).exactOptional(), {
    description: 'The rooms that it is for, by address (`kitchen`) or player id; without it, all.',
    expected: 'a list of rooms',
    example: ['nursery'],
  }),
  max: about(z.int().min(0).max(100), { description: 'The loudest that the bridge makes them.' }),
  from: time('When it begins every day; with `to`, or neither.').exactOptional(),
  to: time('When it ends; an earlier time than `from` is on the next day.').exactOptional(),
  timezone: timezone("The time zone of both times; without it, the system's."),
});

/** `volume`: how loud rooms may become. */
export const volume = z.strictObject({
  ceilings: about(z.array(ceiling).default([]), {
    description:
      'How loud the bridge makes rooms at most, always or at some hours; the lowest counts. It never acts on what others do.',
    expected: 'a list of {rooms, max, from, to, timezone}',
    example: [{ rooms: ['nursery'], max: 30, from: '19:00', to: '07:00' }],
  }),
});
