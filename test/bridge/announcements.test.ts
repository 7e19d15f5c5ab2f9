import { describe, expect, it } from 'vitest';
import { commandError } from '../../src/bridge/command-error.ts';
import { err } from '../../src/bridge/result.ts';
import { OPEN } from '../support/announcement.ts';
import { playerOf } from '../support/bridge-house.ts';
import { down, lost, refused } from '../support/fake-sonos.ts';
import { openSpokenHouse } from './announcements-house.ts';

describe('an announcement', () => {
  it('is told from its beginning to its end, and confirmed when it is heard', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'Dinner', id: 'a', volume: 30 });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted']);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent']);
    expect(spoken.announcing('kitchen')).toBeNull();
    spoken.tell('kitchen', 'ACTIVE');
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'confirmed']);
    expect(spoken.announcing('kitchen')).toBe('a');
    spoken.tell('kitchen', 'DONE');
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent', 'playing', 'done']);
    expect(spoken.announcing('kitchen')).toBeNull();
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'confirmed']);
    expect(spoken.event('kitchen', 'a', 'playing')).toEqual({
      ...{ event_type: 'announcement', id: 'a', status: 'playing', priority: 'normal', provider: 'espeak' },
    });
    expect(house.kept().items).toEqual([]);
    expect(house.bridge.announcements).toBe(0);
  });

  it('is a clip of ours, which the player fetches from us', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'Dinner', volume: 30, priority: 'high' });
    await house.clock.advance(10);
    expect(spoken.sent('kitchen').map(({ body }) => body)).toEqual([
      {
        name: 'Announcement',
        appId: 'io.github.sonos-mqtt-bridge',
        priority: 'HIGH',
        clipType: 'CUSTOM',
        streamUrl: 'http://192.168.1.5:8789/1/0.wav',
        volume: 30,
      },
    ]);
    expect(house.sonos.calls.find(({ method }) => method === 'POST')).toMatchObject({
      priority: 'announcement',
      repeatable: false,
    });
  });

  it('never touches the music: nothing but clips is sent', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', 'Dinner');
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE');
    spoken.tell('kitchen', 'DONE');
    await house.clock.advance(100);
    expect(house.sonos.calls.filter(({ method }) => method !== 'GET').map(({ path }) => path)).toEqual([
      `/players/${playerOf('kitchen')}/audioClip`,
    ]);
  });

  it('waits for the end of the one before', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    for (const id of ['a', 'b']) house.command('kitchen', 'announce', { text: id, id });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE');
    await house.clock.advance(1_000);
    expect(spoken.sent('kitchen')).toHaveLength(1);
    spoken.tell('kitchen', 'DONE');
    await house.clock.advance(10);
    expect(spoken.sent('kitchen')).toHaveLength(2);
    expect(spoken.stages('kitchen', 'b')).toEqual(['queued', 'sent']);
  });

  it('waits for a doorbell', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    spoken.ring('kitchen', 'ACTIVE');
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(1_000);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued']);
    spoken.ring('kitchen', 'DONE');
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent']);
  });

  it('is heard in every room that it names, under one id, each room answering for itself', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a', rooms: ['Bath', 'kitchen', 'attic'] });
    await house.clock.advance(10);
    for (const room of ['kitchen', 'bath']) {
      expect(spoken.replies(room, 'a')).toEqual(['accepted']);
      spoken.tell(room, 'ACTIVE');
    }
    await house.clock.advance(10);
    for (const room of ['kitchen', 'bath'])
      expect(spoken.replies(room, 'a')).toEqual(['accepted', 'confirmed']);
    expect(spoken.replies('office', 'a')).toEqual([]);
    expect(spoken.replies('attic', 'a')).toEqual(['failed']);
    expect(spoken.error('attic', 'a').code).toBe('unknown_room');
    // One sound for all, whose rooms begin together.
    expect(house.sounds.made.map(({ sent }) => sent)).toEqual([[2]]);
  });

  it('has an id over all rooms also when its sender gave none', async () => {
    const { house } = await openSpokenHouse();
    house.command('all', 'announce', 'Dinner');
    await house.clock.advance(10);
    const ids = house.answers.map(({ reply }) => reply.id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it('says so of rooms whose names make no address', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a', rooms: ['🦉', '🦉'] });
    await house.clock.advance(10);
    expect(spoken.replies('unknown', 'a')).toEqual(['failed', 'failed']);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted']);
  });

  it('comes in the same order in every room, whichever sound is ready first', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    let release: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    house.sounds.before = async ({ text }) => {
      if (text === 'a') await slow;
      return { ok: true, value: null };
    };
    for (const id of ['a', 'b']) house.command('all', 'announce', { text: id, id });
    await house.clock.advance(100);
    expect(spoken.sent('kitchen')).toEqual([]);
    release();
    await house.clock.advance(10);
    for (const room of ['kitchen', 'bath', 'office']) {
      spoken.tell(room, 'ACTIVE');
      expect(spoken.stages(room, 'a')).toEqual(['queued', 'sent', 'playing']);
      expect(spoken.stages(room, 'b')).toEqual(['queued']);
    }
  });

  it('is not said twice when its sender repeats it', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    for (let times = 0; times < 3; times += 1) house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE');
    await house.clock.advance(10);
    expect(spoken.sent('kitchen')).toHaveLength(1);
    expect(spoken.replies('kitchen', 'a')).toEqual([
      ...['accepted', 'accepted', 'accepted'],
      ...['confirmed', 'confirmed', 'confirmed'],
    ]);
  });

  it('is also told by what the player does, when no event comes', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(100);
    house.sounds.made[0]?.come();
    await house.clock.advance(2_000);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'confirmed']);
    await house.clock.advance(3_000);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent', 'playing', 'done']);
    house.sounds.made[0]?.come();
  });

  it('stays unconfirmed when it is fetched elsewhere and nobody tells', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.sounds.isOurs = false;
    house.command('kitchen', 'announce', { url: 'http://nas.example/x.mp3', id: 'a' });
    await house.clock.advance(20_000);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'unconfirmed']);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent', 'done']);
  });
});

describe('an announcement for a stereo pair', () => {
  const PAIR = ['RINCON_A', 'RINCON_B'];

  async function openPair(devices: 'primary' | 'all') {
    const spoken = await openSpokenHouse({
      settings: {
        announcements: { ...OPEN, devices },
      },
    });
    const body = spoken.house.world.groupsBody() as { players: { id: string; deviceIds?: string[] }[] };
    for (const player of body.players) {
      if (player.id === playerOf('kitchen')) player.deviceIds = [player.id, ...PAIR];
    }
    spoken.house.tell('groups', 'Sonos_home', { body: JSON.parse(JSON.stringify(body)) });
    await spoken.house.clock.advance(10);
    spoken.house.sonos.calls.length = 0;
    return spoken;
  }

  const posts = (calls: readonly { readonly method: string; readonly path: string }[]) =>
    calls.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/')[2]);

  it('is heard from its primary speaker', async () => {
    const { house } = await openPair('primary');
    house.command('kitchen', 'announce', 'x');
    await house.clock.advance(10);
    expect(posts(house.sonos.calls)).toEqual([playerOf('kitchen')]);
  });

  it.each(['setting', 'message'] as const)('is heard from all of them when the %s says so', async (who) => {
    const { house, ...spoken } = await openPair(who === 'setting' ? 'all' : 'primary');
    house.command('all', 'announce', who === 'setting' ? 'x' : { text: 'x', devices: 'all', id: 'a' });
    await house.clock.advance(10);
    expect(posts(house.sonos.calls).toSorted()).toEqual(
      [...PAIR, playerOf('bath'), playerOf('kitchen'), playerOf('office')].toSorted(),
    );
    expect(house.sounds.made.map(({ sent }) => sent)).toEqual([[5]]);
    const urls = house.sonos.calls.flatMap(({ body }) => body?.streamUrl ?? []);
    expect(new Set(urls).size).toBe(5);
    // The other speakers say nothing of their own.
    const other = house.sonos.calls.find(({ path }) => path.includes('RINCON_A'))?.body?.streamUrl;
    house.sounds.made[0]?.come(Number(/(\d)\.wav$/.exec(String(other))?.[1]));
    await house.clock.advance(5_000);
    if (who === 'message') expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent']);
  });

  it('is heard although one of the others refuses', async () => {
    const { house, ...spoken } = await openPair('all');
    house.sonos.on(/RINCON_B.audioClip$/, () => refused());
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE');
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'confirmed']);
    expect(house.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toContainEqual({
      room: 'kitchen',
      refused: 1,
    });
  });
});

describe('an announcement that cannot be heard', () => {
  it('is refused by a room that plays no clips, with those that do', async () => {
    const { house, ...spoken } = await openSpokenHouse({
      groups: [['kitchen', 'bath'], ['office'], ['attic']],
    });
    house.world.speaker('office').capabilities = ['PLAYBACK'];
    house.world.regroup([['kitchen', 'bath'], ['office']]);
    house.tell('groups', 'Sonos_home');
    house.command('all', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    expect(spoken.error('office', 'a')).toEqual({
      code: 'not_capable',
      message: '"office" cannot play audio clips.',
      advice: 'These can: bath, kitchen.',
    });
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted']);
  });

  it('is refused by a house that has no such room at all', async () => {
    const { house, ...spoken } = await openSpokenHouse({ groups: [['kitchen']] });
    house.world.speaker('kitchen').capabilities = ['PLAYBACK'];
    house.tell('groups', 'Sonos_home');
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    expect(spoken.error('kitchen', 'a').advice).toBe('No room of the household can.');
  });

  it('is refused by a room that is away, at once and when its turn comes', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    for (const id of ['a', 'b']) house.command('office', 'announce', { text: id, id });
    await house.clock.advance(10);
    spoken.tell('office', 'ACTIVE');
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', 'Sonos_home');
    house.command('office', 'announce', { text: 'c', id: 'c' });
    await house.clock.advance(10_000);
    expect(spoken.error('office', 'c').message).toBe('The room is offline.');
    expect(spoken.error('office', 'b').message).toBe('The room is offline.');
    expect(spoken.announcing('office')).toBeNull();
  });

  it('is refused when its sound is refused, or cannot be made', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.sounds.objects = ({ text }) =>
      text === 'long' ? commandError('invalid_payload', 'Too long.') : null;
    house.sounds.before = ({ text }) =>
      Promise.resolve(
        text === 'x' ? err(commandError('not_capable', 'Nobody speaks.')) : { ok: true, value: null },
      );
    house.command('kitchen', 'announce', { text: 'long', id: 'a' });
    house.command('kitchen', 'announce', { text: 'x', id: 'b' });
    house.command('kitchen', 'announce', { text: 'y', id: 'c' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['failed']);
    expect(spoken.replies('kitchen', 'b')).toEqual(['accepted', 'failed']);
    expect(spoken.event('kitchen', 'b', 'failed').error).toEqual({
      code: 'not_capable',
      message: 'Nobody speaks.',
    });
    expect(spoken.stages('kitchen', 'c')).toEqual(['queued', 'sent']);
  });

  it('fails with what Sonos said', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.sonos.on(/audioClip$/, () => refused('ERROR_COMMAND_FAILED'));
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'failed']);
    expect(spoken.error('kitchen', 'a')).toMatchObject({
      code: 'sonos_error',
      sonos: { error_code: 'ERROR_COMMAND_FAILED' },
    });
    house.sonos.on(/audioClip$/, down);
    house.command('kitchen', 'announce', { text: 'x', id: 'b' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'b')).toEqual(['accepted', 'failed']);
  });

  it('fails when the speaker does not come for it, and names the address', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10_100);
    expect(spoken.error('kitchen', 'a')).toMatchObject({
      code: 'timeout',
      message: 'The speaker of "kitchen" did not come for the sound at http://192.168.1.5:8789 in time.',
    });
    expect(spoken.error('kitchen', 'a').advice).toContain('speech.clip_url');
    expect(spoken.ended()).toEqual(['kitchen-1']);
  });

  it.each([
    [false, 'could not reach http://192.168.1.5:8789: E.'],
    [true, 'could not play the sound from http://192.168.1.5:8789: E.'],
  ])('fails when the player says so; it had come for the sound: %s', async (hasCome, words) => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    if (hasCome) house.sounds.made[0]?.come();
    spoken.tell('kitchen', 'ERROR', { errorCode: 'E' });
    await house.clock.advance(10);
    expect(spoken.error('kitchen', 'a').message).toContain(words);
  });

  it('fails without words of the player, too', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ERROR');
    await house.clock.advance(10);
    expect(spoken.error('kitchen', 'a').message).toContain(': ERROR.');
  });

  it('fails when somebody dismisses it before it is heard', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'DISMISSED');
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent', 'dismissed']);
    expect(spoken.error('kitchen', 'a').message).toContain('dismissed');
  });

  it('is never sent twice when the answer is lost: what the player does tells', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.sonos.on(/audioClip$/, lost);
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    house.command('bath', 'announce', { text: 'x', id: 'b' });
    await house.clock.advance(10);
    house.sounds.made[0]?.come();
    await house.clock.advance(20_000);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'confirmed']);
    expect(spoken.replies('bath', 'b')).toEqual(['accepted', 'failed']);
    expect(house.sonos.made(/POST .*audioClip$/)).toHaveLength(2);
  });

  it('is taken by the bridge although Sonos answers without an id', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.sonos.on(/POST .*audioClip$/, () => ({ ok: true, value: {} }));
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE', { id: 'whatever' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'confirmed']);
  });

  it('fails while no account is linked, also when that is found late', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    const notLinked = commandError('not_linked', 'No account.', 'Log in.');
    house.sounds.before = () => {
      house.obstacle = notLinked;
      return Promise.resolve({ ok: true, value: null });
    };
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    house.command('kitchen', 'announce', { text: 'x', id: 'b' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'failed']);
    expect(spoken.replies('kitchen', 'b')).toEqual(['failed']);
  });

  it('fails when its household goes', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('all', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE');
    house.bridge.setHouseholds([]);
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'confirmed']);
    expect(spoken.replies('bath', 'a')).toEqual(['accepted', 'failed']);
    expect(house.kept().items).toEqual([]);
  });

  it('expires: as its sender says, or after a while', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'now', id: 'now' });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE');
    const soon = new Date(house.clock.now() + 1_000).toISOString();
    house.command('kitchen', 'announce', { text: 'a', id: 'a', expires_at: soon });
    house.command('kitchen', 'announce', { text: 'b', id: 'b', expires_at: '2020-01-01T00:00:00Z' });
    await house.clock.advance(1_000);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'expired']);
    expect(spoken.error('kitchen', 'a').code).toBe('expired');
    expect(spoken.replies('kitchen', 'b')).toEqual(['failed']);
  });
});
