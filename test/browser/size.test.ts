import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, useBrowser } from '../support/browser.ts';
import { builtProgram } from '../support/built-program.ts';
import { figure } from '../support/figures.ts';
import { type PageHouse, startPageHouse } from './house.ts';
import { openPart, PARTS } from './parts.ts';

/** What a page may weigh that is to be there at once. */
const MOST_BYTES = 100_000;

describe('the page as it is shipped', () => {
  it('is a page, scripts, styles and an icon, nothing else', async () => {
    const folder = join(dirname(await builtProgram()), 'web/page');
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.includes('.'));
    const kinds = new Set(files.map((name) => name.replace(/^assets\/[\w-]+\./, 'assets/*.')));
    expect([...kinds].sort()).toEqual(['assets/*.css', 'assets/*.js', 'assets/*.svg', 'index.html']);
    let bytes = 0;
    for (const name of files.filter((each) => /\.(js|css)$/.test(each)))
      bytes += (await stat(join(folder, name))).size;
    figure('page: script and style, as files', `${bytes} bytes`);
  }, 120_000);
});

describe.skipIf(!browserIsInstalled)('the page as a browser gets it', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse();
  }, 120_000);
  afterAll(() => place?.stop());

  const loaded = async (page: Page) => {
    const got = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map((each) => each as PerformanceResourceTiming)
        .filter(({ name }) => /\.(js|css)$/.test(name))
        .map(({ encodedBodySize, decodedBodySize }) => ({ sent: encodedBodySize, is: decodedBodySize })),
    );
    return {
      files: got.length,
      sent: got.reduce((sum, { sent }) => sum + sent, 0),
      is: got.reduce((sum, file) => sum + file.is, 0),
    };
  };

  it('has at most 100 kB of script and style when the house is shown, and all parts together as they are sent', async () => {
    const { page } = await browser.open(place.url);
    await openPart(page, 'house');
    const house = await loaded(page);
    for (const part of PARTS) await openPart(page, part);
    const all = await loaded(page);
    figure('page: script and style of the house', `${house.is} bytes, ${house.sent} over the wire`);
    figure('page: script and style of all parts', `${all.is} bytes, ${all.sent} over the wire`);
    expect(house.files).toBeGreaterThanOrEqual(2);
    expect(house.is).toBeGreaterThan(10_000);
    expect(house.is).toBeLessThanOrEqual(MOST_BYTES);
    expect(all.is).toBeGreaterThanOrEqual(house.is);
    expect(all.sent).toBeLessThanOrEqual(MOST_BYTES);
  });
});
