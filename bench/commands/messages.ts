import { z } from 'zod';

/** A room as it is addressed by MQTT and at Sonos. */
const roomSchema = z.object({ address: z.string(), player: z.string(), group: z.string() });

/** What the runner asks of the process that plays the cloud. */
export const cloudRequest = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('serve'),
    key: z.string(),
    certificate: z.string(),
    /** Where everything goes but the commands that are measured. */
    upstream: z.string(),
    rooms: z.array(roomSchema),
    /** Where the sender wants to be told of each call. */
    signalPort: z.number(),
  }),
  /** Where events go, and whose they are. */
  z.object({
    ask: z.literal('callback'),
    port: z.number(),
    path: z.string(),
    household: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
  }),
  /** Hands over what came since the last time; the calls that follow change something, or nothing. */
  z.object({ ask: z.literal('collect') }),
]);

/** Calls in the order of their arrival. Times are of the monotonic clock, microseconds. */
export const arrivalsSchema = z.object({
  room: z.instanceof(Uint8Array),
  at: z.instanceof(Float64Array),
  /** Calls with a value other than the one that was sent as the nth to their room. */
  wrong: z.number(),
  /** TLS connections that were opened. */
  connections: z.number(),
  /** As many as were open at once. */
  peak: z.number(),
  /** Events that were posted, and those of them that were not answered 200. */
  events: z.number(),
  refused: z.number(),
});

export type Arrivals = z.output<typeof arrivalsSchema>;

/** What the runner asks of the process that sends commands. */
export const senderRequest = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('connect'), brokerPort: z.number(), topics: z.array(z.string()) }),
  /** Each room is sent its next command as soon as the cloud has seen the last one. */
  z.object({ ask: z.literal('closed'), seconds: z.number(), isChange: z.boolean() }),
  /** Commands are due at random moments, whatever becomes of those before; rooms take turns. */
  z.object({ ask: z.literal('open'), seconds: z.number(), isChange: z.boolean(), perSecond: z.number() }),
]);

/** What was sent, in order, and what was answered. */
export const sentSchema = z.object({
  room: z.instanceof(Uint8Array),
  at: z.instanceof(Float64Array),
  /** Replies that came, by status. */
  replies: z.object({
    accepted: z.number(),
    confirmed: z.number(),
    unconfirmed: z.number(),
    failed: z.number(),
  }),
});

export type Sent = z.output<typeof sentSchema>;

/** The value of the nth command to a room, from 0: the same each time, or one that changes something each time. */
export const wantedAt = (count: number, isChange: boolean): boolean => isChange && count % 2 === 0;
