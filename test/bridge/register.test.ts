import { describe, expect, it } from 'vitest';
import { type AddressBook, emptyAddressBook } from '../../src/bridge/address-book.ts';
import { bytes, createTestBridge, DAY_MS, HOME, playerOf, type TestBridge } from '../support/bridge-house.ts';

async function openHouse(options: Parameters<typeof createTestBridge>[0] = {}): Promise<TestBridge> {
  const house = createTestBridge(options);
  await house.start();
  house.diary.length = 0;
  return house;
}

const rename = async (house: TestBridge, names: Readonly<Record<string, string>>): Promise<void> => {
  for (const [room, name] of Object.entries(names)) house.world.speaker(room).name = name;
  house.tell('groups', HOME);
  await house.clock.advance(100);
};

const kinds = (house: TestBridge): string[] => house.diary.map(({ kind }) => kind);

const cleared = (house: TestBridge): string[] =>
  house.diary.flatMap((entry) => (entry.kind === 'clear' ? entry.addresses : []));

const lastBook = (house: TestBridge): AddressBook =>
  house.diary.findLast((entry) => entry.kind === 'save')?.book ?? emptyAddressBook;

const addresses = (house: TestBridge): Record<string, string> =>
  Object.fromEntries([...house.household().rooms.values()].map((room) => [room.name, room.address]));

const forget = async (house: TestBridge, word: string, id = word): Promise<void> => {
  house.bridge.takeForBridge({
    command: 'forget',
    payload: bytes({ value: word, id }),
    retained: false,
    responseTo: null,
    expirySeconds: null,
  });
  await house.clock.advance(100);
};

describe('addresses', () => {
  it('are saved before anything is shown under them', async () => {
    const house = createTestBridge();
    let release = (): void => {};
    house.save = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    await house.start();
    release();
    await house.clock.advance(0);
    expect(kinds(house)).not.toContain('show');
    expect(lastBook(house).households[HOME]?.rooms[playerOf('bath')]?.address).toBe('bath');
    release();
    await house.clock.advance(0);
    expect(kinds(house).at(-1)).toBe('show');
    const shown = house.diary.at(-1);
    expect(
      shown?.kind === 'show' && [...shown.household.rooms.values()].map((room) => room.address).sort(),
    ).toEqual(['bath', 'kitchen', 'office']);
    house.tell('playerVolume', playerOf('kitchen'), { body: { volume: 3 } });
    expect(kinds(house).at(-1)).toBe('show');
  });

  it('of a room that was renamed are cleared after the new ones are saved and shown', async () => {
    const house = await openHouse();
    await rename(house, { office: 'Study' });
    expect(kinds(house)).toEqual(['save', 'show', 'clear', 'save']);
    expect(cleared(house)).toEqual(['home/office']);
    expect(addresses(house)).toMatchObject({ Study: 'study' });
    const [first, second] = house.diary.flatMap((entry) => (entry.kind === 'save' ? entry.book.retired : []));
    expect([first, second]).toEqual(['home/office', undefined]);
  });

  it('that are not cleared yet are remembered over a restart, and cleared then', async () => {
    const house = await openHouse();
    house.clear = () => new Promise(() => {});
    await rename(house, { office: 'Study' });
    expect(lastBook(house).retired).toEqual(['home/office']);
    const again = createTestBridge({ book: lastBook(house) });
    await again.start();
    expect(cleared(again)).toContain('home/office');
    expect(lastBook(again).retired).toEqual([]);
  });

  it('that came into use again while they were being cleared stay in use', async () => {
    const house = await openHouse();
    let release = (): void => {};
    house.clear = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    await rename(house, { office: 'Study' });
    const first = release;
    house.diary.length = 0;
    await rename(house, { office: 'Office' });
    expect(cleared(house)).toEqual(['home/study']);
    first();
    release();
    await house.clock.advance(0);
    expect(addresses(house)).toMatchObject({ Office: 'office' });
    expect(lastBook(house).retired).not.toContain('home/office');
  });

  it('are not cleared when two rooms swap their names', async () => {
    const house = await openHouse();
    await rename(house, { office: 'Bath', bath: 'Office' });
    const taken = Object.values(addresses(house)).map((address) => `home/${address}`);
    expect(new Set(taken).size).toBe(3);
    expect(cleared(house).filter((address) => taken.includes(address))).toEqual([]);
    await rename(house, { office: 'Office', bath: 'Bath' });
    const then = Object.values(addresses(house)).map((address) => `home/${address}`);
    expect(lastBook(house).retired.filter((address) => then.includes(address))).toEqual([]);
  });

  it('go on from memory while the disk refuses', async () => {
    const house = await openHouse();
    house.save = () => Promise.reject(new Error('ENOSPC'));
    await rename(house, { office: 'Study' });
    expect(kinds(house)).toContain('show');
    expect(house.picture('study').volume).toBe(20);
    // The store tells of the disk, so nobody else does.
    expect(house.lines).not.toContainEqual(expect.objectContaining({ level: 'error' }));
    await house.bridge.stop();
  });

  it('are the same after a restart, also for rooms that are away', async () => {
    const house = createTestBridge({ groups: [['kitchen'], ['bath'], ['office']] });
    house.world.speaker('bath').name = 'Kitchen';
    await house.start();
    house.world.regroup([['kitchen'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(100);
    const book = lastBook(house);
    const before = house.household();
    const again = createTestBridge({ groups: [['kitchen'], ['bath'], ['office']], book });
    again.world.speaker('bath').name = 'Kitchen';
    again.world.regroup([['kitchen'], ['office']]);
    again.bridge.setHouseholds([{ id: HOME, name: null }]);
    const after = again.household();
    expect(after.alias).toBe(before.alias);
    expect([...after.rooms].sort()).toEqual([...before.rooms].sort());
    expect(again.picture('kitchen')).toMatchObject({ online: false, name: 'Kitchen' });
    await again.start();
    again.world.regroup([['kitchen'], ['bath'], ['office']]);
    again.tell('groups', HOME);
    expect(
      [...again.household().rooms.values()].find(({ playerId }) => playerId === playerOf('kitchen'))?.address,
    ).toBe([...before.rooms.values()].find(({ playerId }) => playerId === playerOf('kitchen'))?.address);
  });
});

describe('rooms that are gone', () => {
  it('are forgotten after so many days, and their topics cleared', async () => {
    const house = await openHouse({ settings: { pollMs: 0, reconcileMs: DAY_MS } });
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    await house.clock.advance(29 * DAY_MS);
    expect(addresses(house)).toHaveProperty('Office');
    expect(cleared(house)).toEqual([]);
    await house.clock.advance(1.1 * DAY_MS);
    expect(addresses(house)).not.toHaveProperty('Office');
    expect(cleared(house)).toEqual(['home/office']);
    expect(lastBook(house).households[HOME]?.rooms[playerOf('office')]).toBeUndefined();
  });

  it.each(['office', 'home/office', playerOf('office')])(
    'are forgotten at once by name: %s',
    async (word) => {
      const house = await openHouse();
      house.world.regroup([['kitchen', 'bath']]);
      house.tell('groups', HOME);
      await forget(house, word);
      expect(house.statuses(word)).toEqual(['accepted', 'confirmed']);
      expect(house.answers.at(-1)?.reply).not.toHaveProperty('room');
      expect(cleared(house)).toEqual(['home/office']);
    },
  );

  it('are not forgotten while they are there, or when nobody knows whether they are', async () => {
    const house = await openHouse();
    await forget(house, 'office', 'a');
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error).toMatchObject({
      code: 'invalid_payload',
      message: expect.stringContaining('still there'),
    });
    const again = createTestBridge({ book: lastBookOf(house) });
    again.bridge.setHouseholds([{ id: HOME, name: null }]);
    await forget(again, 'office', 'b');
    expect(again.last('b').error?.code).toBe('invalid_payload');
  });

  it('are asked for again when the name fits none or several', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    await forget(house, 'home/ofice', 'a');
    expect(house.last('a').error).toMatchObject({
      code: 'unknown_room',
      advice: 'Did you mean "home/office"?',
    });
    const other = structuredClone(lastBook(house).households[HOME]);
    if (other === undefined) throw new Error('the household was not saved');
    const book: AddressBook = {
      households: { [HOME]: other, Sonos_cabin: { ...other, alias: 'cabin' } },
      retired: [],
    };
    const again = createTestBridge({ book });
    again.bridge.setHouseholds([
      { id: HOME, name: null },
      { id: 'Sonos_cabin', name: 'Cabin' },
    ]);
    await forget(again, 'office', 'b');
    expect(again.last('b').error).toMatchObject({
      code: 'ambiguous_name',
      advice: 'Send "home/office" or "cabin/office".',
    });
  });
});

const lastBookOf = (house: TestBridge): AddressBook => ({
  households: {
    [HOME]: {
      alias: 'home',
      name: null,
      rooms: Object.fromEntries(
        [...house.household().rooms.values()].map((room) => [
          room.playerId,
          { address: room.address, name: room.name, gone_since: null, last_picture: null },
        ]),
      ),
    },
  },
  retired: [],
});

describe('households', () => {
  it('are called home, home-2, or what the configuration says', async () => {
    const house = createTestBridge({
      settings: {
        aliases: new Map([
          ['Sonos_c', 'The Cabin'],
          ['Sonos_d', 'bridge'],
        ]),
      },
    });
    house.bridge.setHouseholds(
      ['Sonos_a', 'Sonos_b', 'Sonos_c', 'Sonos_d'].map((id) => ({ id, name: null })),
    );
    expect(house.bridge.households.map(({ alias }) => alias)).toEqual([
      'home',
      'home-2',
      'the-cabin',
      'bridge-2',
    ]);
  });

  it('take the name that Sonos gives them later', async () => {
    const house = await openHouse();
    house.bridge.setHouseholds([{ id: HOME, name: 'Villa' }]);
    house.bridge.setHouseholds([{ id: HOME, name: 'Villa' }]);
    house.bridge.setHouseholds([{ id: HOME, name: null }]);
    expect(house.household().name).toBe('Villa');
    expect(kinds(house)).toEqual(['show']);
  });

  it('that no account has any more are cleared, keep their alias for later, and can be forgotten', async () => {
    const house = await openHouse();
    house.bridge.setHouseholds([{ id: 'Sonos_new', name: null }]);
    await house.clock.advance(100);
    expect(cleared(house).sort()).toEqual(['home', 'home/bath', 'home/kitchen', 'home/office']);
    expect(house.bridge.households.map(({ alias }) => alias)).toEqual(['home-2']);
    expect(house.bridge.knows(HOME, 'household', HOME)).toBe(false);
    expect(lastBook(house).households[HOME]?.alias).toBe('home');
    await forget(house, 'hom', 'a');
    expect(house.last('a').error?.advice).toBe('Did you mean "home"?');
    await forget(house, 'home', 'b');
    expect(house.last('b').status).toBe('confirmed');
    expect(lastBook(house).households[HOME]).toBeUndefined();
    house.bridge.setHouseholds([{ id: HOME, name: null }]);
    await house.clock.advance(100);
    expect(house.household().alias).toBe('home');
    expect(lastBook(house).retired).not.toContain('home');
  });

  it('that a restart finds gone are cleared then', async () => {
    const house = await openHouse();
    const again = createTestBridge({ book: lastBookOf(house) });
    again.bridge.setHouseholds([{ id: 'Sonos_new', name: null }]);
    again.bridge.setHouseholds([{ id: 'Sonos_new', name: null }]);
    await again.clock.advance(100);
    expect(cleared(again).sort()).toEqual(['home', 'home/bath', 'home/kitchen', 'home/office']);
    expect(again.bridge.households.map(({ alias }) => alias)).toEqual(['home-2']);
  });

  it('move to a newly configured alias, and what they left is cleared', async () => {
    const house = await openHouse();
    const book = lastBookOf(house);
    const again = createTestBridge({ book, settings: { aliases: new Map([[HOME, 'villa']]) } });
    await again.start();
    expect(again.household().alias).toBe('villa');
    expect(cleared(again).sort()).toEqual(['home', 'home/bath', 'home/kitchen', 'home/office']);
  });
});
