import type { AddressBook } from './address-book.ts';
import type { AnnouncementSettings } from './announcement-policy.ts';
import type { AnnouncementsRecord } from './announcement-record.ts';
import type { CommandError } from './command-error.ts';
import type { Happening } from './namespaces/define.ts';
import type { Clock, Log, Random } from './ports.ts';
import type { Preset } from './presets/preset.ts';
import type { PresetsRecord } from './presets/preset-record.ts';
import type { PresetItem } from './presets/presets.ts';
import type { QueueSupply } from './queue/queue-ports.ts';
import type { Answer } from './replies.ts';
import type { Schedule, SchedulesRecord } from './schedules.ts';
import type { Marks } from './sequence.ts';
import type { SendCall } from './sonos.ts';
import type { Sounds } from './sounds.ts';
import type { Household, Room } from './state.ts';
import type { TimersRecord } from './timer-record.ts';
import type { UrlPolicy } from './url-policy.ts';
import type { Ceiling } from './volume-ceilings.ts';

/** Settings that the bridge's middle needs. */
export interface BridgeSettings {
  /** How long evidence for a command is waited for. */
  readonly confirmMs: number;
  /** How often everything is read while events arrive. */
  readonly reconcileMs: number;
  /** How often while none do; 0 for never. */
  readonly pollMs: number;
  /** Requests a minute that reading back may use at most. */
  readonly readsPerMinute: number;
  /** How long a room that is gone keeps its topics. */
  readonly forgetMs: number;
  /** Aliases by household id. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly announcements: AnnouncementSettings;
  readonly schedules: readonly Schedule[];
  readonly ceilings: readonly Ceiling[];
  /** By name. */
  readonly presets: ReadonlyMap<string, Preset>;
}

/** What the bridge's middle may ask of the rest of the house. */
export interface BridgePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly send: SendCall;
  readonly policy: UrlPolicy;
  readonly sounds: Sounds;
  /** What queues are made of that players get from us. */
  readonly queueSupply: QueueSupply;
  readonly answer: Answer;
  /** Why no call can be made for a household, or for any; null when one can. */
  readonly obstacle: (household: string | null) => CommandError | null;
  /** A household has another state to be shown. */
  readonly show: (household: Household) => void;
  /** Addresses (`home/kitchen`, `home-2`) lost their meaning: settles when their topics are cleared at the broker. */
  readonly clear: (addresses: readonly string[]) => Promise<void>;
  /** Something happened in a room. */
  readonly happened: (household: Household, room: Room, happening: Happening) => void;
  /** Makes the address book durable; rejects when the disk refuses. */
  readonly saveBook: (book: AddressBook) => Promise<void>;
  /** Makes the sequence marks durable, some time after they changed. */
  readonly saveMarks: (marks: Marks) => void;
  /** Makes announcements that are not over durable; rejects when the disk refuses. */
  readonly saveAnnouncements: (record: AnnouncementsRecord) => Promise<void>;
  /** Makes durable which schedules were seen to; rejects when the disk refuses. */
  readonly saveSchedules: (record: SchedulesRecord) => Promise<void>;
  /** Makes durable what rooms are to do by themselves; rejects when the disk refuses. */
  readonly saveTimers: (record: TimersRecord) => Promise<void>;
  /** Makes presets and snapshots durable; rejects when the disk refuses. */
  readonly savePresets: (record: PresetsRecord) => Promise<void>;
  /** These are the presets now. */
  readonly showPresets: (items: readonly PresetItem[]) => void;
  readonly settings: BridgeSettings;
}
