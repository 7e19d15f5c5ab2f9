import { describe, expect, it } from 'vitest';
import type { AnnouncementSettings } from '../../src/bridge/announcement-policy.ts';
import { type AnnouncementsRecord, announcementsSchema } from '../../src/bridge/announcement-record.ts';
import { commandError } from '../../src/bridge/command-error.ts';
import { OPEN } from '../support/announcement.ts';
import { createTestBridge, HOME, playerOf } from '../support/bridge-house.ts';
import { down, refused } from '../support/fake-sonos.ts';
import { openSpokenHouse, texts } from './announcements-house.ts';

const openWith = (announcements: Partial<AnnouncementSettings>) =>
  openSpokenHouse({ settings: { announcements: { ...OPEN, ...announcements } } });

const night = {
  from: '20:30',
  to: '06:00',
  timezone: 'UTC',
  rooms: ['kitchen'],
  minPriority: 'high',
} as const;

describe('the policy', () => {
  it('blocks with the name of its rule, and only where it holds', async () => {
    const { house, ...spoken } = await openWith({ quietHours: [{ ...night, from: '19:00' }] });
    house.command('all', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['failed']);
    expect(spoken.error('kitchen', 'a')).toMatchObject({ code: 'blocked', rule: 'quiet_hours' });
    expect(spoken.replies('bath', 'a')).toEqual(['accepted']);
  });

  it('is looked at once more when its turn comes', async () => {
    // It is 20:00 when the house opens.
    const { house, ...spoken } = await openWith({ quietHours: [night], expireMs: 7_200_000 });
    for (const id of ['a', 'b']) house.command('kitchen', 'announce', { text: id, id });
    await house.clock.advance(10);
    spoken.tell('kitchen', 'ACTIVE');
    house.clock.jumpNow(1_800_000);
    spoken.tell('kitchen', 'DONE');
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'b')).toEqual(['queued', 'failed']);
    expect(spoken.error('kitchen', 'b')).toMatchObject({ code: 'blocked', rule: 'quiet_hours' });
  });

  it('does not say the same again for a while', async () => {
    const { house, ...spoken } = await openWith({ repeatMs: 60_000 });
    house.command('kitchen', 'announce', { text: 'Washing is done', id: 'a' });
    house.command('kitchen', 'announce', { text: 'Washing is done', id: 'b' });
    house.command('bath', 'announce', { text: 'Washing is done', id: 'b' });
    house.command('kitchen', 'announce', { text: 'Something else', id: 'c' });
    await house.clock.advance(60_000);
    house.command('kitchen', 'announce', { text: 'Washing is done', id: 'd' });
    await house.clock.advance(10);
    expect(spoken.error('kitchen', 'b')).toMatchObject({ code: 'blocked', rule: 'repeat' });
    expect(spoken.replies('bath', 'b')[0]).toBe('accepted');
    expect(spoken.replies('kitchen', 'c')[0]).toBe('accepted');
    expect(spoken.replies('kitchen', 'd')[0]).toBe('accepted');
  });

  it('lets what was not heard be said again at once', async () => {
    const { house, ...spoken } = await openWith({ repeatMs: 60_000 });
    const rule = house.sonos.on(/POST .*audioClip$/, () => refused());
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    rule();
    house.command('kitchen', 'announce', { text: 'x', id: 'b' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['accepted', 'failed']);
    expect(spoken.replies('kitchen', 'b')).toEqual(['accepted']);
  });

  it('lets only so many wait, and an important one goes in place of another', async () => {
    const { house, ...spoken } = await openWith({ maxQueue: 2 });
    for (const id of ['now', 'a', 'b', 'c']) {
      house.command('kitchen', 'announce', { text: id, id });
      await house.clock.advance(10);
    }
    expect(spoken.replies('kitchen', 'c')).toEqual(['failed']);
    expect(spoken.error('kitchen', 'c').code).toBe('rate_limited');
    house.command('kitchen', 'announce', { text: 'fire', id: 'fire', priority: 'high' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'b')).toEqual(['accepted', 'failed']);
    expect(spoken.replies('kitchen', 'fire')).toEqual(['accepted']);
  });
});

describe('cancelling', () => {
  it('ends what is heard and what waits, in that room', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    for (const id of ['a', 'b']) house.command('all', 'announce', { text: id, id });
    await house.clock.advance(10);
    for (const room of ['kitchen', 'bath']) spoken.tell(room, 'ACTIVE');
    house.command('kitchen', 'cancel', { id: 'x' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'x')).toEqual(['accepted', 'confirmed']);
    expect(spoken.stages('kitchen', 'a').at(-1)).toBe('cancelled');
    expect(spoken.stages('kitchen', 'b')).toEqual(['queued', 'cancelled']);
    expect(spoken.error('kitchen', 'b').message).toContain('cancelled');
    expect(spoken.ended()).toEqual(['kitchen-1']);
    expect(spoken.announcing('kitchen')).toBeNull();
    expect(spoken.stages('bath', 'a').at(-1)).toBe('playing');
  });

  it('is by id, and what is not there is cancelled already', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    for (const id of ['a', 'b', 'c']) house.command('kitchen', 'announce', { text: id, id });
    await house.clock.advance(10);
    house.command('kitchen', 'cancel', 'b');
    house.command('kitchen', 'cancel', { value: 'nobody', id: 'x' });
    house.command('kitchen', 'cancel', { value: ['b'], id: 'y' });
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'b')).toEqual(['queued', 'cancelled']);
    expect(spoken.replies('kitchen', 'x')).toEqual(['accepted', 'confirmed']);
    expect(spoken.replies('kitchen', 'y')).toEqual(['failed']);
    expect(spoken.stages('kitchen', 'c')).toEqual(['queued']);
  });

  it('comes in time also while the announcement is still being taken in', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    house.command('kitchen', 'cancel', '');
    await house.clock.advance(10_000);
    expect(spoken.replies('kitchen', 'a')).toEqual(['failed']);
    expect(spoken.sent('kitchen')).toEqual([]);
  });

  it('is the last word, whatever becomes of the sound', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    let fail: () => void = () => {};
    house.sounds.before = () =>
      new Promise((resolve) => {
        fail = () => resolve({ ok: false, error: commandError('internal', 'Nobody speaks.') });
      });
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    house.command('kitchen', 'cancel', 'a');
    fail();
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'cancelled']);
  });

  it('is not undone by an end that comes too late', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.sonos.on(/^DELETE .*audioClip/, () => 'hang');
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    house.command('kitchen', 'cancel', 'a');
    spoken.tell('kitchen', 'DONE');
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent', 'cancelled']);
  });
});

/** Opens the house that finds what another left. */
const reopened = (announcements: AnnouncementsRecord, more: Parameters<typeof openSpokenHouse>[0] = {}) =>
  openSpokenHouse({ ...more, announcements });

/** A house whose sounds are never ready. */
async function openMute() {
  const spoken = await openSpokenHouse();
  spoken.house.sounds.before = () => new Promise(() => {});
  return spoken;
}

describe('what a restart finds', () => {
  it('is said when it waited, and answered', async () => {
    const before = await openMute();
    before.house.command('all', 'announce', { text: 'x', id: 'a' });
    before.house.command('kitchen', 'announce', { text: 'y', id: 'b' });
    await before.house.clock.advance(10);
    const kept = before.house.kept();
    expect(kept.items.map(({ ask, phase }) => `${ask.room} ${ask.id} ${phase}`)).toEqual([
      'bath a waiting',
      'kitchen a waiting',
      'office a waiting',
      'kitchen b waiting',
    ]);
    const { house, ...spoken } = await reopened(kept);
    for (const room of ['kitchen', 'bath', 'office']) spoken.tell(room, 'ACTIVE');
    await house.clock.advance(10);
    expect(texts(house)).toEqual(['x', 'y']);
    expect(house.sounds.made.map(({ sent }) => sent)).toEqual([[3], []]);
    expect(spoken.replies('kitchen', 'a')).toEqual(['confirmed']);
    expect(spoken.stages('office', 'a')).toEqual(['sent', 'playing']);
    spoken.tell('kitchen', 'DONE');
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'b')).toEqual(['sent']);
  });

  it.each(['sent', 'playing'])(
    'is not said again when it was %s; it is followed to its end',
    async (phase) => {
      const before = await openSpokenHouse();
      for (const id of ['a', 'b']) before.house.command('kitchen', 'announce', { text: id, id });
      await before.house.clock.advance(10);
      if (phase === 'playing') before.tell('kitchen', 'ACTIVE');
      await before.house.clock.advance(10);
      const { house, ...spoken } = await reopened(before.house.kept());
      expect(texts(house)).toEqual(['b']);
      expect(spoken.sent('kitchen')).toEqual([]);
      spoken.tell('kitchen', 'DONE', { id: 'kitchen-1' });
      await house.clock.advance(10);
      expect(spoken.stages('kitchen', 'a').at(-1)).toBe('done');
      expect(spoken.replies('kitchen', 'a')).toEqual(phase === 'playing' ? [] : ['confirmed']);
      expect(spoken.sent('kitchen')).toHaveLength(1);
    },
  );

  it('is over when its time has passed, also when no event tells', async () => {
    const before = await openSpokenHouse();
    for (const id of ['a', 'b']) before.house.command('kitchen', 'announce', { text: id, id });
    await before.house.clock.advance(10);
    const { house, ...spoken } = await reopened(before.house.kept());
    await house.clock.advance(20_000);
    expect(spoken.stages('kitchen', 'a')).toEqual(['done']);
    expect(spoken.replies('kitchen', 'a')).toEqual(['unconfirmed']);
    expect(spoken.stages('kitchen', 'b')[0]).toBe('sent');
  });

  it('is not said again when nobody knows whether Sonos had it', async () => {
    const before = await openSpokenHouse();
    before.house.sonos.on(/POST .*audioClip$/, () => 'hang');
    before.house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await before.house.clock.advance(10);
    expect(before.house.kept().items.map(({ phase }) => phase)).toEqual(['sending']);
    const { house, ...spoken } = await reopened(before.house.kept());
    await house.clock.advance(60_000);
    expect(house.sounds.made).toEqual([]);
    expect(spoken.replies('kitchen', 'a')).toEqual(['unconfirmed']);
  });

  it('knows who asked: the same again waits with it, and its answer goes to the response topic', async () => {
    const before = await openMute();
    const responseTo = { topic: 'me/answer', correlationData: new Uint8Array([0, 128, 255]) };
    before.house.command('kitchen', 'announce', { text: 'x', id: 'a' }, { responseTo });
    before.house.command(
      'bath',
      'announce',
      { text: 'y', id: 'b' },
      {
        responseTo: { topic: 'me/answer', correlationData: null },
      },
    );
    await before.house.clock.advance(10);
    const { house, ...spoken } = await reopened(before.house.kept());
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    spoken.tell('kitchen', 'ACTIVE');
    spoken.tell('bath', 'ACTIVE');
    await house.clock.advance(10);
    expect(texts(house)).toEqual(['x', 'y']);
    const asks = house.answers.filter(({ reply }) => reply.status === 'confirmed').map(({ ask }) => ask);
    expect(asks.map((ask) => ask.responseTo)).toEqual([
      responseTo,
      null,
      { topic: 'me/answer', correlationData: null },
    ]);
  });

  it('is answered as it was to whoever asks the same again while it is heard', async () => {
    const before = await openSpokenHouse();
    before.house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    before.house.command('bath', 'announce', { text: 'x' });
    await before.house.clock.advance(10);
    before.tell('kitchen', 'ACTIVE');
    before.tell('bath', 'ACTIVE');
    await before.house.clock.advance(10);
    const { house, ...spoken } = await reopened(before.house.kept());
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    expect(spoken.replies('kitchen', 'a')).toEqual(['confirmed']);
    expect(house.sounds.made).toEqual([]);
  });

  it('is told to have expired when it is too late, whether its household comes back or not', async () => {
    const before = await openSpokenHouse();
    before.house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    before.house.command('bath', 'announce', { text: 'x', id: 'b' });
    await before.house.clock.advance(10);
    const [item] = before.house.kept().items;
    if (item === undefined) throw new Error('nothing was kept');
    const items = [
      { ...item, phase: 'waiting', expiresAt: 0 },
      { ...item, phase: 'waiting', household: 'elsewhere', ask: { ...item.ask, id: 'gone' } },
      { ...item, phase: 'sent', household: 'elsewhere', ask: { ...item.ask, id: 'left' } },
    ];
    const { house, ...spoken } = await reopened(announcementsSchema.parse({ items }));
    expect(spoken.replies('kitchen', 'a')).toEqual(['failed']);
    expect(spoken.error('kitchen', 'a').code).toBe('expired');
    expect(spoken.replies('kitchen', 'gone')).toEqual([]);
    await house.clock.advance(300_000);
    expect(spoken.error('kitchen', 'gone').code).toBe('expired');
    expect(spoken.replies('kitchen', 'left')).toEqual(['unconfirmed']);
    expect(house.kept().items).toEqual([]);
  });

  it('ends in silence when its room is not there any more', async () => {
    const before = await openSpokenHouse();
    before.house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await before.house.clock.advance(10);
    const [item] = before.house.kept().items;
    if (item === undefined) throw new Error('nothing was kept');
    const { house, ...spoken } = await reopened({ items: [{ ...item, playerId: 'RINCON_GONE' }] });
    await house.clock.advance(60_000);
    expect(spoken.replies('kitchen', 'a')).toEqual(['unconfirmed']);
    expect(house.happenings).toEqual([]);
    expect(house.kept().items).toEqual([]);
  });

  it('does not trip over bytes that are none', async () => {
    const before = await openMute();
    before.house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await before.house.clock.advance(10);
    const [item] = before.house.kept().items;
    if (item === undefined) throw new Error('nothing was kept');
    const ask = { ...item.ask, responseTopic: 'me/answer', correlationData: '*' };
    const { house, ...spoken } = await reopened({ items: [{ ...item, ask }] });
    spoken.tell('kitchen', 'ACTIVE');
    await house.clock.advance(10);
    expect(house.answers.at(-1)?.ask.responseTo).toEqual({ topic: 'me/answer', correlationData: null });
  });
});

describe('a bridge that stops', () => {
  it('leaves what waits to the next one, unanswered', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    for (const id of ['a', 'b']) house.command('kitchen', 'announce', { text: id, id });
    house.command('kitchen', 'volume', { value: 5, id: 'v' });
    await house.clock.advance(10);
    await house.bridge.stop();
    house.sounds.made[0]?.come();
    await house.clock.advance(600_000);
    expect(spoken.replies('kitchen', 'b')).toEqual(['accepted']);
    expect(spoken.replies('kitchen', 'v')).toEqual(['accepted', 'failed']);
    expect(house.kept().items).toHaveLength(2);
    expect(house.clock.timers).toBe(0);
  });

  it('sends nothing any more, whatever was under way', async () => {
    for (const moment of ['kept', 'made', 'sending'] as const) {
      const { house, ...spoken } = await openSpokenHouse();
      let release: () => void = () => {};
      const wait = new Promise<void>((resolve) => {
        release = resolve;
      });
      if (moment === 'kept') house.keep = () => wait;
      if (moment === 'made') house.sounds.before = () => wait.then(() => ({ ok: true, value: null }));
      if (moment === 'sending')
        house.sonos.on(/POST .*audioClip$/, () => wait.then(() => ({ ok: true, value: { id: 'c' } })));
      house.command('kitchen', 'announce', { text: 'x', id: 'a' });
      await house.clock.advance(10);
      const calls = house.sonos.made(/audioClip$/).length;
      await house.bridge.stop();
      release();
      await house.clock.advance(10);
      expect(house.sonos.made(/audioClip$/).length).toBe(calls);
      expect(spoken.stages('kitchen', 'a')).not.toContain('sent');
      expect(house.kept().items).toHaveLength(1);
    }
  });
});

describe('a disk that', () => {
  it('refuses does not silence the house', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.keep = () => Promise.reject(new Error('ENOSPC'));
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(10);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent']);
  });

  it('hangs holds an announcement up for some seconds only', async () => {
    const { house, ...spoken } = await openSpokenHouse();
    house.keep = () => new Promise(() => {});
    house.command('kitchen', 'announce', { text: 'x', id: 'a' });
    await house.clock.advance(1_900);
    expect(spoken.replies('kitchen', 'a')).toEqual([]);
    await house.clock.advance(2_200);
    expect(spoken.stages('kitchen', 'a')).toEqual(['queued', 'sent']);
  });
});

describe('right after a start', () => {
  const room = (address: string) => ({ address, name: address, gone_since: null, last_picture: null });
  const rooms = { [playerOf('kitchen')]: room('kitchen'), [playerOf('attic')]: room('attic') };
  const book = { households: { [HOME]: { alias: 'home', name: null, rooms } }, retired: [] };

  /** A house that remembers its rooms, and does not know yet who is there. */
  async function openUnknown() {
    const house = createTestBridge({ book });
    const isKnown = house.sonos.on(/^GET .*groups$/, down);
    await house.start();
    for (const name of ['kitchen', 'attic']) house.command(name, 'announce', { text: 'x', id: name });
    await house.clock.advance(100);
    return { house, isKnown };
  }

  it('an announcement waits until it is known who is there', async () => {
    const { house, isKnown } = await openUnknown();
    expect(house.statuses('kitchen')).toEqual(['accepted']);
    expect(house.sounds.made).toEqual([]);
    isKnown();
    await house.clock.advance(60_000);
    expect(house.sounds.made).toHaveLength(2);
    expect(house.sonos.made(/POST .*audioClip$/)).toHaveLength(1);
    expect(house.last('attic').error?.message).toBe('The room is offline.');
  });

  it('it can be cancelled', async () => {
    const { house, isKnown } = await openUnknown();
    house.command('attic', 'cancel', 'somebody else');
    house.command('kitchen', 'cancel', 'kitchen');
    isKnown();
    await house.clock.advance(60_000);
    expect(house.statuses('kitchen')).toEqual(['accepted', 'failed']);
    expect(house.last('kitchen').error?.message).toContain('cancelled');
    expect(house.sonos.made(/POST .*audioClip$/)).toEqual([]);
  });

  it('it is left to the next run when the bridge stops', async () => {
    const { house } = await openUnknown();
    await house.bridge.stop();
    expect(house.clock.timers).toBe(0);
    expect(house.statuses('kitchen')).toEqual(['accepted']);
    expect(house.kept().items).toHaveLength(2);
  });

  it('it fails when its household goes', async () => {
    const { house } = await openUnknown();
    house.bridge.setHouseholds([]);
    await house.clock.advance(10);
    expect(house.last('kitchen').error?.code).toBe('not_linked');
    expect(house.kept().items).toEqual([]);
  });

  it('it expires when nobody ever learns who is there', async () => {
    const { house } = await openUnknown();
    await house.clock.advance(300_000);
    expect(house.statuses('kitchen')).toEqual(['accepted', 'failed']);
    expect(house.last('kitchen').error?.code).toBe('expired');
    await house.bridge.stop();
    expect(house.clock.timers).toBe(0);
  });
});
