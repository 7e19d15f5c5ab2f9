import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HouseholdSpec, list, station, track } from '../../src/sim/index.ts';
import { browserIsInstalled, SCREENS, useBrowser } from '../support/browser.ts';
import { figure } from '../support/figures.ts';
import { HOSTILE } from './hostile-words.ts';
import { type PageHouse, startPageHouse } from './house.ts';
import { openPart, PARTS } from './parts.ts';
import { likeWords } from './words.ts';

const at = (index: number): string => HOSTILE[index % HOSTILE.length] ?? '';

/** So many rooms that a few rounds show every name. */
const ROOMS = 24;
const CROWD: HouseholdSpec = {
  id: 'Sonos_HostileHome00000000000.HostilePlace00',
  players: Array.from({ length: ROOMS }, (_, index) => ({ name: `Room ${index}`, model: 'one' })),
};

/** Sonos gives at most so many. */
const FAVORITES = 70;
const PLAYLISTS = 100;

/** Nothing of a name has run, and nothing of it makes the page wider than its window. */
async function expectHarmless(page: Page, what: string): Promise<void> {
  const seen = await page.evaluate(() => ({
    hits: Reflect.get(window, 'hits'),
    over: document.documentElement.scrollWidth - innerWidth,
    // Elements that no page of ours has.
    foreign: document.querySelectorAll(
      'iframe, object, embed, video, math, base, form[action], [onerror], [onload]',
    ).length,
    scripts: [...document.querySelectorAll('script, link[rel=stylesheet], style')].filter((each) => {
      const address = each.getAttribute('src') ?? each.getAttribute('href') ?? '';
      return !new URL(address, location.href).href.startsWith(`${location.origin}/assets/`);
    }).length,
  }));
  expect(seen, what).toEqual({ hits: undefined, over: expect.any(Number), foreign: 0, scripts: 0 });
  expect(seen.over, `${what}: wider than the window by`).toBeLessThanOrEqual(0);
}

describe.skipIf(!browserIsInstalled)('a house of hostile names', () => {
  const browser = useBrowser();
  let place: PageHouse;
  let players: readonly string[] = [];

  beforeAll(async () => {
    place = await startPageHouse({ sonos: { households: [CROWD] } });
    players = place.sonos.world.rooms().map(({ id }) => id);
  }, 60_000);
  afterAll(() => place?.stop());

  /** Gives every room, what it plays and what comes next names from the list; the last title says which round it was. */
  function rename(round: number): string {
    const { world } = place.sonos;
    const sign = `round ${round} is here`;
    for (const [index, player] of players.entries()) {
      const name = at(round * players.length + index);
      world.rename(player, name);
      const tracks = [track(`${name} ${sign}`, name, name, 200), track(name, name, name, 200)];
      if (index % 3 === 2) world.load(player, station(name, [`${name} ${sign}`]));
      else world.load(player, list(name, 'playlist', tracks));
    }
    return sign;
  }

  it('has more than 200 of them', () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(200);
  });

  it('shows rooms, titles, artists and stations as text, and stays as wide as its window', async () => {
    // A picture that is gone before it was asked for is none.
    const { page } = await browser.open(place.url, { screen: 'phone', expects: /404 .*api\/art\// });
    const rounds = Math.ceil(HOSTILE.length / players.length);
    for (let round = 0; round < rounds; round += 1) {
      const sign = rename(round);
      await page.getByText(sign).first().waitFor();
      await page.setViewportSize(SCREENS[round % 2 === 0 ? 'phone' : 'desktop']);
      await expectHarmless(page, `round ${round}: ${at(round * players.length)}`);
    }
    figure('page: hostile names and titles shown', HOSTILE.length);
  }, 90_000);

  it('shows hostile favorites and playlists as text', async () => {
    const { world } = place.sonos;
    for (const { id } of world.household().favorites.all()) world.removeFavorite(id);
    for (const { id } of world.household().playlists.all()) world.removePlaylist(id);
    for (let index = 0; index < FAVORITES; index += 1) {
      const name = at(index);
      world.addFavorite({
        name,
        description: at(index + FAVORITES),
        imageUrl: index % 2 === 0 ? name : `https://elsewhere.example/${encodeURIComponent(name)}.png`,
        source: list(name, 'playlist', []),
      });
    }
    for (let index = 0; index < PLAYLISTS; index += 1)
      world.addPlaylist({ name: at(index + FAVORITES), tracks: [] });
    const { page } = await browser.open(place.url, { screen: 'phone', expects: /404 .*api\/art\// });
    await page
      .getByRole('button', { name: likeWords('favorite.title') })
      .first()
      .click();
    await page.getByText('<script>').nth(2).waitFor();
    for (const screen of ['phone', 'desktop'] as const) {
      await page.setViewportSize(SCREENS[screen]);
      await expectHarmless(page, `favorites on a ${screen}`);
    }
  }, 60_000);

  it.each(PARTS)('is harmless in %s, too', async (part) => {
    rename(3);
    const { page } = await browser.open(place.url, { screen: 'phone', expects: /404 .*api\/art\// });
    await openPart(page, part);
    for (const screen of ['phone', 'desktop'] as const) {
      await page.setViewportSize(SCREENS[screen]);
      await expectHarmless(page, `${part} on a ${screen}`);
    }
  });
});
