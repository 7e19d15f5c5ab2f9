import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { type Visit, visitBroker } from '../../src/app/broker-visit.ts';
import { findPort } from '../../src/app/free-port.ts';
import { demo } from '../../src/cli/demo.ts';
import { systemClock } from '../../src/system.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { freePort } from '../support/ports.ts';
import { createPerson, eventually, type Person } from './house.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const demoFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('sonos-mqtt-bridge-demo-'));

async function occupy(port: number): Promise<void> {
  const server: Server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
}

interface Performance extends Person {
  readonly broker: number;
  readonly ended: Promise<number>;
  readonly folders: readonly string[];
}

/** Opens the demo at ports of its own, and waits until the invitation is told. */
async function perform(more: readonly string[] = [], env: Record<string, string> = {}): Promise<Performance> {
  const before = await demoFolders();
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
  const names = ['broker.port', 'callback.port', 'web.port'];
  const person = createPerson({
    argv: [
      ...names.flatMap((name, index) => [`--${name}`, String(ports[index])]),
      ...['--sonos.api_url', `http://127.0.0.1:${ports[3]}/control/api/v1`],
      ...more,
    ],
    // Another folder than that of the project, as for an installed package.
    cwd: tmpdir(),
    env,
  });
  const ended = demo(person.context);
  closing.push(async () => {
    person.interrupt();
    await ended;
  });
  await eventually(() => person.told().includes('Ctrl-C ends the demo'), person.told, 15_000);
  const folders = (await demoFolders()).filter((name) => !before.includes(name));
  return { ...person, ended, folders, broker: ports[0] ?? 0 };
}

async function visit(port: number): Promise<Visit> {
  const opened = await visitBroker({
    ...{
      url: `mqtt://127.0.0.1:${port}`,
      protocol: 4,
      clientId: 'a-person',
      filters: [],
      clock: systemClock,
    },
  });
  if (!opened.ok) throw new Error(opened.error.seen);
  closing.push(() => opened.value.close());
  return opened.value;
}

describe('the demo', () => {
  it('shows a living household, carries commands out, and leaves nothing behind', async () => {
    const { told, interrupt, ended, broker, folders } = await perform();
    expect(folders).toHaveLength(1);
    expect(told()).toContain(`mqtt://127.0.0.1:${broker}`);
    for (const room of ['Kitchen', 'Living Room', 'Bedroom', 'Bathroom', 'Office', 'Terrace']) {
      expect(told()).toMatch(new RegExp(`^ ${room} +(playing|idle|paused|buffering) +\\d+`, 'm'));
    }
    // Somebody is at home.
    expect(told()).toMatch(/^ [A-Z].+ playing +\d+ {2}\S+/m);
    expect(told()).toContain(`npx mqtt pub -h 127.0.0.1 -p ${broker} -t sonos/home/kitchen/set/volume -m 30`);

    const { publish } = await visit(broker);
    await publish('sonos/home/terrace/set/volume', '30');
    await eventually(() => /✓ home\/terrace\/reply +volume confirmed/.test(told()), told);
    expect(told()).toMatch(/→ home\/terrace\/set\/volume +30/);
    expect(told()).toMatch(/ home\/terrace\/volume +30 {2}\(was \d+\)/);

    await publish('sonos/home/office/set/volum', '30');
    await eventually(() => /Did\s+you mean "volume"/.test(told()), told);
    await publish('sonos/home/bedroom/set/favorite', 'salt');
    await eventually(() => /✓ home\/bedroom\/reply +favorite confirmed/.test(told()), told);

    const since = performance.now();
    interrupt();
    expect(await ended).toBe(0);
    expect(performance.now() - since).toBeLessThan(4_000);
    expect(await demoFolders()).not.toContain(folders[0]);
  });

  it('takes other ports when its own are taken, and says so', async () => {
    const [broker, callback, web] = [await freePort(), await freePort(), await freePort()];
    await occupy(broker);
    await occupy(callback);
    await occupy(web);
    const { told, complaints } = await perform([
      ...['--broker.port', String(broker), '--callback.port', String(callback), '--web.port', String(web)],
    ]);
    expect(complaints()).toBe('');
    for (const port of [broker, callback, web]) expect(told()).toContain(`Port ${port} is taken; the demo's`);
    const moved = Number(/Port \d+ is taken; the demo's broker is at (\d+)/.exec(told())?.[1]);
    expect(told()).toContain(`-p ${moved} -t sonos/home/kitchen/set/volume`);
    await visit(moved);
  });

  it('shows the WebSocket address when one is asked for', async () => {
    const port = await freePort();
    const { told } = await perform(['--broker.websocket_port', String(port)]);
    expect(told()).toContain(`ws://127.0.0.1:${port}`);
  });

  it('leaves the variables of the real bridge aside', async () => {
    const { told } = await perform([], {
      BRIDGE_MQTT_URL: 'mqtt://broker.example.org',
      BRIDGE_MQTT_BASE_TOPIC: 'real',
    });
    expect(told()).toContain('the embedded broker');
    expect(told()).toContain('-t sonos/home/kitchen');
  });

  it.runIf(mosquittoIsInstalled)('can be played on a broker of one’s own', async () => {
    const broker = await startMosquitto();
    closing.push(() => broker.stop());
    const { told } = await perform(['--mqtt.url', broker.url]);
    expect(told()).toContain('your broker');
    expect(told()).toContain(`-p ${broker.port} -t sonos/home/kitchen`);
    await broker.kill();
    await eventually(() => told().includes('The view lost the broker'), told);
  });
});

describe('what hinders the demo', () => {
  it.each([
    [['--config', 'mine.yaml'], 'has its own settings'],
    [['--config=mine.yaml'], 'has its own settings'],
    [['--broker.prot', '1'], '--broker.port'],
  ])('a wrong flag is told: %s', async (argv, words) => {
    const before = await demoFolders();
    const { context, complaints } = createPerson({ argv });
    expect(await demo(context)).toBe(2);
    expect(complaints()).toContain(words);
    expect(await demoFolders()).toEqual(before);
  });

  it('an address that is not this machine’s is told, and nothing stays', async () => {
    const before = await demoFolders();
    const { context, complaints } = createPerson({
      argv: ['--callback.host', '192.0.2.7', '--broker.port', String(await freePort())],
    });
    expect(await demo(context)).toBe(1);
    expect(complaints()).toContain('192.0.2.7');
    expect(await demoFolders()).toEqual(before);
  });

  it('a broker that cannot be watched is told', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    const { context, complaints } = createPerson({
      argv: ['--mqtt.url', url, '--callback.port', '0', '--web.port', '0'],
    });
    expect(await demo(context)).toBe(1);
    expect(complaints()).toContain('The demo cannot watch its broker');
  });
});

describe('a port', () => {
  it('is the one that is wanted, else the next that nobody spoke for', async () => {
    const wanted = await freePort();
    expect(await findPort('127.0.0.1', wanted, new Set())).toBe(wanted);
    expect(await findPort('127.0.0.1', wanted, new Set([wanted]))).toBeGreaterThan(wanted);
    expect(await findPort('127.0.0.1', 0, new Set())).toBeGreaterThan(0);
    // Nothing can be found at an address that is somebody else's; the start will say so.
    expect(await findPort('192.0.2.7', 1883, new Set())).toBe(1883);
  });
});
