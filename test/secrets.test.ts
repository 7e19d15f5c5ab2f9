import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecrets } from '../src/secrets.ts';

const knowing = (...values: string[]) => {
  const secrets = createSecrets();
  for (const value of values) secrets.add(value);
  return secrets;
};

const formEncoded = (value: string) => new URLSearchParams({ v: value }).toString().slice(2);

const spellings: Readonly<Record<string, (value: string) => string>> = {
  'as it is': (value) => value,
  'in base64': (value) => Buffer.from(value).toString('base64'),
  'in base64 without padding': (value) => Buffer.from(value).toString('base64').replaceAll('=', ''),
  'in base64url': (value) => Buffer.from(value).toString('base64url'),
  'in base64 in a URL': (value) => encodeURIComponent(Buffer.from(value).toString('base64')),
  'percent-encoded': encodeURIComponent,
  'percent-encoded in small letters': (value) =>
    encodeURIComponent(value).replace(/%../g, (byte) => byte.toLowerCase()),
  'in a form': formEncoded,
  'in JSON': (value) => JSON.stringify(value).slice(1, -1),
  'in JSON within JSON': (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
  'in JSON within JSON within JSON': (value) =>
    JSON.stringify(JSON.stringify(JSON.stringify(value))).slice(7, -7),
  'in JSON that escapes all but letters': (value) =>
    value.replace(/[^a-z0-9]/gi, (sign) =>
      [...Array(sign.length).keys()]
        .map((unit) => `\\u${sign.charCodeAt(unit).toString(16).padStart(4, '0')}`)
        .join(''),
    ),
};

describe('the filter of secrets', () => {
  it.each(Object.entries(spellings))('takes out a secret %s', (_, spell) => {
    for (const value of [
      's3cr3t-token',
      'pa"ss\\w/ord',
      'grün & größer + 100%',
      'line\nbreak\ttab',
      'a\\\\\\b"c"d',
    ]) {
      expect(knowing(value).clean(`before <${spell(value)}> after`)).toBe('before <[secret]> after');
    }
  });

  it('takes out whatever people choose, in every spelling', async () => {
    const value = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 40 });
    const spelling = fc.constantFrom(...Object.keys(spellings));
    await fc.assert(
      fc.property(value, spelling, fc.string(), fc.string(), (secret, name, before, after) => {
        const spelled = spellings[name]?.(secret) ?? '';
        const cleaned = knowing(secret).clean(`${before}<${spelled}>${after}`);
        expect(cleaned).not.toContain(spelled);
        expect(cleaned).toContain('[secret]');
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'finds it in base64 of something longer that begins %i letters earlier',
    (length) => {
      const before = 'x'.repeat(length);
      const encoded = Buffer.from(`${before}:canary-canary:y`).toString('base64');
      const cleaned = knowing('canary-canary').clean(`Basic ${encoded}`);
      expect(cleaned).toContain('[secret]');
      const left = cleaned.replace('Basic ', '').split('[secret]');
      for (const rest of left) expect(Buffer.from(rest, 'base64').toString()).not.toContain('canary');
    },
  );

  it('takes the longest of several that overlap, and leaves nothing of it', () => {
    expect(knowing('abcdef', 'abcdef-ghijkl').clean('1 abcdef-ghijkl 2 abcdef 3')).toBe(
      '1 [secret] 2 [secret] 3',
    );
  });

  it('takes out every occurrence', () => {
    expect(knowing('canary').clean('canary,canary canary')).toBe('[secret],[secret] [secret]');
  });

  it('leaves other text alone, and secrets that are too short to be told from words', () => {
    expect(knowing('on', 'canary').clean('turned on, and on')).toBe('turned on, and on');
    expect(createSecrets().clean('anything')).toBe('anything');
  });

  it('does not take signs of a secret for a pattern', () => {
    const secrets = knowing('.*.*.*.', '(a|b)+$^[c]');
    expect(secrets.clean('some words')).toBe('some words');
    expect(secrets.clean('x(a|b)+$^[c]x.*.*.*.')).toBe('x[secret]x[secret]');
  });

  it('forgets a token that was replaced, and not one that is known twice', () => {
    const secrets = knowing('old-token', 'shared-password', 'shared-password');
    secrets.forget('old-token');
    secrets.forget('shared-password');
    secrets.forget('never-known');
    expect(secrets.clean('old-token shared-password')).toBe('old-token [secret]');
    secrets.forget('shared-password');
    expect(secrets.clean('shared-password')).toBe('shared-password');
  });

  it('stays fast on long runs of backslashes and near misses', () => {
    const secrets = knowing('\\\\"\\\\"\\\\"x', '""""""""y', 'aaaaaaaaaaaab');
    const text = `${'\\'.repeat(50_000)}${'\\"'.repeat(50_000)}${'a'.repeat(50_000)}`;
    const started = performance.now();
    secrets.clean(text);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
