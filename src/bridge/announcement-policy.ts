import type { Announcement, AnnouncementPriority } from './announcement.ts';
import { type CommandError, commandError } from './command-error.ts';
import { playerVolume } from './namespaces/player-volume.ts';
import { roomPicture } from './room-picture.ts';
import { valueAt } from './same.ts';
import type { Seat } from './state.ts';
import { isBetween } from './zoned-time.ts';

/** When only important announcements are heard. */
export interface QuietHours {
  /** `HH:MM`; when it is not before `to`, they pass midnight. */
  readonly from: string;
  readonly to: string;
  /** Null: the system's. */
  readonly timezone: string | null;
  /** Addresses or player ids; null: all rooms. */
  readonly rooms: readonly string[] | null;
  readonly minPriority: AnnouncementPriority;
}

/** What may be heard where, when, and how loudly. */
export interface AnnouncementSettings {
  /** Null: the player's own. */
  readonly volume: number | null;
  /** By room address. */
  readonly volumes: ReadonlyMap<string, number>;
  readonly maxVolume: number;
  /** How many may wait in a room. */
  readonly maxQueue: number;
  /** After how long one that waits is not said any more. */
  readonly expireMs: number;
  readonly quietHours: readonly QuietHours[];
  readonly notWhileTv: boolean;
  /** For how long the same is not said again in a room; 0 for never. */
  readonly repeatMs: number;
  readonly devices: 'primary' | 'all';
}

/** The rules of the policy, as a blocked announcement's answer names them. */
export type Rule = NonNullable<CommandError['rule']>;

/** An announcement that a rule does not let through. */
export const blocked = (rule: Rule, message: string, advice: string): CommandError => ({
  ...commandError('blocked', message, advice),
  rule,
});

const rank = (priority: AnnouncementPriority): number => (priority === 'high' ? 1 : 0);

function quietHours(settings: AnnouncementSettings, seat: Seat, priority: AnnouncementPriority, at: number) {
  const { address, playerId } = seat.room;
  return settings.quietHours.find(
    (hours) =>
      rank(priority) < rank(hours.minPriority) &&
      (hours.rooms === null || hours.rooms.includes(address) || hours.rooms.includes(playerId)) &&
      isBetween(hours, at),
  );
}

/** Whether the room plays the sound of its TV. */
function playsTv({ household, room }: Seat): boolean {
  const picture = roomPicture(household, room);
  return valueAt(picture, 'source.kind') === 'tv' && valueAt(picture, 'state') === 'playing';
}

/** What forbids an announcement in a room now; null when nothing does. `at` is wall time. */
export function blockedBy(
  settings: AnnouncementSettings,
  seat: Seat,
  { priority }: Announcement,
  at: number,
): CommandError | null {
  const hours = quietHours(settings, seat, priority, at);
  if (hours !== undefined) {
    const seen = `It is quiet in "${seat.room.address}" from ${hours.from} to ${hours.to}.`;
    return blocked('quiet_hours', seen, 'Send it with "priority": "high" when it must be heard.');
  }
  if (settings.notWhileTv && priority !== 'high' && playsTv(seat)) {
    const seen = `"${seat.room.address}" plays the TV.`;
    return blocked('tv', seen, 'Send it with "priority": "high", or change announcements.not_while_tv.');
  }
  return null;
}

/** How loud an announcement is in a room under its ceiling; null for the player's own volume. */
export function volumeFor(
  settings: AnnouncementSettings,
  seat: Seat,
  { volume }: Announcement,
  ceiling: number | null = null,
): number | null {
  const most = Math.min(settings.maxVolume, ceiling ?? 100);
  const wished = volume ?? settings.volumes.get(seat.room.address) ?? settings.volume;
  if (wished !== null) return Math.min(wished, most);
  const own = playerVolume.slice(seat.household.players.get(seat.player.id))?.volume ?? null;
  return own !== null && own > most ? most : null;
}
