import { describe, expect, it } from 'vitest';
import { namespaces } from '../../src/bridge/namespaces/index.ts';
import { type EventHeaders, readHeaders } from '../../src/events/headers.ts';
import { canBe, type EventTargetKind, knownEvents } from '../../src/events/known-events.ts';
import { figure } from '../support/figures.ts';
import { ambiguousText, type Language, type Row } from './ambiguity.ts';
import { GROUP, HOUSEHOLD, PLAYER, rawHeadersOf, SESSION, signed } from './house.ts';

const LETTERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
const SAMPLES: Readonly<Record<EventTargetKind, string>> = {
  household: HOUSEHOLD,
  group: GROUP,
  player: PLAYER,
  session: SESSION,
};

const isRead = (field: keyof EventHeaders, value: string): boolean =>
  readHeaders(rawHeadersOf({ ...signed(), [field]: value })).ok;

/** The letters that the receiver lets stand anywhere in a header, found out by asking it. */
const lettersOf = (field: keyof EventHeaders, ...around: readonly string[]): string =>
  LETTERS.filter((letter) =>
    around.some((value) => isRead(field, `${value}${letter}`) || isRead(field, `${value}${letter}${value}`)),
  ).join('');

const numberLetters = lettersOf('sequence', '', '1');
const idLetters = lettersOf('target', '', 'x');

/** What every id of a kind begins with, found out by asking. */
function prefixOf(kind: EventTargetKind): string {
  const sample = SAMPLES[kind];
  const length = [...sample].findIndex((_letter, index) => canBe(kind, sample.slice(0, index)));
  return sample.slice(0, length);
}

const rowOf = ({ namespace, type, targetType, kind }: (typeof knownEvents)[number]): Row => ({
  name: `${namespace} ${type} ${targetType}`,
  words: namespace + type + targetType,
  prefix: prefixOf(kind),
  idLetters,
});

/** What the receiver takes, with ids and numbers of any length: more than it really takes, so the proof holds for that. */
const language: Language = { numberLetters, rows: knownEvents.map(rowOf) };

describe('the headers that the receiver takes', () => {
  it('are found out from the receiver itself: letters, words and prefixes', () => {
    expect(numberLetters).toBe('0123456789');
    expect(idLetters).toHaveLength(26 + 26 + 10 + '_.:@-'.length);
    for (const [kind, sample] of Object.entries(SAMPLES) as [EventTargetKind, string][]) {
      const prefix = prefixOf(kind);
      expect(prefix.length).toBeGreaterThan(3);
      for (const [index] of [...prefix].entries()) {
        // Not one letter of the prefix may be another one, or missing.
        for (const letter of LETTERS.filter((each) => each !== prefix[index])) {
          expect(canBe(kind, sample.slice(0, index) + letter + sample.slice(index + 1))).toBe(false);
        }
        expect(canBe(kind, sample.slice(0, index) + sample.slice(index + 1))).toBe(false);
      }
    }
  });

  it('are all there: every event of every row of the table, under both spellings of its target type', () => {
    const expected = namespaces.flatMap(({ name, target, events }) =>
      target === 'account'
        ? []
        : Object.keys(events).flatMap((type) => [`${name} ${type} ${target}`, `${name} ${type} ${target}Id`]),
    );
    expect(language.rows.map(({ name }) => name)).toEqual(expected);
    expect(new Set(expected).size).toBe(expected.length);
    figure('kinds of event whose signed text is proven to be read in one way only', expected.length);
    // The words themselves are what the headers may say.
    for (const { namespace, type, targetType } of knownEvents) {
      expect(isRead('namespace', namespace) && isRead('type', type) && isRead('targetType', targetType)).toBe(
        true,
      );
    }
  });

  it('can be told apart by the text that Sonos signs, whatever the number and the id', () => {
    expect(ambiguousText(language)).toBeNull();
  });
});

describe('the proof', () => {
  const [first] = language.rows;
  if (first === undefined) throw new Error('the table is empty');
  const andRow = (row: Partial<Row>): Language => ({
    ...language,
    rows: [...language.rows, { ...first, ...row, name: 'one more' }],
  });

  it.each<[string, Language]>([
    [
      'ids that begin with anything',
      { ...language, rows: language.rows.map((row) => ({ ...row, prefix: '' })) },
    ],
    ['numbers of the letters of which ids are made', { ...language, numberLetters: idLetters }],
    ['a row whose words begin with a digit', andRow({ words: `7${first.words}` })],
    ['a row whose words are cut elsewhere', andRow({})],
    ['a row whose words go on into the id of another', andRow({ words: first.words + first.prefix })],
    [
      'a row whose words are those of another and the beginning of an id',
      andRow({ words: `${first.words}${first.prefix}a`, prefix: 'b' }),
    ],
  ])('finds a text with two readings when there were %s', (_what, changed) => {
    expect(ambiguousText(changed)).toEqual(expect.any(String));
  });

  it('finds the very text that a stranger would use', () => {
    const open = language.rows
      .filter(({ name }) => name.startsWith('groupVolume '))
      .map((row) => ({ ...row, prefix: '' }));
    expect(ambiguousText({ numberLetters, rows: open })).toBe('0groupVolumegroupVolumegroupId');
  });

  it('finds none in a small language that has none, and one in a small one that has', () => {
    const row = (words: string, prefix: string): Row => ({ name: words, words, prefix, idLetters: 'xyR_' });
    expect(ambiguousText({ numberLetters: '01', rows: [row('ab', 'R_'), row('abR', 'R_')] })).toBeNull();
    expect(ambiguousText({ numberLetters: '01', rows: [row('ab', 'R'), row('abR', 'R')] })).toBe('0abRR');
  });
});
