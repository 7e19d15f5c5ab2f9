import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browserIsInstalled, type Look, useBrowser } from '../support/browser.ts';
import { listenTo, type PageHouse, startPageHouse } from './house.ts';
import { likeWords, words } from './words.ts';

const sliderOf = (page: Page, room: string): Locator =>
  page.getByRole('slider', { name: words('room.volume', { room }), exact: true });

const chipOf = (page: Page, room: string): Locator =>
  page.getByRole('button', { name: words('group.change', { room }), exact: true });

const does = (page: Page, what: 'play' | 'pause' | 'next' | 'previous' | 'shuffle', room: string): Locator =>
  page.getByRole('button', { name: words('play.in', { what: words(`play.${what}`), room }), exact: true });

/** Where the middle of something is, as a hand would find it. */
async function middleOf(thing: Locator): Promise<{ readonly x: number; readonly y: number }> {
  await thing.scrollIntoViewIfNeeded();
  const box = await thing.boundingBox();
  if (box === null) throw new Error('It cannot be seen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Takes hold of a slider's thumb, and gives what moves it: to a share of its length, in small steps. */
async function grasp(page: Page, slider: Locator) {
  await slider.scrollIntoViewIfNeeded();
  const box = await slider.boundingBox();
  if (box === null) throw new Error('The slider cannot be seen.');
  const y = box.y + box.height / 2;
  const at = (value: number): number => box.x + 8 + (value / 100) * (box.width - 16);
  await page.mouse.move(at(Number(await slider.inputValue())), y);
  await page.mouse.down();
  return {
    to: (value: number, steps = 8) => page.mouse.move(at(value), y, { steps }),
    go: () => page.mouse.up(),
  };
}

/** Writes down what a slider shows, at every frame. */
async function follow(slider: Locator): Promise<() => Promise<readonly number[]>> {
  await slider.evaluate((input) => {
    const seen: number[] = [];
    Reflect.set(window, 'seen', seen);
    const look = (): void => {
      const value = (input as HTMLInputElement).valueAsNumber;
      if (seen.at(-1) !== value) seen.push(value);
      requestAnimationFrame(look);
    };
    look();
  });
  return () => slider.page().evaluate(() => Reflect.get(window, 'seen') as number[]);
}

describe.skipIf(!browserIsInstalled)('a person in front of the house', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse();
  }, 60_000);
  afterAll(() => place?.stop());

  const world = () => place.sonos.world;
  const roomOf = (room: string) => world().room(room);

  beforeEach(() => {
    // As they were at first: Kitchen with Bathroom, all others alone.
    for (const { name, members } of world().rooms()) if (members.length > 1) world().ungroup(name);
    world().group('Kitchen', 'Bathroom');
    world().playFavorite('Kitchen', 'Morning Coffee');
    world().playFavorite('Office', 'Salt and Rope');
    world().setVolume('Office', 25);
    world().tvOn('Living Room');
  });

  const open = async (look: Look = {}): Promise<Page> => {
    const { page } = await browser.open(place.url, look);
    await chipOf(page, 'Terrace').waitFor();
    await page.getByText('Harbour Lights Out').first().waitFor();
    return page;
  };

  it('sees what plays, with its picture', async () => {
    const page = await open();
    await page.getByText('Kettle Song').first().waitFor();
    await page.getByText('The Paper Lanterns').first().waitFor();
    const pictures = page.locator('main img');
    await expect.poll(() => pictures.count()).toBeGreaterThanOrEqual(2);
    await expect
      .poll(() =>
        pictures.evaluateAll((all) =>
          all.every(
            (each) => (each as HTMLImageElement).complete && (each as HTMLImageElement).naturalWidth > 0,
          ),
        ),
      )
      .toBe(true);
  });

  it('sets a volume by its slider', async () => {
    const page = await open();
    const slider = sliderOf(page, 'Office');
    const sonos = listenTo(place.sonos);
    const thumb = await grasp(page, slider);
    await thumb.to(60);
    await thumb.go();
    const wished = Number(await slider.inputValue());
    expect(Math.abs(wished - 60)).toBeLessThanOrEqual(3);
    const call = await sonos.until('/playerVolume', ({ volume }) => volume === wished);
    expect(call.path).toContain(roomOf('Office').id);
    await expect.poll(() => roomOf('Office').volume).toBe(wished);
  });

  it('sets a volume by keys', async () => {
    const page = await open();
    const slider = sliderOf(page, 'Office');
    const sonos = listenTo(place.sonos);
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await sonos.until('/playerVolume', ({ volume }) => volume === 26);
    await expect.poll(() => roomOf('Office').volume).toBe(26);
  });

  it('never sees a slider jump back, whatever comes in while the thumb is held and after', async () => {
    const page = await open();
    const slider = sliderOf(page, 'Office');
    const thumb = await grasp(page, slider);
    const seen = await follow(slider);
    for (const value of [30, 38, 46, 54, 62, 70]) {
      await thumb.to(value);
      // Somebody else turns at it, too.
      world().setVolume('Office', 99 - value);
      await page.waitForTimeout(60);
    }
    await thumb.go();
    const wished = Number(await slider.inputValue());
    await expect.poll(() => roomOf('Office').volume).toBe(wished);
    await page.waitForTimeout(700);
    const values = await seen();
    expect(values.length).toBeGreaterThan(5);
    expect(values).toEqual([...values].sort((one, other) => one - other));
    expect(values.at(-1)).toBe(wished);
    // And from then on it shows what others do.
    world().setVolume('Office', 12);
    await expect.poll(() => slider.inputValue()).toBe('12');
  });

  it('sets the volume of a group', async () => {
    const page = await open();
    const slider = page.getByRole('slider', { name: words('room.volume', { room: 'Kitchen + 1' }) });
    const sonos = listenTo(place.sonos);
    const thumb = await grasp(page, slider);
    await thumb.to(50);
    await thumb.go();
    const wished = Number(await slider.inputValue());
    await sonos.until('/groupVolume', ({ volume }) => volume === wished);
  });

  it('mutes a room', async () => {
    const page = await open();
    const sonos = listenTo(place.sonos);
    const button = page.getByRole('button', { name: words('room.mute', { room: 'Office' }), exact: true });
    await button.click();
    await sonos.until('/playerVolume/mute', ({ muted }) => muted === true);
    await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
    await button.click();
    await sonos.until('/playerVolume/mute', ({ muted }) => muted === false);
  });

  it('pauses, goes on, skips and shuffles', async () => {
    const page = await open();
    const sonos = listenTo(place.sonos);
    await does(page, 'pause', 'Office').click();
    await sonos.until('/playback/pause');
    await does(page, 'play', 'Office').click();
    await sonos.until('/playback/play');
    await does(page, 'next', 'Office').click();
    await sonos.until('/playback/skipToNextTrack');
    await page.getByText('Tide Table').first().waitFor();
    await does(page, 'shuffle', 'Office').click();
    await sonos.until('/playback/playMode', ({ playModes }) => JSON.stringify(playModes).includes('true'));
  });

  it('chooses a favorite, and a playlist', async () => {
    const page = await open();
    const sonos = listenTo(place.sonos);
    const opener = page.getByRole('button', {
      name: words('favorite.title', { room: 'Office' }),
      exact: true,
    });
    const sheet = page.getByRole('dialog');
    await opener.click();
    await sheet.getByRole('button', { name: /Lark Jazz/ }).click();
    await sonos.until('/favorites', ({ favoriteId }) => favoriteId === '4');
    await page.getByText('Lark Jazz').first().waitFor();
    await sheet.waitFor({ state: 'hidden' });
    await opener.click();
    await sheet.getByRole('searchbox').fill('dinner');
    await sheet.getByRole('button', { name: /Dinner for Five/ }).click();
    await sonos.until('/playlists', ({ playlistId }) => playlistId === '1');
    await page.getByText('Candle Arithmetic').first().waitFor();
  });

  it('groups and ungroups rooms by the list', async () => {
    const page = await open();
    const sheet = page.getByRole('dialog');
    await chipOf(page, 'Office').click();
    await sheet.getByRole('checkbox', { name: /^Terrace/ }).check();
    const sonos = listenTo(place.sonos);
    await sheet.getByRole('button', { name: words('group.apply') }).click();
    await sonos.until('Members', (body) => JSON.stringify(body).includes(roomOf('Terrace').id));
    await expect.poll(() => roomOf('Terrace').members.length).toBe(2);
    await sheet.waitFor({ state: 'hidden' });
    await page.getByRole('slider', { name: words('room.volume', { room: 'Office + 1' }) }).waitFor();
    await chipOf(page, 'Terrace').click();
    await sheet.getByRole('checkbox', { name: /^Terrace/ }).uncheck();
    await sheet.getByRole('button', { name: words('group.apply') }).click();
    await expect.poll(() => roomOf('Terrace').members.length).toBe(1);
    await sheet.waitFor({ state: 'hidden' });
  });

  it('groups and ungroups rooms by dragging', async () => {
    const page = await open();
    await page.mouse.move(5, 5);
    const from = await middleOf(chipOf(page, 'Bedroom'));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    const onto = await middleOf(chipOf(page, 'Office'));
    await page.mouse.move(onto.x, onto.y, { steps: 12 });
    await page.mouse.up();
    await expect.poll(() => roomOf('Bedroom').members.length).toBe(2);
    expect(roomOf('Bedroom').members).toContain(roomOf('Office').name);
    await page.getByRole('slider', { name: words('room.volume', { room: 'Office + 1' }) }).waitFor();
    const again = await middleOf(chipOf(page, 'Bedroom'));
    await page.mouse.move(again.x, again.y);
    await page.mouse.down();
    await page.mouse.move(again.x + 40, again.y + 40, { steps: 5 });
    const alone = await middleOf(page.getByText(words('group.alone')));
    await page.mouse.move(alone.x, alone.y, { steps: 12 });
    await page.mouse.up();
    await expect.poll(() => roomOf('Bedroom').members.length).toBe(1);
  });

  it('reads why something did not work', async () => {
    const page = await open({ expects: /Failed to load resource.* 502 .*\/pause/ });
    place.sonos.failNext({
      match: '/playback/pause',
      times: 5,
      answer: { status: 499, body: { errorCode: 'ERROR_PLAYBACK_FAILED' }, headers: {} },
    });
    await does(page, 'pause', 'Office').click();
    await page
      .getByText(/^Office: /)
      .first()
      .waitFor();
    place.sonos.clearFaults();
  });

  it('sees how far a track is, between events, too', async () => {
    const page = await open();
    const position = page.getByRole('slider', {
      name: words('play.in', { what: words('play.position'), room: 'Office' }),
    });
    const at = async (): Promise<string> => (await position.getAttribute('aria-valuetext')) ?? '';
    const first = await at();
    expect(first).toMatch(likeWords('play.at'));
    await expect.poll(at, { timeout: 5_000 }).not.toBe(first);
  });
});
