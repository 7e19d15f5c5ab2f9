import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { eventually } from '../cli/house.ts';
import { freePort } from '../support/ports.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const packed = z.array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }));

/** What a developer's folder holds that nobody else may have. */
const PRIVATE: Readonly<Record<string, string>> = {
  '.env': 'SONOS_CLIENT_ID=private',
  'config/config.yaml': 'sonos: { client_secret: private }',
  'data/accounts.json': '{}',
  'secrets/web_password': 'private',
  'bridge.log': 'private',
  'dist/left-over.js': 'throw new Error();',
};

describe('the package', () => {
  let folder = '';
  let files: string[] = [];
  const inPackage = (path: string) => join(folder, 'package', path);

  // Packed from a copy, so that the build in `prepack` does not pull dist away from under other tests.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-'));
    const project = join(folder, 'project');
    const left = ['.git', 'node_modules', 'dist', 'coverage', 'data', 'secrets'];
    await cp(root, project, {
      recursive: true,
      filter: (source) => {
        const path = relative(root, source).split(sep);
        return !left.includes(path[0] ?? '') && !path.includes('node_modules');
      },
    });
    await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
    for (const [path, text] of Object.entries(PRIVATE)) {
      await mkdir(join(project, path, '..'), { recursive: true });
      await writeFile(join(project, path), text);
    }
    const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
      cwd: project,
      maxBuffer: 16 * 1024 * 1024,
    });
    const [{ filename, files: listed } = { filename: '', files: [] }] = packed.parse(
      JSON.parse(stdout.slice(stdout.indexOf('['))),
    );
    files = listed.map(({ path }) => path).sort();
    await run('tar', ['-xzf', filename], { cwd: folder });
    await symlink(join(root, 'node_modules'), inPackage('node_modules'));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds the program, built afresh, and what an operator needs', async () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'CHANGELOG.md',
        'LICENSE',
        'SECURITY.md',
        'config/config.example.yaml',
        'config/demo.yaml',
        'config/mosquitto/acl.conf',
        'config/mosquitto/mosquitto.conf',
        'config/schema.json',
        'dist/main.js',
        'docs/asyncapi.json',
        'docs/commands.md',
        'docs/configuration.md',
        'docs/schemas/room.schema.json',
        'docs/topics.md',
        'package.json',
        'packaging/systemd/README.md',
        'packaging/systemd/sonos-mqtt-bridge.service',
      ]),
    );
    const sources = (await readdir(join(root, 'src'), { recursive: true })).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('web/page/'),
    );
    const isPage = (path: string): boolean => path.startsWith('dist/web/page/');
    const built = files.filter((path) => path.startsWith('dist/') && !isPage(path));
    expect(built).toEqual(sources.map((name) => `dist/${name.replace(/\.ts$/, '.js')}`).sort());
    const kinds = new Set(files.filter(isPage).map((path) => path.replace(/^.*\./, '')));
    expect([...kinds].sort()).toEqual(['css', 'html', 'js', 'svg']);
  });

  it('holds no test, no source, no secret and nothing of the machine it was made on', () => {
    const places = [...new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]))];
    expect(
      places.filter((place) => !['config', 'dist', 'docs', 'examples', 'packaging'].includes(place ?? '')),
    ).toEqual([]);
    expect(files.filter((path) => path in PRIVATE || /test|\.ts$|\.log$|\.env/.test(path))).toEqual([]);
  });

  it('runs', async () => {
    const { stdout } = await run(process.execPath, [inPackage('dist/main.js'), '--help']);
    expect(stdout).toContain('sonos-mqtt-bridge');
    const settings = await run(process.execPath, [inPackage('dist/main.js'), 'config'], { cwd: folder });
    expect(settings.stdout).toContain('data_dir');
  });

  describe('as npx finds it', () => {
    /** A folder of somebody who has installed the package, with nothing else in it. */
    async function installed(): Promise<string> {
      const home = await mkdtemp(join(folder, 'home-'));
      await mkdir(join(home, 'node_modules/.bin'), { recursive: true });
      await symlink(inPackage(''), join(home, 'node_modules/sonos-mqtt-bridge'));
      await symlink('../sonos-mqtt-bridge/dist/main.js', join(home, 'node_modules/.bin/sonos-mqtt-bridge'));
      // As `npm install` does with programs; the package itself does not say it.
      await chmod(inPackage('dist/main.js'), 0o755);
      return home;
    }
    const npx = (home: string, ...argv: string[]) =>
      run('npx', ['--no-install', 'sonos-mqtt-bridge', ...argv], { cwd: home });

    /** The program in a group of its own, as a terminal has: Ctrl-C goes to npx and to the program. */
    async function playing(home: string, argv: readonly string[]) {
      const options = { cwd: home, detached: true, env: { ...process.env, TMPDIR: home } };
      const child = spawn('npx', ['--no-install', 'sonos-mqtt-bridge', ...argv], options);
      const ended = once(child, 'exit');
      const signal = (name: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, name);
      onTestFinished(async () => {
        if (child.exitCode === null && child.signalCode === null) signal('SIGKILL');
        await ended;
      });
      let told = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (piece: Buffer) => {
          told += piece.toString();
        });
      }
      const leave = async (): Promise<void> => {
        signal('SIGINT');
        await ended;
      };
      return { told: () => told, leave };
    }

    it('is a program, and tells what it can do', async () => {
      expect(await readFile(inPackage('dist/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      const { stdout } = await npx(await installed(), '--help');
      expect(stdout).toMatch(/^ {2}demo /m);
    });

    it('says how to begin where nothing is set up, with files that are there', async () => {
      const home = await installed();
      const { told, leave } = await playing(home, ['--web.port', `${await freePort()}`]);
      await eventually(() => told().includes('doctor says what and why'), told, 20_000);
      await leave();
      const [, example = '', settings = ''] = /Copy (\S+) to (\S+);/.exec(told()) ?? [];
      await mkdir(join(settings, '..'));
      await cp(example, settings);
      expect(settings.startsWith(home)).toBe(true);
      expect((await npx(home, 'config')).stdout).toContain('# sonos.client_id: not set');
    });

    it('plays the demo, and leaves nothing behind', async () => {
      const home = await installed();
      const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
      const flags = [
        '--broker.port',
        `${ports[0]}`,
        '--callback.port',
        `${ports[1]}`,
        '--web.port',
        `${ports[2]}`,
      ];
      const simulator = ['--sonos.api_url', `http://127.0.0.1:${ports[3]}/control/api/v1`];
      const { told, leave } = await playing(home, ['demo', ...flags, ...simulator]);
      await eventually(() => told().includes('Ctrl-C ends the demo'), told, 20_000);
      await leave();
      expect(await readdir(home)).toEqual(['node_modules']);
    }, 60_000);
  });
});
