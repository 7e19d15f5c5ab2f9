import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';

beforeAll(builtProgram, 120_000);

const coverage = z.object({ result: z.array(z.object({ url: z.string() })) });

/** Every script that a process had loaded: Node tells it at the end, as coverage. */
async function scriptsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => coverage.parse(JSON.parse(text)).result.map(({ url }) => url));
}

/** What the daemon has loaded when it runs: its dependencies, and its own files by their names below `dist`. */
async function loadedBy(settings: Readonly<Record<string, string>>, file?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'loaded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const page = join(folder, 'settings.yaml');
  if (file !== undefined) await writeFile(page, file);
  const child = spawn(
    process.execPath,
    [await builtProgram(), 'start', ...(file === undefined ? [] : ['--config', page])],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        NODE_V8_COVERAGE: join(folder, 'coverage'),
        BRIDGE_DATA_DIR: join(folder, 'data'),
        BRIDGE_SONOS_CLIENT_ID: 'key',
        BRIDGE_SONOS_CLIENT_SECRET: 'secret',
        BRIDGE_SONOS_REDIRECT_URI: 'http://localhost:8788/oauth/callback',
        BRIDGE_CALLBACK_PORT: String(await freePort()),
        BRIDGE_WEB_PORT: String(await freePort()),
        BRIDGE_SPEECH_CLIP_PORT: '0',
        ...settings,
      },
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let said = '';
  const runs = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('"The bridge runs."')) resolve();
    });
  });
  await Promise.race([runs, ended]);
  expect(said).toContain('"The bridge runs."');
  child.kill('SIGTERM');
  await ended;
  const scripts = await scriptsIn(join(folder, 'coverage'));
  return {
    libraries: Object.keys(manifest.dependencies).filter((name) =>
      scripts.some((url) => url.includes(`/node_modules/${name}/`)),
    ),
    files: scripts.flatMap(
      (url) => /\/dist\/(.*)\.js$/.exec(url.replace(/.*\/node_modules\//, ''))?.[1] ?? [],
    ),
  };
}

// `ws` is here because mqtt.js loads it, too.
const ALWAYS = ['express', 'lowdb', 'mqtt', 'pino', 'ws', 'zod'];

describe('the start', () => {
  it('loads nothing that only others need', async () => {
    const { libraries, files } = await loadedBy({ BRIDGE_MQTT_URL: 'mqtt://127.0.0.1:9' });
    expect(libraries.sort()).toEqual(ALWAYS);
    expect(files.filter((name) => name.startsWith('cli/')).sort()).toEqual([
      'cli/context',
      'cli/home-assistant-addon',
      'cli/run',
      'cli/start',
      'cli/start-garbage',
      'cli/systemd-notify',
      'cli/terminal',
      'cli/text',
    ]);
    expect(
      files.filter((name) => /^sim\/|^mqtt\/broker(?!-address)|^config\/(document|show|page)/.test(name)),
    ).toEqual([]);
    expect(files.length).toBeGreaterThan(200);
  });

  it('loads the broker when it is ours, and the parser when there is a file', async () => {
    const port = await freePort();
    const { libraries } = await loadedBy({}, `broker: { port: ${port} }`);
    expect(libraries.sort()).toEqual([...ALWAYS, 'aedes', 'yaml'].sort());
  });

  it('loads the reader of times when there are schedules', async () => {
    const { libraries } = await loadedBy({
      BRIDGE_MQTT_URL: 'mqtt://127.0.0.1:9',
      BRIDGE_SCHEDULES: '[{"cron":"0 7 * * *","room":"kitchen","command":"play"}]',
    });
    expect(libraries.sort()).toEqual([...ALWAYS, 'node-cron'].sort());
  });
});
