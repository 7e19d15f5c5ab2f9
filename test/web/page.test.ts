import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markup } from '../../src/web/markup.ts';
import { stateRows } from '../../src/web/state-rows.ts';
import { ACCOUNT, CALLBACK_URL, openHouse, tagsOf, textOf } from './house.ts';

describe('the page', () => {
  test('shows the accounts, the addresses to register, the state and where to look further', async () => {
    const house = await openHouse();
    const { text, headers } = await house.visit('/');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('The bridge is ready.');
    expect(text).toContain('Sonos_home');
    expect(text).toContain('<code class="copy">http://127.0.0.1:8788/oauth/callback</code>');
    expect(text).toContain(`<code class="copy">${CALLBACK_URL}</code>`);
    expect(text).toContain('<th scope="row">account, login url</th><td>–</td>');
    expect(text).toContain('href="./login"');
    expect(text).toContain('href="./metrics"');
    expect(text).toContain('href="./health/ready"');
  });

  test('says what is missing in a house that nobody has set up', async () => {
    const house = await openHouse({
      accounts: () => [],
      setup: { redirectUri: null, callbackUrl: null },
      notReady: () => ['No account is linked.', 'The broker <cannot> be reached.'],
    });
    const { text } = await house.visit('/');
    expect(text).toContain('No Sonos account is linked.');
    expect(text).toContain('>Link account</a>');
    expect(text).toContain('class="button primary"');
    expect(text).toContain('not set: sonos.redirect_uri');
    expect(text).toContain('set callback.public_url');
    expect(text).toContain('<li>The broker &lt;cannot&gt; be reached.</li>');
  });

  test('offers a new login first when an account needs one, and only then', async () => {
    const accounts = () => [
      { id: 'a', status: 'needs_login', households: [] },
      { id: 'b', status: 'something new', households: ['x'] },
    ];
    const { text } = await (await openHouse({ accounts })).visit('/');
    expect(text).toContain('class="button primary"');
    expect(text).toContain('needs a new login');
    expect(text).toContain('households not known yet');
    expect(text).toContain('something new');
    expect((await (await openHouse()).visit('/')).text).not.toContain('class="button primary"');
  });

  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    '</title></textarea></style><script>x</script>',
    '<!--',
    ']]>',
    '&lt;b&gt;',
    '&#60;script&#62;',
    '`$' + '{alert(1)}`',
    '$& $1 $` \\u003cscript\\u003e',
    'javascript:alert(1)',
    '\u202Egnp.exe',
    '\u2028<a href=//evil.example>',
  ];

  test.each(hostile)('shows the name %j as text, and nothing else', async (name) => {
    const open = (word: string) =>
      openHouse({
        accounts: () => [{ id: word, status: word, households: [word] }],
        setup: { redirectUri: word, callbackUrl: word },
        notReady: () => [word],
        state: () => ({ [word]: word, list: [word], group: { [word]: word } }),
      });
    const path = (word: string) => `/unlink?account=${encodeURIComponent(word)}`;
    const [house, plain] = [await open(name), await open('plain')];
    for (const [tried, harmless] of [
      ['/', '/'],
      [path(name), path('plain')],
    ] as const) {
      const [page, expected] = [await house.visit(tried), await plain.visit(harmless)];
      expect(page.status).toBe(200);
      expect(tagsOf(page.text)).toEqual(tagsOf(expected.text));
      expect(textOf(page.text)).toContain(name);
    }
  });

  test('any text is shown as it is, in elements and in quoted attributes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { html } = markup`<p title="${text}">${text}</p>`;
        expect(tagsOf(html)).toEqual(['p', 'p']);
        const [, attribute, element] = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/s.exec(html) ?? [];
        expect(textOf(attribute ?? '')).toBe(text);
        expect(textOf(element ?? '')).toBe(text);
      }),
    );
  });

  test('the style knows light and dark', async () => {
    const { text } = await (await openHouse()).visit('/style.css');
    expect(text).toContain('prefers-color-scheme: dark');
    expect(text.split('{')).toHaveLength(text.split('}').length);
    expect(text).not.toMatch(/url\(|@import|var\(--(?!ground|card|ink|faint|line|accent|on-accent|good|bad)/);
  });
});

describe('the state as a table', () => {
  test('names, numbers and what is absent are readable', () => {
    const state = { a_b: { c: 1, d: { e: null } }, f: [1, 2], g: true, h: false, i: undefined, k: {} };
    expect(stateRows(state)).toEqual([
      { name: 'a b, c', value: '1' },
      { name: 'a b, d, e', value: '–' },
      { name: 'f', value: '[1,2]' },
      { name: 'g', value: 'yes' },
      { name: 'h', value: 'no' },
      { name: 'i', value: '–' },
    ]);
  });

  test('what lies very deep stays one line', () => {
    expect(stateRows({ a: { b: { c: { d: { e: 1 } } } } })).toEqual([
      { name: 'a, b, c, d', value: '{"e":1}' },
    ]);
  });
});

describe('unlinking', () => {
  test('asks first, then does it and shows the page', async () => {
    let accounts = [ACCOUNT, { id: 'b', status: 'linked', households: ['Sonos_x', 'Sonos_y'] }];
    const house = await openHouse({
      accounts: () => accounts,
      unlink: async (id) => {
        const before = accounts.length;
        accounts = accounts.filter((each) => each.id !== id);
        return accounts.length < before;
      },
    });
    const asked = await house.visit('/unlink?account=b');
    expect(asked.text).toContain('Unlink this account?');
    expect(asked.text).toContain('Sonos_y');
    expect(accounts).toHaveLength(2);
    expect((await house.visit('/unlink?account=b', { method: 'HEAD' })).status).toBe(200);
    expect(accounts).toHaveLength(2);

    const done = await house.post('/unlink', { account: 'b' });
    expect(done).toMatchObject({ status: 303, headers: { location: './' } });
    expect(accounts).toEqual([ACCOUNT]);
    expect((await house.post('/unlink', { account: 'b' })).status).toBe(404);
    expect((await house.post('/unlink', {})).status).toBe(404);
    expect((await house.visit('/unlink?account=b')).status).toBe(404);
    expect(accounts).toEqual([ACCOUNT]);
  });

  test('an account whose households are not known yet can be unlinked', async () => {
    const house = await openHouse({ accounts: () => [{ ...ACCOUNT, households: [] }] });
    expect((await house.visit('/unlink?account=account-1')).text).toContain('households are not known');
  });
});
