import { type AddressBook, addressBookSchema, emptyAddressBook } from '../bridge/address-book.ts';
import {
  type AnnouncementsRecord,
  announcementsSchema,
  noAnnouncements,
} from '../bridge/announcement-record.ts';
import { noPresets, type PresetsRecord, presetsSchema } from '../bridge/presets/preset-record.ts';
import { type SchedulesRecord, schedulesSchema } from '../bridge/schedules.ts';
import { type MarksRecord, marksSchema } from '../bridge/sequence-marks.ts';
import { noTimers, type TimersRecord, timersSchema } from '../bridge/timer-record.ts';

/** Something that is remembered, and can be replaced. */
interface Kept<Value> {
  readonly value: Value;
  save(value: Value): Promise<void>;
}

/** The part of the memory that the middle of the house needs, and that a record therefore begins with. */
export interface MiddleMemory {
  readonly book: Kept<AddressBook>;
  readonly marks: Kept<MarksRecord>;
  readonly announcements: Kept<AnnouncementsRecord>;
  readonly schedules: Kept<SchedulesRecord>;
  readonly timers: Kept<TimersRecord>;
  readonly presets: Kept<PresetsRecord>;
}

const inMemory = <Value>(value: Value): Kept<Value> => ({ value, save: () => Promise.resolve() });

/** The memory of a record, which is written nowhere; a document that this version cannot read is empty. */
export const recordedMemory = (kept: Readonly<Record<string, unknown>>): MiddleMemory => ({
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
