import type { Announcement } from './announcement.ts';
import type { CommandError } from './command-error.ts';
import type { Result } from './result.ts';

/** The sound of an announcement, ready for players to fetch it. */
export interface ReadySound {
  /** Null when it is not known. */
  readonly lengthMs: number | null;
  /** Who spoke; null when nobody did. */
  readonly provider: string | null;
  /** Whether players fetch it from us, so that we see them do so. */
  readonly isOurs: boolean;
  /** The address that players must reach, in words for people. */
  readonly from: string;
  /** One URL for each of so many devices, which begin together; `asked` is told once of each that comes for it. */
  urls(devices: number, asked: (device: number) => void): readonly string[];
}

/** What stands for a sound while it is made. */
export const UNMADE: ReadySound = { lengthMs: null, provider: null, isOurs: false, from: '', urls: () => [] };

/** Makes announcements into sounds. */
export interface Sounds {
  /** What is wrong with an announcement, as far as it can be told at once; null when nothing is. */
  objection(announcement: Announcement): CommandError | null;
  /** Makes the sound, or finds it made. Never rejects. */
  prepare(announcement: Announcement): Promise<Result<ReadySound, CommandError>>;
}
