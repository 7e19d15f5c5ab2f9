import { describe, expect, it } from 'vitest';
import type { Household } from '../../../src/bridge/state.ts';
import { newHousehold } from '../../../src/bridge/state.ts';
import { readable, readsOfRoom, wanted } from '../../../src/bridge/wanted.ts';
import { groupsBody, HOUSEHOLD, idOf, picture, recorded, reduction, withEvent } from '../../support/house.ts';

const body = groupsBody([['Kitchen'], ['Den']]);
/** As Sonos answers when nobody asks for devices. */
const bare = {
  ...body,
  players: body.players.map(({ softwareVersion: _, devices: __, ...player }) => player),
};
const withPlayers = (change: object) => ({
  ...body,
  players: bare.players.map((each) => ({ ...each, ...change })),
});

const hears = (home: Household, said: unknown): Household =>
  reduction(home, 'groups', 'groups', home.id, said).household;
const isAnswered = (home: Household, said: unknown): Household =>
  withEvent(home, 'Kitchen', 'deviceInfo', 'devices', said);

const empty = newHousehold(HOUSEHOLD, 'home');
const home = hears(empty, bare);
const deviceOf = (household: Household, name = 'Kitchen') => picture(household, name)?.device;

const box = {
  id: idOf('Kitchen'),
  model: 'S19',
  modelDisplayName: 'Arc',
  softwareVersion: '96.1-79270',
  hwVersion: '1.2',
  swGen: 2,
};
const arc = {
  model: 'Arc',
  model_number: 'S19',
  software_version: '96.1-79270',
  hardware_version: '1.2',
  generation: 2,
};

describe('what a speaker is', () => {
  it('is told by events, also in those that were recorded', () => {
    expect(deviceOf(hears(empty, recorded('event.groups.s2-four-rooms.json')), 'flyttbar')).toEqual({
      model: 'Move',
      model_number: 'S17',
      software_version: '96.1-79270',
      hardware_version: '1.25.1.8-2.10',
      generation: 2,
    });
  });

  it('is null until somebody tells, and then as much as was told', () => {
    expect(deviceOf(home)).toBeNull();
    expect(deviceOf(hears(home, withPlayers({ softwareVersion: '85.0' })))).toEqual({
      ...{ model: null, model_number: null, hardware_version: null, generation: null },
      software_version: '85.0',
    });
    expect(deviceOf(hears(home, withPlayers({ devices: [box] })))).toEqual(arc);
  });

  it('is that of its own box, not of the others of its pair', () => {
    const other = { ...box, id: idOf('Elsewhere'), modelDisplayName: 'Sub' };
    const theater = hears(home, withPlayers({ devices: [null, 'Sub', other, box] }));
    expect(deviceOf(theater)).toEqual(arc);
    expect(deviceOf(theater, 'Den')).toBeNull();
  });

  it.each([
    ['no list', 'Arc'],
    ['an empty list', []],
    ['a box that says nothing', [{ id: idOf('Kitchen'), quarantineReasons: [] }]],
    ['a box that says nonsense', [{ id: idOf('Kitchen'), model: 5, modelDisplayName: '', swGen: 'two' }]],
    ['names that are too long', [{ id: idOf('Kitchen'), modelDisplayName: 'x'.repeat(101) }]],
  ])('is not known from %s, which does no harm', (_what, devices) => {
    const told = hears(home, withPlayers({ devices }));
    expect(deviceOf(told)).toBeNull();
    expect(told.topology).toBe(home.topology);
  });

  it.each(['x', 'color', 'toString', 'constructor', '__proto__'])(
    'is the same, and no change, with a field that nobody knows yet: %s',
    (key) => {
      const more = Object.defineProperty({ ...box }, key, { value: { model: 'Odd' }, enumerable: true });
      const known = hears(home, withPlayers({ devices: [box] }));
      expect(deviceOf(hears(home, withPlayers({ devices: [more] })))).toEqual(arc);
      expect(hears(known, withPlayers({ devices: [more] }))).toBe(known);
    },
  );

  it('stays known where a later body leaves it out', () => {
    const known = hears(home, withPlayers({ devices: [box] }));
    expect(deviceOf(hears(known, bare))).toEqual(arc);
    expect(hears(known, bare)).toBe(known);
    expect(deviceOf(hears(known, withPlayers({ softwareVersion: '97.0' })))).toEqual({
      ...arc,
      software_version: '97.0',
    });
  });

  it('is no matter of who plays with whom: new software changes one room and nothing else', () => {
    const known = hears(home, body);
    const [kitchen, den] = body.players;
    const updated = hears(known, { ...body, players: [{ ...kitchen, softwareVersion: '97.0' }, den] });
    expect(updated.topology).toBe(known.topology);
    expect(updated.own).toBe(known.own);
    expect(updated.groups).toBe(known.groups);
    expect(updated.players.get(idOf('Den'))).toBe(known.players.get(idOf('Den')));
    expect(deviceOf(updated)).toMatchObject({ software_version: '97.0', model: 'One' });
    expect(hears(known, body)).toBe(known);
  });

  it('is forgotten with the player, and shown as it was while it is away', () => {
    const known = hears(home, body);
    const left = hears(known, {
      ...body,
      groups: body.groups.slice(0, 1),
      players: body.players.slice(0, 1),
    });
    expect(deviceOf(left, 'Den')).toEqual(deviceOf(known, 'Den'));
    expect(left.players.get(idOf('Den'))).toBeUndefined();
  });
});

describe('the question for models', () => {
  const path = `/households/${encodeURIComponent(HOUSEHOLD)}/groups?includeDeviceInfo=true`;
  const asked = (household: Household) => [
    wanted(household).snapshots.filter((read) => read.path === path).length,
    readable(household).filter((read) => read.path === path).length,
  ];

  it('is asked at once where nobody told, and not where somebody did', () => {
    expect(asked(empty)).toEqual([0, 0]);
    expect(asked(home)).toEqual([1, 1]);
    expect(asked(hears(home, withPlayers({ softwareVersion: '85.0' })))).toEqual([1, 1]);
    expect(asked(hears(home, body))).toEqual([0, 0]);
  });

  it('is answered for each player', () => {
    const answered = isAnswered(home, body);
    expect(deviceOf(answered)).toMatchObject({ model: 'One' });
    expect(asked(answered)).toEqual([0, 0]);
    expect(answered.topology).toBe(home.topology);
    expect(isAnswered(answered, body)).toBe(answered);
  });

  it.each([
    ['nothing of devices', bare],
    ['no players', {}],
    ['nonsense', { players: 'none' }],
  ])('that brought %s is put again only when everything is read back', (_what, answer) => {
    const answered = isAnswered(home, answer);
    expect(deviceOf(answered)).toBeNull();
    expect(asked(answered)).toEqual([0, 1]);
    // What is heard later counts all the same.
    expect(deviceOf(hears(answered, withPlayers({ devices: [box] })))).toEqual(arc);
    expect(asked(hears(answered, body))).toEqual([0, 0]);
  });

  it('that is answered before anybody knows who is there changes nothing', () => {
    expect(reduction(empty, 'deviceInfo', 'devices', HOUSEHOLD, body).household).toBe(empty);
  });

  it('is put again for a player that comes later', () => {
    const first = hears(empty, {
      ...bare,
      groups: bare.groups.slice(0, 1),
      players: bare.players.slice(0, 1),
    });
    const answered = isAnswered(first, { players: body.players.slice(0, 1) });
    expect(asked(answered)).toEqual([0, 0]);
    expect(asked(hears(answered, bare))).toEqual([1, 1]);
  });

  it('is not put with each refresh of a room, and never subscribed', () => {
    expect(readsOfRoom(home, idOf('Kitchen')).filter((read) => read.path === path)).toEqual([]);
    expect(wanted(home).subscriptions.filter((each) => each.path.includes('deviceInfo'))).toEqual([]);
  });
});
