import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';
import { Program } from './daemon.ts';
import { type EchoingSonos, openEchoingSonos } from './echoing-sonos.ts';
import { Spy, secretSettings } from './secret-house.ts';

type Sections = Readonly<Record<string, object>>;

/** What a program is run with. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself. */
  readonly node?: readonly string[];
  /** Whether somebody types. */
  readonly types?: boolean;
}

/** A folder with settings that are full of secrets, and a spy who hears all that programs say there. */
export interface SecretPlace {
  readonly folder: string;
  readonly file: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly page: string;
  readonly callbackUrl: string;
  readonly brokerPort: number;
  readonly sonos: SimulatedSonos;
  readonly gateway: EchoingSonos;
  /** Who speaks, whichever provider it is. */
  readonly speaker: EchoingSonos;
  readonly spy: Spy;
  /** Runs the built program with `--config`; what it says is heard under `where`. */
  run(where: string, argv: readonly string[], options?: RunOptions): Promise<Program>;
  close(): Promise<void>;
}

export const CLIENT_ID = 'client-id-of-the-integration';
export const [CLIENT_SECRET] = secretSettings['sonos.client_secret'];
export const [CALLBACK_PATH] = secretSettings['callback.path'];
export const [MQTT_PASSWORD] = secretSettings['mqtt.password'];
export const [WEB_PASSWORD] = secretSettings['web.password'];
export const USERS = secretSettings['broker.users[].password'].map((password, index) => ({
  username: `user-${index + 1}`,
  password,
  publish: ['sonos/+/+/set/#', 'sonos/bridge/set/#', 'other/#'],
  subscribe: ['#'],
}));

/** The private listener's password, as a browser sends it. */
export const AUTHORIZATION = `Basic ${Buffer.from(`me:${WEB_PASSWORD}`).toString('base64')}`;

function start(program: string, argv: readonly string[], folder: string, options: RunOptions): ChildProcess {
  const { PATH = '', NODE_V8_COVERAGE: coverage } = process.env;
  return spawn(process.execPath, [...(options.node ?? []), program, ...argv], {
    cwd: folder,
    env: { PATH, ...(coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage }), ...options.env },
    stdio: [options.types === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
}

/** Opens such a place; `changes` go over its settings, by section. */
export async function openSecretPlace(changes: Sections = {}): Promise<SecretPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'sonos-bridge-secrets-'));
  const sonos = createSimulatedSonos({
    ...{ clock: systemClock, seed: 1, port: 0, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
    knobs: { bufferMs: 5, autoApprove: 'account-1', refreshTokens: 'rotating' },
  });
  const { url } = await sonos.start();
  const gateway = await openEchoingSonos(url);
  // What is said to those who speak is heard by nobody else.
  const speaker = await openEchoingSonos(url);
  const [webPort, callbackPort, brokerPort] = [await freePort(), await freePort(), await freePort()];
  const [[openai], [home], [http]] = [
    secretSettings['speech.openai.key'],
    secretSettings['speech.home_assistant.token'],
    secretSettings['speech.http.authorization'],
  ];
  const sections: Sections = {
    log: { level: 'trace' },
    sonos: {
      ...{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET },
      redirect_uri: `http://127.0.0.1:${webPort}/oauth/callback`,
      api_url: `${gateway.url}/control/api/v1`,
      login_url: gateway.url,
      requests_per_second: 80,
    },
    // What happens is recorded with everybody's words, so that nothing but the filter keeps secrets out.
    record: { file: join(folder, 'data/record.jsonl'), names: true },
    callback: {
      ...{ host: '127.0.0.1', port: callbackPort, path: CALLBACK_PATH },
      public_url: `http://127.0.0.1:${callbackPort}`,
    },
    mqtt: { username: 'bridge', password: MQTT_PASSWORD },
    broker: { port: brokerPort, users: USERS },
    web: { port: webPort, password: WEB_PASSWORD },
    speech: {
      ...{ clip_host: '127.0.0.1', clip_port: 0, providers: ['openai', 'home_assistant', 'http'] },
      openai: { url: `${speaker.url}/speech`, key: openai },
      home_assistant: { url: `${speaker.url}/speech`, token: home },
      http: { url: `${speaker.url}/speech?text={text}`, authorization: http },
    },
  };
  const merged = Object.entries(sections).map(([name, section]) => [name, { ...section, ...changes[name] }]);
  const config = { data_dir: join(folder, 'data'), ...Object.fromEntries(merged) };
  const file = join(folder, 'config.yaml');
  await writeFile(file, JSON.stringify(config));
  const spy = new Spy();
  for (const [name, values] of Object.entries(secretSettings))
    for (const value of values) spy.knows(name, value);
  const programs: Program[] = [];
  return {
    ...{ folder, file, config, sonos, gateway, speaker, spy, brokerPort },
    page: `http://127.0.0.1:${webPort}`,
    callbackUrl: `http://127.0.0.1:${callbackPort}`,
    async run(where, argv, options = {}) {
      const [command = 'start', ...flags] = argv;
      const given = command === 'simulate' ? argv : [command, '--config', file, ...flags];
      const program = new Program(start(await builtProgram(), given, folder, options));
      programs.push(program);
      void program.end.then(() => {
        spy.heard(`${where}, output`, program.stdout);
        spy.heard(`${where}, complaints`, program.stderr);
      });
      return program;
    },
    async close() {
      for (const { child } of programs) child.kill('SIGKILL');
      await Promise.all(programs.map(({ end }) => end));
      await gateway.close();
      await speaker.close();
      await sonos.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the bridge made up for itself, and what it was given. */
export function learnKept({ folder, spy, gateway }: SecretPlace): void {
  const generated = JSON.parse(readFileSync(join(folder, 'data/generated.json'), 'utf8'));
  spy.knows('the generated callback secret', generated.callback_secret);
  spy.knows('the generated secret of clips', generated.clip_secret);
  for (const value of gateway.given) {
    if (value.includes('-code-')) spy.knowsForNow('a code', value);
    else spy.knows(value.includes('-access-') ? 'an access token' : 'a refresh token', value);
  }
}
