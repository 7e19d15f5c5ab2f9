import { z } from 'zod';
import { announcementSchema } from './announcement.ts';
import type { Clock } from './ports.ts';
import type { Ask } from './replies.ts';

const askRecord = z.object({
  id: z.string(),
  idIsSenders: z.boolean(),
  household: z.string(),
  room: z.string(),
  responseTopic: z.string().nullable(),
  /** Base64. */
  correlationData: z.string().nullable(),
});

const itemRecord = z.object({
  household: z.string(),
  playerId: z.string(),
  announcement: announcementSchema,
  ask: askRecord,
  /** What the sender was told of how it went; null before. */
  answered: z.enum(['confirmed', 'unconfirmed', 'failed']).nullable(),
  /** Wall time after which it is not said any more. */
  expiresAt: z.number(),
  /** `sending`: Sonos was being asked, and may have it. */
  phase: z.enum(['waiting', 'sending', 'sent', 'playing']),
  clipId: z.string().nullable(),
  /** Wall time at which it has been heard for sure; 0 while it waits. */
  endsAt: z.number(),
});

/** Announcements that are not over, in the order in which they came, as they are kept over a restart. */
export const announcementsSchema = z.object({ items: z.array(itemRecord) });

export type AnnouncementsRecord = z.output<typeof announcementsSchema>;
export type ItemRecord = z.output<typeof itemRecord>;

/** What is kept when nothing is to be said. */
export const noAnnouncements: AnnouncementsRecord = { items: [] };

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Whoever asked, as it is kept. */
export const askRecordOf = ({ id, idIsSenders, household, room, responseTo }: Ask): ItemRecord['ask'] => ({
  ...{ id, idIsSenders, household, room: room ?? '' },
  responseTopic: responseTo?.topic ?? null,
  correlationData: responseTo?.correlationData ? btoa(text(responseTo.correlationData)) : null,
});

function bytesOf(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Who asked in an earlier run; how long ago is not known by this run's clock, so it counts from now. */
export function askOf({ ask, expiresAt }: ItemRecord, clock: Clock): Ask {
  const { responseTopic, correlationData } = ask;
  return {
    ...{ id: ask.id, idIsSenders: ask.idIsSenders, household: ask.household, room: ask.room },
    command: 'announce',
    responseTo:
      responseTopic === null
        ? null
        : {
            topic: responseTopic,
            correlationData: correlationData === null ? null : bytesOf(correlationData),
          },
    expiresAt,
    lifeMs: expiresAt - clock.now(),
    since: clock.elapsed(),
  };
}
