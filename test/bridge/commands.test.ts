import { describe, expect, it } from 'vitest';
import { ok, type Result } from '../../src/bridge/result.ts';
import type { SonosError } from '../../src/bridge/sonos.ts';
import { createTestBridge, HOME, playerOf } from '../support/bridge-house.ts';
import { later, refused } from '../support/fake-sonos.ts';
import { bookWith } from '../support/house.ts';
import { CALLS, openHouse, tellVolume } from './commands-house.ts';

describe('a command in a room', () => {
  it('is accepted, then confirmed when an event shows it after the reply', async () => {
    const house = await openHouse();
    house.command('kitchen', 'volume', { value: 30, id: 'a' });
    expect(house.statuses('a')).toEqual(['accepted']);
    await house.clock.advance(212);
    expect(house.statuses('a')).toEqual(['accepted']);
    tellVolume(house, 'kitchen', 30);
    await house.clock.advance(0);
    expect(house.last('a')).toEqual({
      id: 'a',
      command: 'volume',
      room: 'kitchen',
      status: 'confirmed',
      elapsed_ms: 212,
    });
    await house.clock.advance(20_000);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.sonos.made(CALLS)).toMatchObject([
      { method: 'POST', body: { volume: 30 }, priority: 'command', repeatable: true, household: HOME },
    ]);
  });

  it('is confirmed at the reply when the event was faster', async () => {
    const house = await openHouse();
    house.sonos.on(/playerVolume$/, () => later(house.clock, 300, () => ok({})));
    house.command('kitchen', 'volume', { value: 31, id: 'a' });
    await house.clock.advance(100);
    tellVolume(house, 'kitchen', 31);
    await house.clock.advance(100);
    expect(house.statuses('a')).toEqual(['accepted']);
    await house.clock.advance(100);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it('is confirmed by a read when no event comes', async () => {
    const house = await openHouse();
    house.sonos.on(/^POST .*playerVolume$/, () => {
      house.world.speaker('kitchen').volume = 32;
      return ok({});
    });
    house.command('kitchen', 'volume', { value: 32, id: 'a' });
    await house.clock.advance(1_500);
    expect(house.statuses('a')).toEqual(['accepted']);
    await house.clock.advance(200);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    const reads = house.sonos.made(/^GET/).filter(({ priority }) => priority === 'command');
    expect(reads).toHaveLength(1);
  });

  it('is confirmed without a wait when it was so already, and without a call when there is nothing to do', async () => {
    const house = await openHouse();
    house.command('kitchen', 'volume', { value: 20, id: 'a' });
    house.command('kitchen', 'group', { value: ['bath'], id: 'b' });
    await house.clock.advance(0);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.statuses('b')).toEqual(['accepted', 'confirmed']);
    expect(house.sonos.made(/Members/)).toEqual([]);
  });

  it('that comes right after a start waits for what Sonos says of the rooms', async () => {
    const before = await openHouse();
    const house = createTestBridge({ book: bookWith(before.bridge.households) });
    house.bridge.setHouseholds([{ id: HOME, name: null }]);
    house.command('kitchen', 'volume', { value: 20, id: 'a' });
    expect(house.statuses('a')).toEqual(['accepted']);
    await house.clock.advance(2_000);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it('is unconfirmed when no evidence comes within the patience', async () => {
    const house = await openHouse();
    house.command('kitchen', 'next', { id: 'a' });
    await house.clock.advance(7_999);
    expect(house.statuses('a')).toEqual(['accepted']);
    await house.clock.advance(2);
    expect(house.last('a')).toMatchObject({ status: 'unconfirmed', elapsed_ms: 8000 });
    expect(house.last('a').error).toBeUndefined();
  });

  it('fails with what Sonos said', async () => {
    const house = await openHouse();
    house.sonos.on(/playback\/play$/, () => refused('ERROR_PLAYBACK_NO_CONTENT', 'nothing loaded'));
    house.command('kitchen', 'play', { id: 'a' });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error).toMatchObject({
      code: 'sonos_error',
      advice: expect.stringContaining('Load a favorite'),
      sonos: { status: 499, error_code: 'ERROR_PLAYBACK_NO_CONTENT', reason: 'nothing loaded' },
    });
  });

  it('is confirmed when Sonos refuses to bring about what is so already', async () => {
    const house = await openHouse();
    house.tell('playback', house.world.party('kitchen').id, {
      type: 'playbackStatus',
      body: { playbackState: 'PLAYBACK_STATE_IDLE' },
    });
    house.sonos.on(/playback\/(pause|togglePlayPause)$/, () => refused('ERROR_PLAYBACK_NO_CONTENT'));
    house.command('kitchen', 'pause', { id: 'a' });
    house.command('kitchen', 'toggle', { id: 'b' });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.statuses('b')).toEqual(['accepted', 'failed']);
  });

  it('fails when the effect goes wrong after Sonos took it', async () => {
    const house = await openHouse();
    house.sonos.on(/audioClip$/, () => ok({ id: 'clip-1' }));
    house.command('kitchen', 'clip', { type: 'chime', id: 'a' });
    await house.clock.advance(100);
    house.tell('audioClip', playerOf('kitchen'), {
      type: 'audioClipStatus',
      body: { audioClips: [{ id: 'clip-1', status: 'ERROR', errorCode: 'ERROR_AUDIO_CLIP_BUSY' }] },
    });
    await house.clock.advance(0);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error).toMatchObject({ code: 'sonos_error' });
  });

  it('may send a player to fetch a sound that the policy allows', async () => {
    const house = await openHouse();
    house.sonos.on(/audioClip$/, () => ok({ id: 'clip-1' }));
    house.command('kitchen', 'clip', { url: 'http://192.168.1.20/bell.mp3', id: 'a' });
    await house.clock.advance(100);
    house.tell('audioClip', playerOf('kitchen'), {
      type: 'audioClipStatus',
      body: { audioClips: [{ id: 'clip-1', status: 'ACTIVE' }] },
    });
    await house.clock.advance(0);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.sonos.made(/audioClip$/)).toMatchObject([{ priority: 'announcement', repeatable: false }]);
  });

  it('is given an id when its sender gives none', async () => {
    const house = await openHouse();
    house.command('kitchen', 'volume', 20);
    house.command('kitchen', 'volume', 20);
    await house.clock.advance(1_000);
    const ids = house.answers.map(({ reply }) => reply.id);
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => id.length === 10)).toBe(true);
  });
});

describe('names of favorites', () => {
  it('are looked up in the list as it is after Sonos told of another version', async () => {
    const house = await openHouse();
    house.world.favorites.push({ id: '9', name: 'Blues' });
    house.world.version = 'v2';
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    house.command('kitchen', 'favorite', { value: 'Blues', id: 'a' });
    expect(house.statuses('a')).toEqual(['accepted']);
    await house.clock.advance(10);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(1);
    expect(house.sonos.made(/POST .*favorites$/)).toMatchObject([{ body: { favoriteId: '9' } }]);
  });

  it('fail after the list was read when it still lacks them, or could not be read', async () => {
    const house = await openHouse();
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    house.command('kitchen', 'favorite', { value: 'Blues', id: 'a' });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error?.code).toBe('unknown_favorite');

    const other = createTestBridge();
    other.sonos.on(/GET .*favorites$/, () => refused());
    await other.start();
    other.command('kitchen', 'favorite', { value: 'Jazz', id: 'b' });
    await other.clock.advance(10);
    expect(other.statuses('b')).toEqual(['accepted', 'failed']);
    expect(other.last('b').error?.code).toBe('sonos_error');
  });
});

describe('refresh', () => {
  it('reads the room again, and is confirmed when all went well', async () => {
    const house = await openHouse();
    house.world.speaker('kitchen').volume = 77;
    house.command('kitchen', 'refresh', { id: 'a' });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.picture('kitchen').volume).toBe(77);
    expect(house.sonos.made(/^GET/).length).toBe(6);
  });

  it('fails with what went wrong, in the topology or in the room', async () => {
    const house = await openHouse();
    const undo = house.sonos.on(/GET .*groupVolume$/, () => refused('ERROR_X'));
    house.command('kitchen', 'refresh', { id: 'a' });
    await house.clock.advance(10);
    expect(house.last('a').error).toMatchObject({ code: 'sonos_error', sonos: { error_code: 'ERROR_X' } });
    undo();
    house.sonos.on(/GET .*groups$/, () => refused('ERROR_Y'));
    house.command('kitchen', 'refresh', { id: 'b' });
    await house.clock.advance(10);
    expect(house.last('b').error).toMatchObject({ code: 'sonos_error', sonos: { error_code: 'ERROR_Y' } });
  });

  it('of a room that is away reads what there is', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    house.command('office', 'refresh', { id: 'a' });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it.each([
    ['refused', () => refused()],
    ['answered', () => ok({ groups: [], players: [] })],
  ])('ends well when the household goes away meanwhile, and the read is %s', async (_how, answer) => {
    const house = await openHouse();
    house.sonos.on(/GET .*groups$/, () => later<Result<unknown, SonosError>>(house.clock, 100, answer));
    house.command('kitchen', 'refresh', { id: 'a' });
    house.bridge.setHouseholds([]);
    await house.clock.advance(200);
    expect(house.statuses('a')).toHaveLength(2);
  });
});
