import { z } from 'zod';

const id = z.string().min(1).describe('The id of the item, never given to another one.');
const title = z.string().nullable();

/** An item of a queue began. */
export const queueItemHappening = z
  .object({
    event_type: z.literal('queue_item'),
    ...{ id, title },
    position: z.int().min(1).describe('Its place in the queue.'),
    items: z.int().min(1).describe('How many there are.'),
  })
  .describe('An item of a queue that the bridge serves begins to play.')
  .meta({ examples: [{ event_type: 'queue_item', id: 'q1-2', title: 'Two', position: 2, items: 9 }] });

/** A player reports what it played. */
export const queuePlayedHappening = z
  .object({
    event_type: z.literal('queue_played'),
    ...{ id, title },
    final: z.boolean().describe('Whether it is over; otherwise it plays on.'),
    seconds: z.number().min(0).nullable().describe('How much of it was played.'),
    error: z
      .object({
        type: z.string().nullable().describe('`http`, `transport` or `playback`.'),
        status: z.int().nullable(),
      })
      .nullable()
      .describe('What went wrong, as the player says.'),
  })
  .describe('A player reports how much of an item it played.')
  .meta({
    examples: [
      {
        ...{ event_type: 'queue_played', id: 'q1-2', title: 'Two' },
        ...{ final: true, seconds: 183.2, error: null },
      },
    ],
  });

/** The last item is over. */
export const queueEndedHappening = z
  .object({ event_type: z.literal('queue_ended'), items: z.int().min(0).describe('How many there were.') })
  .describe('The last item of a queue that the bridge serves was played.')
  .meta({ examples: [{ event_type: 'queue_ended', items: 9 }] });

/** What can happen to queues, by `event_type`. */
export const queueHappenings: Readonly<Record<string, z.ZodObject>> = {
  queue_item: queueItemHappening,
  queue_played: queuePlayedHappening,
  queue_ended: queueEndedHappening,
};
