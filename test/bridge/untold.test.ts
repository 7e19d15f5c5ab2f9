import { describe, expect, it } from 'vitest';
import { createTestBridge, DAY_MS, HOME, playerOf, type TestBridge } from '../support/bridge-house.ts';
import { down, later, lost, refused, sonosError } from '../support/fake-sonos.ts';
import { status } from './upkeep-house.ts';

// Sonos tells no events of home theatres and of settings: what is shown of them is what was read.

const OPTIONS = /^GET .*homeTheater\/options$/;
const SETTINGS = /^GET .*settings\/player$/;

const forbidden = () => ({ ok: false, error: sonosError({ kind: 'forbidden', status: 403 }) }) as const;
const done = { ok: true, value: {} } as const;

/** Sonos carries out what it is asked for; a home theatre says what its options are then. */
function obey(house: TestBridge): void {
  const office = house.world.speaker('office');
  house.sonos.on(/^POST .*homeTheater\/options$/, ({ body }) => {
    office.nightMode = body?.nightMode === undefined ? office.nightMode : body.nightMode === true;
    office.dialog = body?.enhanceDialog === undefined ? office.dialog : body.enhanceDialog === true;
    return { ok: true, value: { nightMode: office.nightMode, enhanceDialog: office.dialog } };
  });
  house.sonos.on(/^POST .*settings\/player$/, ({ body }) => {
    office.factor = Number(body?.volumeScalingFactor);
    return done;
  });
}

/** A house with a TV in the office, where events arrive. */
async function openHouse(options: Parameters<typeof createTestBridge>[0] = {}): Promise<TestBridge> {
  const house = createTestBridge(options);
  house.world.speaker('office').capabilities.push('HT_PLAYBACK');
  obey(house);
  await house.start();
  house.tell('groups', HOME);
  await house.clock.advance(5_000);
  house.sonos.calls.length = 0;
  return house;
}

const theater = (house: TestBridge) => house.picture('office').home_theater;

describe('what Sonos tells no events of', () => {
  it('is read at the start, of those players that have it, and not subscribed', async () => {
    const house = createTestBridge();
    house.world.speaker('office').capabilities.push('HT_PLAYBACK');
    house.world.speaker('office').nightMode = true;
    house.world.speaker('bath').factor = 0.3;
    await house.start();
    expect(theater(house)).toEqual({ night_mode: true, dialog: false });
    expect(house.picture('bath')).toMatchObject({ volume_limit: 30, home_theater: null });
    expect(house.sonos.made(OPTIONS)).toHaveLength(1);
    expect(house.sonos.made(SETTINGS)).toHaveLength(3);
    expect(house.sonos.made(/POST .*(settings|homeTheater).*subscription/)).toEqual([]);
  });

  it('is read with everything else, and a change of it is no event that was missed', async () => {
    const house = await openHouse();
    house.world.speaker('office').dialog = true;
    house.world.speaker('bath').factor = 0.3;
    await house.clock.advance(610_000);
    expect(theater(house)).toEqual({ night_mode: false, dialog: true });
    expect(house.picture('bath')).toMatchObject({ volume_limit: 30, stale: false });
    await house.clock.advance(5_000);
    expect(status(house)).toMatchObject({ corrections: 0, isSilent: false });
    expect(house.lines).toEqual([]);
    expect(house.diary.some((entry) => entry.kind === 'show' && entry.household.stale)).toBe(false);
  });

  it('is read once in ten minutes while everything else is polled', async () => {
    const house = createTestBridge();
    await house.start();
    house.sonos.calls.length = 0;
    await house.clock.advance(3_600_000);
    expect(house.sonos.made(/GET .*bath.*|GET .*playerVolume$/).length).toBeGreaterThan(600);
    expect(house.sonos.made(SETTINGS)).toHaveLength(3 * 6);
  });

  it('is read again when somebody asks for the room, or for everything', async () => {
    const house = await openHouse();
    house.world.speaker('office').nightMode = true;
    house.command('office', 'refresh', { id: 'a' });
    await house.clock.advance(10);
    expect(theater(house)).toEqual({ night_mode: true, dialog: false });
    house.world.speaker('office').nightMode = false;
    house.bridge.lostEvents();
    await house.clock.advance(1_000);
    expect(theater(house)).toEqual({ night_mode: false, dialog: false });
  });

  it('is taken in all the same should Sonos tell of it one day', async () => {
    const house = await openHouse();
    house.tell('homeTheater', playerOf('office'), { body: { nightMode: true, enhanceDialog: true } });
    expect(theater(house)).toEqual({ night_mode: true, dialog: true });
    expect(house.sonos.calls).toEqual([]);
  });
});

describe('a player that has none of it', () => {
  const ANSWERS = [
    ['refuses', () => refused('ERROR_UNSUPPORTED_NAMESPACE')],
    ['forbids', forbidden],
  ] as const;

  it.each(ANSWERS)(
    'and %s to be asked is asked less and less often, and nothing is doubtful',
    async (_what, answer) => {
      const house = createTestBridge({ settings: { reconcileMs: 3_600_000 } });
      house.sonos.on(SETTINGS, (call) => (call.path.includes(playerOf('bath')) ? answer() : null));
      await house.start();
      house.tell('groups', HOME);
      const asked = () =>
        house.sonos.made(SETTINGS).filter(({ path }) => path.includes(playerOf('bath'))).length;
      await house.clock.advance(DAY_MS);
      const firstDay = asked();
      expect(firstDay).toBeGreaterThan(8);
      expect(firstDay).toBeLessThan(16);
      await house.clock.advance(7 * DAY_MS);
      expect(asked() - firstDay).toBeLessThanOrEqual(8);
      expect(house.picture('bath')).toMatchObject({ volume_limit: null, stale: false });
      expect(house.picture('kitchen').volume_limit).toBe(100);
      expect(house.diary.some((entry) => entry.kind === 'show' && entry.household.stale)).toBe(false);
      expect(status(house).lastReadBackAt).toBeGreaterThan(house.clock.now() - 3_700_000);
      expect(house.lines.filter(({ level }) => level !== 'info')).toEqual([]);
      await house.bridge.stop();
    },
  );

  it('is asked again at once when everything is to be read, since it may have had an update', async () => {
    const house = createTestBridge();
    const undo = house.sonos.on(SETTINGS, () => refused());
    await house.start();
    house.tell('groups', HOME);
    await house.clock.advance(DAY_MS);
    undo();
    house.bridge.lostEvents();
    await house.clock.advance(1_000);
    expect(house.picture('bath').volume_limit).toBe(100);
  });

  it('is refreshed all the same, but not when it cannot be reached', async () => {
    const house = await openHouse();
    const undo = house.sonos.on(SETTINGS, () => refused());
    house.command('bath', 'refresh', { id: 'a' });
    await house.clock.advance(10);
    expect(house.last('a').status).toBe('confirmed');
    undo();
    house.sonos.on(SETTINGS, down);
    house.command('bath', 'refresh', { id: 'b' });
    await house.clock.advance(10);
    expect(house.last('b')).toMatchObject({ status: 'failed', error: { code: 'sonos_error' } });
  });

  it('says so to whoever wants to set it', async () => {
    const house = await openHouse();
    house.sonos.on(/^POST .*settings\/player$/, () => refused('ERROR_UNSUPPORTED_NAMESPACE'));
    house.command('bath', 'volume_limit', { value: 30, id: 'a' });
    await house.clock.advance(100);
    expect(house.last('a')).toMatchObject({
      status: 'failed',
      error: { code: 'sonos_error', advice: expect.stringContaining('too old') },
    });
  });
});

describe('a player whose settings cannot be read for a while', () => {
  it('makes nothing else doubtful, and is read when it answers again', async () => {
    const house = createTestBridge();
    const undo = house.sonos.on(SETTINGS, down);
    await house.start();
    house.tell('groups', HOME);
    await house.clock.advance(1_300_000);
    expect(house.picture('bath')).toMatchObject({ volume_limit: null, stale: false });
    undo();
    await house.clock.advance(300_000);
    expect(house.picture('bath').volume_limit).toBe(100);
  });
});

describe('a command of which no event tells', () => {
  it.each([
    ['night_mode', true, { home_theater: { night_mode: true, dialog: false } }],
    ['dialog', true, { home_theater: { night_mode: false, dialog: true } }],
    ['volume_limit', 45, { volume_limit: 45 }],
  ])('%s is confirmed and shown by one read', async (command, value, picture) => {
    const house = await openHouse();
    house.command('office', command, { value, id: 'a' });
    await house.clock.advance(200);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.picture('office')).toMatchObject(picture);
    expect(house.sonos.calls.map(({ method }) => method)).toEqual(['POST', 'GET']);
    await house.clock.advance(60_000);
    expect(house.sonos.calls).toHaveLength(2);
  });

  it('is sent also when it seems to be so already, and what is true is shown then', async () => {
    const house = await openHouse();
    const office = house.world.speaker('office');
    office.nightMode = true;
    office.dialog = true;
    house.command('office', 'night_mode', { value: false, id: 'a' });
    await house.clock.advance(200);
    expect(office.nightMode).toBe(false);
    expect(house.last('a').status).toBe('confirmed');
    expect(theater(house)).toEqual({ night_mode: false, dialog: true });
  });

  it('is confirmed by the answer, also when another one undoes it at once', async () => {
    const house = await openHouse();
    house.command('office', 'night_mode', { value: true, id: 'a' });
    house.command('office', 'night_mode', { value: false, id: 'b' });
    await house.clock.advance(2_000);
    expect(['a', 'b'].map((id) => house.last(id).status)).toEqual(['confirmed', 'confirmed']);
    expect(theater(house)).toEqual({ night_mode: false, dialog: false });
  });

  it('is overruled by the next one while it waits, as volumes are', async () => {
    const house = await openHouse();
    for (const [id, value] of Object.entries({ a: 80, b: 70, c: 60 }))
      house.command('office', 'volume_limit', { value, id });
    await house.clock.advance(5_000);
    expect(house.sonos.made(/^POST .*settings/).map(({ body }) => body?.volumeScalingFactor)).toEqual([
      0.8, 0.6,
    ]);
    expect(house.last('b')).toMatchObject({ status: 'confirmed', superseded_by: 'c' });
    expect(house.last('c').status).toBe('confirmed');
    expect(house.picture('office').volume_limit).toBe(60);
  });

  it('makes no answer count that was asked for before', async () => {
    const house = await openHouse();
    // The room is read, slowly, while somebody sets it.
    house.sonos.on(SETTINGS, () => {
      const factor = house.world.speaker('office').factor;
      return later(house.clock, 1_000, () => ({ ok: true, value: { volumeScalingFactor: factor } }));
    });
    house.command('office', 'refresh', { id: 'slow' });
    await house.clock.advance(500);
    house.command('office', 'volume_limit', { value: 45, id: 'a' });
    await house.clock.advance(600);
    expect(house.last('slow').status).toBe('confirmed');
    expect(house.picture('office').volume_limit).toBe(100);
    await house.clock.advance(1_000);
    expect(house.picture('office').volume_limit).toBe(45);
    expect(house.last('a').status).toBe('confirmed');
  });

  it('is read until it is known, when neither its answer nor the reads come through', async () => {
    const house = await openHouse();
    const office = house.world.speaker('office');
    const undo = house.sonos.on(SETTINGS, down);
    house.sonos.on(/^POST .*settings\/player$/, () => {
      office.factor = 0.45;
      return lost();
    });
    house.command('office', 'volume_limit', { value: 45, id: 'a' });
    await house.clock.advance(20_000);
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    expect(house.picture('office').volume_limit).toBe(100);
    // Somebody regroups meanwhile: that is not forgotten for it.
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.tell('groups', HOME);
    undo();
    await house.clock.advance(60_000);
    expect(house.picture('office').volume_limit).toBe(45);
    expect(house.household().presumed.size).toBe(0);
  });

  it('that Sonos refused has nothing read', async () => {
    const house = await openHouse();
    house.sonos.on(/^POST .*homeTheater\/options$/, () => refused());
    house.command('office', 'night_mode', { value: true, id: 'a' });
    await house.clock.advance(60_000);
    expect(house.last('a').status).toBe('failed');
    expect(house.sonos.made(/^GET/)).toEqual([]);
  });

  it('that Sonos took without an effect stays unconfirmed', async () => {
    const house = await openHouse();
    house.sonos.on(/^POST .*settings\/player$/, () => done);
    house.command('office', 'volume_limit', { value: 45, id: 'a' });
    await house.clock.advance(10_000);
    expect(house.last('a').status).toBe('unconfirmed');
    expect(house.picture('office').volume_limit).toBe(100);
  });

  it('ends with its household', async () => {
    const house = await openHouse();
    house.sonos.on(/^POST .*settings\/player$/, () => later(house.clock, 1_000, () => done));
    house.command('office', 'volume_limit', { value: 45, id: 'a' });
    await house.clock.advance(500);
    house.bridge.setHouseholds([]);
    await house.clock.advance(20_000);
    expect(house.last('a').status).toBe('unconfirmed');
    expect(house.sonos.made(/^GET/)).toEqual([]);
  });
});

describe('tv and line_in', () => {
  it('are confirmed when Sonos tells of the source', async () => {
    const house = await openHouse();
    house.world.speaker('bath').capabilities.push('LINE_IN');
    house.tell('groups', HOME);
    await house.clock.advance(5_000);
    house.sonos.calls.length = 0;
    for (const [command, type] of [
      ['tv', 'linein.homeTheater.hdmi'],
      ['line_in', 'linein'],
    ] as const) {
      const value = command === 'tv' ? null : 'bath';
      house.command('office', command, { value, id: command });
      await house.clock.advance(100);
      expect(house.statuses(command)).toEqual(['accepted']);
      house.tell('playbackMetadata', house.world.party('office').id, { body: { container: { type } } });
      await house.clock.advance(0);
      expect(house.statuses(command)).toEqual(['accepted', 'confirmed']);
    }
    expect(house.sonos.calls.map(({ method, body }) => [method, body])).toEqual([
      ['POST', undefined],
      ['POST', { deviceId: playerOf('bath'), playOnCompletion: true }],
    ]);
  });
});
