import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPayload, readSetPayload } from '../../src/bridge/payload.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (depth: number): string => `${'{"value":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('the payload of a command', () => {
  it.each(['', '25', 'true', 'Jazz', '"Heroes"', '[1,2]', '{x}', '{', ' {"a":', 'null', '\u0000'])(
    '%j is bare text',
    (text) => {
      expect(readPayload(bytes(text))).toEqual({
        ok: true,
        value: { raw: { kind: 'text', text }, id: null, expiresAt: null },
      });
    },
  );

  it('is an object with a value, an id, an expiry and further fields', () => {
    const text =
      ' {"value": 25, "id": "c-42", "expires_at": "2026-11-21T20:00:00Z", "play": false, "x": [null]}';
    expect(readPayload(bytes(text))).toEqual({
      ok: true,
      value: {
        raw: { kind: 'json', value: 25, fields: { play: false, x: [null] } },
        id: 'c-42',
        expiresAt: Date.parse('2026-11-21T20:00:00Z'),
      },
    });
  });

  it('may leave everything out', () => {
    expect(readPayload(bytes('{}'))).toEqual({
      ok: true,
      value: { raw: { kind: 'json', value: undefined, fields: {} }, id: null, expiresAt: null },
    });
    expect(readPayload(bytes('{"id": null, "expires_at": null}'))).toMatchObject({
      value: { id: null, expiresAt: null },
    });
  });

  it('keeps a number that is sent as an id, as text', () => {
    expect(readPayload(bytes('{"id": 42}'))).toMatchObject({ ok: true, value: { id: '42' } });
  });

  it.each(['""', `"${'x'.repeat(129)}"`, 'true', '{}', '[]'])('with the id %s is refused', (id) => {
    expect(readPayload(bytes(`{"id": ${id}}`))).toEqual({
      ok: false,
      error: 'The id must be a text of at most 128 characters.',
    });
  });

  it.each([
    '""',
    '"tomorrow"',
    '1795291200',
    '"2026-11-21"',
    '"2026-02-30T00:00:00Z"',
    '"2026-11-21T20:00:00"',
  ])('with the expiry %s is refused', (time) => {
    expect(readPayload(bytes(`{"expires_at": ${time}}`))).toEqual({
      ok: false,
      error: 'expires_at must be an ISO 8601 time such as 2026-11-21T20:00:00Z.',
    });
  });

  it('takes the times that Home Assistant writes', () => {
    expect(readPayload(bytes('{"expires_at": "2026-11-21T21:00:00.123456+01:00"}'))).toMatchObject({
      value: { expiresAt: Date.parse('2026-11-21T20:00:00.123Z') },
    });
  });

  it('is refused beyond 64 KiB, and not for its last byte', () => {
    expect(readPayload(bytes('x'.repeat(65_536)))).toMatchObject({ ok: true });
    expect(readPayload(bytes('x'.repeat(65_537)))).toEqual({
      ok: false,
      error: 'The payload has 65537 bytes; at most 65536 are read.',
    });
  });

  it('is refused when it is not UTF-8', () => {
    expect(readPayload(Uint8Array.of(0x7b, 0xff))).toEqual({
      ok: false,
      error: 'The payload is not UTF-8 text.',
    });
    expect(readPayload(Uint8Array.of(0xed, 0xa0, 0x80))).toMatchObject({ ok: false });
  });

  it('is no object when it is deeper than any that makes sense', () => {
    expect(readPayload(bytes(nested(32)))).toMatchObject({ value: { raw: { kind: 'json' } } });
    expect(readPayload(bytes(nested(33)))).toMatchObject({ value: { raw: { kind: 'text' } } });
    expect(readPayload(bytes(nested(5000)))).toMatchObject({ value: { raw: { kind: 'text' } } });
  });

  it('cannot reach the prototypes of objects', () => {
    const read = readPayload(bytes('{"__proto__": {"value": 5}, "constructor": 1}'));
    expect(read).toMatchObject({ ok: true, value: { raw: { value: undefined } } });
    expect(({} as { value?: unknown }).value).toBeUndefined();
  });

  it('never throws, and an expiry is always a time', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.json().map(bytes),
          fc
            .record({ value: fc.jsonValue(), id: fc.jsonValue(), expires_at: fc.date().map(String) })
            .map((value) => bytes(JSON.stringify(value))),
        ),
        (payload) => {
          for (const read of [readPayload(payload), readSetPayload(payload)]) {
            if (read.ok && read.value.expiresAt !== null)
              expect(Number.isFinite(read.value.expiresAt)).toBe(true);
            if (!read.ok) expect(read.error).not.toBe('');
          }
        },
      ),
    );
  });
});

describe('a set message', () => {
  it('holds commands in the order written, with an id and an expiry for all of them', () => {
    const text =
      '{"volume": 20, "id": "s-1", "favorite": {"value": "Jazz", "play": false}, "expires_at": "2026-11-21T20:00:00Z", "group": ["bath"], "play": true}';
    expect(readSetPayload(bytes(text))).toEqual({
      ok: true,
      value: {
        id: 's-1',
        expiresAt: Date.parse('2026-11-21T20:00:00Z'),
        commands: [
          { command: 'volume', raw: { kind: 'json', value: 20, fields: {} } },
          { command: 'favorite', raw: { kind: 'json', value: 'Jazz', fields: { play: false } } },
          { command: 'group', raw: { kind: 'json', value: ['bath'], fields: {} } },
          { command: 'play', raw: { kind: 'json', value: true, fields: {} } },
        ],
      },
    });
  });

  it('may hold null and objects without a value', () => {
    expect(readSetPayload(bytes('{"play": null, "clip": {"type": "chime"}}'))).toMatchObject({
      value: {
        commands: [
          { raw: { kind: 'json', value: null, fields: {} } },
          { raw: { kind: 'json', value: undefined, fields: { type: 'chime' } } },
        ],
      },
    });
  });

  it.each([
    ['', 'Several commands are sent as a JSON object, such as {"volume": 20, "play": true}.'],
    ['volume', 'Several commands are sent as a JSON object, such as {"volume": 20, "play": true}.'],
    ['[{"volume": 1}]', 'Several commands are sent as a JSON object, such as {"volume": 20, "play": true}.'],
    ['{}', 'The object names no command.'],
    ['{"id": "a"}', 'The object names no command.'],
    ['{"id": {}, "play": true}', 'The id must be a text of at most 128 characters.'],
    ['{"id": {}, "expires_at": 1, "play": true}', 'The id must be a text of at most 128 characters.'],
    ['x'.repeat(65_537), 'The payload has 65537 bytes; at most 65536 are read.'],
  ])('%.20s is refused', (text, error) => {
    expect(readSetPayload(bytes(text))).toEqual({ ok: false, error });
  });
});
