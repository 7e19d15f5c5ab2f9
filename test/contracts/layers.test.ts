import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const rules = z
  .object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string() })) })
  .parse(require('../../.dependency-cruiser.cjs')).forbidden;

const report = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    totalDependenciesCruised: z.number(),
    violations: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        rule: z.object({ name: z.string() }),
        // A cycle is told once, for all who are in it.
        cycle: z.array(z.object({ name: z.string() })).default([]),
      }),
    ),
  }),
});

/** What dependency-cruiser says of the `src` in a folder, by the rules that lie in that folder. */
async function cruise(folder: string): Promise<z.output<typeof report>> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const options = ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...options], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return report.parse(JSON.parse(stdout));
}

describe('the rooms of the house', () => {
  it('import each other only in the directions of the plan, and every file was looked at', async () => {
    const { modules, summary } = await cruise(root);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    const onDisk = (await readdir(join(root, 'src'), { recursive: true }))
      .filter((name) => /\.(tsx?|css)$/.test(name))
      .map((name) => `src/${name}`);
    const seen = modules.map(({ source }) => source).filter((source) => source.startsWith('src/'));
    expect(seen.sort()).toEqual(onDisk.sort());
    expect(onDisk.length).toBeGreaterThan(200);
    expect(summary.totalDependenciesCruised).toBeGreaterThan(onDisk.length);
  });
});

/** A house in small, where everybody keeps to the rules. */
const HOUSE: Readonly<Record<string, string>> = {
  'main.ts': "import './cli/run.ts';",
  'cli/run.ts': "import '../app/app.ts'; import '../sim/index.ts'; import '../config/read.ts';",
  'app/app.ts': [
    "import '../web/listener.ts'; import '../events/receiver.ts'; import '../sonos/client.ts';",
    "import '../mqtt/link.ts'; import '../store/store.ts'; import '../speech/decode.ts'; import '../queue/server.ts'; import '../log.ts';",
    "import '../secrets.ts'; import '../system.ts'; import { z } from 'zod'; import { join } from 'node:path'; console.log(z, join);",
  ].join('\n'),
  'web/listener.ts': "import '../bridge/state.ts'; import express from 'express'; console.log(express);",
  'web/api/messages.ts': "import type { State } from '../../bridge/state.ts'; export type Message = State;",
  'web/page/main.ts':
    "import type { Message } from '../api/messages.ts'; import { h } from 'preact'; import { signal } from '@preact/signals'; console.log(h, signal as Message);",
  'events/receiver.ts': "import '../bridge/state.ts'; import express from 'express'; console.log(express);",
  'sonos/client.ts': "import './oauth.ts'; import '../bridge/state.ts';",
  'sonos/oauth.ts': "const library = await import('simple-oauth2'); console.log(library);",
  'mqtt/link.ts':
    "import './client.ts'; import './broker.ts'; import type { Aedes } from 'aedes'; let a: Aedes;",
  'mqtt/client.ts': "import { connect } from 'mqtt'; console.log(connect);",
  'mqtt/broker.ts': "const a = await import('aedes'); const w = await import('ws'); console.log(a, w);",
  'store/store.ts': "import '../bridge/state.ts'; import { Low } from 'lowdb'; console.log(Low);",
  'speech/decode.ts': "import './mp3.ts'; import '../bridge/state.ts';",
  'queue/server.ts': "import '../bridge/state.ts';",
  'speech/mp3.ts': "const library = await import('mpg123-decoder'); console.log(library);",
  'config/read.ts': "import '../bridge/state.ts'; import { parse } from 'yaml'; console.log(parse);",
  'log.ts': "import './log-lines.ts'; import './system.ts'; import { pino } from 'pino'; console.log(pino);",
  'log-lines.ts': "import './secrets.ts';",
  'secrets.ts': "import type { State } from './bridge/state.ts'; export type S = State;",
  'system.ts': "import type { State } from './bridge/state.ts'; export type S = State;",
  'sim/index.ts':
    "import type { State } from '../bridge/state.ts'; import express from 'express'; console.log(express); export type S = State;",
  'bridge/state.ts': "import { z } from 'zod'; export type State = string; export const state = z.string();",
};

interface Breach {
  readonly file: string;
  readonly text: string;
  /** The rules that must find it, and no others. */
  readonly rules: readonly string[];
}

const breach = (file: string, what: string, ...names: string[]): Breach => ({
  file,
  text: `import * as thing from '${what}'; console.log(thing);`,
  rules: names,
});
const ofTypes = (file: string, what: string, ...names: string[]): Breach => ({
  file,
  text: `import type * as thing from '${what}'; export type Thing = typeof thing;`,
  rules: names,
});

const BREACHES: readonly Breach[] = [
  breach('cli/wrong.ts', '../main.ts', 'room-cli'),
  breach('app/wrong.ts', '../cli/run.ts', 'room-app'),
  breach('app/wrong-sim.ts', '../sim/index.ts', 'room-app'),
  breach('web/wrong.ts', '../app/app.ts', 'room-web'),
  ofTypes('web/wrong-types.ts', '../app/app.ts', 'room-web'),
  breach('web/page/wrong.ts', '../api/messages.ts', 'page-shares-types-only'),
  ofTypes('web/page/wrong-types.ts', '../../bridge/state.ts', 'room-page'),
  breach('web/wrong-page.ts', './page/main.ts', 'room-web'),
  breach('web/wrong-settings.ts', '../config/read.ts', 'room-web'),
  breach('events/wrong.ts', '../sonos/client.ts', 'room-events'),
  ofTypes('events/wrong-types.ts', '../mqtt/link.ts', 'room-events'),
  breach('sonos/wrong.ts', '../store/store.ts', 'room-sonos'),
  breach('mqtt/wrong.ts', '../events/receiver.ts', 'room-mqtt'),
  breach('store/wrong.ts', '../mqtt/link.ts', 'room-store'),
  breach('speech/wrong.ts', '../store/store.ts', 'room-speech'),
  ofTypes('speech/wrong-settings.ts', '../config/read.ts', 'room-speech'),
  breach('queue/wrong.ts', '../speech/decode.ts', 'room-queue'),
  breach('speech/wrong-queue.ts', '../queue/server.ts', 'room-speech'),
  breach('mqtt/wrong-speech.ts', '../speech/decode.ts', 'room-mqtt'),
  breach('config/wrong.ts', '../log.ts', 'room-config'),
  breach('log-wrong.ts', './config/read.ts', 'room-log'),
  breach('bridge/wrong-log.ts', '../log.ts', 'room-bridge'),
  ofTypes('bridge/wrong-settings.ts', '../config/read.ts', 'room-bridge'),
  breach('bridge/wrong-core.ts', 'node:fs', 'bridge-is-pure'),
  breach('bridge/wrong-library.ts', 'pino', 'bridge-is-pure', 'door-pino'),
  breach('sim/wrong.ts', '../bridge/state.ts', 'sim-shares-types-only'),
  {
    file: 'sim/wrong-both.ts',
    text: "import type { State } from '../bridge/state.ts'; import { state } from '../bridge/state.ts'; console.log(state as State);",
    rules: ['sim-shares-types-only'],
  },
  ofTypes('sim/wrong-sonos.ts', '../sonos/client.ts', 'room-sim'),
  breach('web/wrong-sim.ts', '../sim/index.ts', 'room-web'),
  breach('mqtt/wrong-mqtt.ts', 'mqtt', 'door-mqtt'),
  breach('mqtt/wrong-aedes.ts', 'aedes', 'door-aedes-types'),
  breach('mqtt/wrong-ws.ts', 'ws', 'door-ws-types'),
  breach('app/wrong-aedes.ts', 'aedes', 'door-aedes'),
  ofTypes('web/wrong-ws.ts', 'ws', 'door-ws'),
  breach('sonos/wrong-oauth.ts', 'simple-oauth2', 'door-simple-oauth2'),
  breach('app/wrong-lowdb.ts', 'lowdb/node', 'door-lowdb'),
  breach('speech/wrong-decoder.ts', 'mpg123-decoder', 'door-mpg123-decoder'),
  breach('app/wrong-express.ts', 'express', 'door-express'),
  breach('log-wrong-pino.ts', 'pino', 'door-pino'),
  breach('app/wrong-yaml.ts', 'yaml', 'door-yaml'),
  breach('app/wrong-cron.ts', 'node-cron', 'door-node-cron'),
  breach('web/wrong-preact.ts', 'preact', 'door-preact', 'no-dev-dependency'),
  breach('web/wrong-signals.ts', '@preact/signals', 'door-@preact/signals', 'no-dev-dependency'),
  breach('app/wrong-dev.ts', 'typescript', 'no-dev-dependency'),
  breach('app/wrong-unlisted.ts', 'acorn', 'no-unlisted-dependency'),
  breach('app/wrong-nothing.ts', './nothing.ts', 'no-unlisted-dependency'),
  breach('app/wrong-test.ts', '../../test/thing.ts', 'no-tests-in-product'),
  { file: 'app/one.ts', text: "import './two.ts'; export type One = 1;", rules: ['no-cycle'] },
  {
    file: 'app/two.ts',
    text: "import type { One } from './one.ts'; export type Two = One;",
    rules: ['no-cycle'],
  },
  { file: 'app/alone.ts', text: 'export const alone = 1;', rules: ['no-orphan'] },
  breach('main.ts', './app/app.ts', 'room-main'),
  breach('secrets.ts', './log.ts', 'room-secrets', 'no-cycle'),
  breach('system.ts', './store/store.ts', 'room-system'),
  // A folder that nobody has given a row is refused where it is first used.
  breach('app/wrong-room.ts', '../new-room/thing.ts', 'room-app'),
];

describe('the rules', () => {
  let folder = '';

  async function build(files: readonly (readonly [string, string])[]): Promise<void> {
    for (const [file, text] of files) {
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `${text}\n`, { flag: 'a' });
    }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'layers-'));
    for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json']) {
      await copyFile(join(root, file), join(folder, file));
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await build(Object.entries(HOUSE).map(([file, text]) => [`src/${file}`, text]));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('let a house pass that keeps to them', async () => {
    const { modules, summary } = await cruise(folder);
    expect(summary.violations).toEqual([]);
    expect(modules.filter(({ source }) => source.startsWith('src/'))).toHaveLength(Object.keys(HOUSE).length);
  });

  it('find every breach that is planted, each by its name', async () => {
    await build([
      ['src/new-room/thing.ts', 'export const thing = 1;'],
      ['test/thing.ts', 'export const thing = 1;'],
      ...BREACHES.map(({ file, text }) => [`src/${file}`, text] as const),
    ]);
    const { summary } = await cruise(folder);
    const found = (file: string) =>
      summary.violations
        .filter(({ from, cycle }) => [from, ...cycle.map(({ name }) => name)].includes(`src/${file}`))
        .map(({ rule }) => rule.name)
        .sort();
    const expected = BREACHES.map(({ file, rules: names }) => [file, [...names].sort()]);
    expect(BREACHES.map(({ file }) => [file, found(file)])).toEqual(expected);
  });

  it('are each tried by a breach', () => {
    const tried = new Set(BREACHES.flatMap(({ rules: names }) => names));
    expect(rules.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });
});
