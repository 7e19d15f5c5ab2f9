import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';
import type { FindingView, SetupView } from '../../src/web/api/messages.ts';
import { linkInBrowser, type Program, run } from '../e2e/daemon.ts';
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';
import { eventually } from './house.ts';

const SECRET = 'c4nary-secret-of-the-integration';

let folder: string;
let sonos: SimulatedSonos;
let page: string;
let env: Record<string, string>;
const programs: Program[] = [];

beforeAll(builtProgram, 120_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-'));
  sonos = createSimulatedSonos({
    ...{ clock: systemClock, clientId: 'the-key', clientSecret: SECRET },
    knobs: { bufferMs: 5, autoApprove: 'account-1' },
  });
  const { apiUrl, loginUrl } = await sonos.start();
  page = `http://127.0.0.1:${await freePort()}/`;
  env = {
    BRIDGE_SONOS_API_URL: apiUrl,
    BRIDGE_SONOS_LOGIN_URL: loginUrl,
    BRIDGE_WEB_PORT: new URL(page).port,
    BRIDGE_CALLBACK_HOST: '127.0.0.1',
    BRIDGE_CALLBACK_PORT: String(await freePort()),
    BRIDGE_BROKER_PORT: String(await freePort()),
    BRIDGE_SPEECH_CLIP_HOST: '127.0.0.1',
    BRIDGE_SPEECH_CLIP_PORT: '0',
  };
});
afterEach(async () => {
  for (const { child } of programs) child.kill('SIGKILL');
  await Promise.all(programs.splice(0).map(({ end }) => end));
  await sonos.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(more: Record<string, string> = {}, argv: readonly string[] = []): Promise<Program> {
  const program = await run(argv, { cwd: folder, env: { ...env, ...more } });
  programs.push(program);
  return program;
}

const at = (path: string): string => new URL(path, page).href;

const waits = (program: Program): Promise<void> =>
  eventually(
    () => program.stdout.includes('Its page leads through the set-up.'),
    () => program.said,
  );

const post = (wish: object): Promise<Response> =>
  fetch(at('api/setup'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(wish),
  });

const setup = async (): Promise<SetupView> => (await fetch(at('api/setup'))).json() as Promise<SetupView>;

const wish = () => ({
  ...{ client_id: 'the-key', client_secret: SECRET },
  redirect_uri: at('oauth/callback'),
  public_url: `http://127.0.0.1:${env.BRIDGE_CALLBACK_PORT}`,
});

/** Lets the person in that the browser of `linkInBrowser` plays, and waits until events flow. */
async function linked(): Promise<void> {
  const { callback_url } = await setup();
  sonos.registerCallback(callback_url);
  await linkInBrowser(page);
}

describe('a bridge without a key', () => {
  it('opens its page, takes the set-up there, and becomes the whole house in the same process', async () => {
    const program = await start();
    await waits(program);
    expect(program.stdout).toContain(`Open the page of the bridge: ${page}`);
    expect(program.stdout).toContain(`"page":"${page}"`);
    expect((await fetch(at('health/live'))).status).toBe(200);
    const ready = await fetch(at('health/ready'));
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('not set up yet')]);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
    expect((await fetch(at('login'), { redirect: 'manual' })).status).toBe(503);

    const answer = await post(wish());
    expect([answer.status, await answer.json()]).toEqual([202, { restarting: true }]);
    const { page: shown } = await program.runs();
    expect(shown).toBe(page);
    const login = await fetch(at('login'), { redirect: 'manual' });
    expect(login.status).toBe(302);
    expect(login.headers.get('location')).toContain('client_id=the-key');
    expect((await stat(join(folder, 'data/integration.json'))).mode & 0o777).toBe(0o600);

    await linked();
    await eventually(
      () => sonos.subscriptions().length > 10,
      () => program.said,
    );
    const view = await setup();
    expect(view.client_secret).toEqual({ is_set: true, from: 'page' });
    const checks = await (await fetch(at('api/checks'))).text();
    const findings = checks
      .trimEnd()
      .split('\n')
      .map((line): FindingView => JSON.parse(line));
    expect(findings.find(({ check }) => check === 'token')?.verdict).toBe('well');
    expect(findings.find(({ check }) => check === 'settings')?.seen).toContain('the page');

    // What is secret is in the data folder, and in no word that was said.
    const { callback_secret } = JSON.parse(readFileSync(join(folder, 'data/generated.json'), 'utf8'));
    for (const canary of [SECRET, String(callback_secret)]) {
      expect(checks).not.toContain(canary);
      expect(program.said).not.toContain(canary);
    }
    expect(JSON.stringify(view)).not.toContain(SECRET);
    expect(await program.stop('SIGTERM')).toMatchObject({ code: 0 });
    // The first steps are told once.
    expect(program.stdout.match(/is not set up yet; missing/g)).toHaveLength(1);
  }, 40_000);

  it('starts as the house the next time, and lets doctor and login know the key', async () => {
    const first = await start();
    await waits(first);
    await post(wish());
    await first.runs();
    const doctor = await start({}, ['doctor']);
    await doctor.end;
    expect(doctor.stdout.replace(/\s+/g, ' ')).toMatch(/Settings from \d+ variables, the page; key, secret/);
    expect(doctor.said).not.toContain(SECRET);
    const config = await start({}, ['config']);
    await config.end;
    expect(config.stdout).toContain('the-key');
    expect(config.stdout).not.toContain(SECRET);
    await first.stop('SIGTERM');
    const login = await start({}, ['login']);
    await login.end;
    expect(login.stdout).toContain('client_id=the-key');
    const second = await start();
    await second.runs();
    expect(second.stdout).not.toContain('not set up yet');
  }, 40_000);

  it('changes what was set up, by closing and opening the house', async () => {
    const program = await start();
    await waits(program);
    await post(wish());
    await program.runs();
    const before = (await setup()).callback_path;
    expect((await post({ public_url: 'https://bridge.example.org' })).status).toBe(202);
    await eventually(
      () => program.stdout.match(/"The bridge runs\."/g)?.length === 2,
      () => program.said,
    );
    expect(await setup()).toMatchObject({
      public_url: { value: 'https://bridge.example.org', from: 'page' },
      callback_url: `https://bridge.example.org${before}`,
    });
    expect(await program.stop('SIGTERM')).toMatchObject({ code: 0 });
  }, 40_000);

  it.each(['SIGTERM', 'SIGINT'] as const)('ends at %s within five seconds', async (signal) => {
    const program = await start();
    await waits(program);
    const { code, milliseconds } = await program.stop(signal);
    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(5_000);
    expect(await readdir(join(folder, 'data'))).not.toContain('lock');
  });

  it('ends at a signal while it opens anew', async () => {
    const program = await start();
    await waits(program);
    await post(wish());
    const { code, milliseconds } = await program.stop('SIGTERM');
    expect([code, milliseconds < 5_000]).toEqual([0, true]);
  });

  it('killed while it saves has either all or nothing of the set-up', async () => {
    const outcomes = new Set<string>();
    for (const wait of [0, 3, 8, 16, null]) {
      await rm(join(folder, 'data'), { recursive: true, force: true });
      const program = await start({ BRIDGE_LOG_LEVEL: 'warn' });
      await waits(program);
      const answered = post(wish()).then(
        ({ status }) => status,
        () => null,
      );
      await (wait === null ? answered : new Promise((resolve) => setTimeout(resolve, wait)));
      program.child.kill('SIGKILL');
      await program.end;
      const status = await answered;
      const text = await readFile(join(folder, 'data/integration.json'), 'utf8').catch(() => null);
      // What was answered is kept.
      if (status === 202) expect(text).not.toBeNull();
      if (text !== null) expect(JSON.parse(text)).toMatchObject(wish());
      outcomes.add(text === null ? 'nothing' : 'all');
    }
    expect(outcomes).toContain('all');
    const program = await start();
    await eventually(
      () => program.stdout.includes('"The bridge runs."'),
      () => program.said,
    );
  }, 60_000);

  it('that cannot open the house after the key came says why, and ends', async () => {
    // The broker takes the page's port in the moment in which the page lets go of it.
    const program = await start({ BRIDGE_BROKER_PORT: new URL(page).port });
    await waits(program);
    const answer = await post(wish());
    expect(answer.status).toBe(202);
    expect(await program.end).toMatchObject({ code: 1 });
    expect(program.said).toMatch(/"level":"error".*port/);
    expect(program.said).not.toContain(SECRET);
  }, 30_000);

  it('whose page cannot be opened says why, and ends', async () => {
    const first = await start();
    await waits(first);
    const second = await start({ BRIDGE_DATA_DIR: join(folder, 'other') });
    expect(await second.end).toMatchObject({ code: 1 });
    expect(second.said).toContain('set web.port');
  });

  it('is not opened twice on one folder', async () => {
    await waits(await start());
    const second = await start({ BRIDGE_WEB_PORT: '0' });
    expect(await second.end).toMatchObject({ code: 1 });
    expect(second.said).toContain('is in use by process');
  });

  it('lets settings win over what the page has kept, and says where they stand', async () => {
    const first = await start();
    await waits(first);
    await post(wish());
    await first.runs();
    await first.stop('SIGTERM');
    await writeFile(join(folder, 'settings.yaml'), `callback:\n  public_url: https://settings.example.org\n`);
    const second = await start({ BRIDGE_SONOS_REDIRECT_URI: at('other/path') }, [
      ...['--config', join(folder, 'settings.yaml')],
    ]);
    await second.runs();
    expect(await setup()).toMatchObject({
      client_id: { value: 'the-key', from: 'page' },
      redirect_uri: { value: at('other/path'), from: 'settings' },
      public_url: { value: 'https://settings.example.org', from: 'settings' },
    });
    const answer = await post({ public_url: 'https://page.example.org' });
    expect([answer.status, await answer.json()]).toMatchObject([
      409,
      { error: { message: expect.stringMatching(/callback\.public_url .*settings\.yaml:2/) } },
    ]);
  }, 30_000);
});
