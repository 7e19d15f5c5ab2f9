import type { IncomingMessage } from 'node:http';

/** Whether a header came more than once; `headers` tells of the first alone. */
function isDoubled(rawHeaders: readonly string[], name: string): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index] ?? '';
    if (given.length === name.length && given.toLowerCase() === name) count += 1;
  }
  return count > 1;
}

/**
 * The status with which a request is refused whatever it asks for, because a proxy may read it in another way than
 * Node does: no HTTP/1, a transfer coding other than chunks, chunks under HTTP/1.0 (RFC 9112 §6.1), two hosts (§3.2).
 * Null for a proper one.
 */
export function refusalOf({ httpVersionMajor, httpVersionMinor, headers, rawHeaders }: IncomingMessage) {
  if (httpVersionMajor !== 1) return 505;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (httpVersionMinor === 0 || !/^chunked$/i.test(coding))) return 400;
  return isDoubled(rawHeaders, 'host') ? 400 : null;
}
