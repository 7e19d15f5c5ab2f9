import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { isSecret, type Key, keys } from '../../src/config/keys.ts';
import { describeMistakes } from '../../src/config/mistakes.ts';
import { readConfig } from '../../src/config/read.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'home-assistant-addon/sonos-mqtt-bridge');
const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
const run = promisify(execFile);
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const byName = new Map(keys.map((key) => [key.name, key]));
const defaultOf = (name: string): unknown => byName.get(name)?.default;

/** What the Supervisor takes for the type of an option (its `addons/options.py`). */
const ELEMENT =
  /^(?:|bool|email|url|port|device(?:\(subsystem=[a-z]+\))?|str(?:\(\d*,\d*\))?|password(?:\(\d*,\d*\))?|int(?:\(\d*,\d*\))?|float(?:\([\d.]*,[\d.]*\))?|match\(.*\)|list\(.+\))\??$/;
const element = z.string().regex(ELEMENT);
/** Deeper than this the form of Home Assistant has no fields. */
const options = <T extends z.ZodType>(leaf: T) =>
  z.record(z.string(), z.union([leaf, z.record(z.string(), leaf)]));
const value = z.union([z.string(), z.number(), z.boolean()]);

/** The keys that we use of the Supervisor's schema for a manifest (its `addons/validate.py`), which leaves out others silently. */
const manifestSchema = z.strictObject({
  name: z.string(),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  slug: z.string().regex(/^[-_.A-Za-z0-9]+$/),
  description: z.string(),
  arch: z.array(z.enum(['aarch64', 'amd64', 'armhf', 'armv7', 'i386'])).min(1),
  startup: z.enum(['initialize', 'system', 'services', 'application', 'once']),
  boot: z.enum(['auto', 'manual', 'manual_only']),
  init: z.boolean(),
  apparmor: z.boolean(),
  services: z.array(z.string().regex(/^(mqtt|mysql):(provide|want|need)$/)),
  map: z.array(
    z.strictObject({
      type: z.enum(['data', 'ssl', 'share', 'media', 'homeassistant_config', 'addon_config']),
      read_only: z.boolean(),
    }),
  ),
  ingress: z.boolean(),
  ingress_port: z.int().min(0).max(65_535),
  panel_icon: z.string().startsWith('mdi:'),
  panel_title: z.string(),
  ports: z.record(z.string().regex(/^\d+\/(tcp|udp)$/), z.int().min(1).max(65_535).nullable()),
  watchdog: z.string().regex(/^(?:https?|\[PROTO:\w+\]|tcp):\/\/\[HOST\]:(\[PORT:\d+\]|\d+).*$/),
  timeout: z.int().min(10).max(300),
  backup: z.enum(['hot', 'cold']),
  backup_exclude: z.array(z.string()),
  options: options(value),
  schema: options(element),
});
const manifest = manifestSchema.parse(parse(text('config.yaml')));

/** The leaves of options or their types, by the name of the setting. */
function leaves<T>(tree: Readonly<Record<string, T | Readonly<Record<string, T>>>>): Map<string, T> {
  const all = Object.entries(tree).flatMap(([name, below]) =>
    typeof below === 'object' && below !== null
      ? Object.entries(below).map(([step, leaf]) => [`${name}.${step}`, leaf as T] as const)
      : [[name, below as T] as const],
  );
  return new Map(all);
}
const types = leaves(manifest.schema);
const given = leaves(manifest.options);

/** The type that an option should have: every right value fits, and the form refuses what it can know to be wrong. */
function fits(type: string, { kind, node }: Key): boolean {
  const bare = type.replace(/\?$/, '');
  const range = (word: string, to: number | undefined) =>
    bare === `${word}(${node.minimum ?? node.exclusiveMinimum ?? ''},${to ?? ''})`;
  if (isSecret(node)) return bare === 'password';
  if (kind === 'choice') return bare === `list(${(node.enum ?? []).join('|')})`;
  if (kind === 'boolean') return bare === 'bool';
  if (kind === 'number' && node.type === 'integer') return range('int', node.maximum);
  if (kind === 'number') return range('float', node.maximum);
  return kind === 'text' && (bare === 'str' || bare === 'url');
}

describe('the options of the add-on', () => {
  it.each([...types])('%s is a setting, and %s is its type', (name, type) => {
    const key = byName.get(name);
    expect(key).toBeDefined();
    if (key === undefined) return;
    expect(`${type} fits: ${fits(type, key)}`).toBe(`${type} fits: true`);
    // What has a default is required by Home Assistant, and filled in; what has none may be left empty.
    const isShown = given.has(name);
    expect(type.endsWith('?')).toBe(!isShown);
    expect(given.get(name)).toEqual(isShown ? key.default : undefined);
  });

  it('have types, and a place for each section, without which Home Assistant would refuse to start', () => {
    expect([...given.keys()].filter((name) => !types.has(name))).toEqual([]);
    const sections = Object.entries(manifest.schema).filter(([, below]) => typeof below === 'object');
    expect(sections.map(([name]) => name).filter((name) => manifest.options[name] === undefined)).toEqual([]);
  });

  it('give what a bridge cannot do without', () => {
    const needed = ['sonos.client_id', 'sonos.client_secret', 'sonos.redirect_uri', 'callback.public_url'];
    const named = [...needed, 'mqtt.url', 'mqtt.username', 'mqtt.password', 'speech.clip_url'];
    expect(named.filter((name) => !types.has(name))).toEqual([]);
    // Nothing that would open the page to others, or move what the container is made for.
    const fixed = ['web', 'data_dir', 'broker', 'home_assistant.ingress_from', 'callback.port'];
    expect([...types.keys()].filter((name) => fixed.some((one) => name.startsWith(one)))).toEqual([]);
  });

  /** What is said otherwise than in the settings, since it is otherwise in an add-on. */
  const DIFFERENT: Readonly<Record<string, RegExp>> = {
    'mqtt.url': /without it, the one that Home Assistant offers/,
    'speech.clip_url': /port 8789 of this machine/,
  };

  it('are named and explained, all of them and no other', () => {
    const field = z.strictObject({ name: z.string().min(1), description: z.string().min(1) });
    const { configuration, network } = z
      .strictObject({
        configuration: z.record(
          z.string(),
          field.extend({ fields: z.record(z.string(), field).optional() }).strict(),
        ),
        network: z.record(z.string(), z.string()),
      })
      .parse(parse(text('translations/en.yaml')));
    const told = new Map(
      Object.entries(configuration).flatMap(([name, { fields, description }]) =>
        fields === undefined
          ? [[name, description] as const]
          : Object.entries(fields).map(([step, below]) => [`${name}.${step}`, below.description] as const),
      ),
    );
    expect([...told.keys()]).toEqual([...types.keys()]);
    expect(Object.keys(configuration)).toEqual(Object.keys(manifest.schema));
    for (const [name, description] of told) {
      const different = DIFFERENT[name];
      if (different === undefined) expect(description).toBe(byName.get(name)?.meaning);
      else expect(description).toMatch(different);
    }
    expect(Object.keys(network)).toEqual(Object.keys(manifest.ports));
  });
});

interface Instruction {
  readonly word: string;
  readonly rest: string;
}
const instructions: readonly Instruction[] = text('Dockerfile')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  .join('\n')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .map((line) => {
    const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return { word, rest };
  });
const rest = (word: string): string[] =>
  instructions.filter((one) => one.word === word).map((one) => one.rest);
const environment = Object.fromEntries(
  rest('ENV')
    .flatMap((line) => line.split(/\s+/))
    .map((pair) => pair.split(/=(.*)/s))
    .map(([name = '', content = '']) => [name, content]),
);

describe('the container of the add-on', () => {
  /** The settings as the add-on starts with them. */
  const settings = (chosen: unknown) =>
    readConfig({
      argv: [],
      env: environment,
      cwd: '/',
      readFile: async (path) => {
        if (path === '/data/options.json') return JSON.stringify(chosen, null, 2);
        throw Object.assign(new Error('absent'), { code: 'ENOENT', path });
      },
    });

  it('starts with what Home Assistant writes before anybody has chosen anything', async () => {
    const result = await settings(manifest.options);
    if (!result.ok) throw new Error(describeMistakes(result.error));
    const { config, sources } = result.value;
    expect(config.home_assistant.ingress_from).toBe('172.30.32.2');
    expect(config.web).toMatchObject({ host: '0.0.0.0', port: manifest.ingress_port });
    expect(config.data_dir).toBe('/data/bridge');
    for (const [name] of given) expect(sources.get(name)).toMatch(/^\/data\/options\.json:\d+$/);
  });

  it('takes every option that a person fills in', async () => {
    const samples: Readonly<Record<string, unknown>> = {
      ...{ 'sonos.client_id': 'key', 'sonos.client_secret': 'c4nary-secret' },
      ...{
        'sonos.redirect_uri': 'https://x.example/oauth/callback',
        'callback.public_url': 'https://x.example',
      },
      ...{ 'mqtt.url': 'mqtt://broker.lan', 'mqtt.username': 'me', 'mqtt.password': 'c4nary-password' },
      ...{ 'announcements.volume': 30, 'announcements.before': 'gong', 'speech.voice': 'anna' },
      ...{ 'speech.clip_url': 'http://192.168.1.10:8789', poll_seconds: 5.5, reconcile_minutes: 20 },
    };
    const chosen: Record<string, unknown> = structuredClone(manifest.options);
    for (const name of types.keys()) {
      if (given.has(name)) continue;
      expect(samples).toHaveProperty([name]);
      const [section = '', step] = name.split('.');
      if (step === undefined) chosen[section] = samples[name];
      else chosen[section] = { ...(chosen[section] as object), [step]: samples[name] };
    }
    const result = await settings(chosen);
    if (!result.ok) throw new Error(describeMistakes(result.error));
    for (const name of types.keys()) expect(result.value.sources.get(name)).toContain('options.json');
  });

  it('is of the same Node as the other image, and starts the program of the package', () => {
    const other = /^ARG NODE_IMAGE=.*$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[0];
    expect(`ARG ${rest('ARG')[0]}`).toBe(other);
    expect(rest('FROM')).toEqual([`$${'{NODE_IMAGE}'}`]);
    expect(JSON.parse(rest('ENTRYPOINT').join())).toEqual(['/bin/sh', '/app/run']);
    const [program, main, command] = z.array(z.string()).parse(JSON.parse(rest('CMD').join()));
    expect([program, command]).toEqual(['node', 'start']);
    const bin = z
      .object({ name: z.string(), bin: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    expect(main).toBe(`/app/node_modules/${bin.name}/${bin.bin[bin.name]}`);
    expect(rest('RUN').join(' ')).toContain(`${bin.name}@$${'{BUILD_VERSION}'}`);
    expect(rest('RUN').join(' ')).toMatch(/npm install --omit=dev --ignore-scripts/);
  });

  it('copies only what is there or may be missing, and holds no secret', () => {
    expect(rest('COPY')).toEqual(['run *.tgz /app/']);
    expect(existsSync(join(folder, 'run'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tgz'))).toEqual([]);
    expect(rest('ADD')).toEqual([]);
    expect(instructions.filter(({ word }) => word === '')).toEqual([]);
    expect([...rest('ARG'), ...rest('ENV')].filter((line) => /secret|password|token/i.test(line))).toEqual(
      [],
    );
  });

  it('gives up root before anything of ours runs', async () => {
    const place = await mkdtemp(join(tmpdir(), 'addon-run-'));
    onTestFinished(() => rm(place, { recursive: true }));
    await chmod(place, 0o755);
    const data = join(place, 'data');
    await mkdir(data);
    await writeFile(join(data, 'options.json'), '{}', { mode: 0o600 });
    const script = join(folder, 'run');
    const env = { ADDON_DATA: data, PATH: process.env.PATH };
    if (process.getuid?.() === 0) {
      const { stdout } = await run('/bin/sh', [script, 'id', '-u'], { env });
      expect(stdout.trim()).toBe('1000');
      const status = await run('/bin/sh', [script, 'cat', '/proc/self/status', join(data, 'options.json')], {
        env,
      });
      expect(status.stdout).toMatch(/^Groups:\s*$/m);
      expect(status.stdout).toMatch(/^CapEff:\s*0+$/m);
      expect(status.stdout).toMatch(/^NoNewPrivs:\s*1$/m);
      expect((await stat(join(data, 'options.json'))).uid).toBe(1000);
      return;
    }
    // Who is not root sees what the script would do.
    for (const name of ['chown', 'setpriv']) {
      await writeFile(join(place, name), `#!/bin/sh\necho ${name} "$@" >>${place}/done\n`);
      await chmod(join(place, name), 0o755);
    }
    await run('/bin/sh', [script, 'id', '-u'], { env: { ...env, PATH: `${place}:${env.PATH}` } });
    expect(await readFile(join(place, 'done'), 'utf8')).toBe(
      `chown -R 1000:1000 ${data}\nsetpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs -- id -u\n`,
    );
  });
});

describe('the add-on', () => {
  it('has the version of the bridge, and tells what is new in it', () => {
    expect(manifest.version).toBe(version);
    expect(text('CHANGELOG.md')).toContain(`## ${version}\n`);
  });

  it('is made for the machines for which the image is', () => {
    const platforms = /--platform (\S+) --tag/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1];
    const words: Readonly<Record<string, string>> = { 'linux/amd64': 'amd64', 'linux/arm64': 'aarch64' };
    expect(platforms?.split(',').map((platform) => words[platform])).toEqual(manifest.arch);
  });

  it('publishes the listener of Sonos and that of the speakers, and the page by the ingress alone', () => {
    const ports = [defaultOf('callback.port'), defaultOf('speech.clip_port')];
    expect(manifest.ports).toEqual(Object.fromEntries(ports.map((port) => [`${port}/tcp`, port])));
    expect(manifest).toMatchObject({ ingress: true, ingress_port: defaultOf('web.port') });
    expect(manifest.watchdog).toBe(`http://[HOST]:[PORT:${manifest.ingress_port}]/health/live`);
    expect(environment.BRIDGE_WEB_PASSWORD).toBeUndefined();
    for (const port of [...ports, manifest.ingress_port]) expect(text('DOCS.md')).toContain(`| ${port} |`);
  });

  it('asks for no more rights than it needs', () => {
    // The schema above knows no privilege, no host network, no access to the API beyond the services.
    expect(manifest.services).toEqual(['mqtt:want']);
    expect(manifest.map).toEqual([{ type: 'addon_config', read_only: true }]);
    expect(manifest.apparmor).toBe(true);
  });

  it('is found by Home Assistant in this repository, and nothing else is taken for one', () => {
    const repository = z
      .strictObject({ name: z.string(), url: z.url().optional(), maintainer: z.string().optional() })
      .parse(parse(readFileSync(join(root, 'repository.yaml'), 'utf8')));
    expect(repository.name).not.toBe('');
    // As the Supervisor looks for them: `**/config.*`, but in nothing that starts with a dot. What lacks a slug is left out.
    const places = [
      'config',
      'docs',
      'examples',
      'home-assistant-addon',
      'packaging',
      'src',
      'test',
      'bench',
    ];
    const found = places
      .flatMap((place) =>
        readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(place, name),
        ),
      )
      .filter((name) => /^config\..*(yaml|yml|json)$/.test(basename(name)) && name !== 'config/config.yaml')
      .filter((name) => /^slug:/m.test(readFileSync(join(root, name), 'utf8')));
    expect(found).toEqual(['home-assistant-addon/sonos-mqtt-bridge/config.yaml']);
  });
});
