import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPayload } from '../../src/bridge/payload.ts';
import {
  boolean,
  booleanOrToggle,
  nothing,
  oneOf,
  plain,
  type Reader,
  seconds,
  volume,
} from '../../src/bridge/readers.ts';

/** What a reader makes of a payload; undefined when it refuses. */
function read<Value>(reader: Reader<Value>, payload: string): Value | undefined {
  const opened = readPayload(new TextEncoder().encode(payload));
  if (!opened.ok) throw new Error(opened.error);
  const value = reader.read(opened.value.raw);
  if (!value.ok) {
    expect(value.error.message).toMatch(/./);
    expect(value.error.advice).toMatch(/./);
    return undefined;
  }
  return value.value;
}

describe('a volume', () => {
  it.each([
    ['25', { to: 25 }],
    [' 25\n', { to: 25 }],
    ['"25"', { to: 25 }],
    ['0', { to: 0 }],
    ['100', { to: 100 }],
    ['12.0', { to: 12 }],
    ['"12.0"', { to: 12 }],
    ['{"value": 25}', { to: 25 }],
    ['{"value": 12.0}', { to: 12 }],
    ['{"value": "25"}', { to: 25 }],
    ['+5', { by: 5 }],
    ['-5', { by: -5 }],
    ['"+5"', { by: 5 }],
    ['"-5"', { by: -5 }],
    ['{"value": " 25 "}', { to: 25 }],
    ['{"value": " +5 "}', { by: 5 }],
    ['{"value": "+5"}', { by: 5 }],
    ['{"value": "-5"}', { by: -5 }],
    ['+100', { by: 100 }],
    ['-100', { by: -100 }],
  ])('%s is %j', (payload, value) => {
    expect(read(volume, payload)).toEqual(value);
  });

  it.each([
    '',
    '101',
    '+101',
    '-101',
    '12.5',
    '+2.5',
    '{"value": 12.5}',
    '{"value": -5}',
    '{"value": 101}',
    '{"value": 1e9}',
    '{"value": true}',
    '{"value": null}',
    '{"value": [5]}',
    '{"value": {"to": 5}}',
    '{}',
    '{"volume": 5}',
    'true',
    '0x10',
    '1e1',
    '5%',
    'NaN',
    'Infinity',
    '--5',
    '+',
    '٢٥',
    '"25',
    '"2\\q5"',
  ])('%s is none', (payload) => {
    expect(read(volume, payload)).toBeUndefined();
  });

  it('is refused with what it should be', () => {
    expect(volume.read({ kind: 'json', value: 101, fields: {} })).toEqual({
      ok: false,
      error: {
        message: '101 is not a value for it.',
        advice: 'Volumes are whole numbers from 0 to 100; "+5" and "-5" are steps.',
      },
    });
    expect(volume.read({ kind: 'json', value: undefined, fields: {} })).toMatchObject({
      error: { message: 'nothing is not a value for it.' },
    });
    expect(volume.read({ kind: 'json', value: 'loud', fields: {} })).toMatchObject({
      error: { message: '"loud" is not a value for it.' },
    });
  });

  it('is repeated in the refusal when it is no longer than a line', () => {
    const refusal = (length: number) => {
      // The brackets and quotes around it count.
      const value = ['x'.repeat(length - 4)];
      const given = volume.read({ kind: 'json', value, fields: {} });
      return given.ok ? null : given.error.message;
    };
    expect(refusal(80)).toBe(`["${'x'.repeat(76)}"] is not a value for it.`);
    expect(refusal(81)).toBe('That is not a value for it.');
    const word = volume.read({ kind: 'json', value: 'x'.repeat(100), fields: {} });
    expect(word.ok ? null : word.error.message).toBe('"…" (100 characters) is not a value for it.');
  });

  it('is the same bare, as a JSON text and in an object', () => {
    fc.assert(
      fc.property(fc.integer({ min: -120, max: 120 }), (level) => {
        const text = String(level);
        const bare = read(volume, text);
        expect(read(volume, JSON.stringify(text))).toEqual(bare);
        expect(read(volume, JSON.stringify({ value: text }))).toEqual(bare);
        expect(bare === undefined).toBe(Math.abs(level) > 100);
      }),
    );
  });

  it('is never read from what is no number', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const given = volume.read({ kind: 'json', value: JSON.parse(JSON.stringify(value)), fields: {} });
        if (given.ok) expect(String(value)).toMatch(/^\s*[+-]?[\d.]+\s*$/);
      }),
    );
  });
});

describe('a position', () => {
  it.each([
    ['90', { to: 90 }],
    ['12.5', { to: 12.5 }],
    ['{"value": 12.5}', { to: 12.5 }],
    ['{"value": 0.30000000000000004}', { to: 0.30000000000000004 }],
    ['123.45678901234567', { to: 123.45678901234567 }],
    ['{"value": 1e-7}', { to: 1e-7 }],
    ['+10', { by: 10 }],
    ['"-10.5"', { by: -10.5 }],
    ['86400', { to: 86_400 }],
  ])('%s is %j seconds', (payload, value) => {
    expect(read(seconds, payload)).toEqual(value);
  });

  it.each(['{"value": -1}', '86401', '-86401', '1:30', ''])('%s is none', (payload) => {
    expect(read(seconds, payload)).toBeUndefined();
  });
});

describe('a boolean', () => {
  const TRUE = [
    'true',
    'TRUE',
    'on',
    'On',
    '1',
    '"on"',
    ' on ',
    '{"value": true}',
    '{"value": 1}',
    '{"value": "ON"}',
  ];
  const FALSE = ['false', 'off', 'OFF', '0', '"0"', '{"value": false}', '{"value": 0}', '{"value": " off "}'];

  it.each(TRUE)('%s is true', (payload) => {
    expect(read(boolean, payload)).toBe(true);
    expect(read(booleanOrToggle, payload)).toBe(true);
  });

  it.each(FALSE)('%s is false', (payload) => {
    expect(read(boolean, payload)).toBe(false);
    expect(read(booleanOrToggle, payload)).toBe(false);
  });

  it.each(['', 'yes', '2', 'null', '{"value": null}', '{"value": [true]}', '{}', 'toggle me'])(
    '%s is neither',
    (payload) => {
      expect(read(boolean, payload)).toBeUndefined();
      expect(read(booleanOrToggle, payload)).toBeUndefined();
    },
  );

  it.each(['toggle', 'TOGGLE', '"toggle"', '{"value": " Toggle "}'])('%s toggles', (payload) => {
    expect(read(booleanOrToggle, payload)).toBe('toggle');
    expect(read(boolean, payload)).toBeUndefined();
  });
});

describe('one of some words', () => {
  const repeat = oneOf(['off', 'all', 'one']);

  it.each(['all', 'ALL', '"all"', '{"value": " All "}'])('%s is all', (payload) => {
    expect(read(repeat, payload)).toBe('all');
  });

  it.each(['', 'some', '{"value": 1}', '{"value": null}', '{}'])('%s is none of them', (payload) => {
    expect(read(repeat, payload)).toBeUndefined();
  });

  it('says which there are', () => {
    expect(repeat.read({ kind: 'text', text: 'some' })).toMatchObject({
      error: { message: '"some" is not one of them.', advice: 'Send one of off, all, one.' },
    });
    expect(repeat.name).toBe('`off`, `all`, `one`');
  });
});

describe('a command without a value', () => {
  it.each(['', 'PRESS', '{"id": "a"}', '[1', '{"value": false}'])('takes %s', (payload) => {
    expect(read(nothing, payload)).toBeNull();
  });
});

describe('a bare payload', () => {
  it.each([
    [' 25 ', '25'],
    ['"25"', '25'],
    ['"2\\u0035"', '25'],
    ['"2\\q5"', '"2\\q5"'],
    ['"two', '"two'],
    ['two"', 'two"'],
    ['say "two"', 'say "two"'],
    ['"two" times', '"two" times'],
    ['"two\\nlines"', 'two\nlines'],
  ])('%j is the text %j', (text, value) => {
    expect(plain({ kind: 'text', text })).toBe(value);
  });
});

describe('what the documents say of a value', () => {
  const fits = (reader: Reader<unknown>, values: readonly unknown[]): unknown[] =>
    values.filter((value) => reader.schema.safeParse(value).success);

  it('is a name', () => {
    const readers = [nothing, boolean, booleanOrToggle, volume, seconds, oneOf(['off', 'all'])];
    expect(readers.map(({ name }) => name)).toEqual([
      '–',
      'boolean',
      'boolean or `toggle`',
      '0–100, or `"+5"` / `"-5"`',
      'seconds, or `"+10"` / `"-10"`',
      '`off`, `all`',
    ]);
  });

  it('fits what is a boolean, and nothing else', () => {
    const right = [true, false, 1, 0, 'true', 'OFF', 'on', 'false', '1', '0'];
    const wrong = [2, null, 'yes', 'on and on', 'turn on', {}, []];
    expect(fits(boolean, [...right, ...wrong])).toEqual(right);
    expect(fits(booleanOrToggle, [...right, 'toggle', 'Toggle', ...wrong, 'toggles', 'to toggle'])).toEqual([
      ...right,
      'toggle',
      'Toggle',
    ]);
  });

  it('fits what is an amount, and nothing else', () => {
    const right = [0, 100, 7, '25', '+5', '-10', '12.00'];
    const wrong = [-1, 101, '', '+', '5%', ' 5', 'a5', '1.', '.5', '1.x', '--5', true, null];
    expect(fits(volume, [...right, 2.5, '12.50', '+101', ...wrong])).toEqual(right);
    const times = [...right, 2.5, '12.50', '+101', 86_400];
    expect(fits(seconds, [...times, 86_401, -1, '+100000'])).toEqual(times);
  });
});
