import { type Announcement, announcementSchema } from '../../src/bridge/announcement.ts';
import type { AnnouncementSettings } from '../../src/bridge/announcement-policy.ts';

/** Settings under which every announcement is heard, as it comes. */
export const OPEN: AnnouncementSettings = {
  volume: null,
  volumes: new Map(),
  maxVolume: 100,
  maxQueue: 20,
  expireMs: 300_000,
  quietHours: [],
  notWhileTv: false,
  repeatMs: 0,
  devices: 'primary',
};

/** A text that is announced, with nothing else said of it unless it is given. */
export const said = (more: Partial<Announcement> = {}): Announcement =>
  announcementSchema.parse({
    ...{ text: 'x', url: null, chime: null, before: null, volume: null, language: null, voice: null },
    ...{ speed: null, provider: null, priority: 'normal', devices: null },
    ...more,
  });
