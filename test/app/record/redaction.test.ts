import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedaction, type Redaction } from '../../../src/app/record/redaction.ts';
import { publicWords } from '../../../src/app/record/vocabulary.ts';
import { payloadOf, publishedAs } from '../../../src/app/record/written.ts';
import { slug } from '../../../src/bridge/slug.ts';

const words = publicWords();
const redaction = (changes: { withNames?: boolean; clean?: (text: string) => string } = {}): Redaction =>
  createRedaction({ withNames: false, clean: (text) => text, publicWords: words, ...changes });

const hexDigit = fc.constantFrom(...'0123456789ABCDEF');
const player = fc
  .string({ unit: hexDigit, minLength: 12, maxLength: 12 })
  .filter((digits) => !digits.startsWith('000000'))
  .map((digits) => `RINCON_${digits}01400`);
const group = fc.tuple(player, fc.nat()).map(([id, number]) => `${id}:${number}`);
const household = fc
  .string({ unit: fc.constantFrom(...'abcdefXYZ019'), minLength: 8, maxLength: 30 })
  .map((text) => `Sonos_${text}.Place`);
const session = fc.uuid();
const id = fc.oneof(player, group, household, session);

/** JSON as Sonos or somebody hostile could send it, with ids in every place. */
const hostileJson = (given: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      given,
      given.map((each) => `The player ${each}, and http://192.168.3.7:1400/x?id=${each}.`),
      given.map(encodeURIComponent),
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom('id', 'name', 'playerIds', 'type', 'rooms', 'x'), given, fc.string()),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value;

const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.values(value).map(shapeOf);
};

describe('the redaction of a record', () => {
  it.each([false, true])('lets no id through, wherever it stands (with names: %s)', (withNames) => {
    fc.assert(
      fc.property(fc.array(id, { minLength: 1, maxLength: 4 }), fc.gen(), (ids, gen) => {
        const value = gen(hostileJson, fc.constantFrom(...ids));
        const text = JSON.stringify(redaction({ withNames }).value(value));
        for (const each of ids) {
          expect(text).not.toContain(each);
          expect(text).not.toContain(each.split(':')[0]);
        }
        expect(text).not.toContain('192.168.3.7');
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the shape of JSON', () => {
    fc.assert(
      fc.property(hostileJson(id), (value) => {
        expect(shapeOf(redaction().value(value))).toEqual(shapeOf(JSON.parse(JSON.stringify(value))));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same id the same stand-in everywhere, and another one another', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 2, maxLength: 8 }), (ids) => {
        const own = redaction();
        const once = ids.map((each) => own.id(each));
        expect(own.value({ list: ids, x: ids[0] })).toEqual({ list: once, x: once[0] });
        expect(own.path(`/groups/${encodeURIComponent(ids[0] ?? '')}/volume`)).toBe(
          `/groups/${encodeURIComponent(once[0] ?? '')}/volume`,
        );
        expect(new Set(once).size).toBe(ids.length);
      }),
    );
  });

  it('keeps the grammar of ids: a group is its player and its number', () => {
    const own = redaction();
    const stood = own.id('RINCON_949F3E6BC90301400');
    expect(stood).toMatch(/^RINCON_[0-9A-F]{12}01400$/);
    expect(own.id('RINCON_949F3E6BC90301400:17')).toBe(`${stood}:17`);
    expect(own.id('Sonos_abc.def')).toMatch(/^Sonos_[A-Za-z0-9]+$/);
    expect(own.path('/groups/RINCON_949F3E6BC90301400%3A17/playback/play')).toBe(
      `/groups/${stood}%3A17/playback/play`,
    );
    expect(own.path('/households/Sonos_abc.def/favorites?x=mine')).not.toMatch(/abc|mine/);
  });

  it('keeps what is sorted by player id sorted, since new rooms get their addresses in that order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(player, { minLength: 2 }), (ids) => {
        const own = redaction();
        own.value({ players: ids.map((each) => ({ id: each })) });
        const sorted = [...ids].sort().map((each) => own.id(each));
        expect(sorted).toEqual([...sorted].sort());
      }),
    );
  });

  const name = fc.oneof(
    fc.constantFrom(
      'Kitchen',
      'kitchen',
      'Küche',
      'Kuche',
      'Bath',
      'Bath 2',
      'Bath-2',
      '客厅',
      'Élan!',
      'Elan?',
    ),
    fc.string({ minLength: 1, maxLength: 30 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  );

  it('lets names collide in addresses exactly when they did, and keeps the numbers of those that did', () => {
    const bare = (text: string): string => slug(text).replace(/-\d{1,2}$/, '');
    const usual = fc.constantFrom(
      'Kitchen',
      'Küche',
      'Kuche',
      'Bath',
      'Bath!',
      'Bath 2',
      'Office Ä',
      'Office A',
    );
    fc.assert(
      fc.property(usual, usual, (one, other) => {
        const own = redaction();
        const [a, b] = [own.text(one, 'Room'), own.text(other, 'Room')];
        expect(slug(a) === slug(b)).toBe(slug(one) === slug(other));
        expect(bare(a) === bare(b)).toBe(bare(one) === bare(other));
        expect(own.address(slug(one))).toBe(slug(a));
      }),
    );
  });

  it('has nothing of a name, unless a word of it is one of the contract', () => {
    fc.assert(
      fc.property(name, (text) => {
        const own = redaction().value({ name: text, title: text });
        const said = JSON.stringify(own).toLowerCase();
        for (const word of text.toLowerCase().match(/[a-zà-ÿ]{4,}/g) ?? [])
          if (!words.has(word) && !'room-title-text'.includes(word) && word !== 'name')
            expect(said).not.toContain(word);
      }),
    );
  });

  it('keeps what is beyond ASCII, the length of what is long, case and the blanks at the ends', () => {
    const own = redaction();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked for
    const beyond = /[^\u0000-\u007f]/;
    expect(own.text('Küche', 'Room')).toMatch(beyond);
    expect(own.text('客厅', 'Room')).toMatch(beyond);
    expect(slug(own.text('客厅', 'Room'))).toBe('');
    expect(own.text('客厅')).not.toBe(own.text('浴室'));
    expect(own.text('Kitchen', 'Room')).not.toMatch(beyond);
    expect(own.text('x'.repeat(300))).toHaveLength(300);
    expect(own.text(' Attic ', 'Room')).toMatch(/^ \S+ $/);
    expect(own.text('attic', 'Room')).toBe(own.text('Attic', 'Room').toLowerCase());
    expect(own.text('Attic + 2', 'Room')).toBe(`${own.text('Attic', 'Room')} + 2`);
  });

  it('takes the address that hardware digits gave for what it is', () => {
    const own = redaction();
    own.value({ players: [{ id: 'RINCON_949F3E6BC90301400', name: '客厅' }] });
    expect(own.address('home/6bc903')).toBe('home/000001');
    expect(own.address('home/6bc903-2')).toBe('home/000001-2');
  });

  it('keeps the words of the contract, numbers and moments, and masks secrets, URLs, addresses and serial numbers', () => {
    const own = redaction({ clean: (text) => text.replaceAll('hunter22', '[secret]') });
    expect(
      own.value({
        state: 'playing',
        playbackState: 'PLAYBACK_STATE_PLAYING',
        at: '2026-11-22T20:00:00.000Z',
        volume: 30,
        access_token: 'abc',
        serialNumber: '94-9F-3E-6B-C9-03:4',
        householdNumber: 'x',
        imageUrl: 'https://user:pw@music.example.org/cover/my-name.jpg?token=1',
        websocketUrl: 'wss://192.168.1.20:1443/websocket/api',
        said: 'hunter22',
        hunter22: 1,
      }),
    ).toEqual({
      state: 'playing',
      playbackState: 'PLAYBACK_STATE_PLAYING',
      at: '2026-11-22T20:00:00.000Z',
      volume: 30,
      access_token: '[secret]',
      serialNumber: expect.stringMatching(/^id-\d+$/),
      householdNumber: expect.stringMatching(/^(text|Text)-/),
      imageUrl: expect.stringMatching(/^https:\/\/host-\d\.example\/\d+\.jpg$/),
      websocketUrl: expect.stringMatching(/^wss:\/\/192\.168\.0\.\d+\/\d+$/),
      said: expect.not.stringContaining('hunter22'),
      [own.id('hunter22')]: 1,
    });
  });

  it('keeps names when asked to, and still no ids, addresses and secrets', () => {
    const own = redaction({ withNames: true, clean: (text) => text.replaceAll('hunter22', '[secret]') });
    expect(
      own.value({ name: 'Küche', title: 'hunter22 by RINCON_949F3E6BC90301400 at 192.168.1.9' }),
    ).toEqual({
      name: 'Küche',
      title: '[secret] by RINCON_00000000000101400 at 192.168.0.2',
    });
  });

  it('keeps what was published sorted by address sorted by what stands for it', () => {
    const own = redaction();
    own.address('home/zoo');
    const { topic, payload } = publishedAs('home/zoo/members', 'attic,zoo', own);
    expect(topic).toBe(`sonos/home/${own.address('zoo')}/members`);
    expect(payload).toBe([own.address('zoo'), own.address('attic')].sort().join(','));
    expect(publishedAs('home', JSON.stringify({ rooms: ['attic', 'zoo'] }), own).payload).toEqual({
      rooms: [own.address('zoo'), own.address('attic')].sort(),
    });
  });

  it('reads the payload of a command as JSON or as text', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const own = redaction();
    expect(payloadOf(bytes('25'), own)).toEqual({ payload: 25, is_text: false });
    expect(payloadOf(bytes('+5'), own)).toEqual({ payload: '+5', is_text: true });
    expect(payloadOf(bytes(''), own)).toEqual({ payload: '', is_text: true });
    expect(payloadOf(Uint8Array.of(0xff), own)).toEqual({ payload: '\u0000', is_text: true });
    expect(payloadOf(bytes('{"volume":3,"id":"mine"}'), own)).toEqual({
      payload: { volume: 3, id: own.id('mine') },
      is_text: false,
    });
  });

  it('replaces names that are keys as it does names, also when they look like the mark of a slice, and no field of a list', () => {
    const own = redaction();
    const dinner = own.text('Janes Dinner', 'Room');
    expect(dinner).not.toMatch(/jane|dinner/i);
    expect(own.value({ presets: { 'Janes Dinner': { volume: 3 } } })).toEqual({
      presets: { [dinner]: { volume: 3 } },
    });
    expect(own.value({ households: [{ id: 'Sonos_x', name: 'Home' }] })).toEqual({
      households: [{ id: own.id('Sonos_x'), name: 'Home' }],
    });
    expect(own.value({ 'volume RINCON_949F3E6BC90301400': 1 })).toEqual({
      [`volume ${own.id('RINCON_949F3E6BC90301400')}`]: 1,
    });
  });
});
