import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBrowser } from '../support/browser.ts';
import { type PageHouse, startPageHouse } from './house.ts';
import { openPart, type Part } from './parts.ts';
import { words } from './words.ts';

const FOLDER = join(import.meta.dirname, '../../docs/images');
const SHOWN = ['house', 'say', 'health', 'setup'] as const;
/** A page full of pictures and soft colours would be thrice as large without loss. */
const MOST_BYTES = 200_000;

/** What is done with a part before its picture is taken, so that there is something to see. */
const PREPARED: Readonly<Partial<Record<Part, (page: Page) => Promise<void>>>> = {
  say: async (page) => {
    await page.getByLabel(words('say.text')).fill('Dinner is ready');
    for (const name of ['Kitchen', 'Office']) await page.getByRole('checkbox', { name, exact: true }).check();
  },
  setup: async (page) => {
    await page.getByText(words('setup.step.proof')).click();
    await page.getByRole('button', { name: words('setup.checks.run') }).click();
    await page.getByRole('button', { name: words('setup.checks.again') }).waitFor();
    await page.evaluate(() => {
      // A reader's bridge has its data where bridges do, and not in a folder of this test.
      for (const each of document.querySelectorAll('.finding p.faint'))
        each.textContent = (each.textContent ?? '').replace(/\/\S+\/data\b/, '/var/lib/sonos-mqtt-bridge');
      window.scrollTo(0, 0);
    });
  },
};

describe.each(['phone', 'tablet', 'desktop'] as const)('the page on a %s', (screen) => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    await mkdir(FOLDER, { recursive: true });
    place = await startPageHouse();
    const { world } = place.sonos;
    world.playFavorite('Kitchen', 'Morning Coffee');
    world.seek('Kitchen', 74_000);
    world.playFavorite('Office', 'Salt and Rope');
    world.next('Office');
    world.seek('Office', 31_000);
    world.tvOn('Living Room');
    world.playFavorite('Bedroom', 'Lark Jazz');
    world.pause('Bedroom');
    // So that the trace and the small pictures of the health page have something to show.
    for (let volume = 12; volume < 20; volume += 1) world.setVolume('Terrace', volume);
  });
  afterAll(() => place?.stop());

  it.each(['light', 'dark'] as const)('is pictured in %s', async (scheme) => {
    for (const part of SHOWN) {
      const { page } = await browser.open(place.url, { screen, scheme });
      await openPart(page, part);
      await page.getByText(words('live.waiting')).first().waitFor({ state: 'detached' });
      await PREPARED[part]?.(page);
      await page.evaluate(() =>
        Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))),
      );
      const path = join(FOLDER, `page-${part}-${screen}-${scheme}.jpg`);
      await page.screenshot({ path, type: 'jpeg', quality: 88 });
      expect((await stat(path)).size).toBeLessThan(MOST_BYTES);
    }
  });
});
