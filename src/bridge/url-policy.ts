import { type CommandError, commandError } from './command-error.ts';
import { quoted } from './quoted.ts';
import { err, ok, type Result } from './result.ts';

/** Whether a room's speaker may be sent to fetch this URL. */
export type UrlPolicy = (url: string) => Result<null, CommandError>;

type Range = readonly [base: string, bits: number];

/** This machine, link-local addresses (cloud metadata among them), and what is nobody's. */
const NEVER_V4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // The metadata addresses of Alibaba Cloud, Oracle Cloud and Azure.
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
];

/** Link-local and multicast addresses, and the metadata addresses of Amazon, Google and Oracle. */
const NEVER_V6: readonly Range[] = [
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  ['fd00:c1::', 32],
];

/** Addresses that hold an IPv4 address, by which they are judged, and how many bits stand behind it. */
const HOLDING_V4: readonly (readonly [...range: Range, behind: bigint])[] = [
  ['::', 96, 0n], // IPv4-compatible; the loopback address `::1` and `::` among them
  ['::ffff:0:0', 96, 0n], // IPv4-mapped
  ['::ffff:0:0:0', 96, 0n], // IPv4-translated
  ['64:ff9b::', 32, 0n], // NAT64
  ['2002::', 16, 80n], // 6to4
];

const number4 = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const isForbidden4 = (address: number): boolean =>
  NEVER_V4.some(([base, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor(number4(base) / size);
  });

/** An IPv6 address as the URL parser writes it: lower case, compressed, without a zone. */
function number6(address: string): bigint {
  const given = address.split(':').filter((group) => group !== '').length;
  const whole = address.replace('::', `:${'0:'.repeat(8 - given)}`);
  const groups = whole.split(':').filter((group) => group !== '');
  return groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

function isForbidden6(address: bigint): boolean {
  const isIn = (base: string, bits: number): boolean =>
    (address ^ number6(base)) >> BigInt(128 - bits) === 0n;
  return (
    NEVER_V6.some(([base, bits]) => isIn(base, bits)) ||
    HOLDING_V4.some(
      ([base, bits, behind]) =>
        isIn(base, bits) && isForbidden4(Number(BigInt.asUintN(32, address >> behind))),
    )
  );
}

/** Names that mean this machine or a cloud's metadata wherever they are looked up. */
const NEVER_NAMES =
  /^(.*\.localhost|localhost[46]?(\.localdomain[46]?)?|ip6-(localhost|loopback)|metadata(\.google\.internal|\.goog)?|instance-data(\.ec2\.internal)?|)$/;

function isForbidden(host: string): boolean {
  if (host.startsWith('[')) return isForbidden6(number6(host.slice(1, -1)));
  return /^\d+(\.\d+){3}$/.test(host) ? isForbidden4(number4(host)) : NEVER_NAMES.test(host);
}

/** What may be an address in the spelling of a resolver; a name is not. */
const ADDRESS = /^(\d+(\.\d+){3}|[\da-f:.]*:[\da-f:.]*)$/i;

/**
 * Whether an address, as a resolver gives it (`::ffff:10.0.0.1`, `fe80::1%eth0`), is this machine, link-local, a cloud's
 * metadata or nobody's. What is no address is forbidden as well.
 */
export function isForbiddenAddress(address: string): boolean {
  const bare = address.replace(/%.*$/s, '');
  const host = ADDRESS.test(bare) ? canonical(bare.includes(':') ? `[${bare}]` : bare) : '';
  return isForbidden(host);
}

/** One spelling for a host: as the URL parser folds it, without the root's dot. */
function canonical(host: string): string {
  const url = `http://${host.replace(/\.+$/, '')}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}

/** The same for an entry of the list, which may carry a port; an IPv6 address stands without brackets there. */
function listedHost(entry: string): string {
  const text = entry.trim();
  if (/^[^[]*:.*:/.test(text)) return canonical(`[${text}]`);
  const port = /:\d+$/.exec(text)?.[0] ?? '';
  return canonical(text.slice(0, text.length - port.length)) + port;
}

/**
 * The policy of `announcements.allowed_hosts`: any host when none are given, but never this machine, link-local or
 * cloud metadata addresses unless they are listed. A listed host may carry a port; then only that port is meant.
 */
export function urlPolicy(allowedHosts: readonly string[] | null): UrlPolicy {
  const listed = new Set((allowedHosts ?? []).map(listedHost));
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
      return err(commandError('invalid_payload', 'That is not a URL.', 'Send an http or https address.'));
    const host = canonical(url.hostname);
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const isListed = host !== '' && (listed.has(host) || listed.has(`${host}:${port}`));
    if (isListed || (allowedHosts === null && !isForbidden(host))) return ok(null);
    const advice = 'Add the host to announcements.allowed_hosts when the speakers may fetch from it.';
    return err(commandError('blocked', `Addresses at ${quoted(host)} are not allowed.`, advice));
  };
}
