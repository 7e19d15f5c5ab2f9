import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, useBrowser } from '../support/browser.ts';
import { listenTo, type PageHouse, startPageHouse } from './house.ts';
import { openPart } from './parts.ts';
import { words } from './words.ts';

const TOWN = 'Sonos_TownHouse00000000000000.Place00';
const LAKE = 'Sonos_LakeHouse00000000000000.Place00';

describe.skipIf(!browserIsInstalled)('somebody with two households', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse({
      sonos: {
        households: [
          { id: TOWN, name: 'Town', players: [{ name: 'Kitchen' }, { name: 'Office' }] },
          { id: LAKE, name: 'Lake', players: [{ name: 'Kitchen' }, { name: 'Sauna' }] },
        ],
      },
    });
  }, 60_000);
  afterAll(() => place?.stop());

  it('chooses which one is shown, and steers that one', async () => {
    const { page } = await browser.open(place.url);
    await openPart(page, 'house');
    await page.getByText('Office', { exact: true }).first().waitFor();
    const chooser = page.getByLabel(words('house.choose'));
    expect(await chooser.locator('option').allTextContents()).toEqual(['Town', 'Lake']);
    await chooser.selectOption({ label: 'Lake' });
    await page.getByText('Sauna', { exact: true }).first().waitFor();
    expect(await page.getByText('Office', { exact: true }).count()).toBe(0);
    const { until } = listenTo(place.sonos);
    await openPart(page, 'say');
    await page.getByRole('checkbox', { name: 'Kitchen', exact: true }).check();
    await page.getByRole('button', { name: words('say.chime') }).click();
    const { path } = await until('/audioClip');
    const lake = place.house.app.bridge.household(LAKE);
    const kitchen = [...(lake?.topology?.players.values() ?? [])].find(({ name }) => name === 'Kitchen');
    expect(path).toContain(kitchen?.id);
  });
});

describe.skipIf(!browserIsInstalled)('somebody with one household', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse();
  }, 60_000);
  afterAll(() => place?.stop());

  it('is not asked which', async () => {
    const { page } = await browser.open(place.url);
    await openPart(page, 'house');
    await page.getByText('Kitchen', { exact: true }).first().waitFor();
    expect(await page.getByLabel(words('house.choose')).count()).toBe(0);
  });
});
