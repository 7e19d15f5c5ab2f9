import { describe, expect, it } from 'vitest';
import { HOME, playerOf } from '../support/bridge-house.ts';
import { later, refused, sonosError } from '../support/fake-sonos.ts';
import { openHouse } from './commands-house.ts';

const forbidden = () => ({ ok: false, error: sonosError({ kind: 'forbidden', status: 403 }) }) as const;

describe('a command that is carried out', () => {
  it('has a list read only when it is not known', async () => {
    const house = await openHouse();
    house.command('kitchen', 'favorite', { value: 'Jazz', id: 'a' });
    await house.clock.advance(100);
    expect(house.sonos.made(/GET .*favorites/)).toEqual([]);
    expect(house.sonos.made(/POST .*favorites/)).toHaveLength(1);
  });

  it('asks nothing of Sonos when it is so already', async () => {
    const house = await openHouse();
    house.command('office', 'leave', { id: 'a' });
    house.command('kitchen', 'join', { value: 'bath', id: 'b' });
    house.command('kitchen', 'group', { value: ['bath'], id: 'c' });
    await house.clock.advance(100);
    for (const id of ['a', 'b', 'c']) expect(house.statuses(id)).toEqual(['accepted', 'confirmed']);
    expect(house.sonos.calls.filter(({ priority }) => priority === 'command')).toEqual([]);
  });

  it('has nothing in its answer that there is no reason for', async () => {
    const house = await openHouse();
    house.command('office', 'leave', { id: 'a' });
    await house.clock.advance(100);
    expect(Object.keys(house.last('a'))).toEqual(['id', 'command', 'room', 'status', 'elapsed_ms']);
  });

  it('is confirmed by what was so already only when Sonos refused it for that', async () => {
    const house = await openHouse();
    house.tell('playback', house.world.party('office').id);
    house.sonos.on(/playback\/pause/, () => refused());
    house.command('office', 'pause', { id: 'refused' });
    await house.clock.advance(100);
    house.sonos.on(/playback\/pause/, forbidden);
    house.command('office', 'pause', { id: 'forbidden' });
    await house.clock.advance(100);
    expect(house.last('refused').status).toBe('confirmed');
    expect(house.last('forbidden')).toMatchObject({ status: 'failed', error: { code: 'sonos_error' } });
  });

  it('fails when Sonos refused what cannot be seen and is not the same when done twice', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*favorites/, () => refused());
    house.command('kitchen', 'favorite', { value: 'Jazz', action: 'append', id: 'a' });
    await house.clock.advance(100);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
  });

  it('fails when the household went away before its list could be looked at', async () => {
    const house = await openHouse();
    house.sonos.on(/skipToNext/, () => later(house.clock, 1_000, () => ({ ok: true, value: {} })));
    house.command('kitchen', 'next', { id: 'first' });
    house.command('kitchen', 'favorite', { value: 'Jazz', id: 'a' });
    await house.clock.advance(100);
    house.bridge.setHouseholds([]);
    await house.clock.advance(20_000);
    expect(house.last('a').error?.code).toBe('not_capable');
    expect(house.bridge.household(HOME)).toBeUndefined();
  });
});

describe('a volume that Sonos refuses', () => {
  it('is not_capable where only the refusal tells that a line-out is fixed', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playerVolume/, () => refused('ERROR_COMMAND_FAILED', 'No.'));
    house.world.speaker('office').capabilities.push('FIXED_VOLUME');
    house.tell('groups', HOME);
    house.command('office', 'volume', { value: 3, id: 'port' });
    house.command('bath', 'volume', { value: 3, id: 'speaker' });
    await house.clock.advance(100);
    expect(house.statuses('port')).toEqual(['accepted', 'failed']);
    expect(house.last('port').error).toMatchObject({
      code: 'not_capable',
      sonos: { error_code: 'ERROR_COMMAND_FAILED', reason: 'No.' },
    });
    expect(house.last('speaker').error?.code).toBe('sonos_error');
  });

  it('for another reason than that of a refusal says so', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playerVolume/, forbidden);
    house.command('office', 'volume', { value: 3, id: 'a' });
    await house.clock.advance(100);
    expect(house.last('a').error?.code).toBe('sonos_error');
  });
});

describe('a command at the door', () => {
  it('fails at once when it can be told that it makes no sense, and waits for nothing', async () => {
    const house = await openHouse();
    house.world.speaker('office').fixed = true;
    house.tell('playerVolume', playerOf('office'));
    house.command('office', 'volume', { value: 3, id: 'a' });
    expect(house.statuses('a')).toEqual(['failed']);
    expect(house.last('a').error?.code).toBe('not_capable');
  });

  it('leaves nothing waiting when nobody is left who asks', async () => {
    const house = await openHouse();
    house.sonos.on(/skipToNext/, () => 'hang');
    house.command('kitchen', 'next', { id: 'a' });
    house.command('bath', 'leave', { id: 'b', expires_at: '2020-01-01T00:00:00Z' });
    expect(house.last('b').error?.code).toBe('expired');
    expect(house.bridge.waiting).toBe(0);
  });

  it('is guessed at, among all that a room takes', async () => {
    const house = await openHouse();
    house.command('kitchen', 'refesh', { id: 'a' });
    expect(house.last('a').error?.advice).toBe('Did you mean "refresh"?');
  });
});

describe('the pace of commands', () => {
  it('is kept by volumes of one room, or of one group, and by nothing else', async () => {
    const house = await openHouse();
    for (const id of ['a', 'b']) house.command('office', 'next', { id });
    house.command('kitchen', 'volume', { value: 3, id: 'c' });
    house.command('bath', 'volume', { value: 4, id: 'd' });
    await house.clock.advance(0);
    expect(house.sonos.made(/POST .*playerVolume$/)).toHaveLength(2);
    expect(house.sonos.made(/skipToNext/)).toHaveLength(2);
    house.command('kitchen', 'volume', { value: 5, id: 'e' });
    await house.clock.advance(99);
    expect(house.sonos.made(/POST .*playerVolume$/)).toHaveLength(2);
    await house.clock.advance(1);
    expect(house.sonos.made(/POST .*playerVolume$/)).toHaveLength(3);
    house.command('kitchen', 'group_volume', { value: 5, id: 'f' });
    await house.clock.advance(50);
    house.command('bath', 'group_volume', { value: 6, id: 'g' });
    await house.clock.advance(49);
    expect(house.sonos.made(/POST .*groupVolume$/)).toHaveLength(1);
    await house.clock.advance(1);
    expect(house.sonos.made(/POST .*groupVolume$/)).toHaveLength(2);
  });
});
