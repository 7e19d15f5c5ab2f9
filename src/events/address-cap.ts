import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Counts open connections by where they come from. */
export interface AddressCap {
  /** Counts one more; false when the address has all that it may have, and then nothing is counted. */
  enter(address: string): boolean;
  /** Takes one back that was let in. */
  leave(address: string): void;
}

const near = new BlockList();
near.addSubnet('127.0.0.0', 8, 'ipv4');
near.addSubnet('10.0.0.0', 8, 'ipv4');
near.addSubnet('172.16.0.0', 12, 'ipv4');
near.addSubnet('192.168.0.0', 16, 'ipv4');
near.addSubnet('169.254.0.0', 16, 'ipv4');
// Carrier-grade addresses: overlay networks use them, and their proxies.
near.addSubnet('100.64.0.0', 10, 'ipv4');
near.addAddress('::1', 'ipv6');
near.addSubnet('fc00::', 7, 'ipv6');
near.addSubnet('fe80::', 10, 'ipv6');

/** Whether an address is of the open internet; a reverse proxy, which brings everybody's requests, is not. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  if (isIPv4(bare)) return !near.check(bare, 'ipv4');
  return isIPv6(bare) && !near.check(bare, 'ipv6');
}

/** The four leading groups of an IPv6 address: one customer has at least that whole network. */
function networkOf(address: string): string {
  if (!isIPv6(address) || /^::ffff:\d+\./i.test(address)) return address;
  const [before = '', after] = address.split('::');
  const front = before.split(':');
  const back = (after ?? '').split(':');
  const zeros = after === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [
    ...front,
    ...Array.from({ length: zeros }, () => '0'),
    ...(after === undefined ? [] : back),
  ];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':');
}

/** Allows so many connections to each public address, and any number to the others. */
export function createAddressCap(limit: number, isCapped = isPublicAddress): AddressCap {
  const open = new Map<string, number>();
  return {
    enter: (address) => {
      if (!isCapped(address)) return true;
      const network = networkOf(address);
      const count = open.get(network) ?? 0;
      if (count >= limit) return false;
      open.set(network, count + 1);
      return true;
    },
    leave: (address) => {
      const network = networkOf(address);
      const count = open.get(network) ?? 0;
      if (count > 1) open.set(network, count - 1);
      else open.delete(network);
    },
  };
}
