import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsInstalled, useBrowser } from '../support/browser.ts';

const POLICY = "default-src 'none'; script-src 'self'; connect-src *; img-src *";

/** Pages that each do one thing that a page of ours must not do. */
const SINS: Readonly<Record<string, string>> = {
  '/dialog': `alert('hello')`,
  '/console': `console.error('something is wrong')`,
  '/throws': `throw new Error('nobody caught me')`,
  '/rejects': `void Promise.reject(new Error('nobody waited for me'))`,
  '/inline': `document.body.innerHTML = '<img src="" onerror="window.hit = 1">'`,
  '/eval': `try { eval('1') } catch {}`,
  '/outside': `void fetch('http://127.0.0.2:9/outside').catch(() => {})`,
  '/picture': `document.body.innerHTML = '<img src="http://127.0.0.2:9/picture.png">'`,
  '/missing': `void fetch('/nothing-is-here')`,
  '/innocent': `document.title = 'nothing to see'`,
};

describe.skipIf(!browserIsInstalled)('the watch over a page', () => {
  const browser = useBrowser();
  let url = '';
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const script = SINS[path.replace(/\.js$/, '')];
    response.setHeader('Content-Security-Policy', POLICY);
    if (script === undefined) response.writeHead(404).end();
    else if (path.endsWith('.js')) response.setHeader('Content-Type', 'text/javascript').end(script);
    else
      response
        .setHeader('Content-Type', 'text/html')
        .end(`<!doctype html><link rel="icon" href="/innocent"><body><script src="${path}.js"></script>`);
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it.each([
    ['/dialog', /dialog: hello/],
    ['/console', /console: something is wrong/],
    ['/throws', /error: .*nobody caught me/],
    ['/rejects', /error: .*nobody waited for me/],
    ['/inline', /breach of the policy: script-src-attr inline/],
    ['/eval', /breach of the policy: script-src eval/],
    ['/outside', /asked elsewhere: http:\/\/127\.0\.0\.2:9\/outside/],
    ['/picture', /asked elsewhere: http:\/\/127\.0\.0\.2:9\/picture\.png/],
    ['/missing', /console: .*404.*nothing-is-here/],
  ])('sees what %s does', async (path, seen) => {
    const { context, trouble } = await browser.open(`${url}${path}`);
    await expect.poll(() => trouble.join('\n')).toMatch(seen);
    // It was meant to be, so it does not fail this test.
    await context.close();
    trouble.length = 0;
  });

  it('finds nothing about an innocent page', async () => {
    const { page, trouble } = await browser.open(`${url}/innocent`);
    expect(await page.title()).toBe('nothing to see');
    expect(trouble).toEqual([]);
  });

  it('leaves out what a test expects', async () => {
    const { page, trouble } = await browser.open(`${url}/missing`, { expects: /404/ });
    await page.waitForTimeout(100);
    expect(trouble).toEqual([]);
  });

  it('opens every page as somebody who was never there', async () => {
    const first = await browser.open(`${url}/innocent`);
    await first.page.evaluate(() => localStorage.setItem('here', 'yes'));
    const second = await browser.open(`${url}/innocent`, {
      screen: 'phone',
      scheme: 'dark',
      locale: 'de-DE',
    });
    const seen = await second.page.evaluate(() => ({
      kept: localStorage.getItem('here'),
      width: innerWidth,
      language: navigator.language,
      isDark: matchMedia('(prefers-color-scheme: dark)').matches,
    }));
    expect(seen).toEqual({ kept: null, width: 390, language: 'de-DE', isDark: true });
  });
});
