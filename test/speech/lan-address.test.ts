import type { NetworkInterfaceInfo } from 'node:os';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { clipBaseUrl, type LanWorld, lanAddress } from '../../src/speech/lan-address.ts';

const ipv4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/24`,
  family: 'IPv4',
  internal,
});
const ipv6 = (address: string): NetworkInterfaceInfo => ({
  address,
  netmask: 'ffff:ffff:ffff:ffff::',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/64`,
  family: 'IPv6',
  internal: false,
  scopeid: 0,
});

/** A machine with these ways out, for IPv4 and IPv6, and these interfaces. */
function machine(
  ways: readonly [four: string | null, six: string | null],
  interfaces: Record<string, NetworkInterfaceInfo[]> = {},
): LanWorld {
  return {
    facing: async (address) => ways[address === '192.0.2.1' ? 0 : 1] ?? null,
    interfaces: () => interfaces,
  };
}

describe("this machine's address in the house", () => {
  it('is the one that faces the default route', async () => {
    const interfaces = { eth0: [ipv4('10.0.0.9')], wlan0: [ipv4('192.168.1.10')] };
    expect(await lanAddress(machine(['192.168.1.10', null], interfaces))).toBe('192.168.1.10');
    expect(await lanAddress(machine(['192.168.1.10', 'fd00::10']))).toBe('192.168.1.10');
  });

  it('is an IPv6 one where there is no other way out', async () => {
    expect(await lanAddress(machine([null, 'fd00::10'], { eth0: [ipv6('fd00::10')] }))).toBe('fd00::10');
  });

  it.each([
    [[null, null]],
    [['127.0.0.1', '::1']],
    [['0.0.0.0', '::']],
    [['127.0.1.1', 'fe80::1%eth0']],
    [[null, '::ffff:127.0.0.1']],
  ] as const)('is that of the first real interface when the way out is %j', async (ways) => {
    const interfaces = {
      lo: [ipv4('127.0.0.1', true)],
      docker0: [ipv4('172.17.0.1')],
      'br-1a2b3c': [ipv4('172.18.0.1')],
      veth12ab: [ipv4('169.254.3.3')],
      eth0: [ipv6('fd00::7'), ipv4('192.168.1.7')],
      eth1: [ipv4('192.168.2.7')],
    };
    expect(await lanAddress(machine(ways, interfaces))).toBe('192.168.1.7');
  });

  it("is that of a container's network when there is no other, and null without any", async () => {
    const only = { lo: [ipv4('127.0.0.1', true)], docker0: [ipv4('172.17.0.1')] };
    expect(await lanAddress(machine([null, null], only))).toBe('172.17.0.1');
    expect(await lanAddress(machine([null, null], { lo: [ipv4('127.0.0.1', true)] }))).toBeNull();
    expect(await lanAddress(machine([null, null], { eth0: [ipv6('fd00::7')] }))).toBeNull();
  });

  it('is one that this very machine has', async () => {
    const own = Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.map(({ address }) => address),
    );
    const found = await lanAddress();
    // A machine without a network, such as a container with loopback only, has none.
    const hasNetwork = own.some((address) => !/^(127\.|::1$|fe80:)/.test(address));
    expect(found === null).toBe(!hasNetwork);
    if (found !== null) expect(own).toContain(found);
  });
});

describe('the address under which speakers reach the clips', () => {
  const world = machine(['192.168.1.10', null]);
  const without = machine([null, null]);
  const at = (host: string, configured: string | null = null, where = world) =>
    clipBaseUrl({ configured, host, port: 8789 }, where);

  it('is the configured one, as it is', async () => {
    expect(await at('0.0.0.0', 'https://clips.example.org/sonos')).toBe('https://clips.example.org/sonos');
    expect(await at('127.0.0.1', 'http://192.168.1.99:80', without)).toBe('http://192.168.1.99:80');
  });

  it.each(['0.0.0.0', '::', '[::]', '0', '0:0:0:0:0:0:0:0'])(
    "is the machine's in the house when it listens at %s",
    async (host) => {
      expect(await at(host)).toBe('http://192.168.1.10:8789');
      expect(await at(host, null, without)).toBeNull();
    },
  );

  it.each([
    ['192.168.7.7', 'http://192.168.7.7:8789'],
    ['127.0.0.1', 'http://127.0.0.1:8789'],
    ['fd00::5', 'http://[fd00::5]:8789'],
    ['[fd00::5]', 'http://[fd00::5]:8789'],
    ['nas.local', 'http://nas.local:8789'],
    ['fe80::1%eth0', null],
  ])('is the bound one when it listens at %s', async (host, url) => {
    expect(await at(host, null, without)).toBe(url);
  });

  it('has brackets when the way out is IPv6', async () => {
    expect(await at('::', null, machine([null, 'fd00::10']))).toBe('http://[fd00::10]:8789');
  });
});
