import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { isLong } from '../support/figures.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import type { Program } from './daemon.ts';
import { eventually } from './house.ts';
import { loginWith } from './secret-deeds.ts';
import { canary, secretSettings } from './secret-house.ts';
import {
  CLIENT_SECRET,
  MQTT_PASSWORD,
  openSecretPlace,
  type SecretPlace,
  WEB_PASSWORD,
} from './secret-place.ts';

const ends: (() => Promise<unknown>)[] = [];
beforeAll(() => builtProgram(), 150_000);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function opened(changes: Parameters<typeof openSecretPlace>[0] = {}): Promise<SecretPlace> {
  const place = await openSecretPlace(changes);
  ends.push(() => place.close());
  return place;
}

/** Runs the program to its end; what it said. */
async function ran(
  place: SecretPlace,
  argv: readonly string[],
  options: Parameters<SecretPlace['run']>[2] = {},
) {
  const program = await place.run(argv.join(' '), argv, options);
  const { code } = await program.end;
  return { code, out: program.stdout, complaints: program.stderr, said: program.said };
}

const said = (program: Program, what: string | RegExp) =>
  eventually(
    () => (program.said.search(what) >= 0 ? true : undefined),
    String(what),
    () => program.said,
  );

/** Each is a process, or several, so in the short form every other one will do. */
const enough = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => isLong || index % 2 === 0);

/** All that was set, in a form that a variable or a flag takes. */
const one = (name: keyof typeof secretSettings): string => secretSettings[name][0];

describe('secrets in the wrong place', () => {
  /** As people do it: in a hurry, one line too high, without the space, with the whole address. */
  const mistakes: Readonly<Record<string, object>> = {
    'the client secret where the redirect URI belongs': {
      sonos: { redirect_uri: one('sonos.client_secret') },
    },
    'key and redirect URI swapped': {
      sonos: {
        client_secret: 'https://bridge.example.org/oauth/callback',
        redirect_uri: 'K3y-9f8e7d6c5b4a39281',
      },
    },
    'the password in the address of the broker': {
      mqtt: { url: `mqtt://me:${encodeURIComponent(MQTT_PASSWORD)}@host` },
    },
    'the password as the address of the broker': { mqtt: { url: MQTT_PASSWORD } },
    'a password as a port': { web: { port: one('web.password') } },
    'a password as a host': { broker: { host: one('broker.users[].password') } },
    'a PIN as a host': { broker: { host: 84_621_957 } },
    'a token as the level of the log': { log: { level: one('sonos.client_secret') } },
    'a key without the space after its colon': { sonos: { [`client_secret:${CLIENT_SECRET}`]: null } },
    'a user without the spaces': {
      broker: { users: [{ 'username:bob': null, [`password:${one('web.password')}`]: null }] },
    },
    'a secret as the name of a setting': { [one('web.password')]: true },
    'the content of a key file in place of its path': { mqtt: { tls: { key: pem().replaceAll('\n', ' ') } } },
    'a list where a secret belongs': { web: { password: [one('web.password')] } },
    'a secret that is too short, and a right one beside it': {
      web: { password: 'tiny-9f' },
      mqtt: { url: 'tiny-9f' },
    },
    'a callback path that is none': { callback: { path: `${one('callback.path')}/` } },
    'a filter of topics': {
      broker: {
        users: [{ username: 'a', password: one('web.password'), publish: [`#/${one('web.password')}`] }],
      },
    },
  };

  const extra = ['K3y-9f8e7d6c5b4a39281', '84621957', 'tiny-9f', pemSecret()];

  /** In the short form all of them at once, but for those that need a setting for themselves. */
  const files: Readonly<Record<string, readonly object[]>> = isLong
    ? Object.fromEntries(Object.entries(mistakes).map(([name, sections]) => [name, [sections]]))
    : {
        'each in its place': Object.values(mistakes),
        'those after it': Object.values(mistakes).toReversed(),
      };

  it.each(Object.entries(files))('are not repeated by any command: %s', async (_, all) => {
    const place = await opened();
    for (const value of extra) place.spy.knows('a secret in the wrong place', value);
    const config: Record<string, unknown> = { ...place.config };
    for (const [name, section] of all.flatMap((sections) => Object.entries(sections))) {
      const before: unknown = config[name];
      const isMap = typeof section === 'object' && typeof before === 'object';
      config[name] = isMap ? { ...before, ...section } : section;
    }
    await writeFile(place.file, JSON.stringify(config));
    const results = await Promise.all(['start', 'doctor', 'config'].map((command) => ran(place, [command])));
    expect(results.map(({ code }) => code)).toEqual([2, 1, 2]);
    for (const { said: words } of results) {
      expect(words).toMatch(/found\s.*expected/s);
      expect(words.match(/found\s/g)?.length).toBeGreaterThanOrEqual(isLong ? 1 : 9);
    }
    expect(place.spy.leaks()).toEqual([]);
  });

  it('are not repeated from YAML that cannot be read', async () => {
    const place = await opened();
    for (const text of [
      `web:\n  password: "${WEB_PASSWORD.replaceAll('"', '')}\n`,
      `sonos:\n  client_secret: ${CLIENT_SECRET}: x: y\n`,
      `sonos: {client_secret: ${CLIENT_SECRET}`,
      `\tmqtt:\n\tpassword: ${MQTT_PASSWORD}\n`,
      `mqtt:\n  password: !${MQTT_PASSWORD}\n`,
    ]) {
      await writeFile(place.file, text);
      expect(await ran(place, ['start'])).toMatchObject({ code: 2 });
    }
    expect(place.spy.leaks()).toEqual([]);
  });

  it('are not repeated from variables, flags and words of the command line', async () => {
    const place = await opened();
    const wrong = one('sonos.client_secret');
    const given = [
      [['start'], { BRIDGE_SONOS_REDIRECT_URI: wrong }],
      [['start'], { BRIDGE_BROKER_USERS: one('broker.users[].password') }],
      [['start'], { BRIDGE_WEB_PASSWORD: WEB_PASSWORD, BRIDGE_WEB_PASSWORD_FILE: WEB_PASSWORD }],
      [['start'], { BRIDGE_MQTT_PASSWORD_FILE: MQTT_PASSWORD }],
      [['start', wrong], {}],
      [['start', '--mqtt.password', `--${MQTT_PASSWORD}`], {}],
      [['start', `--${wrong}`], {}],
      [['start', `--mqtt.password:${MQTT_PASSWORD}`], {}],
      [['start', '--sonos.redirect_uri', wrong], {}],
      [['start', `--web.port=${WEB_PASSWORD}`], {}],
      [[wrong], {}],
    ] as const;
    for (const [argv, env] of enough<(typeof given)[number]>(given)) {
      const { code, said: words } = await ran(place, argv, { env });
      expect([argv, code]).toEqual([argv, 2]);
      expect(words).not.toBe('');
    }
    expect(place.spy.leaks()).toEqual([]);
  });
});

describe('secrets on the command line', () => {
  it('are warned of, and are gone from the list of processes', async () => {
    const place = await opened();
    const secret = canary('flag');
    place.spy.knows('a flag', secret);
    const program = await place.run('start', [
      'start',
      '--mqtt.password',
      secret,
      `--sonos.client_secret=${CLIENT_SECRET}`,
    ]);
    await program.runs();
    const listed = readFileSync(`/proc/${program.child.pid}/cmdline`, 'utf8');
    expect(listed.replaceAll('\0', '')).toBe('sonos-mqtt-bridge');
    await program.stop('SIGTERM');
    expect(program.stderr).toMatch(/^--mqtt\.password is a secret: .*BRIDGE_MQTT_PASSWORD_FILE\.$/m);
    expect(program.stderr).toMatch(/^--sonos\.client_secret is a secret: /m);
    expect(program.stderr.trim().split('\n')).toHaveLength(2);
    expect(place.spy.leaks()).toEqual([]);
  });

  it('leave other arguments where they are, without a word', async () => {
    const place = await opened();
    const program = await place.run('start', ['start', '--poll_seconds', '20']);
    await program.runs();
    expect(readFileSync(`/proc/${program.child.pid}/cmdline`, 'utf8')).toContain('--poll_seconds');
    await program.stop('SIGTERM');
    expect(program.stderr).toBe('');
  });
});

describe('what libraries and Node print by themselves', () => {
  it.each(['NODE_DEBUG', 'NODE_DEBUG_NATIVE'])(
    '%s is refused, since it prints what passes',
    async (variable) => {
      const place = await opened();
      const secret = canary('flag');
      place.spy.knows('a flag', secret);
      const variables = {
        [variable]: '*',
        BRIDGE_WEB_PASSWORD: WEB_PASSWORD,
        BRIDGE_SONOS_CLIENT_SECRET: CLIENT_SECRET,
      };
      const { code, complaints } = await ran(place, ['start', '--mqtt.password', secret], { env: variables });
      expect(code).toBe(2);
      expect(complaints).toContain(
        `${variable} is set, which makes Node print passwords and tokens. Unset it`,
      );
      expect(place.spy.leaks()).toEqual([]);
    },
  );

  it('DEBUG is left aside, and a line says so', async () => {
    const place = await opened();
    const program = await place.run('start', ['start'], { env: { DEBUG: '*' } });
    await program.runs();
    await program.stop('SIGTERM');
    expect(program.stderr.trim().split('\n')).toEqual([
      'DEBUG is set, and was left aside: it makes libraries print secrets. Use log.level: debug.',
    ]);
  });
});

/** Throws in a turn of its own, with the secrets in `SAID`. */
const bomb = (what: string): readonly string[] => [
  '--import',
  `data:text/javascript,const said = JSON.parse(process.env.SAID); const all = said.join(' and '); process.on('SIGUSR2', () => { ${encodeURIComponent(what)} });`,
];

const BOMBS: Readonly<Record<string, string>> = {
  'an exception with secrets in its message': 'throw new Error(all)',
  'a rejection with secrets in its cause':
    'Promise.reject(new Error("outer", { cause: new Error("middle", { cause: new TypeError(all) }) }))',
  'an exception with secrets in its stack':
    'const error = new Error("x"); error.stack = "Error: x\\n    at " + said.join("\\n    at "); throw error',
  'an exception with fields of its own, headers and a circle among them':
    'const error = new Error("x"); error.config = { headers: { authorization: all } }; error.name = said[0]; error.code = said[1]; error.self = error; error.cause = error; error[said[2]] = said; throw error',
  'several errors in one': 'throw new AggregateError(said.map((each) => new Error(each)), all)',
  'something thrown that is no error': 'throw { token: all, list: said, toString: () => all }',
  'a rejection with a text': 'Promise.reject(all)',
  'an exception with secrets in every spelling':
    'throw new Error(said.map((each) => [Buffer.from(each).toString("base64"), Buffer.from("x:" + each).toString("base64url"), encodeURIComponent(each), Buffer.from(each).toString("hex"), JSON.stringify(JSON.stringify(each))].join(" ")).join(" "))',
};

describe('the last words of a program that fails', () => {
  const all = Object.values(secretSettings).flat();

  async function crash(
    place: SecretPlace,
    argv: readonly string[],
    what: string,
    isReady: (program: Program) => unknown,
  ) {
    const program = await place.run(argv.join(' '), argv, {
      node: bomb(what),
      env: { SAID: JSON.stringify(all) },
      types: true,
    });
    await isReady(program);
    const { code } = await program.stop('SIGUSR2');
    expect(code).toBe(70);
    expect(program.said).toContain('error that nobody expected');
    return program;
  }

  it.each(enough(Object.entries(BOMBS)))('have no secret in them: %s', async (_, what) => {
    const place = await opened();
    const program = await crash(place, ['start'], what, (running) => running.runs());
    const last = program.stdout.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ level: 'error' });
    expect(place.spy.leaks()).toEqual([]);
  });

  it('have none when a person logs in either', async () => {
    const place = await opened();
    for (const what of Object.values(BOMBS).slice(isLong ? 0 : -1)) {
      await crash(place, ['login'], what, (running) => said(running, /The address:/));
    }
    expect(place.spy.leaks()).toEqual([]);
  });
});

/** A server that says everything back. */
async function parrot(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.on('data', (heard) => socket.write(Buffer.concat([Buffer.from('HTTP/1.1 400 '), heard])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('secrets and brokers', () => {
  /** Starts on a broker that does not work, until it has said so and tried again. */
  async function refused(mqtt: object, what: RegExp, commands = ['doctor']): Promise<SecretPlace> {
    const place = await opened({ mqtt: { username: 'bridge', password: MQTT_PASSWORD, ...mqtt } });
    const program = await place.run('start', ['start']);
    await said(program, what);
    for (const command of commands) await ran(place, [command]);
    await program.stop('SIGTERM');
    return place;
  }

  const schemes: readonly (readonly [scheme: string, path: string])[] = [
    ['mqtt', ''],
    ['mqtts', ''],
    ['wss', '/mqtt?token=query-c4nary-77aa88bb99cc'],
    ['ws', '/mqtt?token=query-c4nary-77aa88bb99cc'],
  ];

  it.each(enough(schemes))(
    'one that says everything back over %s hears its own words nowhere else',
    async (scheme, path) => {
      const url = `${scheme}://127.0.0.1:${await parrot()}${path}`;
      const place = await refused({ url }, /No connection to the MQTT broker/, ['doctor', 'config']);
      if (path !== '') place.spy.knows('the query of the broker', 'query-c4nary-77aa88bb99cc');
      expect(place.spy.leaks()).toEqual([]);
    },
  );

  it.each([
    ['a key that is none', () => `-----BEGIN PRIVATE KEY-----\n${pemSecret()}\n-----END PRIVATE KEY-----\n`],
    ['a key without its certificate', () => pem()],
  ])('with %s, whose content is said by nobody', async (_, key) => {
    const place = await opened();
    const [cert, file] = [join(place.folder, 'cert.pem'), join(place.folder, 'key.pem')];
    await writeFile(cert, 'no certificate');
    await writeFile(file, key());
    await chmod(file, 0o600);
    const url = `mqtts://127.0.0.1:${await parrot()}`;
    const config = { ...place.config, mqtt: { url, password: MQTT_PASSWORD, tls: { cert, key: file } } };
    await writeFile(place.file, JSON.stringify(config));
    for (const line of key()
      .split('\n')
      .filter((each) => each.length > 20 && !each.startsWith('-'))) {
      place.spy.knows('a line of the key', line);
    }
    const program = await place.run('start', ['start']);
    await said(program, /No connection to the MQTT broker/);
    await ran(place, ['doctor']);
    await program.stop('SIGTERM');
    expect(place.spy.leaks()).toEqual([]);
  });

  it.skipIf(!mosquittoIsInstalled)('one that does not let us in tells so without the password', async () => {
    const mosquitto = await startMosquitto(['allow_anonymous false']);
    ends.push(() => mosquitto.stop());
    const place = await refused(
      { url: mosquitto.url, username: CLIENT_SECRET },
      /No connection to the MQTT broker/,
    );
    expect(place.spy.leaks()).toEqual([]);
  });
});

describe('secrets and servers of Sonos', () => {
  it('that do not speak TLS hear and say nothing', async () => {
    const port = await parrot();
    const https = `https://127.0.0.1:${port}`;
    const place = await opened({ sonos: { api_url: `${https}/control/api/v1`, login_url: https } });
    const program = await place.run('start', ['start']);
    await program.runs();
    expect(await loginWith(place, { code: place.spy.knowsForNow('a code', 'c4nary/code"of+a%login') })).toBe(
      503,
    );
    await ran(place, ['doctor']);
    await program.stop('SIGTERM');
    expect(program.said).not.toBe('');
    expect(place.spy.leaks((where) => where === 'the way to the login')).toEqual([]);
  });
});

describe('secrets that a person asks for', () => {
  it('are shown by `config --reveal` alone', async () => {
    const place = await opened({
      mqtt: { url: 'wss://broker.example.org/mqtt?token=query-c4nary-77aa88bb99cc' },
    });
    place.spy.knows('the query of the broker', 'query-c4nary-77aa88bb99cc');
    expect(await ran(place, ['config'])).toMatchObject({ code: 0, complaints: '' });
    expect(place.spy.leaks()).toEqual([]);
    const revealed = await ran(place, ['config', '--reveal']);
    expect(revealed.code).toBe(0);
    const shown = new Set(place.spy.leaks().map(({ name }) => name));
    expect([...shown].sort()).toEqual([...Object.keys(secretSettings), 'the query of the broker'].sort());
  });

  it('are not among what a login in the terminal says, whatever is pasted', async () => {
    const place = await opened();
    const program = await place.run('login', ['login'], { types: true });
    const pastes = [
      CLIENT_SECRET,
      `https://elsewhere.example.org/${encodeURIComponent(WEB_PASSWORD)}?code=${encodeURIComponent(MQTT_PASSWORD)}`,
      `${place.page}/oauth/callback?code=c4nary-code-1122334455&state=foreign-state-66778899`,
    ];
    place.spy.knows('a code', 'c4nary-code-1122334455');
    place.spy.knows('a state', 'foreign-state-66778899');
    for (const [index, paste] of pastes.entries()) {
      await eventually(
        () => (program.stdout.split('The address:').length > index + 1 ? true : undefined),
        'the question',
        () => program.said,
      );
      program.child.stdin?.write(`${paste}\n`);
    }
    expect((await program.end).code).toBe(1);
    expect(program.stderr.match(/✗/g)).toHaveLength(3);
    expect(place.spy.leaks()).toEqual([]);
  });
});

let made: string | null = null;

/** A private key, as in its file. */
function pem(): string {
  made ??= generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return made;
}

/** A line of it. */
function pemSecret(): string {
  return pem().split('\n')[1] ?? '';
}
