import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saidBy } from '../../src/speech/said.ts';
import { figure, sized } from '../support/figures.ts';

describe('what a server says, repeated in an error', () => {
  it('is one line of at most 120 characters without quotes of its own', () => {
    expect(saidBy(' no\n\tsuch\u202e "voice"\x00 ', [])).toBe("no such 'voice'");
    expect(saidBy('', [])).toBeNull();
    expect(saidBy(' \x00 ', [])).toBeNull();
    expect(saidBy('\u{1f600}'.repeat(120), [])).toBe('\u{1f600}'.repeat(120));
    expect(saidBy('\u{1f600}'.repeat(500), [])).toBe(`${'\u{1f600}'.repeat(119)}…`);
  });

  it.each([
    ['whole', 'Bad key sk-4711-abcdef-0815'],
    ['in part', 'Bad key: sk-4711-abc***'],
    ['in capitals and with other signs', 'BAD KEY SK 4711 ABCDEF'],
    ['percent-encoded', 'GET /?key=%73%6b%2d%34%37%31%31%2d%61%62%63%64%65%66'],
    ['escaped as in JSON', '{"k":"\\u0073\\u006b-4711-\\u0061bcdef-0815"}'],
    ['beyond what is repeated', `${'x '.repeat(300)}sk-4711-abcdef-0815`],
  ])('is left out when it gives a key away %s', (_, said) => {
    expect(saidBy(said, ['', 'sk-4711-abcdef-0815'])).toBeNull();
    expect(saidBy(said, ['', 'another-key'])).not.toBeNull();
  });

  it('is left out when it repeats a key of signs only, or bytes that are no text', () => {
    expect(saidBy('the key %$§! is wrong', ['%$§!'])).toBeNull();
    expect(saidBy('100%ff sure', ['nothing of this'])).toBe('100%ff sure');
  });

  it('never has eight letters in a row of a secret, wherever and however that stands in it', () => {
    const letters = fc.constantFrom(...'abcdefABCDEF0123456789-_./+= é');
    const spellings = fc.constantFrom(
      (secret: string) => secret,
      (secret: string) => secret.toUpperCase(),
      encodeURIComponent,
      (secret: string) => new URLSearchParams([['x', secret]]).toString(),
      (secret: string) => JSON.stringify(secret),
      (secret: string) => [...secret].join(' '),
    );
    const secrets = fc
      .string({ unit: letters, minLength: 8, maxLength: 60 })
      .filter((secret) => secret.replace(/[^\p{L}\p{N}]/gu, '').length >= 8);
    const numRuns = sized(1000, 50_000);
    fc.assert(
      fc.property(fc.string(), secrets, spellings, fc.string(), (before, secret, spell, after) => {
        // A percent sign before it may swallow its first letters, as it would for whoever reads it.
        expect(saidBy(`${before.replaceAll('%', '')} ${spell(secret)} ${after}`, [secret])).toBeNull();
      }),
      { numRuns },
    );
    figure('secrets repeated by a server', numRuns);
  });
});
