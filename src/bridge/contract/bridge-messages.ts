import { z } from 'zod';

const time = z.iso.datetime();
const count = z.int().min(0);

/** What the bridge says of itself. It holds no secret. */
export const bridgeStateSchema = z.object({
  version: z.string().min(1),
  started_at: time,
  mqtt_protocol: z
    .union([z.literal(4), z.literal(5)])
    .nullable()
    .describe('5, or 4 for MQTT 3.1.1; null while the bridge is not connected.'),
  account: z.object({
    status: z.enum(['unlinked', 'linked', 'needs_login', 'unreachable']),
    login_url: z.url().nullable().describe('Where to log in, while a login is needed.'),
    token_expires_at: time.nullable(),
  }),
  callback: z
    .object({
      last_event_at: time.nullable(),
      accepted: count,
      rejected: count.describe('Requests without a right signature.'),
    })
    .describe('The events that came from Sonos.'),
  subscriptions: z.object({
    wanted: count,
    held: count,
    oldest_age_hours: z.number().min(0).nullable(),
  }),
  reconcile: z
    .object({ last_at: time.nullable(), corrections: count })
    .describe('Whole read-backs, and how often one showed what no event had told.'),
  requests: z.object({ budget_per_minute: count, used_last_minute: count }),
});

/** A preset: a desired state of the house that has a name. */
export const presetItemSchema = z.object({
  name: z.string().min(1),
  household: z.string().nullable().describe('The household that it names; null when it leaves that open.'),
  from: z
    .enum(['settings', 'saved'])
    .describe('Whether it stands in the settings, or was saved by a command.'),
});

/** Every preset that there is. */
export const presetListSchema = z.object({ items: z.array(presetItemSchema) });

/** A warning or an error of the log, with the fields of its line beside. */
export const logLineSchema = z.looseObject({
  level: z.enum(['warn', 'error', 'fatal']),
  message: z.string().min(1),
});

/** Whether the bridge, or a room, is there. */
export const availabilitySchema = z.enum(['online', 'offline']);
