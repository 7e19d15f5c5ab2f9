import { z } from 'zod';
import { commandErrorSchema } from './contract/command-error.ts';

/** What a room's `event` topic says when its `sleep` or `wake` comes. */
export const timerHappening = z
  .object({
    event_type: z.literal('timer'),
    kind: z.enum(['sleep', 'wake']),
    id: z.string().min(1).describe('The id of the command that set it.'),
    outcome: z.enum(['started', 'done', 'interrupted', 'failed', 'missed']),
    error: commandErrorSchema.exactOptional().describe('Why it failed.'),
  })
  .describe(
    'A `sleep` or `wake` begins, and how it ends: `interrupted` by somebody who moved the volume, `missed` when it was too late for it.',
  )
  .meta({
    examples: [{ event_type: 'timer', kind: 'sleep', id: 'night-1', outcome: 'done' }],
    if: { properties: { outcome: { const: 'failed' } } },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema, and never awaited
    then: { required: ['error'] },
    else: { properties: { error: false } },
  });
