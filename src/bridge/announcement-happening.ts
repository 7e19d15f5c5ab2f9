import { z } from 'zod';
import { ANNOUNCEMENT_STATUSES } from './announcement-statuses.ts';
import { commandErrorSchema } from './contract/command-error.ts';

/** What a room's `event` topic says of each step of an announcement. */
export const announcementHappening = z
  .object({
    event_type: z.literal('announcement'),
    id: z.string().min(1).describe("The command's id, the same in all rooms."),
    status: z.enum(ANNOUNCEMENT_STATUSES),
    priority: z.enum(['normal', 'high']),
    provider: z.string().nullable().describe('Who spoke; null when nobody did.'),
    error: commandErrorSchema.exactOptional().describe('Why it was not heard.'),
  })
  .describe('A step of an announcement: `queued`, `sent`, `playing`, then one of the others.')
  .meta({
    examples: [
      {
        ...{ event_type: 'announcement', id: 'door-1', status: 'playing' },
        ...{ priority: 'high', provider: 'espeak' },
      },
    ],
    if: { properties: { status: { enum: ['dismissed', 'failed', 'expired', 'cancelled'] } } },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema, and never awaited
    then: { required: ['error'] },
    else: { properties: { error: false } },
  });
