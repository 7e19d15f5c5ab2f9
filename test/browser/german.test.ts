import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, useBrowser } from '../support/browser.ts';
import { type PageHouse, startPageHouse } from './house.ts';
import { openPart, PARTS } from './parts.ts';
import { LANGUAGES, words } from './words.ts';

const { de, en } = LANGUAGES;

const german = new Set<string>(Object.values(de));
/** English texts that nobody writes so in German. */
const english = new Set<string>(
  Object.values(en).filter((text) => !german.has(text) && !text.includes('{') && text.length > 2),
);
const keys = Object.keys(en);
/** What was to be filled in and was not, or with nothing. */
const UNFILLED = new RegExp(
  `\\{(${[...new Set(Object.values(en).flatMap((text) => text.match(/(?<=\{)\w+(?=\})/g) ?? []))].join('|')})\\}|undefined|\\bNaN\\b|\\[object`,
);

/** Every text of a page, and every name that only a screen reader says; without what the bridge has said in English. */
const TEXTS = `[...document.querySelectorAll('body, body *')]
  .filter((each) => each.closest('[lang=en]') === null || each.closest('[lang=en]') === document.documentElement)
  .flatMap((each) => [
    ...[...each.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data),
    ...['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext'].map((name) => each.getAttribute(name) ?? ''),
  ])
  .map((text) => text.trim())
  .filter((text) => text !== '')`;

describe.skipIf(!browserIsInstalled)('somebody whose browser speaks German', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse();
    place.sonos.world.playFavorite('Kitchen', 'Morning Coffee');
  }, 60_000);
  afterAll(() => place?.stop());

  it.each(PARTS)('reads German in %s, and nothing but German', async (part) => {
    const { page } = await browser.open(place.url, { locale: 'de-AT' });
    await openPart(page, part, 'de');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    const texts = await page.evaluate<string[]>(TEXTS);
    expect(texts).toContain(words(`nav.${part}`, {}, 'de'));
    expect(texts.filter((text) => english.has(text))).toEqual([]);
    expect(texts.filter((text) => keys.some((key) => text.includes(key)))).toEqual([]);
    expect(texts.filter((text) => UNFILLED.test(text))).toEqual([]);
  });

  it('may choose English, which is remembered', async () => {
    const { page } = await browser.open(place.url, { locale: 'de-DE' });
    await page.getByRole('button', { name: /English/ }).click();
    await openPart(page, 'health');
    await page.reload();
    await page.getByRole('link', { name: words('nav.health'), exact: true }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  });

  it('reads English where the browser speaks neither', async () => {
    const { page } = await browser.open(place.url, { locale: 'fi-FI' });
    await openPart(page, 'house');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  });
});
