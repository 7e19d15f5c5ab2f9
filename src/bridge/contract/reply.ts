import { z } from 'zod';
import { commandErrorSchema } from './command-error.ts';

/** How a command stands. `accepted` comes first when it is valid; then exactly one of the others. */
export const replyStatusSchema = z.enum(['accepted', 'confirmed', 'failed', 'unconfirmed']);

/** An answer as it is published; the error comes with `failed` and with nothing else. */
export const replySchema = z
  .object({
    id: z.string().min(1).describe("The command's id: the sender's, or one that the bridge made."),
    command: z.string(),
    room: z.string().exactOptional().describe("The room's address; absent for commands to the bridge."),
    status: replyStatusSchema.describe(
      '`accepted` at once when the command is valid, then exactly one of the others.',
    ),
    elapsed_ms: z.int().min(0).describe('Since the command came.'),
    superseded_by: z
      .string()
      .min(1)
      .exactOptional()
      .describe('The id of the later volume command that this one was merged into before it was sent.'),
    error: commandErrorSchema.exactOptional(),
    result: z
      .record(z.string(), z.unknown())
      .exactOptional()
      .describe(
        'What the command was asked to tell, or did; each command that has one says what stands in it.',
      ),
  })
  .meta({
    if: { properties: { status: { const: 'failed' } } },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema, and never awaited
    then: { required: ['error'] },
    else: { properties: { error: false } },
  });
