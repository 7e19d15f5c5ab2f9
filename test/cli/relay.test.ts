import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run as runHere } from '../../src/cli/run.ts';
import { type Program, run } from '../e2e/daemon.ts';
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';
import { createPerson, eventually } from './house.ts';

const SECRET = 'c4nary-secret-of-the-integration';
const PATH = '/events/c4nary-path-of-the-callback';

let folder: string;
const programs: Program[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  await builtProgram();
}, 150_000);
afterEach(async () => {
  for (const { child } of programs) child.kill('SIGKILL');
  await Promise.all(programs.splice(0).map(({ end }) => end));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function settings() {
  return {
    BRIDGE_SONOS_CLIENT_ID: 'the-key',
    BRIDGE_SONOS_CLIENT_SECRET: SECRET,
    BRIDGE_CALLBACK_HOST: '127.0.0.1',
    BRIDGE_CALLBACK_PORT: String(await freePort()),
    BRIDGE_CALLBACK_PATH: PATH,
    // Nobody is there.
    BRIDGE_MQTT_URL: `mqtt://127.0.0.1:${await freePort()}`,
  };
}

async function type(env: Readonly<Record<string, string>>, ...argv: string[]) {
  const { context, complaints } = createPerson({ cwd: folder, env });
  return { code: await runHere(['relay', ...argv], context), complaints: complaints() };
}

describe('a relay', () => {
  it('says what it cannot do without, and why, all at once', async () => {
    const { code, complaints } = await type({});
    expect(code).toBe(2);
    for (const name of ['sonos.client_id', 'sonos.client_secret', 'mqtt.url', 'callback.path'])
      expect(complaints).toMatch(new RegExp(`^  ${name}: .{20,}\\.$`, 'm'));
  });

  it.each([
    ['BRIDGE_MQTT_URL', 'mqtt.url: a relay has no broker of its own'],
    ['BRIDGE_CALLBACK_PATH', 'callback.path: a relay keeps nothing'],
  ])('says that alone which is missing: %s', async (name, words) => {
    const { code, complaints } = await type({ ...(await settings()), [name]: '' });
    expect(code).toBe(2);
    expect(complaints).toContain(words);
    expect(complaints).not.toContain('client_id:');
    expect(complaints).not.toContain(SECRET);
  });

  it('tells of wrong settings as the bridge does', async () => {
    const { code, complaints } = await type(await settings(), '--relay.expiry_seconds=soon');
    expect(code).toBe(2);
    expect(complaints).toContain('relay.expiry_seconds');
  });

  it('says who has its port', async () => {
    const env = await settings();
    const other = createServer().listen(Number(env.BRIDGE_CALLBACK_PORT), '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const program = await run(['relay'], { cwd: folder, env });
    programs.push(program);
    expect(await program.end).toMatchObject({ code: 1 });
    await new Promise((resolve) => other.close(resolve));
    expect(program.stdout).toContain(env.BRIDGE_CALLBACK_PORT);
  });

  it('runs without a broker, asks to come again, keeps nothing and ends when told to', async () => {
    const env = await settings();
    const program = await run(['relay', '--log.level=trace'], { cwd: folder, env });
    programs.push(program);
    await eventually(
      () => program.stdout.includes('No connection to the MQTT broker'),
      () => program.said,
    );
    const at = `http://127.0.0.1:${env.BRIDGE_CALLBACK_PORT}`;
    expect((await fetch(`${at}/health`)).status).toBe(503);
    expect((await fetch(`${at}${PATH}`)).status).toBe(200);
    expect((await fetch(`${at}${PATH}`, { method: 'POST', body: '{}' })).status).toBe(401);
    const end = await program.stop('SIGTERM');
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.milliseconds).toBeLessThan(5_000);
    expect(await readdir(folder)).toEqual([]);
    for (const secret of [SECRET, PATH, 'c4nary']) expect(program.said).not.toContain(secret);
  });
});
