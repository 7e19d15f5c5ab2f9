import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, SCREENS, useBrowser } from '../support/browser.ts';
import { violations } from './axe.ts';
import { type PageHouse, startPageHouse } from './house.ts';
import { openPart, PARTS } from './parts.ts';
import { likeWords, words } from './words.ts';

const PASSWORD = 'correct horse battery';

/** What the checker finds on a phone and a desktop, in light and in dark. */
async function everywhere(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const screen of ['phone', 'desktop'] as const)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(SCREENS[screen]);
      await page.emulateMedia({ colorScheme });
      for (const violation of await violations(page)) found.push(`${screen}, ${colorScheme}: ${violation}`);
    }
  return found;
}

describe.skipIf(!browserIsInstalled)('an accessibility checker', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse();
    const { world } = place.sonos;
    world.playFavorite('Kitchen', 'Morning Coffee');
    world.tvOn('Living Room');
    world.playFavorite('Office', 'Lark One');
    world.lineIn('Terrace');
  }, 60_000);
  afterAll(() => place?.stop());

  it.each(PARTS)('finds no violation in %s', async (part) => {
    const { page } = await browser.open(place.url);
    await openPart(page, part);
    expect(await everywhere(page)).toEqual([]);
  });

  it('finds none in the dialogs of the house', async () => {
    const { page } = await browser.open(place.url);
    for (const name of [likeWords('favorite.title'), words('group.change', { room: 'Kitchen' })]) {
      await page.getByRole('button', { name }).first().click();
      await page.getByRole('dialog').waitFor();
      expect(await everywhere(page), String(name)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    }
  });

  it('finds none where the password is asked for', async () => {
    const guarded = await startPageHouse({ settings: { web: { password: PASSWORD } } });
    try {
      const { page } = await browser.open(guarded.url, { expects: /401/ });
      await page.getByLabel(words('signin.password'), { exact: true }).waitFor();
      expect(await everywhere(page)).toEqual([]);
    } finally {
      await guarded.stop();
    }
  });
});
