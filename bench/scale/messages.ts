import { z } from 'zod';

/** What the runner asks of a house in a process of its own. */
export const houseRequest = z.discriminatedUnion('ask', [
  /** Opens it, takes the households in, and waits until everything is subscribed, read and shown to MQTT. */
  z.object({
    ask: z.literal('open'),
    households: z.number(),
    brokerPort: z.number(),
    baseTopic: z.string(),
  }),
  /** Waits until Home Assistant was told, too, which it is a little later. */
  z.object({ ask: z.literal('settle') }),
  /** Posts events one after another, each when everything that follows from the one before is acknowledged. */
  z.object({ ask: z.literal('feed'), events: z.number(), spread: z.enum(['one', 'all']) }),
  /** Waits for the next connection, and until everything was published on it again. */
  z.object({ ask: z.literal('republished') }),
  z.object({ ask: z.literal('memory') }),
]);

/** A house whose households are there. */
export const openedSchema = z.object({
  /** From `setHouseholds` until all is quiet, and how long that call itself took. */
  settledMs: z.number(),
  adoptedMs: z.number(),
  cpuMs: z.number(),
  longestStallMs: z.number(),
});

/** A house that has settled. */
export const settledSchema = z.object({
  heapBytes: z.number(),
  residentBytes: z.number(),
  subscriptions: z.number(),
  /** Everything retained: the households', the bridge's own and Home Assistant's. */
  topics: z.number(),
  window: z.number(),
});

/** Events that were taken in. */
export const fedSchema = z.object({
  events: z.number(),
  accepted: z.number(),
  published: z.number(),
  wallMs: z.number(),
  /** Of the processor, all threads, microseconds. */
  cpuMicros: z.number(),
  /** Of that, what was done beside the events. */
  besideMicros: z.number(),
  longestStallMs: z.number(),
  /** One look at the bridge's own state, and one saving of sequence marks, milliseconds; null when there was none. */
  lookMs: z.number().nullable(),
  saveMs: z.number().nullable(),
});

/** Everything was published again. */
export const republishedSchema = z.object({
  topics: z.number(),
  published: z.number(),
  /** From the begin of the connection to the last PUBACK, and from being let in. */
  fromBeginMs: z.number(),
  fromLetInMs: z.number(),
  cpuMs: z.number(),
});

/** What a house holds after a collection of garbage. */
export const memorySchema = z.object({ heapBytes: z.number(), residentBytes: z.number() });

export type Opened = z.output<typeof openedSchema> & z.output<typeof settledSchema>;
export type Fed = z.output<typeof fedSchema>;
export type Republished = z.output<typeof republishedSchema>;

/** What the runner asks of the process that keeps subscriptions. */
export const renewalsRequest = z.object({ households: z.number(), roomsEach: z.number() });

/** Subscriptions that were kept for a day. */
export const renewedSchema = z.object({
  households: z.number(),
  roomsEach: z.number(),
  held: z.number(),
  renewals: z.number(),
  /** Timers that fired while they were renewed. */
  rounds: z.number(),
  /** Of the processor, for each renewal, microseconds; and the table's memory for each subscription. */
  microsEach: z.number(),
  bytesEach: z.number(),
});

export type Renewed = z.output<typeof renewedSchema>;
