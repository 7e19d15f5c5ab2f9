import type { IncomingMessage } from 'node:http';
import { type AddressInfo, BlockList, isIP, type Server, type Socket } from 'node:net';
import { err, ok, type Result } from '../bridge/result.ts';
import { type BrokerLimits, shown } from './broker-counts.ts';
import type { FoldedLine } from './folded-log.ts';

/** Why the embedded broker did not open. */
export interface BrokerStartError {
  /**
   * `users_required`: another address than loopback without users. `port_taken`: somebody listens there already.
   * `address_unavailable`: the machine has no such address. `port_not_permitted`: the process may not open it.
   */
  readonly reason: 'users_required' | 'port_taken' | 'address_unavailable' | 'port_not_permitted';
  /** What was seen, what was expected, what to do. */
  readonly message: string;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host name or address can only be reached from this machine: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(plain);
  if (family === 0) return plain.toLowerCase() === 'localhost';
  return loopback.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Whether a WebSocket may open while everybody is let in without a password. A browser tells the page's origin;
 * a page from elsewhere would use the visitor's browser to reach a broker that listens on loopback alone.
 * Other clients send no Origin.
 */
export function isOriginWelcome(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

/** The MQTT subprotocols on offer (MQTT 3.1.1 §6; `mqttv3.1` is what older clients say), in the order of choice. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'];

/** Which of the subprotocols the client offers is spoken; null when none is. */
export function readSubprotocol(request: IncomingMessage): string | null {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return SUBPROTOCOLS.find((name) => offered.includes(name)) ?? null;
}

const REASONS: Readonly<Record<string, BrokerStartError['reason']>> = {
  EADDRINUSE: 'port_taken',
  EADDRNOTAVAIL: 'address_unavailable',
  ENOTFOUND: 'address_unavailable',
  EAI_AGAIN: 'address_unavailable',
  EAFNOSUPPORT: 'address_unavailable',
  EACCES: 'port_not_permitted',
};

const ADVICE: Readonly<Record<BrokerStartError['reason'], string>> = {
  users_required: 'Add users to broker.users, or listen on 127.0.0.1.',
  port_taken:
    'Something listens there already, perhaps another broker. Use that one (mqtt.url), or set broker.port to another.',
  address_unavailable:
    'This machine has no such address. Set broker.host to one of its own, or to 127.0.0.1.',
  port_not_permitted: 'The system does not let this process open the port. Set one above 1023.',
};

/** The refusal to open, in words. */
export function refuseToOpen(
  reason: BrokerStartError['reason'],
  host: string,
  port: number,
): BrokerStartError {
  const seen =
    reason === 'users_required'
      ? `broker.host is ${host}, which others can reach, and broker.users is empty: anybody could control the speakers.`
      : `The embedded broker cannot listen on ${host}, port ${port}.`;
  return { reason, message: `${seen} ${ADVICE[reason]}` };
}

/** Starts to listen. The value is the port taken. Failures nobody can do anything about in the settings are thrown. */
export function listen(
  server: Server,
  port: number,
  host: string,
): Promise<Result<number, BrokerStartError>> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = REASONS[error.code ?? ''];
      if (reason === undefined) reject(error);
      else resolve(err(refuseToOpen(reason, host, port)));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      // Later errors are about one accept (no file descriptors left): the next may go well.
      server.on('error', () => undefined);
      resolve(ok(portOf(server.address())));
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return address.port;
}

/** Counts who is inside. */
export interface Doorkeeper {
  /** Lets a socket in and remembers it until it closes; one too many is destroyed, and the answer is false. */
  admit(socket: Socket): boolean;
  /** Destroys every socket. */
  clear(): void;
}

/**
 * Keeps the number of sockets within bounds, in all and from one address. Whoever is on this machine does not count
 * towards the first, so that the bridge's own client comes in however many others have.
 */
export function createDoorkeeper(limits: BrokerLimits, warn: FoldedLine): Doorkeeper {
  const sockets = new Set<Socket>();
  const strangers = new Set<Socket>();
  const perAddress = new Map<string, number>();

  const refuse = (socket: Socket, address: string, seen: string): false => {
    socket.destroy();
    const advice = 'Look for a client that connects again and again without closing.';
    warn(`sockets ${address}`, `The broker refused a connection: ${seen} are open. ${advice}`, { address });
    return false;
  };

  return {
    admit(socket) {
      const address = shown(socket.remoteAddress ?? 'unknown');
      const here = perAddress.get(address) ?? 0;
      socket.on('error', () => undefined);
      const isStranger = socket.remoteAddress !== socket.localAddress;
      if (isStranger && strangers.size >= limits.sockets) {
        return refuse(socket, address, `${limits.sockets} connections`);
      }
      if (here >= limits.socketsPerAddress) return refuse(socket, address, `${here} from this address`);
      sockets.add(socket);
      if (isStranger) strangers.add(socket);
      perAddress.set(address, here + 1);
      socket.once('close', () => {
        sockets.delete(socket);
        strangers.delete(socket);
        const left = (perAddress.get(address) ?? 1) - 1;
        if (left > 0) perAddress.set(address, left);
        else perAddress.delete(address);
      });
      return true;
    },
    clear() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
