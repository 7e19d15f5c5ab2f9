import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, type Look, useBrowser } from '../support/browser.ts';
import { findProgram } from '../support/programs.ts';
import { listenTo, type PageHouse, startPageHouse } from './house.ts';
import { openPart } from './parts.ts';
import { words } from './words.ts';

const canSpeak = findProgram('espeak-ng') !== null;

/** Writes down every stage that is shown, in order. */
async function followStages(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Reflect.set(window, 'stages', seen);
    const look = (): void => {
      for (const each of document.querySelectorAll('.in-room .stage')) {
        const text = each.textContent ?? '';
        if (seen.at(-1) !== text) seen.push(text);
      }
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return () => page.evaluate(() => Reflect.get(window, 'stages') as string[]);
}

describe.skipIf(!browserIsInstalled || !canSpeak)('somebody who says something by the page', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse({ sonos: { knobs: { bufferMs: 5, fetchClips: true } } });
  }, 60_000);
  afterAll(() => place?.stop());

  const open = async (look: Look = {}): Promise<Page> => {
    const { page } = await browser.open(place.url, look);
    await openPart(page, 'say');
    return page;
  };
  const room = (page: Page, name: string) => page.getByRole('checkbox', { name, exact: true });

  it('sees how it goes until it was heard', async () => {
    const page = await open();
    const stages = await followStages(page);
    const sonos = listenTo(place.sonos);
    await page.getByLabel(words('say.text')).fill('Dinner is ready');
    await room(page, 'Kitchen').check();
    await page.getByRole('button', { name: words('say.do') }).click();
    const call = await sonos.until('/audioClip');
    expect(call.path).toContain(place.sonos.world.room('Kitchen').id);
    await page.getByText(words('say.quoted', { text: 'Dinner is ready' })).waitFor();
    await page.getByText(words('say.stage.done'), { exact: true }).first().waitFor({ timeout: 15_000 });
    const seen = await stages();
    const way = (['queued', 'sent', 'playing', 'done'] as const).map((stage) => words(`say.stage.${stage}`));
    // A quick house may go through a stage between two looks, but never back.
    expect(way.filter((stage) => seen.includes(stage))).toEqual(seen.filter((stage) => way.includes(stage)));
    expect(seen).toContain(words('say.stage.playing'));
    expect(place.sonos.heard.some(({ url }) => url?.startsWith('http://127.0.0.1:') === true)).toBe(true);
  });

  it('lets a chime be heard in all rooms', async () => {
    const page = await open();
    const sonos = listenTo(place.sonos);
    await room(page, words('say.all')).check();
    await page.getByRole('button', { name: words('say.chime'), exact: true }).click();
    await sonos.until('/audioClip');
    await expect
      .poll(() => sonos.heard().filter(({ path }) => path.endsWith('/audioClip')).length)
      .toBeGreaterThan(4);
    await page.getByText(words('say.stage.done'), { exact: true }).first().waitFor({ timeout: 15_000 });
  });

  it('is told what is missing', async () => {
    const page = await open();
    const sonos = listenTo(place.sonos);
    await page.getByRole('button', { name: words('say.do') }).click();
    await page.getByText(words('say.text.missing')).waitFor();
    await page.getByLabel(words('say.text')).fill('To nobody');
    await page.getByRole('button', { name: words('say.do') }).click();
    await page.getByText(words('say.where.missing')).waitFor();
    expect(sonos.heard()).toEqual([]);
  });

  it('sees why it failed', async () => {
    const page = await open({ expects: /Failed to load resource.* 502 .*\/announce/ });
    place.sonos.failNext({
      match: '/audioClip',
      times: 10,
      answer: { status: 400, body: { errorCode: 'ERROR_INVALID_PARAMETER' }, headers: {} },
    });
    await page.getByLabel(words('say.text')).fill('Nobody hears this');
    await room(page, 'Office').check();
    await page.getByRole('button', { name: words('say.do') }).click();
    await page.getByText(words('say.stage.failed'), { exact: true }).first().waitFor({ timeout: 15_000 });
    place.sonos.clearFaults();
  });
});
