import { describe, expect, it } from 'vitest';
import { quoted } from '../../src/bridge/quoted.ts';
import { volume } from '../../src/bridge/readers.ts';

describe("a sender's word in an answer", () => {
  it('is repeated whole', () => {
    expect(quoted('pley')).toBe('"pley"');
    expect(quoted('x'.repeat(64))).toBe(`"${'x'.repeat(64)}"`);
  });

  it('is not repeated in part, since half of a secret is one too', () => {
    expect(quoted('x'.repeat(65))).toBe('"…" (65 characters)');
  });

  it.each([
    [{ a: 'token'.repeat(20) }, 'That is not a value for it.'],
    [['a'], '["a"] is not a value for it.'],
    ['token'.repeat(20), '"…" (100 characters) is not a value for it.'],
  ])('is not repeated in part as a value either: %j', (value, message) => {
    const raw = { kind: 'json', value, fields: {} } as const;
    expect(volume.read(raw)).toMatchObject({ ok: false, error: { message } });
  });
});
