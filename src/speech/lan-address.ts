import { createSocket } from 'node:dgram';
import { isIP, isIPv4 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** What is asked of the machine's network. */
export interface LanWorld {
  /** The own address from which packets to this one would leave; null when there is no way there. */
  facing(address: string): Promise<string | null>;
  interfaces(): Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
}

/** Addresses of documentation (RFC 5737, RFC 3849): nobody has them, so the way there is the default route. */
const FAR_AWAY = ['192.0.2.1', '2001:db8::1'];

/** Any port will do: connecting a UDP socket sends nothing. */
const DISCARD = 9;

/** Networks of containers and virtual machines, which speakers do not reach. */
const VIRTUAL = /^(docker|veth|br-|virbr|podman|cni|lxc)/;

function facing(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv4(address) ? 'udp4' : 'udp6');
    const done = (own: string | null): void => {
      socket.close();
      resolve(own);
    };
    socket.once('error', () => done(null));
    socket.once('connect', () => done(socket.address().address));
    socket.connect(DISCARD, address);
  });
}

const systemWorld: LanWorld = { facing, interfaces: networkInterfaces };

/** Loopback, nothing at all, or an address that means something only together with the name of an interface. */
const isNear = (address: string): boolean =>
  /^(127\.|::1$|::ffff:127\.|fe80:)/i.test(address) || isUnspecified(address);

const isUnspecified = (address: string): boolean => /^[0:.]*$/.test(address);

/** This machine's address on the interface that faces the default route, or another one of its own; null without any. */
export async function lanAddress(world: LanWorld = systemWorld): Promise<string | null> {
  for (const address of FAR_AWAY) {
    const own = await world.facing(address);
    if (own !== null && !isNear(own)) return own;
  }
  const found = Object.entries(world.interfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => ({ name, address })),
  );
  const real = found.find(({ name }) => !VIRTUAL.test(name)) ?? found[0];
  return real?.address ?? null;
}

/** Where the clip server listens, and what was set as its address for others. */
export interface ClipPlace {
  /** `speech.clip_url`; null when it is not set. */
  readonly configured: string | null;
  /** What it is bound to. */
  readonly host: string;
  readonly port: number;
}

/** The beginning of every clip's URL, without a slash at its end; null when no address is known that speakers could use. */
export async function clipBaseUrl(
  { configured, host, port }: ClipPlace,
  world: LanWorld = systemWorld,
): Promise<string | null> {
  if (configured !== null) return configured;
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const address = isUnspecified(bare) ? await lanAddress(world) : bare;
  // The name of an interface has no place in a URL.
  if (address === null || address.includes('%')) return null;
  return `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}
