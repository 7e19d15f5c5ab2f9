import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, useBrowser } from '../support/browser.ts';
import { listenTo, type PageHouse, startPageHouse } from './house.ts';
import { openPart } from './parts.ts';
import { words } from './words.ts';

const PASSWORD = 'correct horse battery';
/** What the browser itself says of an answer that refuses. */
const REFUSED = /Failed to load resource.* 40[13] /;

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel(words('signin.password'), { exact: true }).fill(password);
  await page.getByRole('button', { name: words('signin.enter') }).click();
}

describe.skipIf(!browserIsInstalled)('a page with a password', () => {
  const browser = useBrowser();
  let place: PageHouse;
  beforeAll(async () => {
    place = await startPageHouse({ settings: { web: { password: PASSWORD } } });
  }, 60_000);
  afterAll(() => place?.stop());

  const status = async (path: string, init: RequestInit = {}): Promise<number> => {
    const answer = await fetch(new URL(path, place.url), init);
    await answer.body?.cancel();
    return answer.status;
  };

  it('shows nothing of the house before it is given', async () => {
    const { page } = await browser.open(place.url, { expects: REFUSED });
    await page.getByLabel(words('signin.password'), { exact: true }).waitFor();
    expect(await page.getByText('Kitchen').count()).toBe(0);
    for (const path of ['api/live', 'api/trace', 'api/setup', 'api/tokens', 'api/checks'])
      expect(await status(path), path).toBe(401);
    expect(await status('api/rooms/kitchen/volume', { method: 'POST', body: '30' })).toBe(401);
  });

  it('says that a wrong one is wrong, and lets the right one in, which lasts and ends', async () => {
    const { context, page } = await browser.open(place.url, { expects: REFUSED });
    await signIn(page, 'wrong');
    await expect.poll(() => page.getByRole('alert').first().textContent()).not.toBe('');
    expect(await page.getByText('Kitchen').count()).toBe(0);
    await signIn(page, PASSWORD);
    await page.getByText('Kitchen').first().waitFor();

    // A script cannot read what keeps the door open, and other sites do not send it.
    const [cookie] = await context.cookies(place.url);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await page.reload();
    await page.getByText('Kitchen').first().waitFor();

    await openPart(page, 'access');
    await page.getByRole('button', { name: words('access.out'), exact: true }).click();
    await page.getByLabel(words('signin.password'), { exact: true }).waitFor();
    // What was kept of the old session opens nothing any more.
    const kept = { headers: { Cookie: `${cookie?.name}=${cookie?.value}` } };
    expect(await status('api/setup', kept)).toBe(401);
  });

  it('ends the sessions of all browsers at once', async () => {
    const [one, other] = [
      await browser.open(place.url, { expects: REFUSED }),
      await browser.open(place.url, { expects: REFUSED }),
    ];
    for (const { page } of [one, other]) {
      await signIn(page, PASSWORD);
      await page.getByText('Kitchen').first().waitFor();
    }
    await openPart(one.page, 'access');
    await one.page.getByRole('button', { name: words('access.out.all') }).click();
    await one.page
      .getByRole('dialog')
      .getByRole('button', { name: words('access.out.all') })
      .click();
    for (const { page } of [one, other])
      await page.getByLabel(words('signin.password'), { exact: true }).waitFor({ timeout: 15_000 });
  });

  it('gives a token to a script, once, and takes it back', async () => {
    const { page } = await browser.open(place.url, { expects: REFUSED });
    await signIn(page, PASSWORD);
    await openPart(page, 'access');
    await page.getByLabel(words('access.token.name')).fill('Doorbell');
    await page.getByRole('button', { name: words('access.token.make') }).click();
    const token = (await page.getByRole('status').locator('code').first().textContent()) ?? '';
    expect(token.length).toBeGreaterThan(30);

    const sonos = listenTo(place.sonos);
    const script = { method: 'POST', body: '37', headers: { Authorization: `Bearer ${token}` } };
    const answer = await fetch(new URL('api/rooms/office/volume', place.url), script);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'confirmed' });
    await sonos.until('/playerVolume', ({ volume }) => volume === 37);
    // It opens rooms, and not the page.
    expect(await status('api/setup', { headers: script.headers })).toBeGreaterThanOrEqual(401);

    await page.reload();
    await page.getByText('Doorbell').first().waitFor();
    expect(await page.content()).not.toContain(token);
    await page.getByRole('button', { name: `${words('access.token.revoke')} Doorbell` }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: words('access.token.revoke') })
      .click();
    await page.getByText('Doorbell').first().waitFor({ state: 'hidden' });
    expect(await status('api/rooms/office/volume', script)).toBe(401);
  });
});

/** What a page elsewhere tries to do to the bridge. */
const attack = (bridge: string): string => `
  const tried = {};
  const json = { method: 'POST', body: '{"value":77}', mode: 'cors', credentials: 'include', headers: { 'Content-Type': 'application/json' } };
  const plain = { method: 'POST', body: '77', mode: 'no-cors', credentials: 'include' };
  const outcome = (work) => work.then((answer) => answer.type, () => 'failed');
  (async () => {
    tried.cors = await outcome(fetch('${bridge}api/rooms/kitchen/volume', json));
    tried.opaque = await outcome(fetch('${bridge}api/rooms/kitchen/volume', plain));
    tried.read = await outcome(fetch('${bridge}api/setup', { credentials: 'include' }));
    tried.page = await outcome(fetch('${bridge}', { mode: 'no-cors', credentials: 'include' }));
    tried.stream = await new Promise((resolve) => {
      const stream = new EventSource('${bridge}api/live', { withCredentials: true });
      stream.onerror = () => { stream.close(); resolve('failed'); };
      stream.onmessage = stream.onopen = () => resolve('open');
    });
    tried.image = await new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve('loaded');
      image.onerror = () => resolve('failed');
      image.src = '${bridge}api/art/1';
    });
    tried.script = await new Promise((resolve) => {
      const script = document.createElement('script');
      script.onload = () => resolve('loaded');
      script.onerror = () => resolve('failed');
      script.src = '${bridge}api/session';
      document.body.append(script);
    });
    window.tried = tried;
  })();`;

describe.skipIf(!browserIsInstalled)('a page elsewhere', () => {
  const browser = useBrowser();
  let place: PageHouse;
  let server: Server;
  let elsewhere = '';
  beforeAll(async () => {
    // Without a password: nothing but the bridge's own judgement stands between.
    place = await startPageHouse();
    server = createServer((request, response) => {
      response.setHeader('Content-Type', request.url === '/attack.js' ? 'text/javascript' : 'text/html');
      const form = `<form method="post" enctype="text/plain" action="${place.url}api/rooms/kitchen/volume"><input name="77" value=""></form>`;
      const pages: Readonly<Record<string, string>> = {
        '/attack': '<!doctype html><body><script src="/attack.js"></script>',
        '/attack.js': attack(place.url),
        '/frame': `<!doctype html><iframe src="${place.url}"></iframe>`,
        '/form': `<!doctype html><body>${form}`,
      };
      response.end(pages[request.url ?? ''] ?? '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // Another site, as far as a browser goes: another name.
    elsewhere = `http://localhost:${(server.address() as AddressInfo).port}`;
  }, 60_000);
  afterAll(async () => {
    server?.close();
    server?.closeAllConnections();
    await place?.stop();
  });

  const openElsewhere = (path: string) =>
    browser.open(`${elsewhere}${path}`, { alsoAsks: [new URL(place.url).origin], expects: /./ });

  it('can neither send nor read', async () => {
    const sonos = listenTo(place.sonos);
    const { page } = await openElsewhere('/attack');
    const answers: Record<string, number> = {};
    page.on('response', (response) => {
      if (response.url().startsWith(place.url)) answers[response.url()] = response.status();
    });
    const tried = await (await page.waitForFunction(() => Reflect.get(window, 'tried'))).jsonValue();
    expect(tried).toEqual({
      cors: 'failed',
      // The browser hides the answer, so what counts is that Sonos hears nothing.
      opaque: expect.stringMatching(/^(opaque|failed)$/),
      read: 'failed',
      page: expect.stringMatching(/^(opaque|failed)$/),
      stream: 'failed',
      image: 'failed',
      script: 'failed',
    });
    expect(sonos.heard()).toEqual([]);
    expect(place.sonos.world.room('Kitchen').volume).toBe(22);
  });

  it('cannot post a form', async () => {
    const sonos = listenTo(place.sonos);
    const { page } = await openElsewhere('/form');
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().startsWith(place.url)),
      page.evaluate(() => document.forms[0]?.submit()),
    ]);
    expect(answer.status()).toBe(403);
    expect(sonos.heard()).toEqual([]);
  });

  it('cannot show the page in a frame', async () => {
    const { page } = await openElsewhere('/frame');
    await expect.poll(() => page.frames().length).toBe(2);
    const [, frame] = page.frames();
    await expect.poll(() => frame?.url()).toMatch(/^chrome-error:/);
    expect(await frame?.content()).not.toContain('Sonos MQTT Bridge');
  });
});
