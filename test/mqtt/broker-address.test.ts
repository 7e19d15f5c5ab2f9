import { describe, expect, it } from 'vitest';
import { readBrokerAddress } from '../../src/mqtt/broker-address.ts';

describe("a broker's address", () => {
  it.each([
    ['mqtt://house', { protocol: 'mqtt', host: 'house', port: 1883, shown: 'mqtt://house:1883' }],
    ['mqtts://house', { protocol: 'mqtts', port: 8883 }],
    ['ws://house/mqtt?x=1', { protocol: 'ws', port: 80, path: '/mqtt?x=1', shown: 'ws://house:80' }],
    ['wss://house', { protocol: 'wss', port: 443, path: '/' }],
    ['mqtt://[fd00::1]:1884', { host: 'fd00::1', port: 1884, shown: 'mqtt://[fd00::1]:1884' }],
    ['mqtt://me:a%40b@house', { username: 'me', password: 'a@b', shown: 'mqtt://house:1883' }],
    ['mqtt://me:100%@house', { username: 'me', password: '100%' }],
    ['mqtt://house', { username: null, password: null }],
  ])('%s is understood', (url, expected) => {
    const read = readBrokerAddress(url);
    expect(read.ok && read.value).toMatchObject(expected);
  });

  it.each([
    '',
    'house:1883',
    'http://house',
    'mqtt://',
    'mqtt:house',
    'mqtt://house:99999',
    'mqtt://house:0',
  ])('%j is refused with what is expected', (url) => {
    const read = readBrokerAddress(url);
    expect(!read.ok && read.error).toMatch(/^expected /);
  });
});
