import { describe, expect, it } from 'vitest';
import {
  command,
  evidenceOf,
  groupIdOf,
  house,
  idOf,
  planOf,
  readBy,
  regrouped,
  seat,
} from '../../support/house.ts';

const home = house(['Kitchen', 'Bath'], ['Den'], ['Living, Dining'], ['[Attic]']);
const modify = (name: string) => `/groups/${encodeURIComponent(groupIdOf([name]))}/groups/modifyGroupMembers`;

describe('group', () => {
  it.each([
    'kitchen,den',
    ' Kitchen , DEN ',
    '["kitchen", "den"]',
    '"kitchen, den"',
    '{"value": ["Kitchen", "Den"]}',
    '{"value": "kitchen,den"}',
    `{"value": ["${idOf('Kitchen')}", "den"]}`,
    '["kitchen", "den", "den"]',
    '{"value": ["den"]}',
    'den',
  ])('with %s makes the group exactly these rooms and this one', (payload) => {
    expect(planOf(home, 'Kitchen', 'group', payload)).toEqual({
      ok: true,
      value: {
        method: 'POST',
        path: `/groups/${encodeURIComponent(groupIdOf(['Kitchen']))}/groups/setGroupMembers`,
        body: { playerIds: [idOf('Kitchen'), idOf('Den')].sort() },
      },
    });
  });

  it('with no room leaves the room alone', () => {
    expect(planOf(home, 'Kitchen', 'group', '[]')).toMatchObject({
      value: { body: { playerIds: [idOf('Kitchen')] } },
    });
  });

  it('that is there already needs no call', () => {
    expect(planOf(home, 'Kitchen', 'group', 'bath')).toEqual({ ok: true, value: null });
    expect(planOf(home, 'Bath', 'group', 'bath,kitchen')).toEqual({ ok: true, value: null });
  });

  it.each([
    '',
    ',',
    'kitchen,',
    '{}',
    '[1]',
    '["", "den"]',
    '{"value": 5}',
    '{"value": null}',
    `{"value": ${JSON.stringify(Array.from({ length: 33 }, (_, i) => `r${i}`))}}`,
  ])('cannot be made of %.40s', (payload) => {
    expect(readBy('group', payload)).toMatchObject({
      ok: false,
      error: { message: 'That is not a list of rooms.' },
    });
  });

  it('cannot be made with rooms that are unknown or away', () => {
    expect(planOf(home, 'Kitchen', 'group', 'den,attik')).toMatchObject({
      error: { code: 'unknown_room', message: 'No room of "home" is called "attik".' },
    });
    const away = regrouped(home, [['Kitchen'], ['Bath']], { generation: 2 });
    expect(planOf(away, 'Kitchen', 'group', 'den')).toEqual({
      ok: false,
      error: {
        code: 'not_capable',
        message: 'The room "den" is offline.',
        advice: 'Sonos does not list its player; is it powered and in the network?',
      },
    });
  });

  it('is seen when the group is exactly these rooms', () => {
    const now = regrouped(home, [['Kitchen', 'Den'], ['Bath'], ['Living, Dining'], ['[Attic]']]);
    const more = regrouped(home, [['Kitchen', 'Den', 'Bath'], ['Living, Dining'], ['[Attic]']]);
    expect([now, more, home].map((each) => evidenceOf(home, each, 'Kitchen', 'group', 'den'))).toEqual([
      'seen',
      'not_yet',
      'not_yet',
    ]);
    expect(evidenceOf(home, regrouped(home, [['Kitchen']]), 'Kitchen', 'group', 'den')).toBe('not_yet');
  });
});

describe('join', () => {
  it.each([
    'kitchen',
    ' Bath ',
    '"kitchen"',
    '["kitchen"]',
    '{"value": "kitchen"}',
    '{"value": ["kitchen"]}',
    idOf('Bath'),
  ])("%s takes the room into that room's group", (payload) => {
    expect(planOf(home, 'Den', 'join', payload)).toEqual({
      ok: true,
      value: {
        method: 'POST',
        path: modify('Kitchen'),
        body: { playerIdsToAdd: [idOf('Den')], playerIdsToRemove: [] },
      },
    });
  });

  it.each([
    ['Living, Dining', 'Living, Dining'],
    ['living-dining', 'Living, Dining'],
    ['[Attic]', '[Attic]'],
  ])('names a room whatever it looks like: %s', (payload, name) => {
    expect(planOf(home, 'Den', 'join', payload)).toMatchObject({ value: { path: modify(name) } });
  });

  it('needs no call when the rooms play together already', () => {
    expect(planOf(home, 'Bath', 'join', 'kitchen')).toEqual({ ok: true, value: null });
    expect(planOf(home, 'Bath', 'join', 'bath')).toEqual({ ok: true, value: null });
  });

  it.each(['', ' ', '""', '{}', '[]', '["a", "b"]', '{"value": 5}', '[5]'])(
    'is refused without a room: %s',
    (payload) => {
      expect(readBy('join', payload)).toMatchObject({ ok: false, error: { message: 'No room was named.' } });
    },
  );

  it('is refused to a room that is unknown, away, or in no group', () => {
    expect(planOf(home, 'Den', 'join', 'attik')).toMatchObject({ error: { code: 'unknown_room' } });
    const away = regrouped(home, [['Den']]);
    expect(planOf(away, 'Den', 'join', 'kitchen')).toMatchObject({
      error: { code: 'not_capable', message: 'The room "kitchen" is offline.' },
    });
    const { topology } = home;
    if (topology === null) throw new Error('The house has no topology.');
    const groupless = { ...home, topology: { ...topology, groups: new Map(), groupByPlayer: new Map() } };
    expect(planOf(groupless, 'Den', 'join', 'kitchen')).toMatchObject({
      error: { code: 'not_capable', message: 'Sonos lists no group for "kitchen".' },
    });
    expect(planOf(groupless, 'Den', 'group', 'kitchen')).toMatchObject({ error: { code: 'not_capable' } });
    expect(planOf(groupless, 'Den', 'leave')).toMatchObject({ error: { code: 'not_capable' } });
    expect(evidenceOf(home, groupless, 'Den', 'leave')).toBe('not_yet');
  });

  it('is seen when the rooms play together', () => {
    const now = regrouped(home, [['Kitchen', 'Bath', 'Den'], ['Living, Dining'], ['[Attic]']]);
    expect([now, home].map((each) => evidenceOf(home, each, 'Den', 'join', 'bath'))).toEqual([
      'seen',
      'not_yet',
    ]);
    expect(
      command('join').seen({
        value: 'nobody',
        before: seat(home, 'Den'),
        now: seat(now, 'Den'),
        answer: {},
        at: 0,
      }),
    ).toBe('not_yet');
  });
});

describe('leave', () => {
  it('makes the room a group of its own', () => {
    expect(planOf(home, 'Bath', 'leave', 'PRESS')).toEqual({
      ok: true,
      value: {
        method: 'POST',
        path: modify('Kitchen'),
        body: { playerIdsToAdd: [], playerIdsToRemove: [idOf('Bath')] },
      },
    });
    expect(planOf(home, 'Den', 'leave')).toEqual({ ok: true, value: null });
  });

  it('is seen when it is one', () => {
    const now = regrouped(home, [['Kitchen'], ['Bath'], ['Den'], ['Living, Dining'], ['[Attic]']]);
    expect([now, home].map((each) => evidenceOf(home, each, 'Bath', 'leave'))).toEqual(['seen', 'not_yet']);
  });
});
