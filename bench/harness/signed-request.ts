import { sign } from '../../src/sim/signature.ts';

/** Higher than any number that a simulated house has given. */
export const FIRST_SEQUENCE = 100_000_000_000;

/** An event of a group or a player, before it is signed. */
export interface EventToSign {
  readonly household: string;
  readonly sequence: number;
  readonly namespace: string;
  readonly type: string;
  readonly targetType: 'groupId' | 'playerId';
  readonly target: string;
}

/** Whose key signs. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The headers of an event, with the signature among them. */
export function signedHeaders(event: EventToSign, { clientId, clientSecret }: Credentials): string[] {
  const { household, namespace, type, targetType, target } = event;
  const sequence = String(event.sequence);
  return [
    ...['Content-Type', 'application/json', 'X-Sonos-Household-Id', household],
    ...['X-Sonos-Namespace', namespace, 'X-Sonos-Type', type, 'X-Sonos-Target-Type', targetType],
    ...['X-Sonos-Target-Value', target, 'X-Sonos-Event-Seq-Id', sequence],
    'X-Sonos-Event-Signature',
    sign({ sequence, namespace, type, targetType, target }, clientId, clientSecret),
  ];
}

/** A whole HTTP request with these headers, name and value in turn; its body is Latin-1. */
export function requestText(port: number, path: string, headers: readonly string[], body: string): string {
  let lines = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${body.length}\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${lines}\r\n${body}`;
}
