import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../../src/app/app.ts';
import type { SourcedSettings } from '../../src/app/integration.ts';
import { keyOf } from '../../src/app/sonos-side.ts';
import type { Command, Context } from '../../src/cli/context.ts';
import { login } from '../../src/cli/login.ts';
import { readConfig } from '../../src/config/read.ts';
import type { Config } from '../../src/config/schema.ts';
import { createLog } from '../../src/log.ts';
import { createSecrets } from '../../src/secrets.ts';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';
import { freePort } from '../support/ports.ts';

/** A person at a terminal, and what they were told. */
export interface Person {
  readonly context: Context;
  /** All that was said, complaints included, in order. */
  told(): string;
  complaints(): string;
  /** Presses Ctrl-C. */
  interrupt(): void;
}

/** What a person types in answer to a question; null closes the input. */
export type Typing = (question: string, told: string) => string | null | Promise<string | null>;

export function createPerson(
  options: { argv?: readonly string[]; cwd?: string; env?: Context['env']; types?: Typing } = {},
): Person {
  const all: string[] = [];
  const complaints: string[] = [];
  let interrupt = (): void => {};
  const untilSignal = new Promise<string>((resolve) => {
    interrupt = () => resolve('SIGINT');
  });
  const told = (): string => all.join('\n');
  return {
    told,
    complaints: () => complaints.join('\n'),
    interrupt,
    context: {
      argv: options.argv ?? [],
      env: options.env ?? {},
      cwd: options.cwd ?? process.cwd(),
      isTerminal: false,
      say: (text) => void all.push(text),
      complain: (text) => {
        all.push(text);
        complaints.push(text);
      },
      askHidden: async (question) => (options.types === undefined ? null : options.types(question, told())),
      ask: async (question) => (options.types === undefined ? null : options.types(question, told())),
      secrets: createSecrets(),
      reveal: (text) => void all.push(text),
      untilSignal,
      onFatal: () => {},
    },
  };
}

/** Settings by section, as in the file. */
export type Sections = Readonly<Record<string, unknown>>;

/** A machine with a simulated Sonos and a settings file. */
export interface House {
  readonly folder: string;
  readonly dataFolder: string;
  readonly sonos: SimulatedSonos;
  readonly ports: {
    readonly callback: number;
    readonly web: number;
    readonly broker: number;
    readonly clips: number;
  };
  /** Writes the settings again, with these sections changed. */
  settings(changes?: Sections): Promise<void>;
  config(): Promise<Config>;
  /** Runs a command to its end. */
  run(
    command: Command,
    options?: { types?: Typing; flags?: readonly string[]; env?: Context['env'] },
  ): Promise<Person & { readonly code: number }>;
  /** Links the account through the command line. */
  link(): Promise<void>;
  /** Starts the bridge in this process; its callback is registered at the simulated Sonos, another one, or none. */
  start(registered?: string | null): Promise<App>;
  close(): Promise<void>;
}

const CLIENT_ID = 'client-of-the-tests';
const CLIENT_SECRET = 'secret-of-the-tests';

/** Does what a browser would, whose person says yes: follows the last address that was told. */
export async function follow(told: string, answer = 'auto=1'): Promise<string> {
  const address = told.match(/http\S+\/login\/v3\/oauth\?\S+/g)?.at(-1);
  const response = await fetch(`${address}&${answer}`, { redirect: 'manual' });
  return response.headers.get('location') ?? '';
}

export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const dataFolder = join(folder, 'data');
  const file = join(folder, 'config.yaml');
  const ports = {
    callback: await freePort(),
    web: await freePort(),
    broker: await freePort(),
    clips: await freePort(),
  };
  const sonos = createSimulatedSonos({
    ...{ clock: systemClock, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
    knobs: { bufferMs: 5 },
  });
  const { apiUrl, loginUrl } = await sonos.start();
  const publicUrl = `http://127.0.0.1:${ports.callback}`;
  const usual: Record<string, object> = {
    sonos: {
      ...{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, api_url: apiUrl, login_url: loginUrl },
      redirect_uri: `${publicUrl}/oauth/callback`,
    },
    callback: { host: '127.0.0.1', port: ports.callback, public_url: publicUrl },
    broker: { port: ports.broker },
    web: { port: ports.web },
    speech: { clip_host: '127.0.0.1', clip_port: ports.clips },
  };
  let app: App | null = null;
  const log = createLog({ level: 'fatal', secrets: createSecrets(), destination: '/dev/null' });
  const given = async (): Promise<SourcedSettings> => {
    const read = await readConfig({ argv: ['--config', file], env: {}, cwd: folder });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    return read.value;
  };
  const house: House = {
    ...{ folder, dataFolder, sonos, ports },
    settings: async (changes = {}) => {
      const sections = Object.entries(changes).map(([name, section]) => [
        name,
        typeof section === 'object' ? { ...usual[name], ...section } : section,
      ]);
      // JSON is YAML; what is undefined falls out.
      await writeFile(
        file,
        JSON.stringify({ data_dir: dataFolder, ...usual, ...Object.fromEntries(sections) }),
      );
    },
    config: async () => (await given()).config,
    run: async (command, { types, flags = [], env = {} } = {}) => {
      const person = createPerson({
        ...{ argv: ['--config', file, ...flags], cwd: folder, env },
        ...(types === undefined ? {} : { types }),
      });
      return { ...person, code: await command(person.context) };
    },
    link: async () => {
      const { code, told } = await house.run(login, { types: (_, said) => follow(said) });
      if (code !== 0) throw new Error(told());
    },
    start: async (registered) => {
      const settings = await given();
      const { config } = settings;
      const key = keyOf(config);
      if (key === null) throw new Error('The key is missing.');
      const setup = { given: settings, isAddon: false, changed: null };
      app = await startApp({ config, key, setup, log, secrets: createSecrets() });
      if (registered !== null) sonos.registerCallback(registered ?? `${publicUrl}${app.callbackPath}`);
      return app;
    },
    close: async () => {
      await app?.stop();
      await log.close();
      await sonos.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await house.settings();
  return house;
}

/** Waits until something is so; fails with what was told when it does not come. */
export async function eventually(isSo: () => boolean, told: () => string, withinMs = 10_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`It did not happen. What was told:\n${told()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
