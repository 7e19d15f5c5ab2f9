import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, useBrowser } from '../support/browser.ts';
import { figure } from '../support/figures.ts';
import { type PageHouse, startPageHouse } from './house.ts';
import { words } from './words.ts';

/** What somebody at home still takes for at once. */
const EVENT_WITHIN_MS = 200;
const PAINT_WITHIN_MS = 1_000;
const EVENTS = 20;
/** A Raspberry is about so much slower than a desk's processor. */
const SLOWER = 4;

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

describe.skipIf(!browserIsInstalled)('the page is quick', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse();
    place.sonos.world.playFavorite('Office', 'Salt and Rope');
  }, 60_000);
  afterAll(() => place?.stop());

  it('shows an event within 200 ms of its being sent', async () => {
    const { page } = await browser.open(place.url);
    const slider = page.getByRole('slider', { name: words('room.volume', { room: 'Office' }), exact: true });
    await slider.waitFor();
    // What is shown at each change of the page, by the clock of this machine.
    await slider.evaluate((input) => {
      const shown: Record<string, number> = {};
      Reflect.set(window, 'shown', shown);
      const look = (): void => {
        shown[(input as HTMLInputElement).value] ??= Date.now();
      };
      new MutationObserver(look).observe(document.body, {
        ...{ subtree: true, childList: true, attributes: true, characterData: true },
      });
    });
    const delays: number[] = [];
    for (let index = 0; index < EVENTS; index += 1) {
      const volume = 30 + index;
      const sent = Date.now();
      place.sonos.world.setVolume('Office', volume);
      const at = await page.waitForFunction(
        (value) => (Reflect.get(window, 'shown') as Record<string, number>)[value],
        String(volume),
      );
      delays.push(Number(await at.jsonValue()) - sent);
    }
    figure(
      'page: an event is shown after',
      `${median(delays)} ms in the median, ${Math.max(...delays)} ms at most`,
    );
    expect(median(delays)).toBeLessThan(EVENT_WITHIN_MS);
  });

  it('paints first within a second on a machine that is four times slower', async () => {
    const { context, page } = await browser.open('about:blank', { alsoAsks: [new URL(place.url).origin] });
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    const paints: number[] = [];
    const rooms: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      await session.send('Network.clearBrowserCache');
      await page.goto(place.url);
      await page.getByRole('button', { name: words('group.change', { room: 'Office' }) }).waitFor();
      rooms.push(await page.evaluate(() => performance.now()));
      paints.push(
        await page.evaluate(
          () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
        ),
      );
    }
    const said = (values: readonly number[]): string =>
      values.map((value) => `${Math.round(value)} ms`).join(', ');
    figure(`page: first paint, ${SLOWER} times slower`, said(paints));
    figure(`page: rooms shown, ${SLOWER} times slower`, said(rooms));
    expect(median(paints)).toBeLessThan(PAINT_WITHIN_MS);
  });
});
