import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctor } from '../../src/cli/doctor.ts';
import { systemRandom } from '../../src/system.ts';
import { hashPassword } from '../../src/web/access/password-hash.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { freePort } from '../support/ports.ts';
import { findProgram } from '../support/programs.ts';
import { createPerson, eventually, type House, openHouse, type Sections } from './house.ts';

const espeak = findProgram('espeak-ng');

let house: House;
const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
beforeEach(async () => {
  house = await openHouse();
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
  await house.close();
});

/** What the doctor says of one thing, on one line, with its sign. */
function of(told: string, title: string): string {
  const lines = told.split('\n');
  const start = lines.findIndex((line) => line.slice(3).startsWith(title));
  if (start === -1) return '';
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith('    '));
  return [lines[start], ...rest.slice(0, end)].join(' ').replace(/\s+/g, ' ').trim();
}

async function examine(changes?: Sections, env: Record<string, string> = {}) {
  if (changes !== undefined) await house.settings(changes);
  const { code, told } = await house.run(doctor, { env });
  return { code, told: told(), of: (title: string) => of(told(), title) };
}

async function serve(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function occupy(port: number): Promise<void> {
  const server = createNetServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
}

const answering =
  (status: number, text = '', headers = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(text);
  };

/** Started, linked, and everything held. */
async function livingHouse() {
  await house.link();
  const app = await house.start();
  const isWhole = () => {
    const { held, wanted } = app.state().subscriptions;
    return wanted > 0 && held === wanted && app.state().callback.last_event_at !== null;
  };
  await eventually(isWhole, () => JSON.stringify(app.state()));
  // Its state is published within a second of a change.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  return app;
}

describe('when all is well', () => {
  it('a linked house at rest passes, and its token is refreshed', async () => {
    await house.link();
    const { code, told, of } = await examine();
    expect(told).not.toContain('✗');
    expect(code).toBe(0);
    expect(told).toContain('All is well.');
    expect(of('Settings')).toContain('key, secret and redirect URI are set');
    expect(of('Data folder')).toContain('private, writable; no bridge runs');
    expect(of('Token')).toContain('a refresh works, and the new access token is good for 24 hours');
    expect(of('Households')).toContain('Sonos_SimulatedHome');
    expect(of('Broker')).toContain(`127.0.0.1:${house.ports.broker} is free`);
    expect(of('Page')).toContain('is free for it');
    expect(of('Callback')).toContain('a signed probe');
    expect(of('Subscriptions')).toMatch(/^– .*no bridge runs/);
    const refreshes = house.sonos.requests.filter(({ path }) => path.endsWith('/oauth/access'));
    // The login's exchange, and the one refresh.
    expect(refreshes).toHaveLength(2);
  });

  it('a running house passes, and nothing is refreshed behind its back', async () => {
    await livingHouse();
    const before = house.sonos.requests.filter(({ path }) => path.endsWith('/oauth/access')).length;
    const { code, told, of } = await examine();
    expect(told).not.toContain('✗');
    expect(code).toBe(0);
    expect(of('Data folder')).toContain(`a bridge has it: process ${process.pid}`);
    expect(of('Token')).toContain('the running bridge refreshes it');
    expect(of('Households')).toContain('home (6 rooms)');
    expect(of('Broker')).toContain('MQTT 3.1.1, the embedded one');
    expect(of('Page')).toContain('says that the bridge is ready');
    expect(of('Callback')).toContain('the last event came at');
    expect(of('Subscriptions')).toMatch(/^✓ .*holds (\d+) of \1/);
    expect(house.sonos.requests.filter(({ path }) => path.endsWith('/oauth/access'))).toHaveLength(before);
  });

  it('the callback path and the secrets are never said', async () => {
    await livingHouse();
    const { callback_secret: secret } = JSON.parse(
      await readFile(join(house.dataFolder, 'generated.json'), 'utf8'),
    ) as { callback_secret: string };
    const { told } = await examine();
    const probed = house.sonos.requests.length;
    expect(probed).toBeGreaterThan(0);
    expect(told).not.toContain(secret);
    expect(told).not.toContain('secret-of-the-tests');
  });

  it('a page with a password is asked with it', async () => {
    await house.settings({ web: { password: 'open sesame now' } });
    await livingHouse();
    expect((await examine()).of('Page')).toMatch(/^✓/);
    const wrong = await examine({ web: { password: 'something else' } });
    expect(wrong.of('Page')).toContain('does not take web.password (HTTP 401)');
    expect(wrong.code).toBe(1);
    expect(wrong.told).not.toContain('something else');
  });

  it('a page of which the settings hold the hash of the password alone is asked whether it lives', async () => {
    const password = await hashPassword('open sesame now', systemRandom);
    await house.settings({ web: { password } });
    await livingHouse();
    const { of, told } = await examine();
    expect(of('Page')).toMatch(/^✓.* of which the settings hold the hash/);
    expect(told).not.toContain('$scrypt');
  });
});

describe('settings and data folder', () => {
  it('a mistake in the settings is told, and nothing else is looked at', async () => {
    const { code, told } = await examine({ web: { port: 'many' } });
    expect(code).toBe(1);
    expect(told).toContain('web.port');
    expect(told).not.toContain('Broker');
  });

  it('a missing key is told with where it comes from', async () => {
    const { code, of } = await examine({ sonos: { client_id: undefined, client_secret: undefined } });
    expect(code).toBe(1);
    expect(of('Settings')).toContain('missing: sonos.client_id, sonos.client_secret → Make an integration');
    expect(of('Token')).toMatch(/^–/);
    expect(of('Callback')).toMatch(/^–/);
  });

  it('where settings came from is told', async () => {
    const { of } = await examine(undefined, { BRIDGE_LOG_LEVEL: 'warn', BRIDGE_FORGET_DAYS: '3' });
    expect(of('Settings')).toMatch(/config\.yaml, 2 variables; key/);
  });

  it('a folder that is not there yet is none of the doctor’s business to make', async () => {
    const { of } = await examine();
    expect(of('Data folder')).toMatch(/^– .*makes it at its first start/);
    expect(of('Token')).toMatch(/^✗ .*no Sonos account is linked/);
    await expect(readFile(join(house.dataFolder, 'generated.json'))).rejects.toThrow('ENOENT');
  });

  it('an open folder is closed, and said to have been open', async () => {
    await mkdir(house.dataFolder);
    await chmod(house.dataFolder, 0o755);
    expect((await examine()).of('Data folder')).toContain('has been closed to them');
  });

  it('an open folder with other things in it is left alone', async () => {
    await mkdir(house.dataFolder);
    await writeFile(join(house.dataFolder, 'holiday.jpg'), '');
    await chmod(house.dataFolder, 0o755);
    const { of } = await examine();
    expect(of('Data folder')).toMatch(/^✗ .*holiday\.jpg/);
    expect(of('Token')).toMatch(/^– .*the data folder cannot be used/);
  });

  it('a folder under a running bridge that others may look into is told', async () => {
    await livingHouse();
    await chmod(house.dataFolder, 0o755);
    expect((await examine()).of('Data folder')).toMatch(/^✗ .*chmod 700/);
  });

  it('a file in place of the folder is told', async () => {
    await writeFile(house.dataFolder, '');
    expect((await examine()).of('Data folder')).toMatch(/^✗ .*is no folder/);
    expect((await examine({ data_dir: join(house.dataFolder, 'below') })).of('Data folder')).toMatch(
      /^✗ .*is no folder/,
    );
  });

  it('the folder of another user is not touched', async () => {
    await house.link();
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(4711);
    const { of } = await examine();
    getuid.mockRestore();
    expect(of('Data folder')).toMatch(/^✗ .*belongs to user id/);
    expect(of('Token')).toMatch(/^–/);
  });
});

describe('Sonos', () => {
  it('a server that is not there is told', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, of } = await examine({ sonos: { login_url: url, api_url: `${url}/control/api/v1` } });
    expect(code).toBe(1);
    expect(of('Sonos login')).toMatch(/^✗ .*ECONNREFUSED/);
    expect(of('Sonos API')).toMatch(/^✗ .*ECONNREFUSED/);
  });

  it('an outage is told', async () => {
    const url = `http://127.0.0.1:${await serve(answering(503))}`;
    expect((await examine({ sonos: { login_url: url } })).of('Sonos login')).toMatch(/^✗ .*HTTP 503/);
  });

  it('a login that Sonos no longer accepts is told', async () => {
    await house.link();
    house.sonos.revoke();
    const first = await examine();
    expect(first.of('Token')).toMatch(/^✗ .*does not accept the login any more/);
    // It is on the disk now.
    expect((await examine()).of('Token')).toMatch(/^✗ .*asks for a new login/);
  });

  it('a token server out of order is not taken for a lost login', async () => {
    await house.link();
    house.sonos.knobs.tokenEndpoint = 'unavailable';
    expect((await examine()).of('Token')).toMatch(/^✗ .*cannot be refreshed at the moment/);
    house.sonos.knobs.tokenEndpoint = 'normal';
    expect((await examine()).of('Token')).toMatch(/^✓/);
  });

  it('households that Sonos does not tell are told as such', async () => {
    await house.link();
    house.sonos.failNext({ match: /households$/, times: 20, answer: { status: 404, body: '' } });
    expect((await examine()).of('Households')).toMatch(/^✗ .*did not tell/);
  });

  it('a running bridge that needs a login sends to its page', async () => {
    await house.start();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { of } = await examine();
    expect(of('Token')).toContain(`→ Open http://127.0.0.1:${house.ports.web}/login`);
    expect(of('Page')).toMatch(/^✗ .*needs a login/);
    expect(of('Households')).toMatch(/^–/);
    expect(of('Subscriptions')).toMatch(/^✗ .*when the account is linked/);
  });
});

describe('ports of the embedded broker and the page', () => {
  it('taken ones are told while no bridge runs', async () => {
    await occupy(house.ports.broker);
    await occupy(house.ports.web);
    const { of, code } = await examine();
    expect(code).toBe(1);
    expect(of('Broker')).toMatch(/^✗ .*EADDRINUSE.*broker\.port/);
    expect(of('Page')).toMatch(/^✗ .*EADDRINUSE/);
  });

  it('an address that the machine has not is told', async () => {
    const { of } = await examine({
      broker: { host: '192.0.2.7', users: [{ username: 'a', password: 'b'.repeat(8) }] },
    });
    expect(of('Broker')).toMatch(/^✗ .*EADDRNOTAVAIL.*broker\.host/);
  });

  it('a running bridge behind other settings is told', async () => {
    await livingHouse();
    const { of } = await examine({
      broker: { port: await freePort() },
      web: { port: await serve(answering(404)) },
    });
    expect(of('Broker')).toMatch(/^✗ Broker no connection to/);
    expect(of('Token')).toMatch(/^–/);
    expect(of('Subscriptions')).toMatch(/^– .*did not tell/);
    expect(of('Page')).toMatch(/^✗ .*HTTP 404/);
    expect((await examine({ web: { port: await freePort() } })).of('Page')).toMatch(/^✗ .*ECONNREFUSED/);
  });

  it('another base topic than that of the running bridge is told', async () => {
    await livingHouse();
    expect((await examine({ mqtt: { base_topic: 'music' } })).of('Broker')).toMatch(
      /^✗ .*nothing at all under music/,
    );
  });

  it('users of the embedded broker are made use of', async () => {
    await house.settings({ broker: { users: [{ username: 'panel', password: 'a long password' }] } });
    await livingHouse();
    expect((await examine()).of('Broker')).toMatch(/^✓/);
    const { of, told } = await examine({
      broker: { users: [{ username: 'panel', password: 'another password' }] },
    });
    expect(of('Broker')).toMatch(/^✗ .*no connection.*password/);
    expect(told).not.toContain('another password');
  });
});

describe('the callback', () => {
  const at = (port: number) => ({ callback: { public_url: `http://127.0.0.1:${port}` } });

  it('without a public address it is said what happens instead', async () => {
    expect((await examine({ callback: { public_url: undefined } })).of('Callback')).toMatch(
      /^– .*asks Sonos every 15 seconds instead → Let a public/,
    );
    expect(
      (await examine({ poll_seconds: 0, callback: { public_url: undefined } })).of('Callback'),
    ).toContain('sees no changes');
  });

  it.each([
    [answering(302, '', { Location: 'https://elsewhere.example.org' }), /sends the caller elsewhere/],
    [answering(403), /asks for a login/],
    [answering(502), /nothing behind it/],
    [answering(404), /not the bridge \(HTTP 404\)/],
    [answering(200, 'Welcome to nginx!'), /not the bridge \(HTTP 200\)/],
    [
      ((request, response) => {
        response.writeHead(request.method === 'GET' ? 200 : 405);
        response.end('This address takes events from Sonos.\n');
      }) satisfies RequestListener,
      /not the bridge \(HTTP 405\)/,
    ],
    [
      ((request, response) => {
        if (request.method === 'GET') response.end('This address takes events from Sonos.\n');
        else request.socket.destroy();
      }) satisfies RequestListener,
      /the connection failed/,
    ],
  ])('what answers in place of the bridge is told apart (%#)', async (listener, words) => {
    const { of } = await examine(at(await serve(listener)));
    expect(of('Callback')).toMatch(/^✗/);
    expect(of('Callback')).toMatch(words);
  });

  it('nothing at the public address is told', async () => {
    expect((await examine(at(await freePort()))).of('Callback')).toMatch(/^✗ .*ECONNREFUSED/);
  });

  it('nothing at the public address is no alarm while events come in', async () => {
    await livingHouse();
    expect((await examine(at(await freePort()))).of('Callback')).toMatch(/^– .*It works from outside/);
  });

  it('a port that another program has is told while no bridge runs', async () => {
    await occupy(house.ports.callback);
    expect((await examine()).of('Callback')).toMatch(/^✗ .*cannot be opened.*callback\.port/);
  });

  it('another secret than the running bridge has is told', async () => {
    await livingHouse();
    const { of, told } = await examine({ sonos: { client_secret: 'an-older-secret' } });
    expect(of('Callback')).toMatch(/^✗ .*does not take our signature/);
    expect(told).not.toContain('an-older-secret');
  });

  it('a path that cannot be read is told', async () => {
    await livingHouse();
    await writeFile(join(house.dataFolder, 'generated.json'), '{}');
    expect((await examine()).of('Callback')).toMatch(/^– .*cannot be read/);
  });

  it('events that never came point to the developer portal', async () => {
    await house.link();
    const app = await house.start();
    house.sonos.registerCallback(null);
    await eventually(
      () => app.state().subscriptions.wanted > 0,
      () => '',
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { of } = await examine();
    expect(of('Callback')).toContain('no event of Sonos yet → If none comes');
    expect(of('Subscriptions')).toMatch(/^✗ .*holds 0 of \d+ → Register/);
  });
});

describe.runIf(mosquittoIsInstalled)('a broker of one’s own', () => {
  it('is spoken to with MQTT 5, and read back', async () => {
    const broker = await startMosquitto();
    try {
      await house.link();
      const { of, code } = await examine({ mqtt: { url: broker.url } });
      expect(of('Broker')).toMatch(/^✓ .*MQTT 5, publishes and reads back under sonos\//);
      expect(code).toBe(0);
      await livingHouse();
      expect((await examine()).of('Broker')).toMatch(/^✓/);
    } finally {
      await broker.stop();
    }
  });

  it('without the right to write is told', async () => {
    const broker = await startMosquitto(['allow_anonymous true', 'acl_file FOLDER/acl'], {
      acl: 'topic read sonos/#\n',
    });
    try {
      const { of } = await examine({ mqtt: { url: broker.url } });
      expect(of('Broker')).toMatch(/^✗ .*lets us in, but/);
      const older = await examine({ mqtt: { url: broker.url, protocol: 4 } });
      expect(older.of('Broker')).toMatch(/^✗ .*lets us in, but what was published did not come back/);
    } finally {
      await broker.stop();
    }
  });

  it('that is not there, or that is none, is told', async () => {
    const gone = await examine({ mqtt: { url: `mqtt://127.0.0.1:${await freePort()}` } });
    expect(gone.of('Broker')).toMatch(/^✗ .*no connection.*Check mqtt\.url/);
    const http = await examine({ mqtt: { url: `mqtt://127.0.0.1:${await serve(answering(200))}` } });
    expect(http.of('Broker')).toMatch(/^✗ .*no connection/);
  });

  it('certificate files that cannot be read are told', async () => {
    const { of } = await examine({ mqtt: { url: 'mqtts://127.0.0.1:8883', tls: { ca: '/nowhere/ca.pem' } } });
    expect(of('Broker')).toMatch(/^✗ .*mqtt\.tls\.ca/);
  });
});

describe('the doctor’s manners', () => {
  it('Ctrl-C ends the examination between two checks', async () => {
    const person = createPerson({ argv: ['--config', join(house.folder, 'config.yaml')] });
    person.interrupt();
    expect(await doctor(person.context)).toBe(1);
    expect(person.told()).toContain('Stopped before');
    expect(person.told()).not.toContain('Speech');
  });
});

describe('the doctor listens', () => {
  it('to every provider, and a missing espeak-ng is no fault', async () => {
    const program = join(house.folder, 'no-such-program');
    const { of } = await examine({ speech: { espeak: { program } } });
    expect(of('Speech')).toMatch(/^– .*There is no/);
    expect(of('Clips')).toMatch(/^✓ .*http:\/\/127\.0\.0\.1/);
    expect((await examine({ speech: { providers: [] } })).of('Speech')).toMatch(/^– .*empty/);
  });

  it('to a program that gives no sound', async () => {
    const program = join(house.folder, 'mumbles');
    await writeFile(program, '#!/bin/sh\necho mumble\n', { mode: 0o755 });
    const { of } = await examine({ speech: { espeak: { program } } });
    expect(of('Speech')).toMatch(/^– Speech espeak does not/);
  });

  it('to one that takes too long', async () => {
    const program = join(house.folder, 'sleeps');
    await writeFile(program, '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 });
    const { of } = await examine({ speech: { espeak: { program }, timeout_seconds: 0.2 } });
    expect(of('Speech')).toMatch(/No sound came within 0\.2 seconds/);
  });

  it.skipIf(espeak === null)('to one that speaks, also when another does not', async () => {
    expect((await examine()).of('Speech')).toMatch(/^✓ Speech espeak speaks \(\d+ ms\)$/);
    const { of } = await examine({
      speech: { providers: ['http', 'espeak'], http: { url: `http://127.0.0.1:${await freePort()}/{text}` } },
    });
    expect(of('Speech')).toMatch(/^✓ Speech http does not: .*; espeak speaks/);
  });
});

describe('the place where speakers fetch clips', () => {
  it('is free, or taken by somebody else', async () => {
    await occupy(house.ports.clips);
    expect((await examine({})).of('Clips')).toMatch(/^✗ .*cannot listen/);
  });

  it('answers while the bridge runs, and nobody else does so', async () => {
    await house.settings();
    await house.start();
    expect((await examine()).of('Clips')).toMatch(/^✓ Clips speakers fetch them from/);
    const page = `http://127.0.0.1:${await serve(answering(200))}`;
    expect((await examine({ speech: { clip_url: page } })).of('Clips')).toMatch(/^✗ .*HTTP 200/);
    expect(
      (await examine({ speech: { clip_url: `http://127.0.0.1:${await freePort()}` } })).of('Clips'),
    ).toMatch(/^✗ .*nothing listens/);
  });
});
