import { BlockList, isIP } from 'node:net';

/** A name or an address with an optional port, as in a Host header (RFC 9110 §7.2). */
const AUTHORITY = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,254}))(?::[0-9]{0,5})?$/i;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a name or an address (IPv6 without brackets) is surely this machine only. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Reads the host of a Host header: lower case, without port, brackets and final dot; null when it is none. */
export function readHost(header: string | undefined): string | null {
  const parts = AUTHORITY.exec(header ?? '');
  if (parts === null) return null;
  const [, ipv6, name] = parts;
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? ipv6.toLowerCase() : null;
  const host = (name ?? '').toLowerCase().replace(/\.$/, '');
  return host === '' ? null : host;
}

/**
 * Makes the test whether a Host header may be answered. A page elsewhere can let its own name point at this machine
 * and would then count as the same site (DNS rebinding); it cannot do so with an address or a name it does not own.
 */
export function createHostTest(names: readonly string[]): (header: string | undefined) => boolean {
  const known = new Set(['localhost', ...names.map((name) => readHost(name))]);
  return (header) => {
    const host = readHost(header);
    return host !== null && (isIP(host) !== 0 || known.has(host));
  };
}
