import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Household, newHousehold } from '../../../src/bridge/state.ts';
import { createDiscovery, type KnownComponents } from '../../../src/mqtt/discovery/discovery.ts';
import { identityOf } from '../../../src/mqtt/discovery/identity.ts';
import { fittingOptions } from '../../../src/mqtt/discovery/options.ts';
import { topicsOf } from '../../../src/mqtt/topics.ts';
import { groupsBody, HOUSEHOLD, house, idOf, regrouped, withEvent } from '../../support/house.ts';

const payload = z.object({
  device: z.looseObject({ name: z.string(), identifiers: z.array(z.string()) }),
  availability: z.array(z.object({ topic: z.string() })),
  components: z.record(z.string(), z.looseObject({ platform: z.string() })),
});

const setUp = (known: KnownComponents = new Map(), base = 'sonos') =>
  createDiscovery({
    ...{ prefix: 'homeassistant', version: '1.0.0', known, chimes: ['chime', 'gong'] },
    topics: topicsOf(base),
    identity: identityOf(base),
  });

const topicOf = (room: string): string => `homeassistant/device/sonos_${idOf(room)}/config`;

function drawn(home: Household, discovery = setUp()) {
  const rendering = discovery.draw(home);
  return (room: string) => payload.parse(JSON.parse(rendering.get(topicOf(room)) ?? '{}'));
}

const favorites = (home: Household, names: readonly string[]): Household =>
  withEvent(home, 'Kitchen', 'favorites', 'favoritesList', {
    version: String(names.length),
    items: names.map((name, id) => ({ id: String(id), name })),
  });

describe('Home Assistant is told of', () => {
  it('every room as one device, which keeps its ids when the room gets another name', () => {
    const home = house(['Kitchen'], ['Den']);
    const before = drawn(home)('Kitchen');
    expect(before.device).toMatchObject({ name: 'Kitchen', via_device: 'sonos_bridge' });
    expect(before.availability).toEqual([
      { topic: 'sonos/bridge/availability' },
      { topic: 'sonos/home/kitchen/availability' },
    ]);
    const renamed = drawn(regrouped(home, [[{ name: 'Galley', id: idOf('Kitchen') }], ['Den']]))('Kitchen');
    expect(renamed.device.name).toBe('Galley');
    expect(renamed.device.identifiers).toEqual(before.device.identifiers);
    const ids = (device: typeof before) => Object.values(device.components).map((each) => each.unique_id);
    expect(ids(renamed)).toEqual(ids(before));
    expect(renamed.components.volume?.command_topic).toBe('sonos/home/galley/set/volume');
    expect(renamed.components.volume?.default_entity_id).toBe('number.sonos_galley_volume');
  });

  it('a room in another household under that household’s alias', () => {
    const cabin = { ...house(['Kitchen']), alias: 'lake-cabin' };
    expect(drawn(cabin)('Kitchen').components.mute?.default_entity_id).toBe(
      'switch.sonos_lake_cabin_kitchen_mute',
    );
  });

  it('what a room can do and nothing else', () => {
    const bare = { name: 'Bare', capabilities: ['PLAYBACK'] };
    const theatre = { name: 'Cinema', capabilities: ['PLAYBACK', 'AUDIO_CLIP', 'HT_PLAYBACK', 'LINE_IN'] };
    const show = drawn(house([bare], [theatre], ['Den']));
    const keys = (room: string) => Object.keys(show(room).components);
    for (const key of ['announce', 'say', 'chime', 'announcement', 'cancel', 'announcement_done']) {
      expect(keys('Bare')).not.toContain(key);
      expect(keys('Cinema')).toContain(key);
    }
    expect(show('Cinema').components.source?.options).toEqual(['TV', 'Line-in']);
    expect(show('Bare').components.source?.options).toEqual(['Line-in: Cinema']);
    expect(keys('Bare')).not.toContain('favorite');
    expect(show('Den').components.chime?.available_tones).toEqual(['chime', 'gong']);
  });

  it('a room that is away as it was, and nothing of one that nobody knows yet', () => {
    const home = house(['Kitchen'], ['Den']);
    const away = regrouped(home, [['Kitchen']]);
    expect(drawn(away)('Den')).toEqual({
      ...drawn(home)('Den'),
      components: expect.objectContaining({ volume: drawn(home)('Den').components.volume }),
    });
    expect(setUp().draw({ ...home, topology: null }).size).toBe(0);
  });

  it('two bridges on one broker as two', () => {
    const [one, other] = [setUp(), setUp(new Map(), 'attic/sonos')];
    const topics = [...one.draw(house(['Kitchen'])).keys(), ...(one.fixed?.() ?? new Map()).keys()];
    const others = [...other.draw(house(['Kitchen'])).keys(), ...(other.fixed?.() ?? new Map()).keys()];
    expect(new Set([...topics, ...others]).size).toBe(4);
    expect(others).toContain(`homeassistant/device/attic_sonos_${idOf('Kitchen')}/config`);
  });

  it('a new list of favorites by other options, and of other state by nothing', () => {
    const discovery = setUp();
    const home = favorites(house(['Kitchen']), ['Jazz', 'News']);
    expect(drawn(home, discovery)('Kitchen').components.favorite?.options).toEqual(['Jazz', 'News']);
    const louder = withEvent(home, 'Kitchen', 'playerVolume', 'playerVolume', { volume: 5, muted: false });
    const same = (a: Household, b: Household): boolean =>
      discovery.grounds(a).every((each, i) => each === discovery.grounds(b)[i]);
    expect(same(home, louder)).toBe(true);
    expect(same(home, favorites(home, ['Jazz']))).toBe(false);
  });

  it('what a room has no more, until the bridge has forgotten that it ever had it', () => {
    const discovery = setUp(new Map([[topicOf('Kitchen'), ['sensor lyrics', 'number volume']]]));
    const home = house(['Kitchen']);
    drawn(favorites(home, ['Jazz']), discovery);
    const { components } = drawn(home, discovery)('Kitchen');
    expect(components.lyrics).toEqual({ platform: 'sensor' });
    expect(components.favorite).toEqual({ platform: 'select' });
    expect(components.volume).toMatchObject({ platform: 'number', name: 'Volume' });
    const live = discovery.components().get(topicOf('Kitchen'));
    expect(live).toContain('number volume');
    expect(live).not.toContain('sensor lyrics');
  });

  it('no volume of a room whose volume is fixed', () => {
    const home = house(['Kitchen']);
    const discovery = setUp();
    const before = drawn(home, discovery)('Kitchen').components;
    const fixed = withEvent(home, 'Kitchen', 'playerVolume', 'playerVolume', { volume: 100, fixed: true });
    expect(discovery.grounds(fixed)).not.toEqual(discovery.grounds(home));
    const { components } = drawn(fixed, discovery)('Kitchen');
    for (const key of ['volume', 'mute', 'volume_limit']) {
      expect(before[key]).toHaveProperty('command_topic');
      expect(Object.keys(components[key] ?? {})).toEqual(['platform']);
    }
    expect(components.group_volume).toHaveProperty('command_topic');
  });

  it('what a speaker is, as far as anybody knows, and anew when it has other software', () => {
    const discovery = setUp();
    const home = house(['Kitchen'], ['Den']);
    expect(drawn(home, discovery)('Kitchen').device).toMatchObject({
      ...{ manufacturer: 'Sonos', model: 'One', model_id: 'S13' },
      ...{ sw_version: '96.1-79270', hw_version: '1.21.1.8-2.1' },
    });
    const body = groupsBody([['Kitchen'], ['Den']]);
    const players = body.players.map((player) => ({ ...player, softwareVersion: '97.0' }));
    const updated = withEvent(home, 'Kitchen', 'groups', 'groups', { ...body, players });
    expect(discovery.grounds(updated)).not.toEqual(discovery.grounds(home));
    expect(drawn(updated, discovery)('Kitchen').device).toMatchObject({ model: 'One', sw_version: '97.0' });
    const bare = body.players.map(({ id, name, capabilities }) => ({ id, name, capabilities }));
    const unknown = withEvent(newHousehold(HOUSEHOLD, 'home'), 'Kitchen', 'groups', 'groups', {
      ...body,
      players: bare,
    });
    expect(Object.keys(drawn(unknown)('Kitchen').device)).not.toEqual(expect.arrayContaining(['model']));
    expect(drawn(unknown)('Kitchen').device).not.toHaveProperty('sw_version');
  });

  it('a TV by a switch without a state where a room can switch one', () => {
    const cinema = { name: 'Cinema', capabilities: ['PLAYBACK', 'HT_PLAYBACK', 'HT_POWER_STATE'] };
    const show = drawn(house([cinema], ['Den']));
    const { tv_power } = show('Cinema').components;
    expect(tv_power).toMatchObject({
      ...{ platform: 'switch', command_topic: 'sonos/home/cinema/set/tv_power', optimistic: true },
      ...{ payload_on: 'true', payload_off: 'false' },
    });
    for (const key of ['state_topic', 'value_template', 'state_on']) expect(tv_power).not.toHaveProperty(key);
    expect(show('Den').components).not.toHaveProperty('tv_power');
  });

  it('rooms of the same name by their addresses', () => {
    const twins = house([{ name: 'Den', id: idOf('one') }], [{ name: 'Den', id: idOf('two') }], ['Bath']);
    expect(drawn(twins)('one').components.join?.options).toEqual(['Bath', 'den', 'den-2']);
  });
});

describe('the options of a list', () => {
  it('are each a name that a state can hold, once, and fit together into what is kept of a state', () => {
    expect(fittingOptions(['Jazz', ' Jazz ', '', '  ', 'none', 'x'.repeat(256), 'News'])).toEqual([
      'Jazz',
      'News',
    ]);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 400 }), (names) => {
        const options = fittingOptions(names);
        expect(Buffer.byteLength(JSON.stringify(options))).toBeLessThan(16_384);
        expect(new Set(options).size).toBe(options.length);
        expect(
          options.every((each) => each.length <= 255 && names.some((name) => name.trim() === each)),
        ).toBe(true);
      }),
      { numRuns: 50 },
    );
    const many = Array.from({ length: 2_000 }, (_, i) => `favorite number ${i}`);
    expect(fittingOptions(many).length).toBeGreaterThan(500);
    expect(fittingOptions(many).length).toBeLessThan(2_000);
  });
});
