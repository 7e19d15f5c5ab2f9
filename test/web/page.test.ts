import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { loginResultPage } from '../../src/web/login-result.ts';
import { markup } from '../../src/web/markup.ts';
import { STYLE } from '../../src/web/style.ts';
import { openHouse, tagsOf, textOf } from './house.ts';

describe('a page that says one thing', () => {
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

  test.each(hostile)('shows the name %j as text, and nothing else', (name) => {
    for (const page of [
      (word: string) => loginResultPage(ok({ households: [word], known: false }), '/#/setup'),
      (word: string) => loginResultPage(err({ reason: 'denied', message: word })),
    ]) {
      expect(tagsOf(page(name).html)).toEqual(tagsOf(page('plain').html));
      expect(textOf(page(name).html)).toContain(name);
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

  test('brings its style along, for light and dark, and fetches nothing', async () => {
    const { text } = await (await openHouse()).visit('/nothing');
    expect(text).toContain(`<style>${STYLE}</style>`);
    expect(STYLE).toContain('prefers-color-scheme: dark');
    expect(STYLE.split('{')).toHaveLength(STYLE.split('}').length);
    expect(STYLE).not.toMatch(/url\(|@import|<|var\(--(?!ground|card|ink|faint|line|accent|on-accent)/);
    expect(text).not.toMatch(/<script|<link|<img|\son[a-z]+=|\sstyle=|javascript:/i);
  });
});

describe('the page itself', () => {
  test('is shown to anybody, for there is nothing in it, and so are its pieces', async () => {
    const house = await openHouse();
    const page = await house.ask('/');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    const pieces = [...page.text.matchAll(/ (?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(pieces.length).toBeGreaterThan(1);
    for (const address of pieces) {
      const piece = await house.ask(new URL(address, 'http://x/').pathname);
      expect(piece.status).toBe(200);
      expect(piece.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    }
    expect(page.headers['cache-control']).toBe('no-store');
  });

  test('names its origin when it asks for something', async () => {
    const house = await openHouse();
    const policy = async (path: string) => (await house.visit(path)).headers['referrer-policy'];
    expect(await policy('/')).toBe('same-origin');
    expect(await policy('/login')).toBe('no-referrer');
    expect(await policy('/nothing')).toBe('no-referrer');
  });
});
