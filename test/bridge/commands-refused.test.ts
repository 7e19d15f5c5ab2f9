import { describe, expect, it } from 'vitest';
import { commandError } from '../../src/bridge/command-error.ts';
import { ok } from '../../src/bridge/result.ts';
import { HOME } from '../support/bridge-house.ts';
import { later } from '../support/fake-sonos.ts';
import { CALLS, openHouse } from './commands-house.ts';

describe('a message that is not carried out', () => {
  it.each([
    ['retained', 'kitchen', 'play', { id: 'a' }, { retained: true }],
    ['invalid_payload', 'kitchen', 'volume', { id: 'a', value: 300 }, {}],
    ['unknown_command', 'kitchen', 'pley', { id: 'a' }, {}],
    ['unknown_room', 'kitchn', 'play', { id: 'a' }, {}],
    ['unknown_room', 'kitchen', 'play', { id: 'a' }, { household: 'hom' }],
    ['unknown_favorite', 'kitchen', 'favorite', { id: 'a', value: 'Jaz zz' }, {}],
    ['ambiguous_name', 'kitchen', 'favorite', { id: 'a', value: 'Morn' }, {}],
    ['unknown_playlist', 'kitchen', 'playlist', { id: 'a', value: 'x' }, {}],
    ['expired', 'kitchen', 'play', { id: 'a', expires_at: '2026-11-21T19:59:59Z' }, {}],
    ['expired', 'kitchen', 'play', { id: 'a' }, { expirySeconds: 0 }],
    ['blocked', 'kitchen', 'clip', { id: 'a', url: 'http://127.0.0.1/x.mp3' }, {}],
  ])('is answered with %s alone (%s %s)', async (code, room, command, payload, more) => {
    const house = await openHouse();
    house.command(room, command, payload, more);
    await house.clock.advance(10_000);
    expect(house.statuses('a')).toEqual(['failed']);
    expect(house.last('a').error).toMatchObject({ code, message: expect.stringMatching(/\.$/) });
    expect(house.last('a').error?.advice).toMatch(/\S/);
    expect(house.sonos.made(CALLS)).toEqual([]);
  });

  it('is answered with a guess at what was meant', async () => {
    const house = await openHouse();
    house.command('kitchn', 'play', { id: 'room' });
    house.command('kitchen', 'plau', { id: 'command' });
    house.command('kitchen', 'play', { id: 'house' }, { household: 'hone' });
    house.command('kitchen', 'favorite', { id: 'favorite', value: 'Jazy' });
    expect(house.last('room').error?.advice).toBe('Did you mean "kitchen"?');
    expect(house.last('command').error?.advice).toBe('Did you mean "play"?');
    expect(house.last('house').error?.advice).toBe('Did you mean "home"?');
    expect(house.last('favorite').error?.advice).toBe('Did you mean "Jazz"?');
  });

  it('is not read when it is not text', async () => {
    const house = await openHouse();
    const payload = new Uint8Array([0xff, 0xfe]);
    house.command('kitchen', 'play', '', { payload });
    house.command('kitchen', null, '', { payload });
    expect(house.answers.map(({ reply }) => [reply.status, reply.error?.code])).toEqual([
      ['failed', 'invalid_payload'],
      ['failed', 'invalid_payload'],
    ]);
  });

  it('is answered at the address that it was sent to, or at the room that was meant', async () => {
    const house = await openHouse();
    house.command('garden', null, 'what', {});
    house.command('KITCHEN', null, 'what', {});
    house.command('nowhere', 'play', '', { household: 'cabin' });
    expect(house.answers.map(({ ask }) => [ask.household, ask.room, ask.command])).toEqual([
      ['home', 'garden', 'set'],
      ['home', 'kitchen', 'set'],
      ['cabin', 'nowhere', 'play'],
    ]);
    expect(house.answers.every(({ reply }) => reply.status === 'failed')).toBe(true);
  });

  it('is told that no account is linked', async () => {
    const house = await openHouse();
    house.obstacle = commandError('not_linked', 'No account.', 'Log in.');
    house.command('kitchen', 'play', { id: 'a' });
    house.command('kitchen', 'refresh', { id: 'b' });
    house.command('kitchen', 'play', { id: 'c' }, { household: 'elsewhere' });
    expect(['a', 'b', 'c'].map((id) => house.last(id).error?.code)).toEqual(Array(3).fill('not_linked'));
    expect(house.sonos.made(CALLS)).toEqual([]);
  });

  it('goes to every room that is there, or to none', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    house.command('all', 'volume', { value: 20, id: 'a' });
    await house.clock.advance(10);
    expect(house.answers.map(({ ask }) => ask.room).sort()).toEqual(['bath', 'bath', 'kitchen', 'kitchen']);
    house.world.regroup([]);
    house.tell('groups', HOME);
    house.command('all', 'volume', { value: 20, id: 'b' });
    expect(house.last('b')).toMatchObject({ room: 'all', error: { code: 'unknown_room' } });
  });
});

describe('what may wait', () => {
  it('is carried out in time or not at all', async () => {
    const house = await openHouse();
    house.sonos.on(/skipToNext/, () => later(house.clock, 3_000, () => ok({})));
    house.command('kitchen', 'next', { id: 'a' });
    house.command('kitchen', 'previous', { id: 'b' }, { expirySeconds: 2 });
    house.command('kitchen', 'play', { id: 'c', expires_at: '2026-11-21T23:00:00Z' }, { expirySeconds: 60 });
    await house.clock.advance(20_000);
    expect(house.last('b').error?.code).toBe('expired');
    expect(house.statuses('b')).toEqual(['accepted', 'failed']);
    expect(house.sonos.made(/skipToPrev/)).toEqual([]);
    expect(house.sonos.made(/playback\/play$/)).toHaveLength(1);
  });

  it('is bounded: too many are refused', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playback/, () => 'hang');
    for (let n = 0; n < 510; n += 1) house.command('kitchen', 'next', { id: `n${n}` });
    expect(house.bridge.waiting).toBe(500);
    expect(house.statuses('n500')).toEqual(['accepted']);
    expect(house.statuses('n501')).toEqual(['accepted', 'failed']);
    expect(house.last('n509').error?.code).toBe('rate_limited');
  });

  it('is answered when the bridge stops, and leaves no timer behind', async () => {
    const house = await openHouse();
    house.sonos.on(/skipToNext/, () => later(house.clock, 100, () => ok({})));
    for (const id of ['a', 'b', 'c']) house.command('kitchen', 'next', { id });
    await house.clock.advance(10);
    await house.bridge.stop();
    expect(['a', 'b', 'c'].map((id) => house.statuses(id))).toEqual(Array(3).fill(['accepted', 'failed']));
    expect(house.last('c').error?.code).toBe('internal');
    await house.clock.advance(100);
    expect(house.clock.timers).toBe(0);
    expect(house.sonos.made(/skipToNext/)).toHaveLength(1);
  });

  it('is refused when it comes while the bridge stops', async () => {
    const house = await openHouse();
    await house.bridge.stop();
    const before = house.sonos.made(/./).length;
    house.command('kitchen', 'next', { id: 'late' });
    house.command('kitchen', 'refresh', { id: 'later' });
    await house.clock.advance(20_000);
    expect(['late', 'later'].map((id) => house.statuses(id))).toEqual([['failed'], ['failed']]);
    expect(house.last('late').error).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('is stopping'),
    });
    expect(house.sonos.made(/./)).toHaveLength(before);
  });

  it('is told so when the household goes away, and is not carried out when it comes back', async () => {
    const house = await openHouse();
    house.sonos.on(/skipToNext/, () => later(house.clock, 1_000, () => ok({})));
    for (const id of ['a', 'b', 'c']) house.command('kitchen', 'next', { id });
    await house.clock.advance(100);
    house.bridge.setHouseholds([]);
    await house.clock.advance(20_000);
    house.bridge.setHouseholds([{ id: HOME, name: null }]);
    await house.clock.advance(20_000);
    expect(house.statuses('a')).toEqual(['accepted', 'unconfirmed']);
    expect(house.last('b').error?.code).toBe('not_capable');
    expect(house.last('c').error?.code).toBe('not_capable');
    expect(house.sonos.made(/skipToNext/)).toHaveLength(1);
    house.command('kitchen', 'next', { id: 'd' });
    await house.clock.advance(2_000);
    expect(house.sonos.made(/skipToNext/)).toHaveLength(2);
  });
});
