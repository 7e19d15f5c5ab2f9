import { describe, expect, it } from 'vitest';
import { ok } from '../../src/bridge/result.ts';
import { HOME, playerOf } from '../support/bridge-house.ts';
import { later } from '../support/fake-sonos.ts';
import { CALLS, openHouse, PLAYING, tellPlayback } from './commands-house.ts';

describe('the order of commands', () => {
  it('is kept per target, and other rooms go beside it', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*(playback|olume)/, () => later(house.clock, 1_000, () => ok({})));
    house.command('kitchen', 'play', { id: 'a' });
    house.command('bath', 'next', { id: 'b' });
    house.command('office', 'play', { id: 'c' });
    house.command('kitchen', 'volume', { value: 3, id: 'd' });
    house.command('bath', 'mute', { value: true, id: 'e' });
    await house.clock.advance(3_500);
    const start = house.sonos.calls[0]?.at ?? 0;
    const told = house.sonos
      .made(CALLS)
      .map((call) => [call.at - start, call.path.split('/').slice(2).join(' ')]);
    const kitchen = encodeURIComponent(house.world.party('kitchen').id);
    const office = encodeURIComponent(house.world.party('office').id);
    expect(told).toEqual([
      [0, `${kitchen} playback play`],
      [0, `${office} playback play`],
      [1_000, `${kitchen} playback skipToNextTrack`],
      [2_000, `${playerOf('kitchen')} playerVolume`],
      [2_000, `${playerOf('bath')} playerVolume mute`],
    ]);
  });

  it('lets a favorite in the same message act on the group that was just made', async () => {
    const house = await openHouse();
    house.command('kitchen', null, { id: 's', group: ['office'], favorite: 'Jazz' });
    await house.clock.advance(200);
    expect(house.sonos.made(/POST .*favorites/)).toEqual([]);
    house.world.regroup([['kitchen', 'office'], ['bath']]);
    house.tell('groups', HOME);
    await house.clock.advance(10);
    expect(house.sonos.made(/POST .*favorites$/)).toMatchObject([
      {
        path: `/groups/${encodeURIComponent(house.world.party('kitchen').id)}/favorites`,
        body: { favoriteId: '1' },
      },
    ]);
    house.world.party('kitchen').container = 'c-2';
    house.tell('playbackMetadata', house.world.party('kitchen').id);
    await house.clock.advance(10);
    const ends = house.answers.filter(({ reply }) => reply.status !== 'accepted');
    expect(ends.map(({ reply }) => [reply.id, reply.command, reply.status])).toEqual([
      ['s', 'group', 'confirmed'],
      ['s', 'favorite', 'confirmed'],
    ]);
  });

  it('survives a regrouping in the middle', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playback/, () => later(house.clock, 500, () => null).then(() => ok({})));
    for (const id of ['a', 'b', 'c']) house.command('bath', 'next', { id });
    await house.clock.advance(700);
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(30_000);
    const groups = house.sonos.made(/skipToNext/).map((call) => decodeURIComponent(call.path).split('/')[2]);
    expect(groups).toHaveLength(3);
    expect(groups[2]).toBe(house.world.party('bath').id);
    for (const id of ['a', 'b', 'c']) expect(house.statuses(id)).toHaveLength(2);
  });

  it('tells a group once when all its rooms were addressed, and each room is answered', async () => {
    const house = await openHouse();
    house.command('all', 'toggle', { id: 't' });
    await house.clock.advance(100);
    expect(house.sonos.made(/togglePlayPause/)).toHaveLength(2);
    tellPlayback(house, 'kitchen', PLAYING);
    tellPlayback(house, 'office', PLAYING);
    await house.clock.advance(0);
    const ends = house.answers.filter(({ reply }) => reply.status === 'confirmed');
    expect(ends.map(({ reply }) => reply.room).sort()).toEqual(['bath', 'kitchen', 'office']);
    expect(new Set(ends.map(({ reply }) => reply.id))).toEqual(new Set(['t']));
  });
});

describe('the same id', () => {
  it('is answered as it was, also when the room has another name by now', async () => {
    const house = await openHouse();
    house.command('kitchen', 'volume', { value: 20, id: 'a' });
    await house.clock.advance(2_000);
    house.world.speaker('kitchen').name = 'Galley';
    house.tell('groups', HOME);
    await house.clock.advance(2_000);
    house.command('kitchen', 'volume', { value: 20, id: 'a' });
    house.command('kitchen', 'volume', { value: 20, id: 'b' });
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed', 'confirmed']);
    expect(house.statuses('b')).toEqual(['failed']);
  });

  it('is answered with the earlier answer, and not carried out again, for ten minutes', async () => {
    const house = await openHouse();
    house.command('kitchen', 'next', { id: 'a' });
    house.world.party('kitchen').itemId = 'item-2';
    house.tell('playback', house.world.party('kitchen').id);
    await house.clock.advance(599_000);
    house.command('kitchen', 'next', { id: 'a' });
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed', 'confirmed']);
    expect(house.sonos.made(/skipToNext/)).toHaveLength(1);
    await house.clock.advance(1_000);
    house.command('kitchen', 'next', { id: 'a' });
    await house.clock.advance(10);
    expect(house.sonos.made(/skipToNext/)).toHaveLength(2);
  });

  it('waits with the first while that is under way', async () => {
    const house = await openHouse();
    house.command('kitchen', 'next', { id: 'a' });
    await house.clock.advance(100);
    house.command('kitchen', 'next', { id: 'a' }, { responseTo: { topic: 'mine', correlationData: null } });
    await house.clock.advance(10_000);
    expect(house.statuses('a')).toEqual(['accepted', 'accepted', 'unconfirmed', 'unconfirmed']);
    expect(house.answers.at(-1)?.ask.responseTo?.topic).toBe('mine');
    expect(house.sonos.made(/skipToNext/)).toHaveLength(1);
  });

  it('means something else in another room or for another command', async () => {
    const house = await openHouse();
    house.command('kitchen', 'next', { id: 'a' });
    house.command('office', 'next', { id: 'a' });
    house.command('kitchen', 'previous', { id: 'a' });
    await house.clock.advance(100);
    expect(house.sonos.made(/skipTo/)).toHaveLength(3);
  });

  it('of a command that was kept by the broker does not end the one under way', async () => {
    const house = await openHouse();
    house.command('kitchen', 'next', { id: 'a' });
    house.command('kitchen', 'next', { id: 'a' }, { retained: true });
    await house.clock.advance(100);
    house.world.party('kitchen').itemId = 'item-2';
    house.tell('playback', house.world.party('kitchen').id);
    await house.clock.advance(100);
    expect(house.statuses('a')).toEqual(['accepted', 'failed', 'confirmed']);
    house.command('kitchen', 'next', { id: 'a' });
    expect(house.last('a').status).toBe('confirmed');
  });

  it('of an invalid command is remembered, too', async () => {
    const house = await openHouse();
    house.command('kitchen', 'volume', { id: 'a', value: 'loud' });
    house.command('kitchen', 'volume', { id: 'a', value: 20 });
    expect(house.statuses('a')).toEqual(['failed', 'failed']);
  });
});
