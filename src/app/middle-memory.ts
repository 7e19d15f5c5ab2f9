import { addressBookSchema, emptyAddressBook } from '../bridge/address-book.ts';
import { announcementsSchema, noAnnouncements } from '../bridge/announcement-record.ts';
import { noPresets, presetsSchema } from '../bridge/presets/preset-record.ts';
import { schedulesSchema } from '../bridge/schedules.ts';
import { marksSchema } from '../bridge/sequence-marks.ts';
import { noTimers, timersSchema } from '../bridge/timer-record.ts';
import type { Memory } from './memory.ts';

/** The part of the memory that the middle of the house needs, and that a record therefore begins with. */
export type MiddleMemory = Pick<
  Memory,
  'book' | 'marks' | 'announcements' | 'schedules' | 'timers' | 'presets'
>;

const inMemory = <T>(value: T) => ({ value, save: () => Promise.resolve() });

/** The memory of a record, which is written nowhere; a document that this version cannot read is empty. */
export const recordedMemory = (kept: Readonly<Record<string, unknown>>) => ({
  book: inMemory(addressBookSchema.catch(emptyAddressBook).parse(kept.book)),
  marks: inMemory(marksSchema.catch({}).parse(kept.marks)),
  announcements: inMemory(announcementsSchema.catch(noAnnouncements).parse(kept.announcements)),
  schedules: inMemory(schedulesSchema.catch({}).parse(kept.schedules)),
  timers: inMemory(timersSchema.catch(noTimers).parse(kept.timers)),
  presets: inMemory(presetsSchema.catch(noPresets).parse(kept.presets)),
});

/** The documents as they are now, by name. */
export const documentsOf = (memory: MiddleMemory): Readonly<Record<keyof MiddleMemory, unknown>> => ({
  book: memory.book.value,
  marks: memory.marks.value,
  announcements: memory.announcements.value,
  schedules: memory.schedules.value,
  timers: memory.timers.value,
  presets: memory.presets.value,
});
