import { z } from 'zod';

/** Whose a topic is, seen from below the base topic. */
export type Place =
  | { readonly kind: 'room'; readonly room: string }
  | { readonly kind: 'attribute'; readonly room: string; readonly attribute: string }
  | { readonly kind: 'command' | 'reply' | 'event' | 'other' };

const HOUSEHOLD_TOPICS = new Set(['groups', 'favorites', 'playlists']);

/** Reads a topic below the base, e.g. `home/kitchen/volume`; rooms are `home/kitchen`. */
export function placeOf(topic: string): Place {
  const [household = '', room = '', part, ...rest] = topic.split('/');
  const isCommand = part === 'set' || (household === 'bridge' && room === 'set');
  if (isCommand) return { kind: 'command' };
  if (part === 'reply' || topic === 'bridge/reply') return { kind: 'reply' };
  if (household === 'bridge' || room === '' || HOUSEHOLD_TOPICS.has(room)) return { kind: 'other' };
  if (part === undefined) return { kind: 'room', room: topic };
  if (part === 'event') return { kind: 'event' };
  if (rest.length > 0) return { kind: 'other' };
  return { kind: 'attribute', room: `${household}/${room}`, attribute: part };
}

const text = z.string().nullish().catch(null);

/** A room as its topic shows it (§2 of the contract), as far as the view needs it. */
export const roomSchema = z.object({
  name: z.string(),
  state: text,
  volume: z.number().nullish().catch(null),
  muted: z.boolean().nullish().catch(null),
  group: z
    .object({ name: text, members: z.array(z.string()) })
    .nullish()
    .catch(null),
  source: z.object({ kind: text, name: text }).nullish().catch(null),
  track: z.object({ title: text, artist: text }).nullish().catch(null),
  next: z.object({ title: text }).nullish().catch(null),
  position: z.object({ seconds: z.number() }).nullish().catch(null),
  stale: z.boolean().nullish().catch(null),
});

/** See `roomSchema`. */
export type RoomShown = z.output<typeof roomSchema>;

/** A household's own topic. */
export const householdSchema = z.object({ rooms: z.array(z.string()) });

/** `<household>/groups`. */
export const groupsSchema = z.object({ groups: z.array(z.object({ members: z.array(z.string()) })) });

/** `<household>/favorites` and `<household>/playlists`. */
export const listSchema = z.object({ items: z.array(z.unknown()) });

/** What of `bridge/state` a person would look at. */
export const bridgeStateSchema = z.object({
  account: z.object({ status: z.string() }),
  subscriptions: z.object({ wanted: z.number(), held: z.number() }),
});

/** `bridge/log`. */
export const logLineSchema = z.object({ level: z.string(), message: z.string() });

/** Answers to commands (§4 of the contract). */
export const replySchema = z.object({
  id: z.string(),
  command: z.string(),
  status: z.string(),
  elapsed_ms: z.number().optional(),
  error: z.object({ message: z.string(), advice: text }).optional(),
});

/** What happens in a room (§6 of the contract). */
export const eventSchema = z.record(z.string(), z.unknown());
