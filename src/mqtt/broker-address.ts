import type { Result } from '../bridge/result.ts';
import { err, ok } from '../bridge/result.ts';

/** Where a broker listens, taken apart. */
export interface BrokerAddress {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** For WebSockets: path and query. */
  readonly path: string;
  /** From the URL, when it carries them. */
  readonly username: string | null;
  readonly password: string | null;
  /** The address as a log may show it: without credentials, path and query. */
  readonly shown: string;
}

const DEFAULT_PORT = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const;

const isProtocol = (text: string): text is keyof typeof DEFAULT_PORT => Object.hasOwn(DEFAULT_PORT, text);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads a broker's URL. The error is the end of a sentence and repeats nothing of the URL, which may hold a password. */
export function readBrokerAddress(url: string): Result<BrokerAddress, string> {
  if (!URL.canParse(url)) return err('expected a URL like mqtt://192.168.1.10:1883');
  const { protocol: scheme, hostname, port, pathname, search, username, password } = new URL(url);
  const protocol = scheme.slice(0, -1);
  if (!isProtocol(protocol)) return err('expected a URL that starts with mqtt://, mqtts://, ws:// or wss://');
  if (hostname === '') return err('expected a host after the "//", like mqtt://192.168.1.10:1883');
  const number = port === '' ? DEFAULT_PORT[protocol] : Number(port);
  if (number === 0) return err('expected a port from 1 to 65535');
  return ok({
    protocol,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    path: `${pathname === '' ? '/' : pathname}${search}`,
    username: username === '' ? null : decoded(username),
    password: password === '' ? null : decoded(password),
    shown: `${protocol}://${hostname}:${number}`,
  });
}
