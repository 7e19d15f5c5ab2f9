import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { isAddon, readAddonSettings } from '../../src/cli/home-assistant-addon.ts';
import { run } from '../../src/cli/run.ts';
import { createPerson, eventually } from './house.ts';

const TOKEN = 'c4nary-supervisor-token';
const PASSWORD = 'c4nary-service-password';
/** As the broker's add-on offers it. */
const SERVICE = {
  ...{ host: 'core-mosquitto', port: 1883, ssl: false, protocol: '3.1.1', addon: 'core_mosquitto' },
  ...{ username: 'addons', password: PASSWORD },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'addon-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** An answer of the Supervisor: its status and its JSON. */
type Said = readonly [status: number, body: unknown];
const offered = (service: unknown): Said => [200, { result: 'ok', data: service }];
const NOT_ENABLED: Said = [400, { result: 'error', message: 'Service not enabled' }];

/** Plays the Supervisor as its documents say: it knows one token, one address, and gives the answers one after the other. */
async function openSupervisor(...said: readonly Said[]) {
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.headers.authorization === undefined) return response.writeHead(401).end('401: Unauthorized');
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return response.writeHead(403).end('403: Forbidden');
    }
    const [status, body] = said[Math.min(asked.length, said.length) - 1] ?? NOT_ENABLED;
    if (status === 0) return response;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
  };
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    asked,
    at: { url: `http://127.0.0.1:${port}`, tries: 3, pauseMs: 1, answerWithinMs: 2_000 },
    close: () => server.close(),
  };
}

/** The add-on with these options, as Home Assistant starts it. */
async function addon(options: unknown, token = TOKEN) {
  const file = join(folder, 'options.json');
  await writeFile(file, JSON.stringify(options, null, 2));
  return createPerson({ cwd: folder, env: { BRIDGE_OPTIONS_FILE: file, SUPERVISOR_TOKEN: token } });
}

describe('the broker of an add-on', () => {
  it('is the one that Home Assistant offers, and its password stays a secret', async () => {
    const supervisor = await openSupervisor(offered(SERVICE));
    const { context, told } = await addon({ mqtt: { base_topic: 'music' } });
    const settings = await readAddonSettings(context, supervisor.at);
    expect(settings?.config.mqtt).toMatchObject({
      ...{ url: 'mqtt://core-mosquitto:1883', username: 'addons', password: PASSWORD, base_topic: 'music' },
    });
    expect(supervisor.asked).toEqual(['GET /services/mqtt']);
    expect(told()).toBe('');
    expect(context.secrets.clean(`${PASSWORD} ${TOKEN}`)).not.toContain('c4nary');
  });

  it.each([
    [{ ssl: true, port: 8883 }, 'mqtts://core-mosquitto:8883'],
    [{ host: 'fd00::7' }, 'mqtt://[fd00::7]:1883'],
    [{ host: '172.30.33.0', ssl: undefined }, 'mqtt://172.30.33.0:1883'],
  ])('is reached as it says: %j', async (changed, url) => {
    const supervisor = await openSupervisor(offered({ ...SERVICE, ...changed }));
    const settings = await readAddonSettings((await addon({})).context, supervisor.at);
    expect(settings?.config.mqtt.url).toBe(url);
  });

  it('may need no password', async () => {
    const supervisor = await openSupervisor(offered({ host: 'core-mosquitto', port: 1883 }));
    const settings = await readAddonSettings((await addon({})).context, supervisor.at);
    expect(settings?.config.mqtt).toMatchObject({ url: 'mqtt://core-mosquitto:1883' });
    expect(settings?.config.mqtt.password).toBeUndefined();
  });

  it('is a broker of their own for those who name one, and nobody is asked', async () => {
    const supervisor = await openSupervisor(offered(SERVICE));
    const { context } = await addon({ mqtt: { url: 'mqtt://broker.lan', username: 'me' } });
    const settings = await readAddonSettings(context, supervisor.at);
    expect(settings?.config.mqtt).toMatchObject({ url: 'mqtt://broker.lan', username: 'me' });
    expect(supervisor.asked).toEqual([]);
  });

  it('is waited for while its add-on starts', async () => {
    const supervisor = await openSupervisor(NOT_ENABLED, [502, ''], offered(SERVICE));
    const { context, told } = await addon({});
    const settings = await readAddonSettings(context, supervisor.at);
    expect(settings?.config.mqtt.url).toBe('mqtt://core-mosquitto:1883');
    expect(supervisor.asked).toHaveLength(3);
    expect(told()).toBe('');
  });
});

describe('an add-on that cannot start', () => {
  const rows: readonly (readonly [string, Said, RegExp, number])[] = [
    [
      'there is no broker',
      NOT_ENABLED,
      /has no MQTT broker to offer. Install the add-on "Mosquitto broker"/,
      3,
    ],
    ['the service does not exist', [404, { result: 'error' }], /has no MQTT broker to offer/, 3],
    [
      'the manifest does not ask for it',
      [403, { result: 'error' }],
      /\(HTTP 403\).*services: \[mqtt:want\]/,
      1,
    ],
    ['the Supervisor is not well', [500, 'oh'], /not understood \(HTTP 500\)/, 3],
    ['the answer is no JSON', [200, `<html>${PASSWORD}`], /not understood \(HTTP 200\)/, 3],
    ['the answer is another one', offered({ ...SERVICE, port: '1883' }), /not understood/, 3],
    ['the host is none', offered({ ...SERVICE, host: `a/${PASSWORD}@b` }), /not understood/, 3],
  ];
  it.each(rows)('says so when %s, and what to do', async (_, said, expected, times) => {
    const supervisor = await openSupervisor(said);
    const { context, complaints, told } = await addon({});
    expect(await readAddonSettings(context, supervisor.at)).toBeNull();
    expect(complaints()).toMatch(expected);
    expect(complaints()).toMatch(/set mqtt\.url among the options\.$/);
    expect(supervisor.asked).toHaveLength(times);
    expect(told()).not.toContain('c4nary');
  });

  it('says so when its token is wrong, and does not try it again', async () => {
    const supervisor = await openSupervisor(offered(SERVICE));
    const { context, complaints } = await addon({}, 'c4nary-wrong-token');
    expect(await readAddonSettings(context, supervisor.at)).toBeNull();
    expect(complaints()).toContain('(HTTP 403)');
    expect(complaints()).not.toContain('c4nary');
    expect(supervisor.asked).toHaveLength(1);
  });

  it('says so when the Supervisor does not answer, or is not there', async () => {
    const silent = await openSupervisor([0, '']);
    const { context, complaints } = await addon({});
    expect(await readAddonSettings(context, { ...silent.at, tries: 1, answerWithinMs: 50 })).toBeNull();
    expect(complaints()).toContain('(TIMEOUT)');
    silent.close();
    const nobody = await openSupervisor();
    nobody.close();
    expect(await readAddonSettings(context, { ...nobody.at, tries: 1 })).toBeNull();
    expect(complaints()).toContain('(ECONNREFUSED)');
  });

  it('names the option that is wrong, and asks nobody', async () => {
    const supervisor = await openSupervisor(offered(SERVICE));
    const { context, complaints } = await addon({ sonos: { client_id: 'two words' } });
    expect(await readAddonSettings(context, supervisor.at)).toBeNull();
    expect(complaints()).toMatch(
      /options\.json:3: sonos\.client_id: found .*; expected the integration's key/,
    );
    expect(supervisor.asked).toEqual([]);
  });
});

describe('the command line of an add-on', () => {
  it.each([
    [{ SUPERVISOR_TOKEN: 'x', BRIDGE_OPTIONS_FILE: 'y' }, true],
    [{ SUPERVISOR_TOKEN: 'x' }, false],
    [{ BRIDGE_OPTIONS_FILE: 'y' }, false],
    [{ SUPERVISOR_TOKEN: '', BRIDGE_OPTIONS_FILE: 'y' }, false],
  ])('knows by its variables that it is one: %j, %s', (env, expected) => {
    expect(isAddon({ env })).toBe(expected);
  });

  it('tells the first steps there, and keeps the token of the Supervisor to itself', async () => {
    const { context, told, interrupt } = await addon({
      ...{ mqtt: { url: 'mqtt://broker.lan' }, data_dir: join(folder, 'data') },
      ...{ web: { port: 0 }, log: { level: 'fatal' }, home_assistant: { ingress_from: '127.0.0.1' } },
    });
    const ended = run([], context);
    await eventually(() => told().includes('not set up yet'), told);
    interrupt();
    expect(await ended).toBe(0);
    expect(told()).toContain('missing: sonos.client_id, sonos.client_secret, sonos.redirect_uri');
    expect(told()).toContain('among the options of this add-on');
    expect(told()).not.toMatch(/npx|config\.yaml/);
    expect(context.secrets.clean(TOKEN)).toBe('[secret]');
  });

  it('tells other first steps elsewhere, with the paths of this machine', async () => {
    const env = { BRIDGE_WEB_PORT: '0', BRIDGE_LOG_LEVEL: 'fatal', BRIDGE_DATA_DIR: join(folder, 'data') };
    const { context, told, interrupt } = createPerson({ cwd: folder, env });
    const ended = run([], context);
    await eventually(() => told().includes('not set up yet'), told);
    interrupt();
    expect(await ended).toBe(0);
    expect(told()).toMatch(/Open the page of the bridge: http:\/\/127\.0\.0\.1:[1-9]\d+\/$/m);
    const [, example = ''] = /Copy (\S+) to /.exec(told()) ?? [];
    expect(example).toMatch(/config\/config\.example\.yaml$/);
    expect(told()).toContain(join(folder, 'config/config.yaml'));
    expect(await readFile(example, 'utf8')).toContain('client_secret');
  });
});
