import { expect, it } from 'vitest';
import { announcementSchema } from '../../src/bridge/announcement.ts';
import type { AnnouncementSettings } from '../../src/bridge/announcement-policy.ts';
import { devicesOf, sendClips } from '../../src/bridge/clip-sender.ts';
import { ok } from '../../src/bridge/result.ts';
import type { SonosCall } from '../../src/bridge/sonos.ts';
import { UNMADE } from '../../src/bridge/sounds.ts';
import { seatOf } from '../../src/bridge/state.ts';
import { house, idOf } from '../support/house.ts';

const SETTINGS: AnnouncementSettings = {
  ...{ volume: null, volumes: new Map(), maxVolume: 100, maxQueue: 20, expireMs: 300_000 },
  ...{ quietHours: [], notWhileTv: false, repeatMs: 0, devices: 'primary' },
};

it('a sound that is not made yet leads a speaker nowhere', async () => {
  const seat = seatOf(house(['Kitchen']), idOf('Kitchen'));
  if (seat === null) throw new Error('no such room');
  const announcement = announcementSchema.parse({
    ...{ text: 'x', url: null, chime: null, before: null, volume: null, language: null, voice: null },
    ...{ speed: null, provider: null, priority: 'normal', devices: null },
  });
  const calls: SonosCall[] = [];
  const send = async (call: SonosCall) => {
    calls.push(call);
    return ok({ id: 'c-1' });
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const urls = UNMADE.urls(1, () => {});
  expect(await sendClips({ seat, announcement, urls }, SETTINGS, send, log)).toEqual(ok('c-1'));
  expect(devicesOf(seat, announcement, SETTINGS)).toEqual([idOf('Kitchen')]);
  expect(calls.map(({ body }) => body?.streamUrl)).toEqual(['']);
});
