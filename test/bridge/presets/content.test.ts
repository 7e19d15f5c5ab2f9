import { describe, expect, it } from 'vitest';
import { captured } from '../../../src/bridge/presets/capture.ts';
import { contentAt, plays } from '../../../src/bridge/presets/content.ts';
import { Loads, type LoadsRecord } from '../../../src/bridge/presets/loads.ts';
import { planOf } from '../../../src/bridge/presets/plan.ts';
import { rawOf } from '../../../src/bridge/presets/steps.ts';
import type { Raw } from '../../../src/bridge/readers.ts';
import type { Household } from '../../../src/bridge/state.ts';
import { house, idOf, regrouped, seat, withEvent } from '../../support/house.ts';
import { handsOn, householdOf, type Model, type ModelMusic, preset, silent } from './model.ts';

const modelOf = (music: Partial<ModelMusic>): Model => ({
  groups: [{ rooms: ['bath', 'den'], music: { ...silent(), ...music } }],
  rooms: { bath: { volume: 1, muted: false }, den: { volume: 1, muted: false } },
});
const homeOf = (music: Partial<ModelMusic>): Household => householdOf(modelOf(music));
const bare = (text: string): Raw => ({ kind: 'text', text });
const nothingLoaded = () => null;

describe('what the bridge loaded', () => {
  const carried = (
    command: string,
    raw: Raw,
    before: Partial<ModelMusic>,
    after: Partial<ModelMusic>,
    record: LoadsRecord = [],
  ) => {
    let changes = 0;
    const loads = new Loads(record, () => {
      changes += 1;
    });
    loads.carried(command, raw, seat(homeOf(before), 'den'), homeOf(after));
    return { loads, at: loads.at(seat(homeOf(after), 'den')), changes };
  };

  it.each([
    ['favorite', bare(' Jazz '), 'Jazz'],
    ['favorite', { kind: 'json', value: 7, fields: { action: 'replace' } }, '7'],
    ['stream', bare('http://radio.example/1'), 'http://radio.example/1'],
    ['stream', { kind: 'json', value: 'http://radio.example/1', fields: {} }, 'http://radio.example/1'],
    ['stream', { kind: 'json', value: undefined, fields: { url: 'http://x/' } }, { url: 'http://x/' }],
    ['line_in', bare('bath'), 'bath'],
    ['line_in', bare(''), idOf('den')],
  ] as const)('by %s %j is remembered for as long as it plays', (command, raw, value) => {
    const { loads, at, changes } = carried(command, raw, {}, { container: 'New' });
    expect(at).toMatchObject({ command, value });
    expect(changes).toBe(1);
    expect(loads.at(seat(homeOf({ container: 'Other' }), 'den'))).toBeNull();
    // The same again is no news, and what shows as before may be the music from before.
    expect(carried(command, raw, {}, { container: 'New' }, loads.record).changes).toBe(0);
    const other = carried(
      'playlist',
      bare('Party'),
      { container: 'New' },
      { container: 'New' },
      loads.record,
    );
    expect(other.at).toBeNull();
  });

  it.each([
    ['volume', bare('5'), {}],
    ['favorite', { kind: 'json', value: 'Jazz', fields: { action: 'append' } }, {}],
    ['favorite', bare(' '), {}],
  ] as const)('is not %s %j', (command, raw, before) => {
    expect(carried(command, raw, before, { container: 'New' }).loads.record).toEqual([]);
  });

  it('is nothing where nobody knows what plays, or the room is gone', () => {
    const silentHouse = house(['den']);
    const loads = new Loads([], () => {});
    loads.carried('favorite', bare('Jazz'), seat(silentHouse, 'den'), silentHouse);
    loads.carried('favorite', bare('Jazz'), seat(homeOf({}), 'den'), regrouped(homeOf({}), [['bath']]));
    expect(loads.record).toEqual([]);
    expect(loads.at(seat(silentHouse, 'den'))).toBeNull();
    loads.carried(
      'favorite',
      bare('Jazz'),
      seat(silentHouse, 'den'),
      withEvent(silentHouse, 'den', 'playbackMetadata', 'metadataStatus', {
        container: { name: 'A', type: 'album' },
      }),
    );
    expect(loads.record).toHaveLength(1);
  });
});

describe('what a group plays', () => {
  it('is a favorite or a playlist by what was loaded, by its id, or else by its name', () => {
    const jazz = seat(homeOf({ container: 'Jazz' }), 'den');
    expect(plays(jazz, { favorite: 'jazz' }, nothingLoaded)).toBe(true);
    expect(plays(jazz, { favorite: 'News' }, nothingLoaded)).toBe(false);
    expect(plays(jazz, { favorite: 'Nothing' }, nothingLoaded)).toBe(false);
    expect(plays(jazz, { favorite: 'News' }, () => ({ command: 'favorite', value: 'News' }))).toBe(true);
    expect(plays(jazz, { favorite: 'Jazz' }, () => ({ command: 'favorite', value: 'News' }))).toBe(false);
    expect(plays(jazz, { favorite: 'Jazz' }, () => ({ command: 'playlist', value: 'Jazz' }))).toBe(false);
    expect(plays(seat(homeOf({ container: 'Party' }), 'den'), { playlist: 'Party' }, nothingLoaded)).toBe(
      true,
    );
    expect(plays(seat(homeOf({}), 'den'), { favorite: 'Jazz' }, nothingLoaded)).toBe(false);
    expect(plays(seat(house(['den']), 'den'), { playlist: 'Party' }, nothingLoaded)).toBe(false);
    expect(plays(jazz, {}, nothingLoaded)).toBe(true);
  });

  it('is a stream only when the bridge loaded it', () => {
    const den = seat(homeOf({ container: 'S', type: 'station' }), 'den');
    expect(plays(den, { stream: 'http://x/' }, () => ({ command: 'stream', value: 'http://x/' }))).toBe(true);
    expect(plays(den, { stream: 'http://x/' }, () => ({ command: 'stream', value: 'http://y/' }))).toBe(
      false,
    );
    expect(plays(den, { stream: 'http://x/' }, nothingLoaded)).toBe(false);
  });

  it('is the TV, or the one line-in that there is, or the one that the bridge switched to', () => {
    const tv = seat(homeOf({ container: 'TV', type: 'linein.homeTheater' }), 'den');
    expect(plays(tv, { tv: 'den' }, nothingLoaded)).toBe(true);
    expect(plays(tv, { line_in: 'den' }, nothingLoaded)).toBe(false);
    const own = homeOf({ container: 'L', type: 'linein' });
    const den = seat(own, 'den');
    const loaded = () => ({ command: 'line_in', value: 'bath' }) as const;
    expect(plays(den, { line_in: 'Bath' }, loaded)).toBe(true);
    expect(plays(den, { line_in: 'den' }, loaded)).toBe(false);
    expect(plays(den, { line_in: 'loft' }, loaded)).toBe(false);
    expect(plays(den, { line_in: 'den' }, nothingLoaded)).toBe(false);
    const socket = { name: 'den', capabilities: ['LINE_IN'] };
    const withSocket = regrouped(own, [['bath', socket]]);
    expect(plays(seat(withSocket, 'den'), { line_in: 'den' }, nothingLoaded)).toBe(true);
    expect(plays({ ...den, household: { ...own, topology: null } }, { line_in: 'den' }, nothingLoaded)).toBe(
      false,
    );
  });

  it('is kept as what brings it back', () => {
    const loaded = () => ({ command: 'stream', value: 'http://x/' }) as const;
    const station = homeOf({ container: 'S', type: 'station', state: 'PLAYING' });
    const keep = (home: Household, at: Parameters<typeof captured>[2] = nothingLoaded) =>
      captured(home, [...home.rooms.values()], at, ({ address }) => address);
    expect(keep(station, loaded)).toMatchObject({
      preset: { groups: [{ rooms: ['bath', 'den'], stream: 'http://x/', play: true }] },
      lost: [],
    });
    const tv = homeOf({ container: 'TV', type: 'linein.homeTheater', state: 'PLAYING' });
    expect(keep(tv)).toMatchObject({
      preset: { groups: [{ rooms: ['bath', 'den'], tv: 'bath' }] },
      lost: [],
    });
    expect(contentAt(seat(homeOf({ container: 'Phone' }), 'den'), nothingLoaded)).toBeNull();
    // Of a house that told nothing yet, nothing is known that could be brought back.
    const dumb = keep(house(['bath'], ['den']));
    expect(dumb.preset).toEqual({
      rooms: { bath: {}, den: {} },
      groups: [{ rooms: ['bath'] }, { rooms: ['den'] }],
    });
    expect(dumb.lost).toMatchObject([{ what: 'music', name: null, shown: null }, { what: 'music' }]);
    const fixed = withEvent(house(['den']), 'den', 'playerVolume', 'playerVolume', {
      volume: 9,
      muted: true,
      fixed: true,
    });
    expect(keep(fixed).preset.rooms).toEqual({ den: {} });
  });
});

describe('the steps to content', () => {
  const stepsTo = (words: object, music: Partial<ModelMusic> = {}): string[] =>
    planOf(homeOf(music), preset({ group: ['den', 'bath'], ...words }), nothingLoaded).steps.map(
      ({ room, command, value }) => `${room} ${command} ${JSON.stringify(value)}`,
    );

  it.each([
    [{ tv: 'Bath' }, ['bath tv null']],
    [{ tv: 'loft' }, ['loft tv null']],
    [{ line_in: 'Bath' }, ['den line_in "bath"']],
    [{ line_in: 'bath', play: false }, ['den line_in "bath"', 'den pause null']],
    [{ line_in: 'bath', play: true }, ['den line_in "bath"']],
    [{ stream: { url: 'http://x/' }, play: false }, ['den stream {"url":"http://x/"}', 'den pause null']],
    [{ playlist: 'Party' }, ['den playlist "Party"']],
    [{ play: true, repeat: 'one' }, ['den repeat "one"', 'den play null']],
  ] as const)('%j are %j', (words, steps) => {
    expect(stepsTo(words)).toEqual(steps);
  });

  it('are none where the TV plays already', () => {
    expect(stepsTo({ tv: 'den' }, { container: 'TV', type: 'linein.homeTheater' })).toEqual([]);
  });

  it('are taken in a house that told nothing yet, too: what is not known may be otherwise', () => {
    const dumb = house(['den', 'bath']);
    const wanted = preset({
      rooms: { den: { volume: 5 } },
      group: ['den', 'bath'],
      play: false,
      shuffle: false,
    });
    const { steps } = planOf(dumb, wanted, nothingLoaded);
    expect(steps.map(({ command, phase }) => `${phase} ${command}`)).toEqual([
      'quieter volume',
      'modes shuffle',
      'play pause',
    ]);
    const nowhere = { ...dumb, topology: null };
    expect(planOf(nowhere, wanted, nothingLoaded).unreachable).toHaveLength(3);
  });

  it('are found for many groups, for rooms in no group, and beside groups of which nobody knows', () => {
    const names = Array.from({ length: 18 }, (_, at) => `room ${at}`);
    const groups = [0, 1, 2, 3, 4, 5].map((at) => ({
      rooms: names.slice(at * 3, at * 3 + 3),
      favorite: 'Jazz',
    }));
    const many = planOf(house(...names.map((name) => [name])), preset({ groups }), nothingLoaded).steps;
    expect(many.filter(({ command }) => command === 'group')).toHaveLength(6);
    const odd = withEvent(house(['den'], ['bath']), 'den', 'groups', 'groups', {
      groups: [{ id: 'G', name: 'g', coordinatorId: 'X', playerIds: ['X'] }],
      players: ['den', 'bath'].map((name) => ({ id: idOf(name), name, capabilities: [] })),
    });
    const wanted = preset({ group: ['den', 'bath'], favorite: 'Jazz' });
    expect(planOf(odd, wanted, nothingLoaded).steps.map(({ command }) => command)).toEqual([
      'group',
      'favorite',
    ]);
    const nobody = captured(odd, [...odd.rooms.values()], nothingLoaded, ({ address }) => address);
    expect(nobody.preset.groups).toEqual([]);
    const nowhere = { ...odd, topology: null };
    const none = captured(nowhere, [...odd.rooms.values()], nothingLoaded, ({ address }) => address);
    expect(none.preset).toEqual({ rooms: {}, groups: [] });
    const queue = withEvent(house(['den']), 'den', 'playbackMetadata', 'metadataStatus', {
      container: { name: 'A', type: 'album' },
      currentItem: { id: '1', track: { name: 'T' } },
    });
    const started = withEvent(queue, 'den', 'playback', 'playbackStatus', {
      playbackState: 'PLAYBACK_STATE_IDLE',
    });
    expect(captured(started, [], nothingLoaded, ({ address }) => address).preset.groups).toEqual([]);
    const whole = captured(started, [...started.rooms.values()], nothingLoaded, ({ address }) => address);
    expect(whole.preset.groups).toEqual([{ rooms: ['den'], play: false }]);
  });

  it('go out as the command takes them', async () => {
    const model = modelOf({});
    const loads = new Loads([], () => {});
    const { perform } = handsOn(model, () => loads);
    const home = householdOf(model);
    const [step] = planOf(
      home,
      preset({ group: ['bath', 'den'], stream: { url: 'http://x/' } }),
      nothingLoaded,
    ).steps;
    const raw = step && rawOf(step);
    if (raw === undefined) throw new Error('there is no step');
    expect(raw).toEqual({ kind: 'json', value: undefined, fields: { url: 'http://x/' } });
    await perform(home, seat(home, 'den').room, { command: 'stream', raw });
    expect(loads.record).toMatchObject([{ command: 'stream', value: { url: 'http://x/' } }]);
  });
});
