import { readFile } from 'node:fs/promises';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandFilters } from '../../src/mqtt/broker-access.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { passwordFile, passwordsCanBeMade } from '../support/mosquitto-passwords.ts';

const folder = new URL('../../config/mosquitto/', import.meta.url);
const PASSWORDS: Readonly<Record<string, string>> = {
  'sonos-bridge': 'one-password',
  house: 'another-password',
};

/** The example as it is, but on a free port and in a temporary folder. */
async function startExample(): Promise<Mosquitto> {
  const text = await readFile(new URL('mosquitto.conf', folder), 'utf8');
  const written = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(written.filter((line) => line.startsWith('listener'))).toEqual(['listener 1883']);
  const lines = written
    .filter((line) => !line.startsWith('listener'))
    .map((line) =>
      line
        .replace('/run/secrets/mosquitto_passwords', 'FOLDER/passwords')
        .replace('/mosquitto/config/', 'FOLDER/')
        .replace('/mosquitto/data/', 'FOLDER/'),
    );
  return startMosquitto(lines, {
    'acl.conf': await readFile(new URL('acl.conf', folder), 'utf8'),
    passwords: await passwordFile(PASSWORDS),
  });
}

describe.skipIf(!mosquittoIsInstalled || !passwordsCanBeMade)('mosquitto with the example settings', () => {
  let mosquitto: Mosquitto;
  let bridge: MqttClient;
  let house: MqttClient;
  const heard: string[] = [];

  const enter = (options: IClientOptions) =>
    connectAsync(mosquitto.url, { protocolVersion: 5, reconnectPeriod: 0, ...options }, false);
  const login = (username: string) => enter({ username, password: PASSWORDS[username] ?? '' });
  const publish = (client: MqttClient, topic: string, payload: string, retain = false) =>
    client.publishAsync(topic, payload, { qos: 1, retain }).then(
      (answer) => (answer !== undefined && 'reasonCode' in answer ? (answer.reasonCode ?? 0) : 0),
      (error: { readonly code?: number }) => error.code,
    );
  const NOT_AUTHORIZED = 0x87;

  beforeAll(async () => {
    mosquitto = await startExample();
    bridge = await login('sonos-bridge');
    house = await login('house');
    bridge.on('message', (topic, payload) => heard.push(`bridge: ${topic}=${payload.toString()}`));
    house.on('message', (topic, payload) => heard.push(`house: ${topic}=${payload.toString()}`));
    await bridge.subscribeAsync([...commandFilters('sonos')], { qos: 1 });
    await house.subscribeAsync('sonos/#', { qos: 1 });
  });
  afterAll(async () => {
    await Promise.all([bridge?.endAsync(true), house?.endAsync(true)]);
    await mosquitto?.stop();
  });

  it('lets nobody in without the right password', async () => {
    await expect(enter({})).rejects.toMatchObject({ code: NOT_AUTHORIZED });
    await expect(enter({ username: 'house', password: 'wrong' })).rejects.toThrow(/not authori[sz]ed/i);
    await expect(enter({ username: 'stranger', password: 'another-password' })).rejects.toThrow(
      /not authori[sz]ed/i,
    );
  });

  it('lets the bridge speak for the rooms, and the house hear it', async () => {
    expect(await publish(bridge, 'sonos/bridge/availability', 'online', true)).toBe(0);
    expect(await publish(bridge, 'sonos/home/kitchen/volume', '23', true)).toBe(0);
    await expect.poll(() => heard).toContain('house: sonos/home/kitchen/volume=23');
    expect(heard).toContain('house: sonos/bridge/availability=online');
  });

  it.each([
    'sonos/home/kitchen/set/volume',
    'sonos/home/kitchen/set',
    'sonos/home/all/set/pause',
    'sonos/bridge/set/refresh',
  ])('lets the house send the command %s, and the bridge hear it', async (topic) => {
    expect(await publish(house, topic, '25')).toBe(0);
    await expect.poll(() => heard).toContain(`bridge: ${topic}=25`);
  });

  it.each([
    'sonos/home/kitchen/volume',
    'sonos/home/kitchen',
    'sonos/home/kitchen/reply',
    'sonos/bridge/availability',
    'sonos/bridge/state',
    'homeassistant/switch/other',
  ])('does not let the house pretend to be the bridge on %s', async (topic) => {
    expect(await publish(house, topic, 'forged', true)).toBe(NOT_AUTHORIZED);
  });

  it('does not let the bridge speak about anything else', async () => {
    expect(await publish(bridge, 'zigbee/lamp/set', 'on')).toBe(NOT_AUTHORIZED);
    expect(heard.filter((line) => line.includes('forged'))).toEqual([]);
  });
});
