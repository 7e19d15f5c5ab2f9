import { z } from 'zod';
import { loadsSchema } from './loads.ts';
import { presetName, presetSchema } from './preset.ts';

const lostRecord = z.object({
  /** The id of the player that leads. */
  lead: z.string(),
  /** As what was kept names them. */
  rooms: z.array(z.string()),
  /** `music`: nothing that the bridge could load; `position`: where in the queue it was. */
  what: z.enum(['music', 'position']),
  /** What Sonos called it. */
  name: z.string().nullable(),
  /** By what it is recognised where it still is there; null when that is not known. */
  shown: z.string().nullable(),
});

const snapshotRecord = z.object({
  /** The id of the household. */
  household: z.string(),
  /** Wall time, milliseconds. */
  at: z.number(),
  preset: presetSchema,
  lost: z.array(lostRecord),
});

/** Presets that were saved, snapshots, and what was loaded, as they are kept over a restart. */
export const presetsSchema = z.object({
  saved: z.array(z.object({ name: presetName, preset: presetSchema })),
  snapshots: z.array(snapshotRecord.extend({ name: presetName })),
  loads: loadsSchema,
});

export type PresetsRecord = z.output<typeof presetsSchema>;
export type SnapshotRecord = PresetsRecord['snapshots'][number];
/** What a snapshot could not keep. */
export type Lost = z.output<typeof lostRecord>;

/** What is kept before anything was saved. */
export const noPresets: PresetsRecord = { saved: [], snapshots: [], loads: [] };
