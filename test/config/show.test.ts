import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSecrets } from '../../src/config/config-secrets.ts';
import { isSecret, keys, nodeAt } from '../../src/config/keys.ts';
import { readConfig } from '../../src/config/read.ts';
import { maskedConfig } from '../../src/config/show.ts';

const yaml = `
sonos: {client_id: my-id, client_secret: canary/one}
callback: {path: /canary-two}
mqtt: {password: canary-three, username: me}
broker:
  users:
    - {username: a, password: canary-four, publish: [a/b]}
    - {username: b, password: canary-five}
web: {password: canary-six}
`;

async function settings(text: string) {
  const result = await readConfig({ argv: ['--web.port=9'], env: {}, cwd: '/', readFile: async () => text });
  if (!result.ok) throw new Error('expected good settings');
  return result.value;
}

describe('the settings as they are shown', () => {
  it('mask every secret and the callback path', async () => {
    const { config, sources } = await settings(yaml);
    const shown = maskedConfig(config, { reveal: false, sources });
    expect(shown).not.toContain('canary');
    expect(shown.match(/••••/g)).toHaveLength(6);
    expect(parse(shown)).toMatchObject({
      sonos: { client_id: 'my-id', client_secret: '••••' },
      broker: { users: [{ username: 'a', publish: ['a/b'] }, { username: 'b' }] },
    });
  });

  it('mask the query of the broker, where tokens may stand', async () => {
    const { config, sources } = await settings('mqtt: {url: "wss://host:9/mqtt?token=canary"}');
    expect(maskedConfig(config, { reveal: false, sources })).toContain('url: wss://host:9/mqtt?••••');
    expect(maskedConfig(config, { reveal: true, sources })).toContain('url: wss://host:9/mqtt?token=canary');
  });

  it('are settings again when revealed', async () => {
    const { config, sources } = await settings(yaml);
    const shown = maskedConfig(config, { reveal: true, sources });
    expect(parse(shown)).toEqual(config);
    expect((await settings(shown)).config).toEqual(config);
  });

  it('say where each came from, and what is not set', async () => {
    const { config, sources } = await settings(yaml);
    const shown = maskedConfig(config, { reveal: false, sources });
    expect(shown).toContain('  client_id: my-id # config/config.yaml:2\n');
    expect(shown).toContain('  port: 9 # --web.port\n');
    expect(shown).toContain('  level: info # default\n');
    expect(shown).toContain('# broker.users: config/config.yaml:6\n');
    expect(shown).toContain('# mqtt.url: not set\n');
    for (const { name, path } of keys)
      expect(shown).toContain(sources.get(name) === 'not set' ? name : path.at(-1));
  });

  it('say so when a source is unknown', async () => {
    const { config } = await settings('');
    expect(maskedConfig(config, { reveal: false, sources: new Map() })).toContain('level: info # unknown');
  });
});

describe('the secrets among the settings', () => {
  it('are marked where they stand', () => {
    const secret = keys.filter(({ node }) => isSecret(node)).map(({ name }) => name);
    expect(secret).toEqual([
      ...['sonos.client_secret', 'callback.path', 'mqtt.password', 'web.password'],
      ...['speech.openai.key', 'speech.home_assistant.token', 'speech.http.authorization'],
    ]);
    expect(nodeAt(['broker', 'users', 0, 'password'])?.secret).toBe(true);
  });

  it('are all found, with the pair that asks for tokens', async () => {
    const { config } = await settings(yaml);
    expect(configSecrets(config).sort()).toEqual(
      [
        'canary/one',
        '/canary-two',
        'canary-three',
        'canary-four',
        'canary-five',
        'canary-six',
        'my-id:canary/one',
        'my-id:canary%2Fone',
      ].sort(),
    );
  });

  it('are known in both forms that Unicode has for a letter, and with the query of the broker', async () => {
    const { config } = await settings(
      `web: {password: "p${'ä'.normalize('NFC')}ssword"}\nmqtt: {url: "wss://host/mqtt?token=c4nary%2B1&v=2"}`,
    );
    expect(configSecrets(config).sort()).toEqual(
      ['2', 'c4nary+1', 'p\u00e4ssword', 'pa\u0308ssword', 'token=c4nary%2B1&v=2'].sort(),
    );
  });

  it('are none when nothing is set', async () => {
    expect(configSecrets((await settings('')).config)).toEqual([]);
  });
});
