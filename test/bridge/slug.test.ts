import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstFree, fits, hardwareDigits, slug } from '../../src/bridge/slug.ts';

describe('the address that a name gives', () => {
  it.each([
    ['Kitchen', 'kitchen'],
    ['Living Room', 'living-room'],
    ['  Bath & Sauna!  ', 'bath-sauna'],
    ['Küche', 'kuche'],
    ['Ku\u0308che', 'kuche'],
    ['Große Straße', 'grosse-strasse'],
    ['GROẞ', 'gross'],
    ['Ærøskøbing', 'aeroskobing'],
    ['Cœur', 'coeur'],
    ['ǽ ǿ Ǽ Ǿ', 'ae-o-ae-o'],
    ['Łódź', 'lodz'],
    ['Đorđe', 'dorde'],
    ['Ísafjörður', 'isafjordur'],
    ['Þór', 'thor'],
    ['Ħal', 'hal'],
    ['ışık İzmir', 'isik-izmir'],
    ['ŋŧ ŊŦ', 'nt-nt'],
    ['Ｆｕｌｌ　Ｗｉｄｔｈ', 'full-width'],
    ['Studio ①', 'studio-1'],
    ['ﬁrst ﬂoor', 'first-floor'],
    ['a/b+c#d$e\u0000f', 'a-b-c-d-e-f'],
    ['Kids 🎈 Room', 'kids-room'],
    ['---', ''],
    ['🎷', ''],
    ['客厅', ''],
    ['', ''],
    ['\u202Egnp\u200B', 'gnp'],
    ['constructor', 'constructor'],
    ['__proto__', 'proto'],
  ])('%j is %j', (name, address) => {
    expect(slug(name)).toBe(address);
  });

  it('is the same for both ways to write an umlaut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(slug(name.normalize('NFD'))).toBe(slug(name.normalize('NFC')));
      }),
    );
  });

  it('has at most 48 characters and does not end in a hyphen where it is cut', () => {
    expect(slug('a'.repeat(60))).toBe('a'.repeat(48));
    expect(slug(`${'a'.repeat(47)} b`)).toBe('a'.repeat(47));
    expect(slug('ab '.repeat(50))).toMatch(/^(ab-){15}ab$/);
  });

  it('holds only letters, digits and single hyphens, whatever the name: any Unicode, lone surrogates, 70 kB', () => {
    const unit = fc.oneof(
      fc.constantFrom(
        '\u0000',
        '+',
        '#',
        '/',
        '$',
        '-',
        '\ud800',
        '\udc00',
        '\u202e',
        'ß',
        'Ǿ',
        'ﷺ',
        'a',
        ' ',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 90 }), fc.constantFrom(1, 1, 1, 800), (units, times) => {
        const address = slug(units.join('').repeat(times));
        expect(address).toMatch(/^([a-z0-9]+(-[a-z0-9]+)*)?$/);
        expect(address.length).toBeLessThanOrEqual(48);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the hardware digits of a player', () => {
  it('are the last six of the twelve in its id, in lower case', () => {
    expect(hardwareDigits('RINCON_A0B0C0DDEEFF01400')).toBe('ddeeff');
  });

  it('are made from whatever the id has when it is of another form', () => {
    expect(hardwareDigits('RINCON_12')).toBe('incon12'.slice(-6));
    expect(hardwareDigits('X/1')).toBe('0000x1');
    expect(hardwareDigits('客')).toBe('000000');
  });
});

describe('the first address that is free', () => {
  it('is the base, then the base with 2, 3 …', () => {
    const taken = new Set<string>();
    const given = Array.from({ length: 4 }, () => {
      const address = firstFree('den', (each) => taken.has(each));
      taken.add(address);
      return address;
    });
    expect(given).toEqual(['den', 'den-2', 'den-3', 'den-4']);
  });

  it('keeps to 48 characters, without two hyphens in a row', () => {
    const base = `${'a'.repeat(45)}-bb`;
    expect(firstFree(base, (each) => each === base)).toBe(`${'a'.repeat(45)}-2`);
  });
});

describe('an address given earlier', () => {
  it.each([
    ['den', 'den', true],
    ['den-2', 'den', true],
    ['den-17', 'den', true],
    ['den-1', 'den', false],
    ['den-0', 'den', false],
    ['den-02', 'den', false],
    ['den-x', 'den', false],
    ['den2', 'den', false],
    ['bath-2', 'den', false],
  ])('%s for a room called %s: %s', (address, base, expected) => {
    expect(fits(address, base)).toBe(expected);
  });
});
