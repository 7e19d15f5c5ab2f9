import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSecrets } from '../../src/config/config-secrets.ts';
import { describeMistakes } from '../../src/config/mistakes.ts';
import { readConfig } from '../../src/config/read.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'options-'));
});
afterEach(() => rm(cwd, { recursive: true }));

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
}

/** Reads settings beside an options file, which is written as Home Assistant writes it. */
async function read(options: unknown, { env = {}, argv = [] }: Given = {}) {
  const text = typeof options === 'string' ? options : JSON.stringify(options, null, 2);
  await writeFile(join(cwd, 'options.json'), text);
  return readConfig({ argv, env: { BRIDGE_OPTIONS_FILE: 'options.json', ...env }, cwd });
}

async function good(...given: Parameters<typeof read>) {
  const result = await read(...given);
  if (!result.ok) throw new Error(describeMistakes(result.error));
  return result.value;
}

async function bad(...given: Parameters<typeof read>): Promise<string[]> {
  const result = await read(...given);
  if (result.ok) throw new Error('expected mistakes, and there are none');
  return describeMistakes(result.error).split('\n');
}

describe('the options file', () => {
  it('stands between the settings file and the environment, and each setting remembers its line', async () => {
    await writeFile(
      join(cwd, 'mine.yaml'),
      'poll_seconds: 1\nforget_days: 1\nweb: {port: 1}\nlog: {level: warn}',
    );
    const { config, sources } = await good(
      { forget_days: 2, web: { port: 2 }, log: { level: 'error' } },
      { env: { BRIDGE_WEB_PORT: '3' }, argv: ['--config', 'mine.yaml', '--log.level', 'debug'] },
    );
    expect(config).toMatchObject({
      poll_seconds: 1,
      forget_days: 2,
      web: { port: 3 },
      log: { level: 'debug' },
    });
    expect(sources.get('forget_days')).toBe('options.json:2');
    expect(sources.get('web.port')).toBe('BRIDGE_WEB_PORT');
  });

  it('may leave anything empty, as a form does', async () => {
    const { config } = await good({ mqtt: { url: '', username: null }, sonos: null, web: {}, broker: '' });
    expect(config).toEqual((await good({})).config);
    expect(config).toEqual((await good('')).config);
    expect((await good({}, { env: { BRIDGE_OPTIONS_FILE: '' } })).config).toEqual(config);
  });

  it('may give text for numbers, choices, lists and maps', async () => {
    const { config } = await good({
      mqtt: { protocol: '4', username: '12345' },
      web: { port: '80', allowed_hosts: ['a.lan'] },
      compat: { sonos2mqtt: 'true' },
      announcements: { volumes: '{"kitchen": 20}' },
      sonos: { households: { Sonos_x: { alias: 'attic' } } },
    });
    expect(config.mqtt).toMatchObject({ protocol: 4, username: '12345' });
    expect(config.web).toMatchObject({ port: 80, allowed_hosts: ['a.lan'] });
    expect(config.compat.sonos2mqtt).toBe(true);
    expect(config.announcements.volumes).toEqual({ kitchen: 20 });
    expect(config.sonos.households.Sonos_x?.alias).toBe('attic');
  });

  it('names every mistaken option with its line, also an empty one that does not exist', async () => {
    expect(
      await bad({
        web: { port: 70000, prot: '' },
        log: { level: 'loud' },
        sonos: ['x'],
        announcements: { volumes: '{' },
        broker: { users: 'c4nary-0123-token' },
      }),
    ).toEqual([
      'options.json:4: web.prot: found a key that does not exist; expected a known key; the nearest is web.port',
      'options.json:9: sonos: found a list; expected a map of settings',
      'options.json:13: announcements.volumes: found text that is no JSON (not shown); expected a map of room to a whole number from 0 to 100, written as JSON',
      'options.json:16: broker.users: found text that is no JSON (not shown); expected a list of {username, password, publish, subscribe}, written as JSON',
      'options.json:7: log.level: found "loud"; expected trace, debug, info, warn, error or fatal',
      'options.json:3: web.port: found the number 70000; expected a port from 0 to 65535 (0: any free one)',
    ]);
  });

  it('is no place for a secret to be told from', async () => {
    const secret = 'c4nary-0123-token';
    const told = await bad({
      mqtt: { password: secret, [secret]: 1 },
      web: { password: 'short', port: secret },
    });
    expect(told).toHaveLength(3);
    expect(told.join('\n')).not.toContain('c4nary');
    const { config } = await good({ mqtt: { password: secret } });
    expect(configSecrets(config)).toContain(secret);
  });

  it.each([
    ['{"web": {"port": 1}', /^options\.json:\d+: found a missing quote, comma, colon or bracket/],
    ['{"web": {}, "web": {}}', /^options\.json:1: found a key that stands there already/],
    ['[1]', /^options\.json:1: ?.*found a list; expected a map of settings/],
    ['"c4nary-0123-token"', /found text \(not shown\); expected a map of settings/],
  ])('is told when it is no JSON of settings: %s', async (text, expected) => {
    const told = (await bad(text)).join('\n');
    expect(told).toMatch(expected);
    expect(told).not.toContain('c4nary');
  });

  it('has to be there when it is named', async () => {
    const result = await readConfig({ argv: [], env: { BRIDGE_OPTIONS_FILE: 'nowhere.json' }, cwd });
    expect(result.ok ? '' : describeMistakes(result.error)).toBe(
      'BRIDGE_OPTIONS_FILE: found no such file; expected the path of a file with settings in JSON',
    );
  });
});

describe('the ingress', () => {
  it('lets the private listener be open to others without a password', async () => {
    const env = { BRIDGE_WEB_HOST: '0.0.0.0' };
    expect((await bad({}, { env })).join()).toContain('no web.password');
    const { config } = await good({ home_assistant: { ingress_from: '172.30.32.2' } }, { env });
    expect(config.home_assistant.ingress_from).toBe('172.30.32.2');
  });

  it.each(['supervisor', '172.30.32.0/23', '172.30.32'])(
    'comes from one IP address: not from %s',
    async (text) => {
      expect((await bad({ home_assistant: { ingress_from: text } })).join()).toContain(
        'expected an IP address',
      );
    },
  );
});
