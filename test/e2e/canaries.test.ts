import { describe, expect, it } from 'vitest';
import { searcherFor, spellingsOf } from '../support/canaries.ts';

const VALUES = {
  'a token': 'c4nary0123456789abcdefABCDEF',
  'a password with signs': 'c4nary "quoted" \\back\\ 100% + a/b & <c> grün ✓ \'d\'',
  'a key': 'c4nary/+/+==~?&%41%2B',
};

const search = searcherFor(Object.entries(VALUES).map(([name, value]) => ({ name, value })));

/** A text around it, as a log has it. */
const said = (text: string): string => `{"level":"info","msg":"Somebody said ${text}, and left."}`;

describe('the search for secrets', () => {
  const cases = Object.entries(VALUES).flatMap(([name, value]) =>
    Object.entries(spellingsOf(value)).map(([spelling, spelled]) => ({ name, spelling, spelled })),
  );

  it.each(cases)('finds $name spelled: $spelling', ({ name, spelling, spelled }) => {
    expect(search(said(spelled))).toContainEqual(expect.objectContaining({ name, spelling }));
  });

  it('finds it in what others make of it', () => {
    const token = VALUES['a token'];
    const basic = Buffer.from(`some-client:${token}`).toString('base64');
    const printed = `${Buffer.from(token).toString('hex').match(/../g)?.join(' ')}`;
    for (const text of [
      `Authorization: Basic ${basic}`,
      `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify({ token })).toString('base64url')}.sig`,
      JSON.stringify(JSON.stringify({ headers: { authorization: `Bearer ${token}` } })),
      `https://x.example/?a=1&token=${encodeURIComponent(VALUES['a key'])}&b=2`,
      `<Buffer 10 75 00 ${printed} ... 69 more bytes>`,
      JSON.stringify(Buffer.from(`x${token}y`)),
      `There is no command "${token.slice(0, 12)}`,
      `…${token.slice(-12)}" is not known`,
    ]) {
      expect(search(text)).not.toEqual([]);
    }
  });

  it('finds nothing where there is nothing', () => {
    expect(search(said('nothing'))).toEqual([]);
    expect(search(said('c4nary'))).toEqual([]);
    expect(search(Buffer.from('some other token').toString('base64'))).toEqual([]);
  });

  it('tells what stands around it', () => {
    const [leak] = search(`${'x'.repeat(500)} here: ${VALUES['a token']} ${'y'.repeat(500)}`);
    expect(leak).toMatchObject({ name: 'a token', near: expect.stringContaining('here: c4nary') });
    expect(leak?.near.length).toBeLessThan(250);
  });
});
