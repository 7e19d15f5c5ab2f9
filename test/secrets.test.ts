import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecrets } from '../src/secrets.ts';
import { searcherFor, spellingsOf } from './support/canaries.ts';
import { figure, sized } from './support/figures.ts';

const knowing = (...values: string[]) => {
  const secrets = createSecrets();
  for (const value of values) secrets.add(value);
  return secrets;
};

const formEncoded = (value: string) => new URLSearchParams({ v: value }).toString().slice(2);

const base64 = (text: string) => Buffer.from(text).toString('base64');

const inEscapes = (text: string, spell: (byte: string) => string) =>
  [...Buffer.from(text)].map((byte) => spell(byte.toString(16).padStart(2, '0'))).join('');

/** Ways to write a whole text in another one. */
const codings: Readonly<Record<string, (text: string) => string>> = {
  json: (text) => JSON.stringify({ text }),
  percent: encodeURIComponent,
  form: formEncoded,
  base64,
  base64url: (text) => Buffer.from(text).toString('base64url'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'percent throughout': (text) => inEscapes(text, (byte) => `%${byte}`),
};

/** The same the other way; what is not of that kind stays. */
const decodings: Readonly<Record<string, (text: string) => string>> = {
  json: (text) =>
    text.replaceAll(/\\u([0-9a-f]{4})|\\(.)/g, (_, unit: string | undefined, sign: string) =>
      unit === undefined ? sign : String.fromCharCode(Number.parseInt(unit, 16)),
    ),
  percent: (text) =>
    text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
    ),
  form: (text) => decodings.percent?.(text.replaceAll('+', ' ')) ?? '',
  base64: (text) => text.replaceAll(/[A-Za-z0-9+/]{8,}/g, (run) => Buffer.from(run, 'base64').toString()),
  base64url: (text) =>
    text.replaceAll(/[A-Za-z0-9_-]{8,}/g, (run) => Buffer.from(run, 'base64url').toString()),
  hex: (text) => text.replaceAll(/(?:[0-9a-f]{2}){6,}/gi, (run) => Buffer.from(run, 'hex').toString()),
  'percent throughout': (text) => decodings.percent?.(text) ?? '',
};

const undone = (text: string, names: readonly string[]) =>
  names.reduce((coded, name) => decodings[name]?.(coded) ?? '', text);

/** Well-formed, and not so simple that it stands in any text. */
const isSecret = (text: string) =>
  !/\p{Cs}/u.test(text) && new Set(text).size > 5 && !text.includes('[secret]');

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

  it('takes out what became a secret after the same text had passed, and lets it pass again', () => {
    const secrets = createSecrets();
    secrets.add('another secret');
    expect(secrets.clean('living-room')).toBe('living-room');
    secrets.add('living-room');
    expect([secrets.clean('living-room'), secrets.clean('living-room')]).toEqual(['[secret]', '[secret]']);
    secrets.forget('living-room');
    expect(secrets.clean('living-room')).toBe('living-room');
  });

  it('does not mix up what passed, however many texts there are', () => {
    const secrets = createSecrets();
    secrets.add('swordfish');
    for (let round = 0; round < 2; round += 1) {
      for (let number = 0; number < 1500; number += 1) {
        expect(secrets.clean(`${number} swordfish`)).toBe(`${number} [secret]`);
      }
    }
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

  it.each([
    ['hexadecimal', (value: string) => Buffer.from(value).toString('hex')],
    ['capital hexadecimal', (value: string) => Buffer.from(value).toString('hex').toUpperCase()],
    ['a list of bytes', (value: string) => [...Buffer.from(value)].join(', ')],
    ['a Buffer in JSON', (value: string) => JSON.stringify(Buffer.from(`a${value}b`))],
    ['a Buffer as Node prints it', (value: string) => inspect(Buffer.from(value))],
    ['HTML', (value: string) => value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)],
    ['bytes that are all percent-encoded', (value: string) => inEscapes(value, (byte) => `%${byte}`)],
    ['escapes of JavaScript', (value: string) => inEscapes(value, (byte) => `\\x${byte}`)],
    ['base64 of JSON', (value: string) => base64(JSON.stringify({ token: value }))],
    ['base64 of base64', (value: string) => base64(`x:${base64(`y:${value}`)}`)],
    ['base64 of a form', (value: string) => base64(`a=1&token=${formEncoded(value)}`)],
    ['base64 in JSON, slashes escaped', (value: string) => base64(`??${value}`).replaceAll('/', '\\/')],
    ['a percent-encoded address in a form', (value: string) => formEncoded(`/?token=${formEncoded(value)}`)],
  ])('takes it out of %s', (_, spell) => {
    for (const value of ['s3cr3t-token', 'pa"ss<w>\'o&rd/', 'key+/==?', '0123456789abcdef']) {
      const spelled = spell(value);
      const cleaned = knowing(value).clean(`before ${spelled} after`);
      expect(cleaned).toMatch(/^before .*\[secret\].* after$/);
      for (let part = 0; part + 12 <= spelled.length; part += 1) {
        const piece = spelled.slice(part, part + 12);
        // What stands around it may stay, the bytes of it may not.
        if (/^[^\s"[\]{}:]+$/.test(piece) && !spell('other!').includes(piece)) {
          expect(cleaned).not.toContain(piece);
        }
      }
    }
  });

  it('takes out of a line what a search for secrets would find', () => {
    for (const value of ['c4nary0123456789abcdef', 'c4nary "q" \\ % + / & <x> grün ✓']) {
      const secrets = knowing(value);
      const search = searcherFor([{ name: 'it', value }]);
      const whole = Object.entries(spellingsOf(value)).filter(([name]) => !/^its |^UTF-16$/.test(name));
      for (const [spelling, spelled] of whole) {
        // A part of base64 stands for something with the secret in it, so it needs all of its bits.
        if (spelling.includes('base64')) continue;
        expect(search(`<${spelled}>`)).not.toEqual([]);
        expect({ spelling, left: search(secrets.clean(`<${spelled}>`)) }).toEqual({ spelling, left: [] });
      }
    }
  });

  it('leaves nothing of it in any text, in whatever way it was encoded, up to three times over', async () => {
    const runs = sized(800, 200_000);
    let embedded = 0;
    const codes = fc.array(fc.constantFrom(...Object.keys(codings)), { minLength: 0, maxLength: 3 });
    const secret = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }).filter(isSecret);
    const around = fc.string({ unit: 'grapheme-ascii', maxLength: 12 });
    await fc.assert(
      fc.property(secret, codes, around, around, fc.boolean(), (value, names, before, after, isTight) => {
        const [left, right] = isTight ? ['', ''] : [before, after];
        const coded = names.reduce((text, name) => codings[name]?.(text) ?? '', `${left}${value}${right}`);
        const cleaned = knowing(value).clean(`<${coded}>`);
        embedded += 1;
        expect(cleaned).not.toBe(`<${coded}>`);
        expect(cleaned).toContain('[secret]');
        expect(undone(cleaned, names.toReversed())).not.toContain(value);
      }),
      { numRuns: runs },
    );
    figure('secrets embedded in encoded texts, none left', embedded);
  });

  it('leaves text alone that has no secret in it, however encoded it looks', async () => {
    const secrets = knowing('c4nary0123456789abcdef', 'another-secret-in-it', '/sonos/events/8c1f-77aa');
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.base64String({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('hex')),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => bytes.join(',')),
      fc.webUrl({ withQueryParameters: true }),
      fc.json(),
    );
    await fc.assert(
      fc.property(text, (said) => {
        expect(secrets.clean(said)).toBe(said);
        expect(secrets.cleanAnswer(said)).toBe(said);
      }),
      { numRuns: sized(400, 50_000) },
    );
  });

  it('masks the whole of what is encoded, and nothing beside it', () => {
    const header = Buffer.from('someone:c4nary-password').toString('base64');
    expect(knowing('c4nary-password').clean(`Authorization: Basic ${header}, from 10.0.0.1`)).toBe(
      'Authorization: Basic [secret], from 10.0.0.1',
    );
  });

  it.each([0, 1, 2, 3, 4, 5])('finds base64 that follows %i letters or signs of the same kind', (length) => {
    const encoded = Buffer.from('{"t":"c4nary-password"}').toString('base64');
    const text = `${'/p/x-_'.slice(0, length)}${encoded}`;
    expect(knowing('c4nary-password').clean(`at ${text}.`)).toBe('at [secret].');
  });

  it('masks places that overlap as one', () => {
    expect(knowing('abcdefgh', 'efghijkl').clean('1 abcdefghijkl 2')).toBe('1 [secret] 2');
  });
});

describe('the filter of answers', () => {
  it('masks what nobody can guess', () => {
    const secrets = knowing('c4nary0123456789abcdef');
    expect(secrets.cleanAnswer('There is no command "c4nary0123456789abcdef".')).toBe(
      'There is no command "[secret]".',
    );
    secrets.forget('c4nary0123456789abcdef');
    expect(secrets.cleanAnswer('c4nary0123456789abcdef')).toBe('c4nary0123456789abcdef');
  });

  it('does not tell who guesses a password that the guess was right', () => {
    const secrets = knowing('hunter2hunter2');
    expect(secrets.clean('hunter2hunter2')).toBe('[secret]');
    expect(secrets.cleanAnswer('hunter2hunter2')).toBe('hunter2hunter2');
  });
});
