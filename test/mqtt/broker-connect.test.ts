import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connackFor, findConnectFault } from '../../src/mqtt/broker-connect.ts';
import { packet } from './broker-fixtures.ts';
import { type ConnectWords, connectOf, field, number } from './broker-wire.ts';

const fault = (words: ConnectWords) => findConnectFault(connectOf({ clientId: 'c', ...words }));
const will = { topic: 'a', payload: 'b' };

describe('a CONNECT', () => {
  test.each<ConnectWords>([
    {},
    { clientId: '' },
    { clean: false },
    { clientId: 'ü'.repeat(100) },
    { name: 'MQIsdp', level: 3 },
    // As a bridge says it.
    { level: 0x84 },
    { name: 'MQIsdp', level: 0x83 },
    { username: 'anna' },
    { username: '', password: '' },
    { username: 'anna', password: 'secret', will },
    { will: { ...will, qos: 2, retain: true } },
    { will: { topic: '', payload: '' } },
    { keepAlive: 65_535 },
  ])('%j is in order', (words) => {
    expect(fault(words)).toBeNull();
  });

  test.each<[ConnectWords, string]>([
    [{ level: 5 }, 'protocol_level'],
    [{ level: 0 }, 'protocol_level'],
    [{ level: 0x85 }, 'protocol_level'],
    [{ name: 'MQIsdp' }, 'protocol_level'],
    [{ level: 3 }, 'protocol_level'],
    [{ name: 'mqtt' }, 'malformed_connect'],
    [{ name: '' }, 'malformed_connect'],
    [{ name: '__proto__' }, 'malformed_connect'],
    [{ flip: 0x01 }, 'malformed_connect'],
    [{ flip: 0x08 }, 'malformed_connect'],
    [{ flip: 0x20 }, 'malformed_connect'],
    [{ will: { ...will, qos: 3 } }, 'malformed_connect'],
    [{ password: 'secret' }, 'malformed_connect'],
    [{ clientId: Buffer.from([0xff]) }, 'malformed_connect'],
    [{ clientId: 'a\0' }, 'malformed_connect'],
    [{ will: { topic: Buffer.from([0xed, 0xa0, 0x80]) } }, 'malformed_connect'],
    [{ username: 'a\0' }, 'malformed_connect'],
    [{ clientId: '', clean: false }, 'client_id_missing'],
  ])('%j is turned down: %s', (words, expected) => {
    expect(fault(words)).toBe(expected);
  });

  test('that says less or more than its flags promise is turned down', () => {
    const whole = connectOf({ clientId: 'c', will, username: 'u', password: 'p' });
    const body = whole.subarray(2);
    for (let length = 0; length < body.length; length += 1) {
      expect([length, findConnectFault(packet(0x10, body.subarray(0, length)))]).toEqual([
        length,
        'malformed_connect',
      ]);
    }
    expect(findConnectFault(packet(0x10, Buffer.concat([body, Buffer.alloc(1)])))).toBe('malformed_connect');
    expect(
      findConnectFault(packet(0x10, Buffer.concat([field('MQTT'), number(0x0402), number(0), number(9)]))),
    ).toBe('malformed_connect');
  });

  test('of any bytes is judged and never thrown over', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.boolean(), (tail, named) => {
        const start = named ? field('MQTT') : Buffer.alloc(0);
        const judged = findConnectFault(packet(0x10, Buffer.concat([start, tail])));
        expect([null, 'malformed_connect', 'protocol_level', 'client_id_missing']).toContain(judged);
      }),
      { numRuns: 2_000 },
    );
  });

  test('with a length written longer than it need be is read all the same', () => {
    const body = connectOf({ clientId: 'c' }).subarray(2);
    expect(
      findConnectFault(Buffer.concat([Buffer.from([0x10, 0x80 | body.length, 0x80, 0x80, 0]), body])),
    ).toBeNull();
  });

  test.each([
    ['protocol_level', '20020001'],
    ['client_id_missing', '20020002'],
    ['malformed_connect', null],
    ['connect_timeout', null],
    ['constructor', null],
  ])('%s is answered with %s', (refusal, expected) => {
    expect(connackFor(refusal)?.toString('hex') ?? null).toBe(expected);
  });
});
