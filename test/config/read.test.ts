import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../src/config/keys.ts';
import { describeMistakes } from '../../src/config/mistakes.ts';
import { readConfig } from '../../src/config/read.ts';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'config-'));
  await mkdir(join(cwd, 'config'));
});

afterEach(async () => {
  await rm(cwd, { recursive: true });
});

interface Given {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
}

async function read({ yaml, env = {}, argv = [] }: Given) {
  if (yaml !== undefined) await writeFile(join(cwd, 'config/config.yaml'), yaml);
  return readConfig({ argv, env, cwd });
}

async function good(given: Given) {
  const result = await read(given);
  if (!result.ok) throw new Error(describeMistakes(result.error));
  return result.value;
}

async function bad(given: Given): Promise<string[]> {
  const result = await read(given);
  if (result.ok) throw new Error('expected mistakes, and there are none');
  return describeMistakes(result.error).split('\n');
}

const root = new URL('../../', import.meta.url);

describe('settings', () => {
  it('are complete without a file, a variable or a flag', async () => {
    const { config, sources } = await good({});
    expect(config).toEqual({
      data_dir: 'data',
      log: { level: 'info' },
      sonos: {
        api_url: 'https://api.ws.sonos.com/control/api/v1',
        login_url: 'https://api.sonos.com',
        requests_per_minute: 600,
        requests_per_second: 20,
        households: {},
      },
      callback: { host: '0.0.0.0', port: 8787, relay: false },
      relay: { expiry_seconds: 120, health_path: '/health' },
      mqtt: { tls: {}, protocol: 'auto', base_topic: 'sonos' },
      broker: { host: '127.0.0.1', port: 1883 },
      web: { host: '127.0.0.1', port: 8788 },
      home_assistant: {
        discovery: true,
        prefix: 'homeassistant',
        status_topic: 'homeassistant/status',
        media_player: 'none',
      },
      compat: { sonos2mqtt: false, http_api: false },
      presets: {},
      announcements: {
        volumes: {},
        max_volume: 100,
        max_queue: 20,
        expire_seconds: 300,
        quiet_hours: [],
        not_while_tv: false,
        repeat_seconds: 0,
        devices: 'primary',
      },
      schedules: [],
      volume: { ceilings: [] },
      speech: {
        providers: ['espeak'],
        language: 'en',
        speed: 1,
        max_characters: 500,
        timeout_seconds: 10,
        clip_host: '0.0.0.0',
        clip_port: 8789,
        cache_megabytes: 100,
        cache_days: 30,
        espeak: { program: 'espeak-ng', words_per_minute: 160 },
        openai: { url: 'https://api.openai.com/v1', model: 'tts-1', voice: 'alloy' },
        marytts: { url: 'http://localhost:59125' },
        home_assistant: { url: 'http://homeassistant.local:8123', engine: 'tts.piper' },
        http: {},
      },
      queue: { listener: 'clip', max_items: 1_000 },
      record: { max_megabytes: 100, names: false },
      commands: { confirm_seconds: 8 },
      forget_days: 30,
      reconcile_minutes: 10,
      poll_seconds: 15,
    });
    expect(sources.get('web.port')).toBe('default');
    expect(sources.get('mqtt.url')).toBe('not set');
    expect([...sources.keys()]).toEqual(keys.map((key) => key.name));
  });

  it('come from the file, then the environment, then flags, and remember where from', async () => {
    const { config, sources } = await good({
      yaml: 'web:\n  port: 1\nbroker:\n  port: 1\n  websocket_port: 1\n',
      env: { BRIDGE_BROKER_PORT: '2', BRIDGE_BROKER_WEBSOCKET_PORT: '2' },
      argv: ['--broker.websocket_port=3', '--log.level', 'debug', '--log.level', 'warn'],
    });
    expect(config.web.port).toBe(1);
    expect(config.broker).toMatchObject({ port: 2, websocket_port: 3 });
    expect(config.log.level).toBe('warn');
    expect(sources.get('web.port')).toBe('config/config.yaml:2');
    expect(sources.get('broker.port')).toBe('BRIDGE_BROKER_PORT');
    expect(sources.get('broker.websocket_port')).toBe('--broker.websocket_port');
  });

  it('are turned into numbers, choices, lists and maps by what the setting is', async () => {
    const { config } = await good({
      env: {
        BRIDGE_POLL_SECONDS: '0.5',
        BRIDGE_MQTT_PROTOCOL: '5',
        BRIDGE_MQTT_USERNAME: '12345',
        BRIDGE_SONOS_HOUSEHOLDS: '{"Sonos_x":{"alias":"attic"}}',
        BRIDGE_ANNOUNCEMENTS_ALLOWED_HOSTS: '["Media.Example.org","192.168.1.2","fd00::1"]',
      },
      argv: ['--broker.users', '[{"username":"a","password":"long-enough","publish":["a/+/#"]}]'],
    });
    expect(config.poll_seconds).toBe(0.5);
    expect(config.mqtt.protocol).toBe(5);
    expect(config.mqtt.username).toBe('12345');
    expect(config.sonos.households).toEqual({ Sonos_x: { alias: 'attic', ignore: false } });
    expect(config.announcements.allowed_hosts).toEqual(['media.example.org', '192.168.1.2', 'fd00::1']);
    expect(config.broker.users).toEqual([
      { username: 'a', password: 'long-enough', publish: ['a/+/#'], subscribe: [] },
    ]);
  });

  it('can be given every one by variable and by flag', async () => {
    const sample: Readonly<Record<string, string>> = {
      'sonos.client_id': 'id',
      'sonos.client_secret': 'secret',
      'sonos.redirect_uri': 'https://x.example/cb',
      'callback.path': '/events/1',
      'callback.public_url': 'https://x.example',
      'relay.topic': 'events',
      'mqtt.url': 'mqtts://x.example',
      'mqtt.username': 'u',
      'mqtt.password': 'p',
      'mqtt.client_id': 'c',
      'record.file': '/var/lib/record.jsonl',
      'mqtt.tls.ca': 'ca.pem',
      'mqtt.tls.cert': 'c.pem',
      'mqtt.tls.key': 'k.pem',
      'broker.websocket_port': '9001',
      'broker.users': '[]',
      'web.password': 'long-enough',
      'announcements.allowed_hosts': '[]',
      'announcements.volume': '30',
      'announcements.before': 'chime',
      'announcements.chimes_dir': 'chimes',
      'home_assistant.ingress_from': '172.30.32.2',
      'speech.voice': 'anna',
      'speech.clip_url': 'http://192.168.1.10:8789',
      'speech.openai.key': 'key',
      'speech.home_assistant.token': 'token',
      'speech.http.url': 'http://tts.example/{text}',
      'speech.http.authorization': 'Bearer x',
      'web.allowed_hosts': '["bridge.home.arpa"]',
      'queue.folder': '/srv/music',
    };
    const text = ({ name, default: value }: (typeof keys)[number]) =>
      sample[name] ?? (typeof value === 'string' ? value : JSON.stringify(value));
    const env = Object.fromEntries(keys.map((key) => [key.variable, text(key)]));
    const argv = keys.map((key) => `--${key.name}=${text(key)}`);
    const [byVariable, byFlag] = [await good({ env }), await good({ argv })];
    expect(byVariable.config).toEqual(byFlag.config);
    expect([...byVariable.sources.values()]).toEqual(keys.map((key) => key.variable));
    expect([...byFlag.sources.values()]).toEqual(keys.map((key) => `--${key.name}`));
  });

  it('teach what is wrong with a preset, and where', async () => {
    const yaml = [
      'presets:',
      '  a: { favorite: Jazz }',
      '  b: { group: [kitchen], groups: [] }',
      '  c: {}',
    ].join('\n');
    expect(await bad({ yaml })).toEqual([
      'config/config.yaml:2: presets.a.favorite: found favorite without group; expected the rooms that play together, as group',
      'config/config.yaml:3: presets.b.groups: found group and groups; expected one of them, not both',
      'config/config.yaml:4: presets.c: found nothing that is wanted; expected rooms, group or groups',
    ]);
  });

  it('have a variable each, also with _FILE, that means nothing else', () => {
    const names = keys.flatMap(({ variable }) => [variable, `${variable}_FILE`]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('may be read from files that variables name, without the line break at the end', async () => {
    await writeFile(join(cwd, 'one'), 'secret-one\n');
    await writeFile(join(cwd, 'two'), 'secret two\r\n');
    const { config, sources } = await good({
      env: { BRIDGE_WEB_PASSWORD_FILE: 'one', BRIDGE_MQTT_PASSWORD_FILE: join(cwd, 'two') },
    });
    expect(config.web.password).toBe('secret-one');
    expect(config.mqtt.password).toBe('secret two');
    expect(sources.get('web.password')).toBe('BRIDGE_WEB_PASSWORD_FILE');
  });

  it('ignore variables that are empty or belong to others', async () => {
    const { config } = await good({ env: { BRIDGE_WEB_PORT: '', BRIDGE_WEB_HOST_FILE: '', PATH: '/bin' } });
    expect(config.web).toEqual({ host: '127.0.0.1', port: 8788 });
  });

  it('may have sections of which everything is commented out, and follow aliases', async () => {
    const { config, sources } = await good({
      yaml: 'web: # nothing\nlog:\nmqtt:\n  tls:\n  username: &name me\n  client_id: *name\n',
    });
    expect(config.mqtt).toMatchObject({ username: 'me', client_id: 'me' });
    expect(sources.get('mqtt.client_id')).toBe('config/config.yaml:6');
    expect((await good({ yaml: '' })).config.log.level).toBe('info');
    expect((await good({ yaml: '# only words\n' })).config.log.level).toBe('info');
  });

  it('are in the file that --config names, and only there', async () => {
    await writeFile(join(cwd, 'mine.yaml'), 'forget_days: 7');
    const { config, sources } = await good({ yaml: 'poll_seconds: 99', argv: ['--config', 'mine.yaml'] });
    expect(config).toMatchObject({ forget_days: 7, poll_seconds: 15 });
    expect(sources.get('forget_days')).toBe('mine.yaml:1');
  });

  it('of speech and announcements are taken as they are written in YAML', async () => {
    const { config } = await good({
      yaml: `
announcements:
  quiet_hours: [{from: 22:00, to: 06:30, timezone: Europe/Berlin}, {from: "13:00", to: "13:00", min_priority: normal}]
  volumes: {"living-room": 20}
speech:
  language: de_AT
  clip_url: http://bridge.lan:8789//
  openai: {url: https://tts.lan/v1/, key: k}
  http: {url: "http://say.lan/?q={text}/"}
`,
    });
    expect(config.announcements.quiet_hours).toEqual([
      { from: '22:00', to: '06:30', timezone: 'Europe/Berlin', min_priority: 'high' },
      { from: '13:00', to: '13:00', min_priority: 'normal' },
    ]);
    expect(config.announcements.volumes).toEqual({ 'living-room': 20 });
    expect(config.speech).toMatchObject({
      ...{ language: 'de_AT', clip_url: 'http://bridge.lan:8789' },
      openai: { url: 'https://tts.lan/v1', key: 'k', model: 'tts-1', voice: 'alloy' },
      // A template is nobody's base address: what stands there is asked for.
      http: { url: 'http://say.lan/?q={text}/' },
    });
  });

  it('take away the slash at the end of base addresses, and keep the redirect URI as it is', async () => {
    const { config } = await good({
      argv: ['--sonos.api_url=http://localhost:1/v1/', '--sonos.redirect_uri=https://x.example/cb/'],
    });
    expect(config.sonos.api_url).toBe('http://localhost:1/v1');
    expect(config.sonos.redirect_uri).toBe('https://x.example/cb/');
  });
});

describe('a mistake in the settings', () => {
  it('is told in one line each, with its place', async () => {
    const yaml = ['web:', '  port: "abc"', 'log: {level: loud}', 'sonos:', '  requests_per_second: 101'].join(
      '\n',
    );
    expect(
      await bad({
        yaml,
        env: { BRIDGE_BROKER_PORT: '70000' },
        argv: ['--forget_days', '0', '--poll_seconds=-1'],
      }),
    ).toEqual([
      '--forget_days: found the number 0; expected a number above 0',
      '--poll_seconds: found the number -1; expected a number, 0 or more',
      'config/config.yaml:3: log.level: found "loud"; expected trace, debug, info, warn, error or fatal',
      'config/config.yaml:5: sonos.requests_per_second: found the number 101; expected a whole number from 1 to 100',
      'BRIDGE_BROKER_PORT: broker.port: found the number 70000; expected a port from 0 to 65535 (0: any free one)',
      'config/config.yaml:2: web.port: found "abc"; expected a port from 0 to 65535 (0: any free one)',
    ]);
  });

  it.each([
    ['sonos:\n  clientid: x', 'config/config.yaml:2: sonos.clientid', 'sonos.client_id'],
    ['client_id: x', 'config/config.yaml:1: client_id', 'sonos.client_id'],
    ['pasword: x', 'config/config.yaml:1: pasword', 'mqtt.password'],
    ['\n\nmqqt:\n  url: x', 'config/config.yaml:3: mqqt', 'mqtt'],
    ['mqtt:\n  tls:\n    cet: x', 'config/config.yaml:3: mqtt.tls.cet', 'mqtt.tls.cert'],
    [
      'broker:\n  users:\n    - usrname: x\n      password: longenough',
      'config/config.yaml:3: broker.users[0].usrname',
      'broker.users[0].username',
    ],
    [
      'sonos:\n  households:\n    S:\n      alas: x',
      'config/config.yaml:4: sonos.households.S.alas',
      'sonos.households.S.alias',
    ],
  ])('in the name of a key names the nearest: %j', async (yaml, where, nearest) => {
    expect(await bad({ yaml })).toContainEqual(
      `${where}: found a key that does not exist; expected a known key; the nearest is ${nearest}`,
    );
  });

  it('in the name of a key lists what there is when nothing is near', async () => {
    expect(await bad({ yaml: 'web:\n  zzzzzzzzzzzz: x' })).toEqual([
      'config/config.yaml:2: web.zzzzzzzzzzzz: found a key that does not exist; expected a known key; here there are host, port, allowed_hosts, password',
    ]);
    expect(await bad({ yaml: 'commands:\n  zzzzzzzzzzzz: x' })).toEqual([
      expect.stringContaining('here there is confirm_seconds'),
    ]);
    expect(await bad({ yaml: 'a: x' })).toEqual([expect.stringContaining('here there are data_dir, ')]);
    expect(await bad({ yaml: '__proto__:\n  web: 1' })).toEqual([expect.stringContaining('does not exist')]);
  });

  it.each([
    ['BRIDGE_SONOS_CLIENTID', 'a known variable; the nearest is BRIDGE_SONOS_CLIENT_ID'],
    ['BRIDGE_WEB_PASWORD_FILE', 'a known variable; the nearest is BRIDGE_WEB_PASSWORD_FILE'],
    ['BRIDGE_CLIENT_SECRET', 'a known variable; the nearest is BRIDGE_SONOS_CLIENT_SECRET'],
    [
      'BRIDGE_QQQQQQQQQQQQQQQQQQ',
      'a known variable: BRIDGE_ and the path of a setting, such as BRIDGE_SONOS_CLIENT_ID',
    ],
  ])('in the name of a variable names the nearest: %s', async (variable, expected) => {
    expect(await bad({ env: { [variable]: 'x' } })).toEqual([
      `${variable}: found a variable that names no setting; expected ${expected}`,
    ]);
  });

  it.each([
    [
      '--broker.prot=1',
      '--broker.prot: found a flag that does not exist; expected a known flag; the nearest is --broker.port',
    ],
    [
      '--client_id=1',
      '--client_id: found a flag that does not exist; expected a known flag; the nearest is --sonos.client_id',
    ],
    [
      '--confg=1',
      '--confg: found a flag that does not exist; expected a known flag; the nearest is --config',
    ],
    [
      '--qqqqqqqqqqqqqqqqqqqq',
      '--qqqqqqqqqqqqqqqqqqqq: found a flag that does not exist; expected a known flag: --config, or -- and the path of a setting, such as --broker.port',
    ],
    ['--web.port', '--web.port: found no value; expected --web.port VALUE, or --web.port=VALUE'],
    ['--config', '--config: found no value; expected --config FILE'],
    ['--config=', '--config: found no value; expected --config FILE'],
    [
      'hunter2',
      'argument 1: found a word that belongs to no flag; expected flags such as --broker.port 1884',
    ],
  ])('on the command line is told: %s', async (argument, line) => {
    expect(await bad({ argv: [argument] })).toEqual([line]);
  });

  it('is a flag that swallows another', async () => {
    expect(await bad({ argv: ['--web.port', '--broker.port', '1'] })).toEqual([
      '--web.port: found no value; expected --web.port VALUE, or --web.port=VALUE',
    ]);
  });

  it.each([
    ['a: 1\na: 2', 2, 'a key that stands there already'],
    ['web:\n\tport: 1', 2, 'a tab at the start of a line'],
    ['web:\n  password: *canary-1', 2, 'a value that starts with *, which YAML takes for an alias'],
    ['web:\n  password: !canary-1 x', 2, 'a value that starts with !, which YAML takes for a tag'],
    ['web:\n  password: @canary-1', 2, 'a value that starts with a sign YAML keeps for itself'],
    ['web:\n  password: "canary-1', 2, 'a missing quote, comma, colon or bracket'],
    ['web:\n  password: "canary-1" canary-2', 2, 'something that is no YAML (UNEXPECTED_TOKEN)'],
    ['a: 1\n---\nb: 2', 2, 'a second document after ---'],
  ])('in YAML is told with its line, and without what stands there: %j', async (yaml, line, found) => {
    const lines = await bad({ yaml });
    expect(lines).toContainEqual(
      expect.stringContaining(`config/config.yaml:${line}: found ${found}; expected `),
    );
    expect(lines.join()).not.toContain('canary');
  });

  it('is a file that explodes when its aliases are followed', async () => {
    const levels = [...'bcdefghi'].map(
      (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]`,
    );
    expect(await bad({ yaml: `a: &a [x]\n${levels.join('\n')}` })).toEqual([
      'config/config.yaml: found aliases that cannot be followed; expected the values themselves',
    ]);
  });

  it.each([
    ['5', 'the settings', 'a number (not shown)'],
    ['[1]', 'the settings', 'a list'],
    ['web: 5', 'web', 'a number (not shown)'],
    ['commands: 5', 'commands', 'the number 5'],
    ['web: [1]', 'web', 'a list'],
    ['web:\n  host: ', 'web.host', 'an empty value'],
    ['web:\n  host: ""', 'web.host', 'empty text'],
    ['web:\n  host: {a: 1}', 'web.host', 'a map'],
    ['web:\n  host: true', 'web.host', 'the boolean true'],
    [`web:\n  host: ${'x'.repeat(300)}`, 'web.host', 'text (not shown)'],
    ['mqtt:\n  url: mqtt://me:canary@host', 'mqtt.url', 'text (not shown)'],
    ['mqtt:\n  tls: {ca: "-----BEGIN\\ncanary"}', 'mqtt.tls.ca', 'text (not shown)'],
    ['web:\n  password: canary', 'web.password', 'text (not shown)'],
    ['web:\n  password: $scrypt$canary-8f3a', 'web.password', 'text (not shown)'],
    [
      'web:\n  password: $scrypt$ln=4,r=8,p=1$YSBzYWx0IG9mIHRlc3Rz$Y2FuYXJ5LThmM2EtLi4u',
      'web.password',
      'text (not shown)',
    ],
    ['log:\n  level: canary4711', 'log.level', 'text (not shown)'],
    ['log:\n  level: 3f2504e0-4f89-11d3-9a0c-canary', 'log.level', 'text (not shown)'],
    ['log:\n  level: "canary!"', 'log.level', 'text (not shown)'],
    ['web:\n  host: 12345678', 'web.host', 'a number (not shown)'],
    ['web:\n  port: 99999', 'web.port', 'the number 99999'],
    ['sonos:\n  redirect_uri: ftp://host/path', 'sonos.redirect_uri', '"ftp://host/path"'],
    ['mqtt:\n  tls: {key: "-----BEGIN PRIVATE KEY----- canary"}', 'mqtt.tls.key', 'text (not shown)'],
    ['sonos: {"client_secret:canary-8f3a": 1}', 'sonos.…', 'a key that does not exist'],
    ['sonos: {client_secert: canary-8f3a}', 'sonos.client_secert', 'a key that does not exist'],
    ['web:\n  password: 1234567', 'web.password', 'a number (not shown)'],
    ['broker:\n  users: canary', 'broker.users', 'text (not shown)'],
    ['broker:\n  users: [{username: a}]', 'broker.users[0].password', 'nothing'],
    ['sonos:\n  households: {Sonos_1: {ignore: 1}}', 'sonos.households.Sonos_1.ignore', 'the number 1'],
    ['sonos:\n  households: {"a\\nb": {}}', 'sonos.households', 'a name with control characters'],
    ['speech:\n  http: {url: "http://x/#{text}&key=canary"}', 'speech.http.url', 'text (not shown)'],
    ['speech:\n  http: {authorization: [canary]}', 'speech.http.authorization', 'a list'],
    ['speech:\n  openai: {key: "canary canary"}', 'speech.openai.key', 'text (not shown)'],
    [
      'speech:\n  home_assistant: {url: "http://me:canary@ha.lan"}',
      'speech.home_assistant.url',
      'text (not shown)',
    ],
    ['speech:\n  providers: [polly]', 'speech.providers[0]', '"polly"'],
    ['speech:\n  language: english', 'speech.language', '"english"'],
    ['speech:\n  speed: 2.1', 'speech.speed', 'the number 2.1'],
    ['speech:\n  max_characters: 0', 'speech.max_characters', 'the number 0'],
    ['speech:\n  cache_megabytes: 9', 'speech.cache_megabytes', 'the number 9'],
    ['speech:\n  timeout_seconds: 0', 'speech.timeout_seconds', 'the number 0'],
    ['announcements:\n  volume: 101', 'announcements.volume', 'the number 101'],
    ['announcements:\n  volumes: {kitchen: loud}', 'announcements.volumes.kitchen', '"loud"'],
    ['announcements:\n  before: ""', 'announcements.before', 'empty text'],
    ['announcements:\n  devices: both', 'announcements.devices', '"both"'],
    [
      'announcements:\n  quiet_hours: [{from: "22:00", to: "6:30"}]',
      'announcements.quiet_hours[0].to',
      '"6:30"',
    ],
    [
      'announcements:\n  quiet_hours: [{from: "24:00", to: "06:30"}]',
      'announcements.quiet_hours[0].from',
      '"24:00"',
    ],
    ['announcements:\n  quiet_hours: [{from: "22:00"}]', 'announcements.quiet_hours[0].to', 'nothing'],
    ['schedules: [{cron: "0 7 * * *"}]', 'schedules[0].command', 'nothing'],
    [
      'schedules: [{cron: "0 7 * * *", command: play, timezone: Berlin}]',
      'schedules[0].timezone',
      '"Berlin"',
    ],
    [
      'schedules: [{cron: "@daily", command: play}, {cron: "61 7 * * *", command: play}]',
      'schedules[1].cron',
      'text (not shown) (61 is a invalid expression for minute)',
    ],
    ['schedules: [{cron: "* * * * * *", command: play}]', 'schedules[0].cron', 'text (not shown) (6 fields)'],
    ['volume:\n  ceilings: [{max: 101}]', 'volume.ceilings[0].max', 'the number 101'],
    ['volume:\n  ceilings: [{max: 30, from: "19:00"}]', 'volume.ceilings[0].from', 'from alone'],
    ['volume:\n  ceilings: [{max: 30, to: "19:00"}]', 'volume.ceilings[0].to', 'to alone'],
    [
      'announcements:\n  quiet_hours: [{from: "22:00", to: "06:30", timezone: Berlin}]',
      'announcements.quiet_hours[0].timezone',
      '"Berlin"',
    ],
  ])('says what was found, and never a secret: %j', async (yaml, key, found) => {
    const lines = await bad({ yaml });
    const subject = key === 'the settings' ? /^config\/config\.yaml:1: found / : `: ${key}: found `;
    expect(lines[0]).toMatch(subject);
    expect(lines[0]).toContain(`found ${found}; expected `);
    expect(lines.join()).not.toContain('canary');
    expect(lines.join()).not.toContain('1234567');
  });

  it('in JSON does not show the text', async () => {
    const lines = await bad({
      env: { BRIDGE_BROKER_USERS: '[{"password":"canary' },
      argv: ['--sonos.households', 'canary'],
    });
    expect(lines).toEqual([
      'BRIDGE_BROKER_USERS: broker.users: found text that is no JSON (not shown); expected a list of {username, password, publish, subscribe}, written as JSON',
      '--sonos.households: found text that is no JSON (not shown); expected a map of household id to {alias, ignore}, written as JSON',
    ]);
  });

  it('is a file that cannot be read, whose name is not repeated since it may be the secret', async () => {
    expect(
      await bad({ env: { BRIDGE_WEB_PASSWORD_FILE: 'canary', BRIDGE_MQTT_PASSWORD_FILE: '.' } }),
    ).toEqual([
      'BRIDGE_MQTT_PASSWORD_FILE: mqtt.password: found a folder; expected the path of a file that holds the value',
      'BRIDGE_WEB_PASSWORD_FILE: web.password: found no such file; expected the path of a file that holds the value',
    ]);
  });

  it('is a value given twice, by variable and by file', async () => {
    await writeFile(join(cwd, 'one'), 'long-enough');
    expect(
      await bad({ env: { BRIDGE_WEB_PASSWORD_FILE: 'one', BRIDGE_WEB_PASSWORD: 'long-enough' } }),
    ).toEqual([
      'BRIDGE_WEB_PASSWORD_FILE: web.password: found BRIDGE_WEB_PASSWORD as well; expected only one of the two',
    ]);
  });

  it('is a settings file that was named and is not there, or that cannot be read', async () => {
    expect(await bad({ argv: ['--config', 'absent.yaml'] })).toEqual([
      '--config absent.yaml: found no such file; expected a settings file in YAML',
    ]);
    const readSecretly = (code: unknown) => () =>
      Promise.reject(Object.assign(new Error('canary'), { code }));
    for (const [code, found] of [
      ['EACCES', 'a file that this user may not read'],
      ['EIO', 'a file that cannot be read (EIO)'],
      [undefined, 'a file that cannot be read (unknown reason)'],
    ]) {
      const result = await readConfig({ argv: [], env: {}, cwd, readFile: readSecretly(code) });
      expect(result.ok ? '' : describeMistakes(result.error)).toBe(
        `config/config.yaml: found ${found}; expected a settings file in YAML`,
      );
    }
    await mkdir(join(cwd, 'config/config.yaml'));
    expect(await bad({})).toEqual([expect.stringContaining('found a folder')]);
  });
});

describe('settings that do not go together', () => {
  it.each([
    [
      '--web.host=0.0.0.0',
      'found "0.0.0.0", which others can reach, and no web.password; expected web.password as well, or 127.0.0.1',
    ],
    [
      '--broker.host=192.168.1.2',
      'found "192.168.1.2", which others can reach, and no broker.users; expected broker.users with at least one user, or 127.0.0.1',
    ],
    ['--broker.host=:: --broker.users=[]', 'no broker.users'],
    [
      '--sonos.client_id=x',
      'found a key without its secret; expected sonos.client_secret as well; the developer portal shows both on the same page',
    ],
    ['--sonos.client_secret=x', 'found a secret without its key; expected sonos.client_id as well'],
    [
      '--callback.path=/a/b --sonos.redirect_uri=https://x.example/A/b/',
      'found the path of sonos.redirect_uri; expected another path',
    ],
    [
      '--callback.path=/health',
      'relay.health_path: found the path of the event callback; expected another path, since events arrive at that one',
    ],
    [
      '--callback.relay=true --queue.listener=public --callback.public_url=https://x.example',
      'queue.listener: found "public", but with callback.relay no public listener is opened; expected "clip"',
    ],
    [
      '--relay.topic=attic/relay --mqtt.base_topic=attic',
      'relay.topic: found "attic/relay"; expected a topic that is not below mqtt.base_topic',
    ],
    ['--mqtt.tls.cert=c --mqtt.url=mqtts://x', 'found a certificate without its key; expected both'],
    ['--mqtt.tls.key=c', 'found a key without its certificate; expected both'],
    [
      '--mqtt.tls.ca=c --mqtt.url=mqtt://x',
      'would not be encrypted; expected an mqtt.url that starts with mqtts://',
    ],
    [
      '--mqtt.tls.ca=c --mqtt.url=ws://x',
      'would not be encrypted; expected an mqtt.url that starts with wss://',
    ],
    ['--sonos.households={"a":{"alias":"x"},"b":{"alias":"x"}}', 'found the alias "x" twice'],
    [
      '--broker.users=[{"username":"a","password":"12345678"},{"username":"a","password":"12345678"}]',
      'found the username "a" twice',
    ],
    [
      '--speech.providers=["espeak","home_assistant"]',
      'speech.providers: found "home_assistant" without speech.home_assistant.token; expected speech.home_assistant.token as well',
    ],
    [
      '--queue.listener=public',
      'queue.listener: found "public" without callback.public_url; expected callback.public_url as well',
    ],
    [
      '--speech.providers=["http"]',
      'speech.providers: found "http" without speech.http.url; expected speech.http.url as well',
    ],
    [
      '--speech.http.url=http://x/?text={txt}&key=canary',
      'speech.http.url: found "{txt}"; expected {text}, {language}, {voice} or {speed} in braces',
    ],
    ['--speech.http.url=http://x/{text}/{Speed}', 'found "{Speed}"; expected {text}'],
    [
      '--announcements.volume=31 --announcements.max_volume=30',
      'announcements.volume: found 31, above announcements.max_volume; expected at most 30',
    ],
    [
      '--compat.sonos2mqtt=true --sonos.households={"Sonos_x":{"alias":"status"}}',
      'sonos.households: found the alias "status", a topic of compat.sonos2mqtt; expected another alias',
    ],
    [
      '--home_assistant.prefix=sonos/found',
      'home_assistant.prefix: found "sonos/found"; expected a topic that is not below mqtt.base_topic',
    ],
    [
      '--home_assistant.status_topic=attic --mqtt.base_topic=attic',
      'home_assistant.status_topic: found "attic"; expected a topic that is not below mqtt.base_topic',
    ],
    [
      '--announcements.volumes={"kitchen":30,"bedroom":31} --announcements.max_volume=30',
      'announcements.volumes: found 31 for "bedroom", above announcements.max_volume; expected at most 30',
    ],
  ])('are refused: %s', async (argv, line) => {
    expect(await bad({ argv: argv.split(' ') })).toEqual([expect.stringContaining(line)]);
  });

  it.each([
    '--web.host=0.0.0.0 --web.password=long-enough',
    '--web.host=localhost',
    '--web.host=::1',
    '--web.host=127.8.9.1',
    '--broker.host=0.0.0.0 --mqtt.url=mqtt://x',
    '--broker.host=0.0.0.0 --broker.users=[{"username":"a","password":"12345678"}]',
    '--sonos.client_id=x --sonos.client_secret=y',
    '--callback.path=/a/b --sonos.redirect_uri=https://x.example/a/c',
    '--relay.topic=attic-relay --mqtt.base_topic=attic --callback.relay=true',
    '--mqtt.tls.cert=c --mqtt.tls.key=k --mqtt.url=wss://x/path',
    '--speech.providers=["home_assistant","http"] --speech.home_assistant.token=x --speech.http.url=http://x/{text}',
    '--speech.providers=["openai","marytts","espeak"]',
    '--speech.http.url=http://x/?opts={"a":1}&q={text}{language}{voice}{speed}',
    '--announcements.volume=30 --announcements.volumes={"a":30} --announcements.max_volume=30',
  ])('are not these: %s', async (argv) => {
    await good({ argv: argv.split(' ') });
  });

  it('are told together with values that are wrong in themselves, but not while a source is unreadable', async () => {
    expect(await bad({ argv: ['--web.host=0.0.0.0', '--web.port=70000'] })).toHaveLength(2);
    expect(await bad({ argv: ['--web.host=0.0.0.0', '--web.pasword=x'] })).toHaveLength(1);
  });
});

describe('the files in config/', () => {
  const parse = async (yaml: string) => good({ yaml });

  it('the example says every key and its meaning, and changes nothing as it is', async () => {
    const text = await readFile(new URL('config/config.example.yaml', root), 'utf8');
    expect((await parse(text)).config).toEqual((await good({ yaml: '' })).config);
    for (const { meaning } of keys) expect(text).toContain(`# ${meaning}\n`);
  });

  it('the example gives every key when the marks are taken away, and all of it is right', async () => {
    const text = await readFile(new URL('config/config.example.yaml', root), 'utf8');
    const { sources } = await parse(text.replace(/^( *)#(?=\S)/gm, '$1'));
    for (const { name } of keys) expect(`${name} ${sources.get(name)}`).toMatch(/ config\/config\.yaml:\d+$/);
  });

  it('the settings of the demo are right, and stay on this machine', async () => {
    const { config } = await parse(await readFile(new URL('config/demo.yaml', root), 'utf8'));
    expect(config.mqtt.url).toBeUndefined();
    expect(new URL(config.sonos.api_url).hostname).toBe('127.0.0.1');
    expect(new URL(config.sonos.login_url).hostname).toBe('127.0.0.1');
    expect([config.callback.host, config.web.host, config.broker.host]).toEqual(Array(3).fill('127.0.0.1'));
  });
});
