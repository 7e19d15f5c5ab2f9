import { z } from 'zod';

const place = z.object({ address: z.string(), player: z.string(), group: z.string() });

/** What the runner asks of the process that posts. */
export const loadRequest = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('address'),
    port: z.number(),
    path: z.string(),
    household: z.string(),
    places: z.array(place),
    clientId: z.string(),
    clientSecret: z.string(),
  }),
  /** Every connection sends its next event as soon as the last one is answered. */
  z.object({ ask: z.literal('closed'), seconds: z.number() }),
  /** Events are due at random moments, whatever becomes of those before. */
  z.object({ ask: z.literal('open'), seconds: z.number(), perSecond: z.number() }),
]);

/** What was sent, one entry an event in each list. Times are of the monotonic clock, microseconds. */
export const sentSchema = z.object({
  room: z.instanceof(Uint8Array),
  kind: z.instanceof(Uint8Array),
  count: z.instanceof(Uint32Array),
  /** When it was due; in a closed loop when it was sent. */
  from: z.instanceof(Float64Array),
  /** How much later than due the generator itself sent it, the wait for its connection left out: microseconds. */
  late: z.instanceof(Float64Array),
  /** When the answer had come. */
  answered: z.instanceof(Float64Array),
  /** Answers other than 200. */
  bad: z.number(),
});

export type Sent = z.output<typeof sentSchema>;

/** What the runner asks of the process that subscribes. */
export const watchRequest = z.discriminatedUnion('ask', [
  /** Subscribes to everything below `base`; `topics` says of which room each topic is whose content is looked at. */
  z.object({
    ask: z.literal('subscribe'),
    port: z.number(),
    base: z.string(),
    topics: z.record(z.string(), z.number()),
  }),
  /** Hands over what came since the last time, as soon as nothing more comes. */
  z.object({ ask: z.literal('collect') }),
]);

/** What was seen: that room so-and-so shows the nth event of a kind, in the order of arrival. */
export const seenSchema = z.object({
  room: z.instanceof(Uint8Array),
  kind: z.instanceof(Uint8Array),
  count: z.instanceof(Uint32Array),
  at: z.instanceof(Float64Array),
  /** Every message, on whatever topic. */
  messages: z.number(),
});

export type Seen = z.output<typeof seenSchema>;
