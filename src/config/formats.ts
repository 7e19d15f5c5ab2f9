export { isTimeZone } from '../bridge/zoned-time.ts';

import { BlockList, isIP, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*$/i;

/** Whether an address or name is surely this machine only; any other name than `localhost` is not. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (bare === 'localhost') return true;
  const family = isIP(bare);
  return family !== 0 && loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether the text is an IP address (IPv6 without brackets) or a host name, without a port. */
export function isHost(text: string): boolean {
  return isIPv6(text) || HOST_NAME.test(text);
}

/** The parsed URL; null when the text is no absolute URL, has white space, or carries a user or password. */
export function readUrl(text: string): URL | null {
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hostname === '') return null;
  // `http:host` parses as well; a person who wrote that meant something else.
  return text.toLowerCase().startsWith(`${url.protocol}//`) ? url : null;
}

/** An address of a web server that secrets may travel to: https, or http on this machine; no query, no fragment. */
export function isSafeWebUrl(text: string): boolean {
  const url = readUrl(text);
  if (url === null || text.includes('?') || text.includes('#')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** An address of a web server at home or elsewhere: http or https, no query, no fragment. */
export function isHttpUrl(text: string): boolean {
  const url = readUrl(text);
  return url !== null && /^https?:$/.test(url.protocol) && !text.includes('?') && !text.includes('#');
}

/** The same, also with a query, and with `{text}`, `{language}`, `{voice}` and `{speed}` behind the host. */
export function isHttpTemplate(text: string): boolean {
  const url = readUrl(text.replace(/\{(text|language|voice|speed)\}/g, 'x'));
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && !text.includes('#');
  return isPlain && !/^https?:\/\/[^/?]*[{}]/i.test(text);
}

/** An absolute http or https URL without a fragment (RFC 6749 §3.1.2). */
export function isRedirectUri(text: string): boolean {
  const url = readUrl(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && !text.includes('#');
}

/** An address of an MQTT broker: `mqtt`, `mqtts`, `ws` or `wss`. */
export function isBrokerUrl(text: string): boolean {
  const url = readUrl(text);
  return url !== null && ['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(url.protocol);
}

/** A path of one or more plain segments, such as `/sonos/events`. */
export function isCallbackPath(text: string): boolean {
  return /^(\/[A-Za-z0-9._~-]+)+$/.test(text) && !/\/\.{1,2}(\/|$)/.test(text);
}

/** A topic that others may stand under: no wildcard, no empty level, no control character, not `$…`, at most 64 characters. */
export function isBaseTopic(text: string): boolean {
  return text.length <= 64 && !/[+#\p{Cc}\p{Cs}]/u.test(text) && !/^\$|^\/|\/$|\/\/|^$/.test(text);
}

/** An MQTT topic filter: `+` alone in a level, `#` alone in the last one (MQTT 5, §4.7.1). */
export function isTopicFilter(text: string): boolean {
  const levels = text.split('/');
  const fits = levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
  return text !== '' && Buffer.byteLength(text) <= 65_535 && fits && !/[\p{Cc}\p{Cs}]/u.test(text);
}

/**
 * Whether a text is a password, or a hash of one in PHC form, of scrypt with a cost that is neither low enough to be guessed nor too much for a
 * small machine. What only looks like one is a slip, and would else become the password itself.
 */
export function isPasswordOrHash(text: string): boolean {
  if (!text.startsWith('$scrypt$')) return true;
  return /^\$scrypt\$ln=1[4-7],r=8,p=[1-4]\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/.test(text);
}
