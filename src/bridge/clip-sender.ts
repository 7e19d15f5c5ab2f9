import { z } from 'zod';
import type { Announcement } from './announcement.ts';
import { type AnnouncementSettings, volumeFor } from './announcement-policy.ts';
import { APP_ID } from './clip.ts';
import { playerPath } from './paths.ts';
import type { Log } from './ports.ts';
import { ok, type Result } from './result.ts';
import type { Json, SendCall, SonosError } from './sonos.ts';
import type { Seat } from './state.ts';

/** The devices of a room; the first one is the room's own, whose clip is followed. */
export type Devices = readonly [string, ...string[]];

/** A clip for one room, about to be sent. */
export interface Sending {
  readonly seat: Seat;
  readonly announcement: Announcement;
  readonly devices: Devices;
  /** One URL for each device. */
  readonly urls: readonly string[];
  /** How loud the room may be at most; null when nothing forbids more. */
  readonly ceiling?: number | null;
}

/** The devices of a room that an announcement is heard on: the primary one, and the others when all are meant. */
export function devicesOf(
  { player }: Seat,
  announcement: Announcement,
  settings: AnnouncementSettings,
): Devices {
  const others = player.deviceIds.filter((id) => id !== player.id);
  return (announcement.devices ?? settings.devices) === 'all' ? [player.id, ...others] : [player.id];
}

/** The body of a loadAudioClip (docs.sonos.com, "loadAudioClip"). */
function bodyOf({ seat, announcement, ceiling }: Sending, url: string, settings: AnnouncementSettings) {
  const volume = volumeFor(settings, seat, announcement, ceiling);
  return {
    name: 'Announcement',
    appId: APP_ID,
    priority: announcement.priority === 'high' ? 'HIGH' : 'LOW',
    clipType: 'CUSTOM',
    streamUrl: url,
    ...(volume === null ? {} : { volume }),
  } satisfies { readonly [key: string]: Json };
}

const answer = z.object({ id: z.string() });

/**
 * Has the devices of a room play a sound, at once; the id of the primary one's clip, or null when Sonos gave none. What
 * becomes of the other devices is only logged: Sonos tells nothing of their clips.
 */
export async function sendClips(
  sending: Sending,
  settings: AnnouncementSettings,
  send: SendCall,
  log: Log,
): Promise<Result<string | null, SonosError>> {
  const { seat, urls } = sending;
  const [first, ...rest] = sending.devices;
  const call = (device: string, index: number) =>
    send({
      method: 'POST',
      path: `${playerPath(device)}/audioClip`,
      body: bodyOf(sending, urls[index] ?? '', settings),
      household: seat.household.id,
      priority: 'announcement',
      repeatable: false,
    });
  const [primary, ...others] = await Promise.all([
    call(first, 0),
    ...rest.map((device, index) => call(device, index + 1)),
  ]);
  const refused = others.filter((result) => !result.ok).length;
  if (refused > 0)
    log.warn('An announcement could not be sent to every speaker of the room.', {
      room: seat.room.address,
      refused,
    });
  return primary.ok ? ok(answer.safeParse(primary.value).data?.id ?? null) : primary;
}
