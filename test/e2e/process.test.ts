import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtProgram } from '../support/built-program.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { freePort } from '../support/ports.ts';
import { expectContract, expectContractKept } from './contract.ts';
import { linkInBrowser, openPlace, openWire, type Place, type Program, run } from './daemon.ts';
import { eventually, Observer } from './house.ts';

const BUILT_WITHIN_MS = 150_000;

beforeAll(async () => {
  await builtProgram();
}, BUILT_WITHIN_MS);

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function place(settings: Readonly<Record<string, unknown>> = {}): Promise<Place> {
  const opened = await openPlace(settings);
  ends.push(() => opened.leave());
  return opened;
}

/** Tells the simulated Sonos where events go, as a person does on the developer portal. */
function registerCallback({ kept, sonos }: Place, publicPort: number): void {
  const { callback_secret } = z.object({ callback_secret: z.string() }).parse(kept('generated'));
  sonos.registerCallback(`http://127.0.0.1:${publicPort}/sonos/events/${callback_secret}`);
}

/** Throws in a turn of its own, long after the start: nothing in the product knows of it. */
const bomb = (what: string): readonly string[] => [
  '--import',
  `data:text/javascript,process.on('SIGUSR2', () => { ${what} });`,
];

describe.skipIf(!mosquittoIsInstalled)('the daemon on a broker of the house', () => {
  let mosquitto: Mosquitto;
  let logFolder = '';
  let houses = 0;

  beforeAll(async () => {
    logFolder = await mkdtemp(join(tmpdir(), 'mosquitto-log-'));
    const log = [`log_dest file ${join(logFolder, 'log')}`, 'log_type all', 'connection_messages true'];
    mosquitto = await startMosquitto(['allow_anonymous true', ...log]);
  });

  afterAll(async () => {
    await mosquitto?.stop();
    await rm(logFolder, { recursive: true, force: true });
  });

  /** A place of its own on the one broker. */
  async function move(port = mosquitto.port): Promise<{ place: Place; base: string; observer: Observer }> {
    houses += 1;
    const base = `sonos-${houses}`;
    const mqtt = { url: `mqtt://127.0.0.1:${port}`, base_topic: base, client_id: base };
    const made = await place({ mqtt });
    const observer = await Observer.connect(mosquitto.port, { protocolVersion: 5 }, `${base}/#`);
    ends.push(() => observer.end());
    return { place: made, base, observer };
  }

  /** What mosquitto wrote of a client: its DISCONNECT, and what it published to a topic. */
  function wrote(client: string, topic: string): string[] {
    return readFileSync(join(logFolder, 'log'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        if (line.endsWith(`Received DISCONNECT from ${client}`)) return 'DISCONNECT';
        const isIts = line.includes(`Received PUBLISH from ${client} `) && line.includes(`'${topic}'`);
        return isIts ? (/\((\d+) bytes\)/.exec(line)?.[1] ?? []) : [];
      });
  }

  const sayings = (observer: Observer, topic: string) =>
    observer.messages.filter((seen) => seen.topic === topic).map(({ payload, retain }) => [payload, retain]);

  it.each(['SIGTERM', 'SIGINT'] as const)('says goodbye itself at %s', async (signal) => {
    const { place: home, base, observer } = await move();
    const daemon = await home.start();
    const { page, public_port } = await daemon.runs();
    registerCallback(home, public_port);
    await linkInBrowser(page);
    await observer.until(({ topic }) => topic === `${base}/home/terrace/volume`, 'the rooms');

    const { code, milliseconds } = await daemon.stop(signal);

    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(5000);
    const topic = `${base}/bridge/availability`;
    await observer.holds(topic, 'offline');
    // The broker was told by us, then left: with a will there would be no DISCONNECT, or a second `offline`.
    expect(wrote(base, topic)).toEqual(['6', '7', 'DISCONNECT']);
    expect(sayings(observer, topic)).toEqual([
      ['online', true],
      ['offline', true],
    ]);
    await expectContractKept(observer, mosquitto.port);
  });

  it('ends in order while Sonos hangs, and answers who waits for it', async () => {
    const { place: home, base, observer } = await move();
    const daemon = await home.start();
    const { page, public_port } = await daemon.runs();
    registerCallback(home, public_port);
    await linkInBrowser(page);
    await observer.until(({ topic }) => topic === `${base}/home/terrace/volume`, 'the rooms');
    home.sonos.failNext({ match: /playerVolume$/, method: 'POST', answer: 'hang' });
    await observer.send(`${base}/home/office/set/volume`, '{"value": 3, "id": "hanging"}');
    await eventually(
      () => home.sonos.requests.find(({ fate }) => fate === 'hanging'),
      'a request that hangs',
      () => home.sonos.requests.length,
    );
    const { code, milliseconds } = await daemon.stop('SIGTERM');
    expect([code, milliseconds < 5000]).toEqual([0, true]);
    await observer.holds(`${base}/bridge/availability`, 'offline');
    const replies = observer.messages.filter((seen) => seen.topic === `${base}/home/office/reply`);
    expect(replies.map(({ payload }) => JSON.parse(payload))).toMatchObject([
      { id: 'hanging', status: 'accepted' },
      { id: 'hanging', status: 'failed', error: { code: 'internal' } },
    ]);
  });

  it('ends at once when it is asked a second time, while the broker no longer answers', async () => {
    const wire = await openWire(mosquitto.port);
    ends.push(() => wire.close());
    const { place: home, base, observer } = await move(wire.port);
    const daemon = await home.start();
    await daemon.runs();
    await observer.holds(`${base}/bridge/availability`, 'online');
    wire.freeze();
    daemon.child.kill('SIGTERM');
    await eventually(
      () => (daemon.said.includes('The bridge ends.') ? true : undefined),
      'that it ends',
      () => daemon.said,
    );
    // An orderly end would exit with 0.
    expect(await daemon.stop('SIGTERM')).toMatchObject({ code: 1, signal: null });
  });

  it('ends in order within five seconds while the broker no longer answers', async () => {
    const wire = await openWire(mosquitto.port);
    ends.push(() => wire.close());
    const { place: home, base, observer } = await move(wire.port);
    const daemon = await home.start();
    await daemon.runs();
    await observer.holds(`${base}/bridge/availability`, 'online');
    wire.freeze();
    const { code, milliseconds } = await daemon.stop('SIGTERM');
    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(5000);
    await wire.close();
    // Nobody could say goodbye, so the broker does.
    await observer.holds(`${base}/bridge/availability`, 'offline');
  });

  it('is said to be offline by its will when it is killed, and comes back as it was, without a login', async () => {
    const { place: home, base, observer } = await move();
    const first = await home.start();
    const { page, public_port } = await first.runs();
    registerCallback(home, public_port);
    await linkInBrowser(page);
    await observer.until(({ topic }) => topic === `${base}/home/terrace/volume`, 'the rooms');
    const rooms = observer.json(`${base}/home`).rooms;
    const [accounts, generated] = [home.kept('accounts'), home.kept('generated')];

    expect(await first.stop('SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });

    const topic = `${base}/bridge/availability`;
    await observer.holds(topic, 'offline');
    expect(wrote(base, topic)).toEqual(['6']);

    const logins = () => home.sonos.requests.filter(({ path }) => path.startsWith('/login/'));
    const before = logins().length;
    const since = observer.messages.length;
    const second = await home.start();
    registerCallback(home, (await second.runs()).public_port);
    await observer.until((seen) => seen.topic === `${base}/home/terrace/volume`, 'the rooms again', since);
    expect(observer.json(`${base}/home`).rooms).toEqual(rooms);
    expect([home.kept('accounts'), home.kept('generated')]).toEqual([accounts, generated]);
    expect(await observer.command(`${base}/home/office/set/volume`, { value: 7 })).toMatchObject([
      { status: 'accepted' },
      { status: 'confirmed' },
    ]);
    expect(logins()).toHaveLength(before);
    expect(observer.json(`${base}/bridge/state`)).toMatchObject({ account: { status: 'linked' } });
    await expectContractKept(observer, mosquitto.port);
  });

  it.each([
    ['an exception', "throw new Error('boom ' + process.env.SAID)"],
    ['a rejection', "Promise.reject(new Error('boom ' + process.env.SAID))"],
  ])('%s that nobody expected ends it with 70 and one line, without a secret in it', async (_what, code) => {
    const { place: home, base, observer } = await move();
    const secret = home.sonos.clientSecret;
    const daemon = await home.start({ node: bomb(code), env: { SAID: secret } });
    await daemon.runs();
    await observer.holds(`${base}/bridge/availability`, 'online');
    expect(await daemon.stop('SIGUSR2')).toMatchObject({ code: 70, signal: null });
    const lines = daemon.said.split('\n').filter((line) => line.includes('boom'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error' });
    expect(lines[0]).toContain('that nobody expected');
    expect(daemon.said).not.toContain(secret);
    await observer.holds(`${base}/bridge/availability`, 'offline');
    expectContract(observer);
  });
});

describe('the daemon with its own broker', () => {
  async function running(): Promise<{ home: Place; daemon: Program; page: string; brokerPort: number }> {
    const home = await place();
    const daemon = await home.start();
    const { page, public_port, mqtt } = await daemon.runs();
    registerCallback(home, public_port);
    return { home, daemon, page, brokerPort: Number(/:(\d+)$/.exec(mqtt)?.[1]) };
  }

  it('tells its clients that it goes offline before it takes the broker with it', async () => {
    const { daemon, brokerPort } = await running();
    const observer = await Observer.connect(brokerPort, { reconnectPeriod: 0 });
    ends.push(() => observer.end());
    await observer.holds('sonos/bridge/availability', 'online');
    expect(await daemon.stop('SIGTERM')).toMatchObject({ code: 0 });
    await observer.holds('sonos/bridge/availability', 'offline');
  });

  it('keeps a second one off its data folder, and says who has it', async () => {
    const { home, daemon } = await running();
    const second = await home.start();
    expect(await second.end).toEqual({ code: 1, signal: null });
    const [line = '', ...others] = second.said.trim().split('\n');
    expect(others).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({ level: 'error' });
    expect(line).toContain(String(daemon.child.pid));
    expect(line).toContain(join(home.folder, 'data'));
    expect(await daemon.stop('SIGTERM')).toMatchObject({ code: 0 });
  });

  it('says no secret in all that it says, whatever goes wrong', async () => {
    const { home, daemon, page, brokerPort } = await running();
    const accounts = z.object({
      accounts: z.array(z.object({ access_token: z.string(), refresh_token: z.string() })),
    });
    const generated = z.object({ callback_secret: z.string() });
    const secrets = new Set<string>([home.sonos.clientSecret]);
    const learn = (): void => {
      for (const account of accounts.parse(home.kept('accounts')).accounts)
        for (const token of [account.access_token, account.refresh_token]) secrets.add(token);
    };
    const credentials = `${home.sonos.clientId}:${home.sonos.clientSecret}`;
    secrets.add(Buffer.from(credentials).toString('base64'));
    secrets.add(generated.parse(home.kept('generated')).callback_secret);
    home.sonos.knobs.refreshTokens = 'rotating';
    await linkInBrowser(page);
    const observer = await Observer.connect(brokerPort, { reconnectPeriod: 0 });
    ends.push(() => observer.end());
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    learn();

    // Sonos and strangers say back to us whatever we said: tokens refused and renewed, secrets in answers.
    home.sonos.expireAccessTokens();
    await observer.command('sonos/home/office/set/volume', { value: 5 });
    learn();
    const inForce = [...secrets].at(-2) ?? '';
    const echo = { status: 499, body: { errorCode: 'ERROR', reason: [...secrets].reverse().join(' ') } };
    home.sonos.failNext({ match: /playerVolume$/, method: 'POST', answer: echo });
    const answers = await observer.command('sonos/home/office/set/volume', { value: 6 });
    expect(answers.at(-1)).toMatchObject({ status: 'failed', error: { code: 'sonos_error' } });
    for (const secret of secrets) await observer.command(`sonos/home/office/set/${secret}`, { value: 6 });
    home.sonos.revoke();
    await observer.command('sonos/home/office/set/volume', { value: 7 });
    expect(await daemon.stop('SIGTERM')).toMatchObject({ code: 0 });

    expect(secrets.size).toBe(7);
    expect(daemon.said).toContain('A request to Sonos failed');
    for (const secret of secrets) expect(daemon.said).not.toContain(secret);
    // Nor on MQTT. Answers say what Sonos said, and Sonos hears no secret from us but the access token.
    const told = observer.messages.filter(({ topic }) => !/\/(set|reply)(\/|$)/.test(topic));
    for (const secret of secrets)
      expect(told.filter(({ topic, payload }) => (topic + payload).includes(secret))).toEqual([]);
    expect(answers.at(-1)?.error).not.toMatchObject({ message: expect.stringContaining(inForce) });
    expect(answers.at(-1)?.error).toMatchObject({ message: expect.stringContaining('[token]') });
  });
});

describe('the command line', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sonos-bridge-usage-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs it to its end in an empty folder. */
  async function ran(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const program = await run(argv, { cwd: folder, env });
    const { code } = await program.end;
    return { code, out: program.stdout.trimEnd(), complaint: program.stderr.trimEnd() };
  }

  const lines = (text: string): string[] => text.split('\n');

  it.each([[[]], [['start']]])(
    'without settings (%j) opens its page and tells the first steps',
    async (argv) => {
      const page = `http://127.0.0.1:${await freePort()}/`;
      const env = { BRIDGE_WEB_PORT: new URL(page).port, BRIDGE_LOG_LEVEL: 'error' };
      const program = await run(argv, { cwd: folder, env });
      await eventually(
        () => (program.stdout.includes('doctor') ? true : undefined),
        'the first steps',
        () => program.said,
      );
      const { code } = await program.stop('SIGTERM');
      expect([code, program.stderr]).toEqual([0, '']);
      expect(lines(program.stdout.trimEnd())).toHaveLength(9);
      expect(program.stdout).toMatch(/sonos\.client_id, sonos\.client_secret, sonos\.redirect_uri/);
      expect(program.stdout).toContain(` 2. Open the page of the bridge: ${page}`);
    },
  );

  it('tells every mistake in the settings on a line of its own', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, 'mqtt:\n  prefix: x\nweb:\n  port: many\nsonos:\n  requests_per_minute: 5000\n');
    const { code, out, complaint } = await ran(['start', '--config', file], {
      BRIDGE_LOG_LEVEL: 'loud',
    });
    expect([code, out]).toEqual([2, '']);
    expect(lines(complaint)).toHaveLength(4);
    expect(complaint).toMatch(/mqtt\.prefix.*\n?/);
    expect(complaint).toMatch(/web\.port.*expected/);
    expect(complaint).toMatch(/sonos\.requests_per_minute.*5000/);
    expect(complaint).toMatch(/BRIDGE_LOG_LEVEL.*expected/);
  });

  it('shows the settings with their secrets masked, unless it is asked to reveal them', async () => {
    const file = join(folder, 'right.yaml');
    const secrets = {
      mqtt: 'broker-password-1',
      sonos: 'the-client-secret',
      callback: '/sonos/events/unguessable',
    };
    await writeFile(
      file,
      JSON.stringify({
        sonos: { client_id: 'the-key', client_secret: secrets.sonos },
        mqtt: { url: 'mqtt://broker.example.org', password: secrets.mqtt },
        callback: { path: secrets.callback },
      }),
    );
    const masked = await ran(['config', '--config', file]);
    expect(masked).toMatchObject({ code: 0, complaint: '' });
    expect(masked.out).toMatch(/the-key/);
    for (const secret of Object.values(secrets)) expect(masked.out).not.toContain(secret);
    const revealed = await ran(['config', '--reveal', '--config', file]);
    expect(revealed.code).toBe(0);
    for (const secret of Object.values(secrets)) expect(revealed.out).toContain(secret);
  });

  it('answers an unknown command with the one that may be meant', async () => {
    const { code, out, complaint } = await ran(['dcotor']);
    expect([code, out]).toEqual([2, '']);
    expect(lines(complaint)[0]).toBe('There is no command "dcotor". Did you mean "doctor"?');
  });

  it('does not open a broker to the network for everybody', async () => {
    const home = await place({ broker: { host: '0.0.0.0', port: 0 } });
    const { code, complaint } = await ran(['start', '--config', home.file]);
    expect([code, lines(complaint).length]).toEqual([2, 1]);
    expect(complaint).toMatch(/broker\.(host|users).*broker\.users/);
  });

  it('ends with 1 when its port is taken, and says which setting to change', async () => {
    const taken = await openWire(1);
    ends.push(() => taken.close());
    const home = await place({ callback: { host: '127.0.0.1', port: taken.port } });
    const { code, out } = await ran(['start', '--config', home.file]);
    expect(code).toBe(1);
    const last: unknown = JSON.parse(lines(out).at(-1) ?? '');
    expect(last).toMatchObject({ level: 'error', msg: expect.stringContaining(String(taken.port)) });
    expect(last).toMatchObject({ msg: expect.stringContaining('callback.port') });
  });
});
