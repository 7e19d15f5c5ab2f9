import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';
import { type Program, run } from '../e2e/daemon.ts';
import { eventually } from '../e2e/house.ts';
import { browserIsInstalled, useBrowser } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { violations } from './axe.ts';
import { likeWords, words } from './words.ts';

describe.skipIf(!browserIsInstalled)('somebody with an empty bridge and a browser', () => {
  const browser = useBrowser();
  let sonos: SimulatedSonos;
  let login = '';
  let folder = '';
  let bridge: Program;
  let page = '';
  let publicAddress = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonos-bridge-set-up-'));
    sonos = createSimulatedSonos({ clock: systemClock, knobs: { bufferMs: 5, fetchClips: true } });
    const { apiUrl, loginUrl } = await sonos.start();
    login = loginUrl;
    const [webPort, callbackPort] = [await freePort(), await freePort()];
    page = `http://127.0.0.1:${webPort}/`;
    publicAddress = `http://127.0.0.1:${callbackPort}`;
    // Where Sonos is, and ports that are free; nothing of what the page asks for.
    const config = {
      data_dir: join(folder, 'data'),
      sonos: { api_url: apiUrl, login_url: loginUrl, requests_per_second: 80 },
      callback: { host: '127.0.0.1', port: callbackPort },
      web: { port: webPort },
      broker: { port: await freePort() },
      speech: { clip_host: '127.0.0.1', clip_port: await freePort() },
    };
    await writeFile(join(folder, 'config.yaml'), JSON.stringify(config));
    bridge = await run(['start', '--config', join(folder, 'config.yaml')], { cwd: folder });
    await eventually(
      () => (/\bmsg\b/.test(bridge.stdout) ? true : undefined),
      'a bridge that says something',
      () => bridge.said,
    );
  }, 120_000);
  afterAll(async () => {
    await bridge?.stop('SIGTERM');
    await sonos?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const listens = (): Promise<void> =>
    eventually(
      () => bridge.said.includes('page') || undefined,
      'a page',
      () => bridge.said,
    ).then(() => undefined);

  it('sets it up by clicks until the rooms play', async () => {
    await listens();
    const alsoAsks = [login, publicAddress];
    // While the bridge opens anew with the key, nobody answers.
    const { page: view } = await browser.open(page, {
      alsoAsks,
      expects: /ERR_CONNECTION_REFUSED .*api\/session/,
    });

    // The key, the secret, and the public address.
    await view.getByRole('heading', { name: words('setup.step.integration') }).waitFor();
    expect(await violations(view)).toEqual([]);
    await view.getByLabel(words('setup.public'), { exact: true }).fill(publicAddress);
    const callback = view.getByRole('button', {
      name: words('setup.copy.of', { what: words('setup.callback') }),
    });
    const callbackUrl = (await callback.locator('xpath=..').locator('code').textContent()) ?? '';
    expect(callbackUrl).toMatch(new RegExp(`^${publicAddress}/\\S{20,}$`));
    await callback.click();
    // As a person does on the portal.
    sonos.registerCallback(callbackUrl);
    await view.getByLabel(words('setup.key'), { exact: true }).fill(sonos.clientId);
    await view.getByLabel(words('setup.secret'), { exact: true }).fill(sonos.clientSecret);
    await view.getByRole('button', { name: words('setup.save'), exact: true }).click();

    // The account, at the login page of Sonos.
    await view
      .getByRole('navigation')
      .getByRole('link', { name: words('nav.house'), exact: true })
      .waitFor();
    const link = view.getByRole('link', { name: words('setup.link'), exact: true });
    await link.waitFor({ timeout: 20_000 });
    await link.click();
    await view.getByRole('link', { name: /Sign in and allow/ }).click();
    await view.waitForURL((url) => url.origin !== new URL(login).origin);
    if (!view.url().startsWith(page)) await view.goto(page);

    // The proof: what is true now, an event as it comes in, and what the checks find.
    await view.getByRole('link', { name: words('nav.setup'), exact: true }).click();
    await view.getByText(words('setup.whole')).waitFor();
    const proof = view.locator('details', { hasText: words('setup.step.proof') });
    // It is folded when all was proven before the page was there.
    if (!(await proof.evaluate((details) => details.hasAttribute('open')))) {
      await view.getByText(words('setup.step.proof')).click();
    }
    await view.getByText(words('setup.fact.connected')).waitFor();
    sonos.world.setVolume('Kitchen', 41);
    await view.getByText(words('setup.event.come')).waitFor();
    const buttons = [words('setup.checks.run'), words('setup.checks.again')];
    await view.getByRole('button', { name: new RegExp(`^(${buttons.join('|')})$`) }).click();
    const checks = view.getByRole('region', { name: words('setup.checks'), exact: true });
    await expect
      .poll(() => checks.getByRole('status').textContent(), { timeout: 30_000 })
      .toMatch(/^(?!.*…)./);
    // What is not well is told by the failure.
    expect(await checks.textContent()).not.toContain(words('setup.verdict.wrong'));
    expect(await checks.getByRole('status').textContent()).toMatch(likeWords('setup.checks.well'));

    // And the rooms play.
    await view.getByRole('link', { name: words('nav.house'), exact: true }).click();
    sonos.world.playFavorite('Kitchen', 'Morning Coffee');
    await view.getByText('Kettle Song').first().waitFor();
  }, 90_000);
});
