import { describe, expect, it } from 'vitest';
import { bookOf } from '../../src/bridge/address-book.ts';
import { commandError } from '../../src/bridge/command-error.ts';
import { ok, type Result } from '../../src/bridge/result.ts';
import type { SonosError } from '../../src/bridge/sonos.ts';
import { createTestBridge, HOME, playerOf, type TestBridge } from '../support/bridge-house.ts';
import { gone, later, lost, refused } from '../support/fake-sonos.ts';

const CALLS = /^POST .*(playback|olume|favorites|playlists|Members|audioClip)(?!.*subscription)/;

async function openHouse(options: Parameters<typeof createTestBridge>[0] = {}): Promise<TestBridge> {
  const house = createTestBridge(options);
  await house.start();
  house.tell('playerVolume', playerOf('kitchen'));
  await house.clock.advance(1_000);
  house.sonos.calls.length = 0;
  return house;
}

const tellVolume = (house: TestBridge, room: string, volume: number): void => {
  house.world.speaker(room).volume = volume;
  house.tell('playerVolume', playerOf(room));
};

const tellPlayback = (house: TestBridge, room: string, state: string): void => {
  house.world.party(room).state = state;
  house.tell('playback', house.world.party(room).id);
};

const PLAYING = 'PLAYBACK_STATE_PLAYING';

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
    const house = createTestBridge({ book: bookOf(before.bridge.households, []) });
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

describe('volumes in a flood', () => {
  it('become a few calls at least 100 ms apart, the last one wins, and everyone is answered once', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playerVolume$/, ({ body }) =>
      later(house.clock, 30, () => {
        tellVolume(house, 'kitchen', Number(body?.volume));
        return ok({});
      }),
    );
    for (let n = 0; n < 100; n += 1) {
      house.command('kitchen', 'volume', { value: n % 2 === 0 ? n : 100 - n, id: `v${n}` });
      await house.clock.advance(10);
    }
    house.command('kitchen', 'volume', { value: 55, id: 'last' });
    await house.clock.advance(10_000);
    const calls = house.sonos.made(/POST .*playerVolume$/);
    expect(calls.length).toBeLessThanOrEqual(12);
    expect(calls.at(-1)?.body).toEqual({ volume: 55 });
    const gaps = calls.slice(1).map((call, index) => call.at - (calls[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
    for (let n = 0; n < 100; n += 1) expect(house.statuses(`v${n}`)).toHaveLength(2);
    expect(house.statuses('last')).toEqual(['accepted', 'confirmed']);
    const overruled = house.answers.filter(({ reply }) => reply.superseded_by !== undefined);
    expect(overruled.length).toBeGreaterThan(80);
    const numbers = overruled.map(({ reply }) =>
      [reply.id, reply.superseded_by].map((id) => Number(id?.slice(1))),
    );
    expect(numbers.every(([own = 0, by = 0]) => by > own)).toBe(true);
    expect(house.last('v0').superseded_by).toBeUndefined();
  });

  it('add up when they are steps, of which none is overruled', async () => {
    const house = await openHouse();
    house.sonos.on(/relative$/, () => later(house.clock, 50, () => ok({})));
    for (const id of ['a', 'b', 'c', 'd']) house.command('kitchen', 'volume', { value: '+3', id });
    await house.clock.advance(200);
    expect(house.sonos.made(/relative$/).map((call) => call.body)).toEqual([
      { volumeDelta: 3 },
      { volumeDelta: 9 },
    ]);
    tellVolume(house, 'kitchen', 32);
    await house.clock.advance(0);
    expect(['a', 'b', 'c', 'd'].map((id) => house.last(id))).toEqual(
      Array(4).fill(expect.objectContaining({ status: 'confirmed' })),
    );
    expect(house.answers.every(({ reply }) => reply.superseded_by === undefined)).toBe(true);
  });

  it('count for each room by itself when all rooms are meant, and name the id that the room was answered with', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playerVolume$/, () => later(house.clock, 50, () => ok({})));
    for (const value of [1, 2, 3]) house.command('all', 'volume', value);
    await house.clock.advance(9_000);
    expect(house.sonos.made(/POST .*playerVolume$/)).toHaveLength(6);
    for (const room of ['kitchen', 'bath', 'office']) {
      const mine = house.answers.filter(({ ask }) => ask.room === room);
      const ends = mine.filter(({ reply }) => reply.status !== 'accepted');
      expect(ends).toHaveLength(3);
      const third = mine.findLast(({ reply }) => reply.status === 'accepted');
      expect(ends.map(({ reply }) => reply.superseded_by).filter(Boolean)).toEqual([third?.reply.id]);
    }
  });

  it('keep their pace per player, also when once one room and once all rooms are meant', async () => {
    const house = await openHouse();
    house.command('kitchen', 'volume', 1);
    house.command('all', 'volume', 2);
    house.command('kitchen', 'volume', 3);
    await house.clock.advance(1_000);
    const mine = house.sonos
      .made(/POST .*playerVolume$/)
      .filter((call) => call.path.includes(playerOf('kitchen')));
    expect(mine.map((call) => call.body)).toEqual([{ volume: 1 }, { volume: 2 }, { volume: 3 }]);
    expect(mine.slice(1).every((call, index) => call.at - (mine[index]?.at ?? 0) >= 100)).toBe(true);
  });

  it('keep their pace per group, whichever of its rooms is named', async () => {
    const house = await openHouse();
    house.command('kitchen', 'group_volume', 1);
    house.command('bath', 'group_volume', 2);
    house.command('office', 'group_volume', 3);
    await house.clock.advance(1_000);
    const calls = house.sonos.made(/POST .*groupVolume$/);
    const start = calls[0]?.at ?? 0;
    expect(calls.map((call) => [call.at - start, call.body])).toEqual([
      [0, { volume: 1 }],
      [0, { volume: 3 }],
      [100, { volume: 2 }],
    ]);
  });

  it('are not joined when the expiry of one could spoil the other', async () => {
    const house = await openHouse();
    const soon = new Date(house.clock.now() + 500).toISOString();
    house.sonos.on(/POST .*playerVolume/, () => later(house.clock, 600, () => ok({})));
    house.command('kitchen', 'volume', { value: 50, id: 'first' });
    house.command('kitchen', 'volume', { value: 30, id: 'lasting' });
    house.command('kitchen', 'volume', { value: 90, id: 'brief', expires_at: soon });
    house.command('kitchen', 'volume', { value: '+5', id: 'step' });
    await house.clock.advance(20_000);
    expect(house.last('brief').error?.code).toBe('expired');
    expect(house.sonos.made(/POST .*playerVolume/).map((call) => call.body)).toEqual([
      { volume: 50 },
      { volume: 30 },
      { volumeDelta: 5 },
    ]);
    expect(house.last('lasting').superseded_by).toBeUndefined();
  });
});

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
    expect(house.sonos.made(/^GET/).length).toBe(5);
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
