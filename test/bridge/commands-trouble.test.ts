import { describe, expect, it } from 'vitest';
import { gone, lost } from '../support/fake-sonos.ts';
import { openHouse, PLAYING, tellPlayback, tellVolume } from './commands-house.ts';

describe('a call whose answer is lost', () => {
  it('is judged by the state, and confirmed when the effect shows', async () => {
    const house = await openHouse();
    house.sonos.on(/playback\/play$/, lost);
    house.command('kitchen', 'play', { id: 'a' });
    await house.clock.advance(500);
    tellPlayback(house, 'kitchen', PLAYING);
    await house.clock.advance(0);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it.each(['next', 'toggle', 'previous'])(
    'never sends %s twice, and says when nothing shows',
    async (command) => {
      const house = await openHouse();
      house.sonos.on(/playback\//, lost);
      house.command('kitchen', command, { id: 'a' });
      await house.clock.advance(60_000);
      expect(house.statuses('a')).toEqual(['accepted', 'failed']);
      expect(house.last('a').error?.code).toBe('timeout');
      expect(house.sonos.made(/POST .*playback\//)).toHaveLength(1);
      expect(house.sonos.made(/POST .*playback\//)[0]?.repeatable).toBe(false);
    },
  );

  it('never steps a volume twice', async () => {
    const house = await openHouse();
    house.sonos.on(/relative$/, lost);
    house.command('kitchen', 'volume', { value: '+5', id: 'a' });
    await house.clock.advance(300);
    tellVolume(house, 'kitchen', 25);
    await house.clock.advance(60_000);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.sonos.made(/relative$/)).toHaveLength(1);
  });

  it('is not taken for done when nothing could show it', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*favorites$/, lost);
    house.command('kitchen', 'favorite', { value: 'Jazz', action: 'append', id: 'a' });
    await house.clock.advance(60_000);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error?.code).toBe('timeout');
    expect(house.sonos.made(/POST .*favorites$/)).toHaveLength(1);
  });
});

describe('a group that dies', () => {
  it('is resolved again once, and the command sent once more', async () => {
    const house = await openHouse();
    const old = house.world.party('kitchen').id;
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.command('kitchen', 'play', { id: 'a' });
    await house.clock.advance(10);
    const calls = house.sonos.made(/playback\/play$/);
    expect(calls.map((call) => decodeURIComponent(call.path).split('/')[2])).toEqual([
      old,
      house.world.party('kitchen').id,
    ]);
    expect(house.sonos.made(/GET .*groups$/)).toHaveLength(1);
    tellPlayback(house, 'kitchen', PLAYING);
    await house.clock.advance(0);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it('is never tried a third time', async () => {
    const house = await openHouse();
    house.sonos.on(/playback\/skip/, gone);
    house.command('kitchen', 'next', { id: 'a' });
    await house.clock.advance(60_000);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error).toMatchObject({ code: 'sonos_error', sonos: { status: 410 } });
    expect(house.sonos.made(/playback\/skip/)).toHaveLength(2);
  });

  it('is not asked again by a room that has left meanwhile', async () => {
    const house = await openHouse();
    house.world.regroup([['bath'], ['office']]);
    house.command('kitchen', 'play', { id: 'a' });
    await house.clock.advance(10);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error?.code).toBe('not_capable');
    house.command('kitchen', 'pause', { id: 'b' });
    await house.clock.advance(10);
    expect(house.last('b').error).toMatchObject({ code: 'not_capable', message: 'The room is offline.' });
  });

  it('does not have a person wait for housekeeping that began before', async () => {
    const house = await openHouse();
    let slow = true;
    house.sonos.on(/GET .*groups$/, () => (slow ? 'hang' : null));
    await house.clock.advance(600_000);
    slow = false;
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.command('kitchen', 'play', { id: 'a' });
    await house.clock.advance(10);
    expect(house.sonos.made(/playback\/play$/)).toHaveLength(2);
  });
});
