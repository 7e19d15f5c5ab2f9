import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attributeTextSchema, wholeOf } from '../../../src/bridge/contract/room-state.ts';

describe('the state of a room', () => {
  it('is what its rows say, and an object that two of them fill has the parts of both', () => {
    const one = z.object({ name: z.string(), group: z.object({ name: z.string() }).nullable() });
    const other = z.object({ group: z.object({ volume: z.number() }).nullable() });
    const whole = wholeOf([one, other]).strict();
    const room = { name: 'Kitchen', group: { name: 'Kitchen + 1', volume: 5 } };
    expect(whole.parse(room)).toEqual(room);
    expect(whole.safeParse({ ...room, group: null }).success).toBe(true);
    expect(whole.safeParse({ ...room, group: { volume: 5 } }).success).toBe(false);
    expect(whole.safeParse({ ...room, group: { name: 'Kitchen' } }).success).toBe(false);
  });

  it('has an object for certain when both rows have it for certain', () => {
    const whole = wholeOf([
      z.object({ group: z.object({ name: z.string() }) }),
      z.object({ group: z.object({ volume: z.number() }) }),
    ]);
    expect(whole.safeParse({ group: null }).success).toBe(false);
    expect(whole.safeParse({ group: { name: 'Kitchen', volume: 5 } }).success).toBe(true);
  });
});

describe('the text of an attribute', () => {
  it.each([
    ['group.volume', ['0', '100'], ['101', '-1', '5.5', '']],
    ['muted', ['true', 'false'], ['yes', '']],
    ['state', ['playing', 'idle'], ['stopped', '']],
    ['group.members', ['kitchen', 'bath,kitchen'], ['kitchen,', '']],
    ['track.duration', ['215.4', '180'], ['long', '']],
    ['track.title', ['Ä', ' '], ['']],
    ['nowhere.at.all', ['x'], ['']],
  ])('at %s is %j and not %j', (path, right, wrong) => {
    const schema = attributeTextSchema(path);
    const fits = [...right, ...wrong].filter((text) => schema.safeParse(text).success);
    expect(fits).toEqual(right);
  });
});
