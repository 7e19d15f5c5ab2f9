import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { isSecret, keys } from '../../src/config/keys.ts';
import { describeMistakes } from '../../src/config/mistakes.ts';
import { readConfig } from '../../src/config/read.ts';

const root = join(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const lines = (file: string): string[] =>
  text(file)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
const manifest = z
  .object({ version: z.string(), engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(text('package.json')));
const defaults = new Map(keys.map((key) => [key.name, key.default]));
const variables = new Map(keys.map((key) => [key.variable, key]));

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** The instructions of the Dockerfile, stage by stage; the first is what stands before the first stage. */
function readDockerfile(): Instruction[][] {
  const whole = lines('Dockerfile')
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ');
  const stages: Instruction[][] = [[]];
  for (const line of whole.split('\n')) {
    const [, word = '', rest = ''] = /^\s*([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (word === 'FROM') stages.push([]);
    stages.at(-1)?.push({ word, rest });
  }
  return stages;
}

const [preamble = [], ...stages] = readDockerfile();
const [build = [], runtime = []] = stages;
const rest = (stage: readonly Instruction[], word: string): string[] =>
  stage.filter((instruction) => instruction.word === word).map((instruction) => instruction.rest);
const exec = z.array(z.string()).min(1);
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().default(false),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

describe('the image', () => {
  it('is made in two stages from one pinned, supported Node', () => {
    expect(stages).toHaveLength(2);
    expect(rest(build, 'FROM')).toEqual([`--platform=$${'{BUILDPLATFORM}'} $${'{NODE_IMAGE}'} AS build`]);
    expect(rest(runtime, 'FROM')).toEqual([`$${'{NODE_IMAGE}'} AS runtime`]);
    const [image = ''] = rest(preamble, 'ARG');
    const major = /^NODE_IMAGE=node:(\d+)-bookworm-slim(@sha256:[0-9a-f]{64})?$/.exec(image)?.[1];
    const oldest = /^>=(\d+)/.exec(manifest.engines.node)?.[1];
    expect(Number(major)).toBeGreaterThanOrEqual(Number(oldest));
    // Even majors get long-term support.
    expect(Number(major) % 2).toBe(0);
  });

  it('is for two kinds of machines, since nothing that is copied from the first stage is for one alone', () => {
    const line = /^# +docker buildx build --platform (\S+) .* \.$/m.exec(text('Dockerfile'))?.[1];
    expect(line).toBe('linux/amd64,linux/arm64');
    // The stage that runs is made for each, so only it may install what is for one kind of machine.
    expect(rest(build, 'RUN').filter((command) => /apt-get|--cpu|--os\b/.test(command))).toEqual([]);
    const { packages } = lockFile.parse(JSON.parse(text('package-lock.json')));
    const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
    expect(shipped.length).toBeGreaterThan(100);
    const bound = shipped.filter(([, { os, cpu, hasInstallScript }]) => os || cpu || hasInstallScript);
    expect(bound).toEqual([]);
    // What a lock file does not say, the folders do: modules and programs in machine code, or their source.
    const machine = shipped.flatMap(([path]) =>
      readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(node|so|dylib|dll|exe|a|o)$|(^|\/)binding\.gyp$/.test(name))
        .map((name) => `${path}/${name}`),
    );
    expect(machine).toEqual([]);
  });

  it('installs exactly what the lock file says, runs nobody else’s scripts, and leaves build tools behind', () => {
    const runs = rest(build, 'RUN').join(' ');
    expect(runs).toMatch(/npm ci --ignore-scripts/);
    expect(runs).toMatch(/npm prune --omit=dev --ignore-scripts/);
    expect(rest(runtime, 'RUN').join(' ')).not.toMatch(/npm/);
  });

  it('runs as nobody special, and may write to /data alone', () => {
    expect(rest(runtime, 'USER')).toEqual(['node']);
    const order = runtime.map(({ word }) => word);
    expect(order.lastIndexOf('USER')).toBeGreaterThan(order.lastIndexOf('RUN'));
    expect(rest(runtime, 'COPY').filter((copy) => /--chown|--chmod/.test(copy))).toEqual([]);
    expect(rest(runtime, 'RUN').join(' ')).toMatch(
      /install --directory --owner=node --group=node --mode=0700 \/data/,
    );
    expect(rest(runtime, 'VOLUME')).toEqual(['/data']);
    expect(rest(runtime, 'ENV').join(' ')).toMatch(/\bBRIDGE_DATA_DIR=\/data$/);
    expect(variables.has('BRIDGE_DATA_DIR')).toBe(true);
  });

  it('starts node itself, so that signals arrive', () => {
    expect(exec.parse(JSON.parse(rest(runtime, 'ENTRYPOINT').join()))).toEqual(['node', 'dist/main.js']);
    expect(exec.parse(JSON.parse(rest(runtime, 'CMD').join()))).toEqual(['start']);
  });

  it('shows the ports of its listeners', () => {
    const ports = [defaults.get('callback.port'), defaults.get('web.port'), defaults.get('speech.clip_port')];
    expect(rest(runtime, 'EXPOSE')).toEqual([ports.join(' ')]);
  });

  it('is written in instructions that a builder knows, each stage named and each named stage there', () => {
    const words = ['FROM', 'ARG', 'ENV', 'LABEL', 'RUN', 'COPY', 'WORKDIR', 'USER', 'VOLUME', 'EXPOSE'];
    const known = new Set([...words, 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);
    const all = [...preamble, ...stages.flat()];
    expect(all.filter(({ word }) => !known.has(word))).toEqual([]);
    expect(all.length).toBeGreaterThan(20);
    const names = stages.map((stage) => / AS (\w+)$/.exec(rest(stage, 'FROM').join())?.[1]);
    const from = stages
      .flatMap((stage) => rest(stage, 'COPY'))
      .flatMap((copy) => /--from=(\S+)/.exec(copy)?.[1] ?? []);
    expect(from.length).toBeGreaterThan(0);
    expect(from.filter((name) => !names.includes(name))).toEqual([]);
    // What is used was said, or is the builder's own.
    const said = new Set(['BUILDPLATFORM', ...rest(preamble, 'ARG').map((line) => line.split('=')[0])]);
    const used = all.flatMap((one) => (one.word === 'FROM' ? [...one.rest.matchAll(/\$\{?(\w+)/g)] : []));
    expect(used.map((match) => match[1]).filter((name) => !said.has(name))).toEqual([]);
  });

  it('holds no secret, and nothing that was not meant to be in it', () => {
    const given = [...preamble, ...build, ...runtime].filter(({ word }) => word === 'ARG' || word === 'ENV');
    expect(given.filter((one) => /secret|password|token/i.test(one.rest))).toEqual([]);
    expect([...rest(build, 'ADD'), ...rest(runtime, 'ADD')]).toEqual([]);
    const [first, ...ignored] = lines('.dockerignore');
    expect(first).toBe('*');
    const allowed = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(ignored.filter((line) => !line.startsWith('!'))).toEqual(['config/config.yaml']);
    const copied = [...rest(build, 'COPY'), ...rest(runtime, 'COPY')]
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(/\s+/).slice(0, -1));
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect([...new Set(copied.map((path) => path.replace(/^\.\/|\/.*$/g, '')))].sort()).toEqual(
      allowed.sort(),
    );
  });

  it.each([
    [200, 0],
    [503, 1],
    [null, 1],
  ])('is well after an answer of %s: exit code %i', async (status, code) => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status ?? 500).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    if (status === null) server.close();
    const [, command = ''] = /CMD (.*)$/.exec(rest(runtime, 'HEALTHCHECK').join()) ?? [];
    const [program = '', ...argv] = exec.parse(JSON.parse(command));
    expect(program).toBe('node');
    const child = spawn(process.execPath, argv, {
      env: { ...process.env, BRIDGE_WEB_PORT: String(port) },
      stdio: 'inherit',
    });
    expect(await once(child, 'exit')).toEqual([code, null]);
    server.close();
    expect(asked).toEqual(status === null ? [] : ['/health/live']);
  });
});

const environment = z.record(z.string(), z.string());
const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  user: z.string(),
  command: z.array(z.string()).default([]),
  read_only: z.literal(true),
  init: z.literal(true),
  restart: z.literal('unless-stopped'),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  tmpfs: z.array(z.string().startsWith('/tmp:')),
  environment: environment.default({}),
  secrets: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});
const compose = composeSchema.parse(parse(text('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
const service = (name: string) => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};
/** As compose does it with an .env of these values. */
const interpolate = (value: string, env: Readonly<Record<string, string>>): string =>
  value.replaceAll(/\$\{(\w+):-\}/g, (_, name: string) => env[name] ?? '');

describe.each(services)('the container %s', (_, { image, build: context, user, ports, ...more }) => {
  it('runs without root, without capabilities, and writes to its volumes and /tmp only', () => {
    // The schema above demands read_only, init, cap_drop, security_opt, restart and tmpfs.
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(more.volumes.filter((volume) => volume.startsWith('.') && !volume.endsWith(':ro'))).toEqual([]);
    expect(more.volumes.filter((volume) => /docker\.sock|^\//.test(volume))).toEqual([]);
    expect(more.network_mode ?? '').not.toBe('host');
  });

  it('has an image with a version of its own', () => {
    const [, tag = ''] = image.split(':');
    expect(tag).toMatch(/^\d+\.\d+\.\d+$/);
    if (context !== undefined) expect(tag).toBe(manifest.version);
  });

  it('is published to this machine only, but for the clips that speakers fetch', () => {
    const clips = `${defaults.get('speech.clip_port')}:${defaults.get('speech.clip_port')}`;
    const open = ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port));
    expect(open.filter((port) => port !== clips)).toEqual([]);
  });

  it('is watched, and waited for where somebody needs it', () => {
    // What is built here has the image's own check; the simulated cloud has no private listener to ask.
    if (context === undefined || more.command[0] === 'simulate') expect(more.healthcheck).toBeDefined();
    expect(more.healthcheck?.test[0] ?? 'CMD').toBe('CMD');
    for (const [needed, { condition }] of Object.entries(more.depends_on)) {
      expect(service(needed).profiles.every((profile) => more.profiles.includes(profile))).toBe(true);
      expect(condition).toBe('service_healthy');
    }
  });

  it('names only secrets, volumes and services that are there', () => {
    expect(more.secrets.filter((name) => compose.secrets[name] === undefined)).toEqual([]);
    const named = more.volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((name) => !name.startsWith('.'));
    expect(named.filter((name) => !(name in compose.volumes))).toEqual([]);
    const files = Object.entries(more.environment).filter(([name]) => name.endsWith('_FILE'));
    expect(files.map(([, file]) => file.replace('/run/secrets/', '')).sort()).toEqual(
      context === undefined ? [] : [...more.secrets].sort(),
    );
  });
});

describe('the settings in the compose file', () => {
  const env = {
    SONOS_CLIENT_ID: 'key-of-the-integration',
    SONOS_REDIRECT_URI: 'https://bridge.example.org/oauth/callback',
    SONOS_PUBLIC_URL: 'https://bridge.example.org',
  };

  const read = (name: string, given: Readonly<Record<string, string>>) => {
    const { command, environment: written } = service(name);
    const [, ...argv] = command;
    return readConfig({
      argv,
      env: {
        BRIDGE_DATA_DIR: '/data',
        ...Object.fromEntries(
          Object.entries(written).map(([key, value]) => [key, interpolate(value, given)]),
        ),
      },
      cwd: root,
      readFile: async (path) => {
        if (path.startsWith('/run/secrets/')) return `content of ${path}`.replaceAll(' ', '-');
        if (path.endsWith('config/config.yaml')) throw Object.assign(new Error('absent'), { code: 'ENOENT' });
        return readFile(path, 'utf8');
      },
    });
  };

  it('start the bridge, which takes every secret from a file', async () => {
    const result = await read('bridge', env);
    if (!result.ok) throw new Error(describeMistakes(result.error));
    const { config, sources } = result.value;
    expect(config.sonos.client_secret).toBe('content-of-/run/secrets/sonos_client_secret');
    expect(config.mqtt).toMatchObject({ url: 'mqtt://mosquitto:1883', username: 'sonos-bridge' });
    expect(config.web.host).toBe('0.0.0.0');
    const secret = keys
      .filter((key) => isSecret(key.node))
      .filter((key) => sources.get(key.name) !== 'default');
    expect(secret.length).toBeGreaterThan(0);
    const written = Object.keys(service('bridge').environment);
    expect(secret.map((key) => key.variable).filter((variable) => written.includes(variable))).toEqual([]);
    expect(config.web.password).toBe('content-of-/run/secrets/web_password');
    expect(config.mqtt.password).toBe('content-of-/run/secrets/mqtt_password');
  });

  it('say what is missing without an .env', async () => {
    const result = await read('bridge', {});
    expect(result.ok ? '' : describeMistakes(result.error)).toContain('sonos.client_id');
  });

  it('let the demo talk to the simulated cloud on their common loopback', async () => {
    const result = await read('demo', {});
    if (!result.ok) throw new Error(describeMistakes(result.error));
    const { config } = result.value;
    expect(service('demo').network_mode).toBe('service:simulator');
    const inside = [
      new URL(config.sonos.api_url).port,
      config.callback.port,
      config.web.port,
      config.broker.port,
    ];
    const published = service('simulator').ports.map((port) => port.split(':').at(-1));
    expect(published.sort()).toEqual(inside.map(String).sort());
    expect([config.callback.host, config.web.host, config.broker.host]).toEqual([
      '0.0.0.0',
      '0.0.0.0',
      '0.0.0.0',
    ]);
    expect(config.data_dir).toBe('/data');
    const { command } = service('simulator');
    const callback = command[command.indexOf('--callback') + 1];
    expect(callback).toBe(`http://127.0.0.1:${config.callback.port}${config.callback.path}`);
  });

  it('keep secrets out of the repository and out of the image', () => {
    const ignored = lines('.gitignore');
    expect(ignored).toEqual(expect.arrayContaining(['/secrets/', '.env', 'config/config.yaml', 'data/']));
    const files = Object.values(compose.secrets).map(({ file }) => file);
    expect(files.filter((file) => !file.startsWith('./secrets/'))).toEqual([]);
  });
});
