import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

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
      filter: (source) => !left.includes(relative(root, source).split(sep)[0] ?? ''),
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
        'docs/configuration.md',
        'package.json',
      ]),
    );
    const sources = (await readdir(join(root, 'src'), { recursive: true })).filter((name) =>
      name.endsWith('.ts'),
    );
    const built = files.filter((path) => path.startsWith('dist/'));
    expect(built).toEqual(sources.map((name) => `dist/${name.replace(/\.ts$/, '.js')}`).sort());
  });

  it('holds no test, no source, no secret and nothing of the machine it was made on', () => {
    const places = [...new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]))];
    expect(places.filter((place) => !['config', 'dist', 'docs', 'examples'].includes(place ?? ''))).toEqual(
      [],
    );
    expect(files.filter((path) => path in PRIVATE || /test|\.ts$|\.log$|\.env/.test(path))).toEqual([]);
  });

  it('runs', async () => {
    const { stdout } = await run(process.execPath, [inPackage('dist/main.js'), '--help']);
    expect(stdout).toContain('sonos-mqtt-bridge');
    const settings = await run(process.execPath, [inPackage('dist/main.js'), 'config'], { cwd: folder });
    expect(settings.stdout).toContain('data_dir');
  });
});
