import { expect, it } from 'vitest';
import { devicesOf, sendClips } from '../../src/bridge/clip-sender.ts';
import { ok } from '../../src/bridge/result.ts';
import type { SonosCall } from '../../src/bridge/sonos.ts';
import { UNMADE } from '../../src/bridge/sounds.ts';
import { seatOf } from '../../src/bridge/state.ts';
import { OPEN, said } from '../support/announcement.ts';
import { house, idOf } from '../support/house.ts';

it('a sound that is not made yet leads a speaker nowhere', async () => {
  const seat = seatOf(house(['Kitchen']), idOf('Kitchen'));
  if (seat === null) throw new Error('no such room');
  const announcement = said();
  const devices = devicesOf(seat, announcement, OPEN);
  const calls: SonosCall[] = [];
  const send = async (call: SonosCall) => {
    calls.push(call);
    return ok({ id: 'c-1' });
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const urls = UNMADE.urls(1, () => {});
  expect(await sendClips({ seat, announcement, devices, urls }, OPEN, send, log)).toEqual(ok('c-1'));
  expect(devices).toEqual([idOf('Kitchen')]);
  expect(calls.map(({ body }) => body?.streamUrl)).toEqual(['']);
});
