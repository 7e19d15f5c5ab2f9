import { type AddressBook, addressBookSchema, emptyAddressBook } from '../bridge/address-book.ts';
import {
  type AnnouncementsRecord,
  announcementsSchema,
  noAnnouncements,
} from '../bridge/announcement-record.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import { noPresets, type PresetsRecord, presetsSchema } from '../bridge/presets/preset-record.ts';
import { type SchedulesRecord, schedulesSchema } from '../bridge/schedules.ts';
import { type MarksRecord, marksSchema } from '../bridge/sequence-marks.ts';
import { noTimers, type TimersRecord, timersSchema } from '../bridge/timer-record.ts';
import type { Config } from '../config/schema.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { type Document, openStore, type Store } from '../store/store.ts';
import type { AccessMemory } from '../web/access/access.ts';
import type { Doors } from './doors.ts';
import { type FurtherRecord, furtherSchema, noFurther } from './further-side.ts';
import { openGenerated } from './generated.ts';
import { INTEGRATION, type IntegrationRecord, integrationSchema } from './integration.ts';
import { AppRefused } from './refused.ts';
import type { Teardown } from './teardown.ts';
import { openAccess } from './web-access.ts';

interface Options {
  readonly config: Config;
  readonly log: LogOutput;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly doors: Pick<Doors, 'disk' | 'processes'>;
}

/** What the house remembers between runs. */
export interface Memory {
  readonly store: Store;
  readonly mqttClient: string;
  readonly callbackPath: string;
  readonly book: Document<AddressBook>;
  readonly marks: Document<MarksRecord>;
  readonly announcements: Document<AnnouncementsRecord>;
  readonly schedules: Document<SchedulesRecord>;
  readonly timers: Document<TimersRecord>;
  readonly presets: Document<PresetsRecord>;
  readonly further: Document<FurtherRecord>;
  readonly clipSecret: string;
  readonly access: AccessMemory;
  readonly integration: Document<IntegrationRecord>;
}

/** Opens the data folder and what is in it. Throws `AppRefused` or `StoreError` when that cannot be. */
export async function openMemory(options: Options, down: Teardown): Promise<Memory> {
  const { config, log, secrets, clock, random, doors } = options;
  const { disk, processes } = doors;
  const folder = config.data_dir;
  const opening = await openStore({ folder, clock, random, log: log.child('store'), disk, processes });
  if (!opening.ok) throw new AppRefused(opening.error.message);
  const store = opening.value;
  down.add(() => store.close());
  const generated = await openGenerated(store, random);
  const callbackPath = config.callback.path ?? `/sonos/events/${generated.callback_secret}`;
  secrets.add(callbackPath);
  // Also on its own, without the path around it.
  secrets.add(generated.callback_secret);
  secrets.add(generated.clip_secret);
  return {
    store,
    callbackPath,
    mqttClient: generated.mqtt_client,
    book: await store.document('addresses', addressBookSchema, emptyAddressBook),
    marks: await store.document('sequence-marks', marksSchema, {}),
    announcements: await store.document('announcements', announcementsSchema, noAnnouncements),
    schedules: await store.document('schedules', schedulesSchema, {}),
    timers: await store.document('room-timers', timersSchema, noTimers),
    presets: await store.document('presets', presetsSchema, noPresets),
    further: await store.document('further-topics', furtherSchema, noFurther),
    clipSecret: generated.clip_secret,
    access: await openAccess(store),
    integration: await store.document(INTEGRATION, integrationSchema, {}),
  };
}
