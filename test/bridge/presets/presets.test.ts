import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CommandError, commandError } from '../../../src/bridge/command-error.ts';
import { readPayload } from '../../../src/bridge/payload.ts';
import type { Preset } from '../../../src/bridge/presets/preset.ts';
import { noPresets, type PresetsRecord, presetsSchema } from '../../../src/bridge/presets/preset-record.ts';
import { type PresetItem, Presets } from '../../../src/bridge/presets/presets.ts';
import type { Outcome } from '../../../src/bridge/replies.ts';
import type { Household } from '../../../src/bridge/state.ts';
import { bytes } from '../../support/bridge-house.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { house } from '../../support/house.ts';
import { type Hands, handsOn, householdOf, type Model, preset, silent } from './model.ts';

const model = (): Model => ({
  groups: [
    { rooms: ['bath', 'den'], music: { ...silent(), container: 'Jazz', state: 'PLAYING' } },
    { rooms: ['cellar'], music: silent() },
  ],
  rooms: {
    bath: { volume: 30, muted: false },
    den: { volume: 20, muted: false },
    cellar: { volume: 10, muted: true },
  },
});

const DINNER = preset({
  rooms: { cellar: { volume: 25, muted: false }, den: { volume: 5 } },
  group: ['cellar', 'den'],
  playlist: 'Party',
  shuffle: true,
});

interface Options {
  readonly house?: Model;
  readonly settings?: Readonly<Record<string, Preset>>;
  readonly record?: PresetsRecord;
  readonly households?: (known: Household) => readonly Household[];
}

/** Presets in a model of a house, and all that they did. */
interface Opened {
  readonly house: Model;
  readonly lists: (readonly PresetItem[])[];
  kept: PresetsRecord;
  /** Makes the disk refuse. */
  save: () => Promise<void>;
  obstacle: CommandError | null;
  prepared: number;
  readonly hands: Hands;
  readonly show: () => void;
  readonly asked: (command: keyof Presets['actions'], payload?: unknown) => Promise<Outcome>;
}

function open(options: Options = {}): Opened {
  const home = options.house ?? model();
  const households = (): readonly Household[] =>
    (options.households ?? ((known: Household) => [known]))(householdOf(home));
  const lists: (readonly PresetItem[])[] = [];
  const test: Opened = {
    house: home,
    lists,
    kept: options.record ?? noPresets,
    save: () => Promise.resolve(),
    obstacle: null,
    prepared: 0,
    hands: handsOn(home, () => presets.loads),
    show: () => presets.show(),
    async asked(command, payload = '') {
      const read = readPayload(bytes(payload));
      if (!read.ok) throw new Error(read.error);
      const { raw } = read.value;
      const word = raw.kind === 'text' ? raw.text : typeof raw.value === 'string' ? raw.value : '';
      return presets.actions[command](word, raw);
    },
  };
  const presets: Presets = new Presets(
    {
      clock: createFakeClock(),
      perform: (...words) => test.hands.perform(...words),
      household: (word) => households().find(({ id, alias }) => id === word || alias === word),
      households,
      obstacle: () => test.obstacle,
      prepare: async () => {
        test.prepared += 1;
      },
      save: (record) => {
        test.kept = presetsSchema.parse(JSON.parse(JSON.stringify(record)));
        return test.save();
      },
      show: (items) => lists.push(items),
      settings: new Map(Object.entries(options.settings ?? { dinner: DINNER })),
    },
    test.kept,
  );
  return test;
}

const steps = z.array(z.object({ room: z.string(), command: z.string(), status: z.string() }));

const stepsOf = ({ result }: Outcome): string[] =>
  steps.parse(result?.steps).map(({ room, command, status }) => `${room} ${command} ${status}`);

describe('a preset', () => {
  it('is applied by its name, step by step, quiet things first, and then is so', async () => {
    const test = open();
    const outcome = await test.asked('preset', 'dinner');
    expect(outcome.error).toBeUndefined();
    expect(outcome.result).toMatchObject({ done: 5 });
    expect(test.hands.asked).toEqual([
      'den volume',
      'cellar group',
      'cellar playlist',
      'cellar volume',
      'cellar mute',
    ]);
    expect(test.prepared).toBe(1);
    expect(await test.asked('preset', { value: 'dinner', household: 'home' })).toEqual({
      result: { done: 0, steps: [] },
    });
    expect(test.hands.asked).toHaveLength(5);
  });

  it('sends nothing when it is only asked what would be done', async () => {
    const test = open({ settings: { away: preset({ rooms: { den: { volume: 1 }, loft: { volume: 2 } } }) } });
    const outcome = await test.asked('preset', { value: 'away', dry_run: true });
    expect(outcome.error).toBeUndefined();
    expect(outcome.result).toMatchObject({ dry_run: true, done: 0 });
    expect(stepsOf(outcome)).toEqual(['den volume planned', 'loft volume failed']);
    expect(test.hands.asked).toEqual([]);
  });

  it('is done once more where it is still missing, and then as well as it can be', async () => {
    const test = open();
    const busy = { status: 'failed', error: commandError('sonos_error', 'Busy.') } as const;
    test.hands.endings.set('den volume', [busy]);
    test.hands.endings.set('cellar volume', [{ status: 'unconfirmed' }]);
    expect((await test.asked('preset', 'dinner')).error).toBeUndefined();
    expect(test.hands.asked.filter((each) => each === 'den volume')).toHaveLength(2);

    const other = open();
    other.hands.endings.set('cellar volume', [{ status: 'unconfirmed' }, { status: 'unconfirmed' }]);
    const outcome = await other.asked('preset', 'dinner');
    expect(outcome.error).toEqual({
      code: 'timeout',
      message:
        '1 of 5 steps of "dinner" could not be done; the first is volume in "cellar": Its effect does not show, or was undone.',
      advice: 'Look at the room, and apply it again.',
    });
    expect(outcome.result).toMatchObject({ done: 4 });
  });

  it('asks no second time for what will be refused again, and plays nothing on a group that did not come about', async () => {
    const test = open();
    const refusal = { status: 'failed', error: commandError('not_capable', 'No.', 'Never.') } as const;
    test.hands.endings.set('cellar group', [refusal]);
    const outcome = await test.asked('preset', 'dinner');
    expect(test.hands.asked).not.toContain('cellar playlist');
    expect(test.hands.asked.filter((each) => each === 'cellar group')).toHaveLength(1);
    expect(outcome.error).toMatchObject({ code: 'not_capable', advice: 'Never.' });
    expect(stepsOf(outcome)).toEqual([
      'den volume confirmed',
      'cellar group failed',
      'cellar playlist failed',
      'cellar volume confirmed',
      'cellar mute confirmed',
    ]);
    const plain = open();
    plain.hands.endings.set('cellar group', [
      { status: 'failed', error: commandError('not_capable', 'No.') },
    ]);
    expect((await plain.asked('preset', 'dinner')).result?.steps).toContainEqual({
      ...{ room: 'cellar', command: 'playlist', value: 'Party', play: true, shuffle: true, status: 'failed' },
      error: { code: 'not_capable', message: 'Not done, because "group" failed before: No.' },
    });
  });

  it('tells of rooms that there are not or that are named twice, and does the rest', async () => {
    const odd = preset({ rooms: { den: { volume: 1 }, Den: { volume: 2 } }, group: ['loft', 'bath'] });
    const test = open({ settings: { odd, none: preset({ group: ['loft'], play: true }) } });
    const outcome = await test.asked('preset', 'odd');
    expect(outcome.error).toMatchObject({ code: 'invalid_payload' });
    expect(stepsOf(outcome)).toEqual([
      'den volume confirmed',
      'bath group confirmed',
      'Den volume failed',
      'loft group failed',
    ]);
    expect((await test.asked('preset', 'none')).error).toMatchObject({ code: 'unknown_room' });
  });

  it('waits for its turn, one after another, and not for ever', async () => {
    const test = open({ settings: { dinner: DINNER, quiet: preset({ rooms: { den: { volume: 0 } } }) } });
    const all = [test.asked('preset', 'dinner'), test.asked('preset', 'quiet')];
    const more = Array.from({ length: 19 }, () => test.asked('preset', 'quiet'));
    await Promise.all(all);
    expect(test.house.rooms.den?.volume).toBe(0);
    const ended = await Promise.all(more);
    expect(ended.at(-1)?.error?.code).toBe('rate_limited');
    expect(ended.slice(0, -1).every(({ error }) => error === undefined)).toBe(true);
  });

  it('ends when the household goes meanwhile', async () => {
    let isThere = true;
    const test = open({ households: (known) => (isThere ? [known] : []) });
    const { perform } = test.hands;
    Object.assign(test.hands, {
      perform: (...words: Parameters<typeof perform>) => {
        isThere = false;
        return perform(...words);
      },
    });
    const outcome = await test.asked('preset', 'dinner');
    expect(stepsOf(outcome)).toEqual([
      'den volume confirmed',
      'cellar group failed',
      'cellar playlist failed',
      'cellar volume failed',
      'cellar mute failed',
    ]);
  });

  it.each([1, 2])('that goes while it waits for its turn is told so (%i)', async (at) => {
    let left = at;
    const test = open({
      households: (known) => {
        left -= 1;
        return left >= 0 ? [known] : [];
      },
    });
    expect((await test.asked('preset', 'dinner')).error?.code).toBe('unknown_room');
  });

  it('that is meant by its beginning, in whatever case, is found when it is the only one', async () => {
    const test = open();
    expect((await test.asked('preset', 'DINNER')).error).toBeUndefined();
    expect((await test.asked('preset', 'din')).error).toBeUndefined();
  });

  it('that may be one of several is not guessed', async () => {
    const named = { name: 'calm', rooms: { den: { volume: 5 } } };
    const test = open();
    await test.asked('preset/save', named);
    await test.asked('preset/save', { ...named, name: 'calmer' });
    expect((await test.asked('preset', 'cal')).error?.message).toContain('No preset is called "cal"');
    expect((await test.asked('preset', 'CALM')).error).toBeUndefined();
  });

  it.each([
    ['', 'invalid_payload', 'names no preset'],
    [{ value: 'dinner', dry: true }, 'invalid_payload', 'names no preset'],
    ['diner', 'invalid_payload', 'No preset is called "diner"'],
    [{ value: 'dinner', household: 'hut' }, 'unknown_room', 'No household is called "hut"'],
  ])('that is asked for by %j is not found', async (payload, code, message) => {
    const { error } = await open().asked('preset', payload);
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(message),
      advice: expect.any(String),
    });
  });

  it('needs a household that is there and can be told', async () => {
    const two = open({ households: (known) => [known, { ...known, id: 'other', alias: 'hut' }] });
    expect((await two.asked('preset', 'dinner')).error).toMatchObject({
      code: 'invalid_payload',
      advice: expect.stringContaining('home, hut'),
    });
    expect((await two.asked('snapshot')).error?.code).toBe('invalid_payload');
    expect((await two.asked('preset/save', 'x')).error?.code).toBe('invalid_payload');
    const none = open({ households: () => [] });
    expect((await none.asked('preset', 'dinner')).error?.code).toBe('unknown_room');
    const unlinked = open();
    unlinked.obstacle = commandError('not_linked', 'Log in.');
    expect((await unlinked.asked('preset', 'dinner')).error?.code).toBe('not_linked');
    const named = open({ settings: { there: preset({ household: 'home', rooms: { den: { volume: 1 } } }) } });
    expect((await named.asked('preset', 'there')).result).toMatchObject({ done: 1 });
  });
});

describe('a preset of which something is undone meanwhile', () => {
  it('is not called done', async () => {
    const calm = preset({ rooms: { den: { volume: 5 }, bath: { volume: 30 } } });
    const test = open({ settings: { calm } });
    test.hands.endings.set('den volume', [{ status: 'confirmed' }, { status: 'confirmed' }]);
    expect(stepsOf(await test.asked('preset', 'calm'))).toEqual(['den volume unconfirmed']);

    const other = open({ settings: { calm } });
    const { perform } = other.hands;
    let count = 0;
    Object.assign(other.hands, {
      perform: (...words: Parameters<typeof perform>) => {
        count += 1;
        if (count === 1) return { id: 'x', command: 'volume', status: 'unconfirmed', elapsed_ms: 1 };
        Object.assign(other.house.rooms.bath ?? {}, { volume: 1 });
        return perform(...words);
      },
    });
    expect(stepsOf(await other.asked('preset', 'calm'))).toEqual([
      'den volume confirmed',
      'bath volume unconfirmed',
    ]);
  });
});

describe('what was loaded', () => {
  it('is kept, and a disk that refuses is no reason to stop', async () => {
    const test = open();
    await test.asked('preset', 'dinner');
    expect(test.kept.loads).toMatchObject([{ command: 'playlist', value: 'Party' }]);
    const other = open();
    other.save = () => Promise.reject(new Error('full'));
    expect((await other.asked('preset', 'dinner')).error).toBeUndefined();
  });
});

describe('a preset that is saved', () => {
  it('is listed, applied, and deleted again', async () => {
    const test = open();
    test.show();
    expect(await test.asked('preset/save', { name: 'calm', rooms: { den: { volume: 3 } } })).toEqual({});
    expect(test.lists).toEqual([
      [{ name: 'dinner', household: null, from: 'settings' }],
      [
        { name: 'calm', household: null, from: 'saved' },
        { name: 'dinner', household: null, from: 'settings' },
      ],
    ]);
    const next = open({ record: test.kept });
    expect((await next.asked('preset', 'calm')).result).toMatchObject({ done: 1 });
    expect(await next.asked('preset/delete', 'calm')).toEqual({});
    expect(next.kept.saved).toEqual([]);
    expect(next.lists.at(-1)).toHaveLength(1);
  });

  it('is how the house is, when only its name is given', async () => {
    const test = open();
    const outcome = await test.asked('preset/save', 'now');
    expect(outcome.result?.preset).toEqual({
      household: 'home',
      rooms: {
        bath: { volume: 30, muted: false },
        cellar: { volume: 10, muted: true },
        den: { volume: 20, muted: false },
      },
      groups: [
        {
          rooms: ['bath', 'den'],
          favorite: '0',
          shuffle: false,
          repeat: 'off',
          crossfade: false,
          play: true,
        },
        { rooms: ['cellar'], play: false },
      ],
    });
    expect((await test.asked('preset', 'now')).result).toEqual({ done: 0, steps: [] });
    const some = await test.asked('preset/save', { name: 'some', household: 'home', rooms: ['cellar'] });
    expect(some.result?.preset).toMatchObject({
      rooms: { cellar: { volume: 10 } },
      groups: [{ rooms: ['cellar'] }],
    });
    expect((await test.asked('preset/save', { value: 'lost', rooms: ['loft'] })).error?.code).toBe(
      'unknown_room',
    );
  });

  it('is kept before it is confirmed, or not at all', async () => {
    const test = open();
    await test.asked('preset/save', { name: 'calm', rooms: { den: { volume: 3 } } });
    test.save = () => Promise.reject(new Error('full'));
    for (const [command, payload] of [
      ['preset/save', { name: 'calm', rooms: { den: { volume: 4 } } }],
      ['preset/save', { name: 'new', rooms: { den: { volume: 4 } } }],
      ['preset/delete', 'calm'],
      ['snapshot', ''],
    ] as const)
      expect((await test.asked(command, payload)).error?.code).toBe('internal');
    expect(test.kept).toMatchObject({ saved: [{ name: 'calm', preset: { rooms: { den: { volume: 3 } } } }] });
    expect(test.kept.snapshots).toEqual([]);
  });

  it.each([
    ['preset/save', 'dinner', 'settings'],
    ['preset/delete', 'dinner', 'settings'],
    ['preset/delete', 'calm', 'No saved preset is called "calm"'],
    ['preset/delete', '', 'names no preset'],
    ['preset/save', '', 'names no preset'],
    ['preset/save', { rooms: { den: { volume: 3 } } }, 'name'],
    ['preset/save', { name: 3 }, 'names no preset'],
    ['preset/save', { name: 'x', rooms: { den: { volum: 3 } } }, 'volum'],
    ['preset/save', { name: 'x', favorite: 'Jazz' }, 'group'],
    ['preset/save', { name: 'x', play: true, household: 'home' }, 'group'],
    ['preset/save', { name: 'x', group: ['den'], favorite: 'Jazz', tv: 'den' }, 'favorite, tv'],
    ['preset/save', { name: 'x', group: ['den'], tv: 'den', shuffle: true }, 'shuffle'],
    ['preset/save', { name: 'x', group: ['den'], tv: 'den', play: false }, 'cannot be paused'],
    ['preset/save', { name: 'x', group: ['den', 'den'], play: false }, 'one group only'],
    ['preset/save', { name: 'x', group: ['den'], groups: [] }, 'not both'],
    ['preset/save', { name: 'x', groups: [{ rooms: ['den'], tv: 'den', repeat: 'one' }] }, 'groups.0'],
  ] as const)('by %s %j is refused', async (command, payload, message) => {
    const { error } = await open().asked(command, payload);
    expect(error).toMatchObject({ code: 'invalid_payload', message: expect.stringContaining(message) });
  });

  it('is one of a hundred at most', async () => {
    const saved = Array.from({ length: 100 }, (_, at) => ({ name: `n${at}`, preset: DINNER }));
    const test = open({ record: { ...noPresets, saved } });
    expect((await test.asked('preset/save', { name: 'x', rooms: { den: {} } })).error?.message).toContain(
      '100',
    );
    expect((await test.asked('preset/save', { name: 'n1', rooms: { den: {} } })).error).toBeUndefined();
  });
});

describe('a snapshot', () => {
  it('is brought back after somebody changed everything, and says what is not', async () => {
    const test = open();
    await test.asked('preset', 'dinner');
    const before = structuredClone(test.house);
    const kept = await test.asked('snapshot');
    expect(kept.result?.not_restored).toEqual([
      {
        rooms: ['bath'],
        what: 'position',
        message: 'The queue begins anew: Sonos gives no place in a queue to come back to.',
      },
      {
        rooms: ['cellar', 'den'],
        what: 'position',
        message: 'The queue begins anew: Sonos gives no place in a queue to come back to.',
      },
    ]);
    const [first] = test.house.groups;
    test.house.groups.splice(0, 9, {
      rooms: ['bath', 'cellar', 'den'],
      music: { ...silent(), container: 'Phone', state: 'PLAYING' },
    });
    for (const speaker of Object.values(test.house.rooms))
      Object.assign(speaker, { volume: 80, muted: false });
    expect(first).toBeDefined();
    const dry = await test.asked('restore', { dry_run: true });
    expect(dry.result).toMatchObject({ dry_run: true, done: 0 });
    const next = open({ house: test.house, record: test.kept });
    expect((await next.asked('restore')).error).toBeUndefined();
    expect(next.house.rooms).toEqual(before.rooms);
    const essence = ({ rooms, music }: Model['groups'][number]) => ({
      ...{ rooms: rooms.toSorted(), container: music.container, shuffle: music.shuffle, state: music.state },
    });
    const byRooms = (a: { rooms: string[] }, b: { rooms: string[] }) =>
      a.rooms.join() < b.rooms.join() ? -1 : 1;
    // Ids stand for names in what a model loads.
    const named = next.house.groups.map(essence).map((each) => ({
      ...each,
      container: each.container === '0' ? 'Jazz' : each.container,
    }));
    expect(named.toSorted(byRooms)).toEqual(before.groups.map(essence).toSorted(byRooms));
  });

  it('starts no other music in the place of what others played', async () => {
    const house = model();
    Object.assign(house.groups[0]?.music ?? {}, { container: 'Phone', state: 'PLAYING' });
    const test = open({ house });
    const kept = await test.asked('snapshot', 'phone');
    const lost = {
      rooms: ['bath', 'den'],
      what: 'music',
      message: '"Phone" was not loaded by the bridge, which cannot load it again.',
    };
    expect(kept.result?.not_restored).toEqual([lost]);
    Object.assign(house.groups[0]?.music ?? {}, { state: 'PAUSED' });
    // It is still there: playing is all that is missing.
    const there = await test.asked('restore', 'phone');
    expect(stepsOf(there)).toEqual(['bath play confirmed']);
    expect(there.result?.not_restored).toEqual([]);
    Object.assign(house.groups[0]?.music ?? {}, { container: 'Other', state: 'PAUSED' });
    const gone = await test.asked('restore', 'phone');
    expect(stepsOf(gone)).toEqual([]);
    expect(gone.result?.not_restored).toEqual([lost]);
    // What was silent is silent again, whatever is loaded now.
    await test.asked('snapshot', 'silence');
    Object.assign(house.groups[0]?.music ?? {}, { container: 'Third', state: 'PLAYING' });
    expect(stepsOf(await test.asked('restore', 'silence'))).toEqual(['bath pause confirmed']);
  });

  it('of some rooms has their whole groups, and the volumes of those rooms alone', async () => {
    const test = open();
    await test.asked('snapshot', { value: 'den', rooms: ['den'] });
    Object.assign(test.house.rooms.den ?? {}, { volume: 1 });
    Object.assign(test.house.rooms.bath ?? {}, { volume: 1 });
    expect(stepsOf(await test.asked('restore', 'den'))).toEqual(['den volume confirmed']);
    expect((await test.asked('snapshot', { rooms: ['loft'] })).error?.code).toBe('unknown_room');
    expect((await test.asked('snapshot', { rooms: 'den' })).error?.code).toBe('invalid_payload');
  });

  it('that failed to come back in part says so, and what else is lost', async () => {
    const test = open();
    await test.asked('snapshot');
    Object.assign(test.house.rooms.den ?? {}, { volume: 1 });
    test.hands.endings.set('den volume', [{ status: 'failed', error: commandError('not_capable', 'No.') }]);
    const outcome = await test.asked('restore');
    expect(outcome.error?.message).toContain('the snapshot "snapshot"');
    expect(outcome.result).toMatchObject({ done: 0, not_restored: [{ what: 'position' }] });
    expect((await test.asked('restore', 'other')).error?.message).toContain('No snapshot');
    expect((await test.asked('restore', { x: 1 })).error?.code).toBe('invalid_payload');
    const gone = open({ record: test.kept, households: () => [] });
    expect((await gone.asked('restore')).error?.code).toBe('unknown_room');
  });

  it('of a house that told nothing says that nothing can be brought back', async () => {
    const dumb = open({ households: () => [house(['den'])] });
    const kept = await dumb.asked('snapshot');
    expect(kept.result?.not_restored).toMatchObject([
      { message: expect.stringContaining('What played was') },
    ]);
    const record = {
      ...dumb.kept,
      snapshots: dumb.kept.snapshots.map((each) => ({
        ...each,
        lost: [{ lead: 'x', rooms: ['x'], what: 'music' as const, name: null, shown: null }],
      })),
    };
    const next = open({ record, households: () => [house(['den'])] });
    expect((await next.asked('restore', { dry_run: true })).result?.not_restored).toMatchObject([
      { rooms: ['x'] },
    ]);
  });

  it('is one of fifty at most; the oldest goes', async () => {
    const test = open();
    for (let at = 0; at < 51; at += 1) await test.asked('snapshot', `s${at}`);
    await test.asked('snapshot', 's50');
    expect(test.kept.snapshots.map(({ name }) => name)).toEqual(
      Array.from({ length: 50 }, (_, at) => `s${at + 1}`),
    );
  });
});
