import { CALLBACK, REDIRECT } from '../house.ts';
import { message, type Row, refused, taken, without } from './row.ts';

const at = (target: string): Buffer =>
  message({ start: `POST ${target} HTTP/1.1`, more: ['Content-Length: 0'], body: '' });
const starting = (start: string): Buffer => message({ start, more: ['Content-Length: 0'], body: '' });
const by = (method: string): Buffer => starting(`${method} ${CALLBACK} HTTP/1.1`);

const targets: readonly Row[] = [
  ['in absolute form', `http://h${CALLBACK}`],
  ['in absolute form, with https', `https://h${CALLBACK}`],
  ['in absolute form, of another host', `http://evil.example${CALLBACK}`],
  ['with a doubled slash in front', `/${CALLBACK}`],
  ['with a doubled slash inside', CALLBACK.replace('/events/', '//events/')],
  ['with a dot segment', `/.${CALLBACK}`],
  ['with a dot segment inside', CALLBACK.replace('/events/', '/./events/')],
  ['that goes up and down again', `/x/..${CALLBACK}`],
  ['that goes up behind it', `${CALLBACK}/..${CALLBACK}`],
  ['with an encoded slash', CALLBACK.replace('/events/', '%2fevents%2F')],
  ['with an encoded letter', CALLBACK.replace('events', '%65vents')],
  ['with a doubly encoded letter', CALLBACK.replace('events', '%2565vents')],
  ['with an encoded NUL behind', `${CALLBACK}%00`],
  ['with an encoded query', `${CALLBACK}%3Fx`],
  ['with a parameter', `${CALLBACK};x=1`],
  ['with a fragment', `${CALLBACK}#x`],
  ['with a slash behind', `${CALLBACK}/`],
  ['with more behind', `${CALLBACK}/x`],
  ['in capitals', CALLBACK.toUpperCase()],
  ['without its last letter', CALLBACK.slice(0, -1)],
  ['with a broken escape', `${CALLBACK}%`],
  ['in the query of another', `/?x=${CALLBACK}`],
  ['in the fragment of another', `/#${CALLBACK}`],
  ['of the login, which takes no POST', `${REDIRECT}?code=c&state=s`],
  ['of the root', '/'],
  ['of everything', '*'],
].map(([what, target]) => without(`a path ${what}`, 404, at(target ?? '')));

const oddTargets: readonly Row[] = [
  taken('a query', message({ start: `POST ${CALLBACK}?token=1&a[__proto__][x]=1 HTTP/1.1` })),
  taken('a query of 12 kB', message({ start: `POST ${CALLBACK}?${'x'.repeat(12_000)} HTTP/1.1` })),
  refused('a path of 20 kB', 431, at(`/${'x'.repeat(20_000)}`)),
  refused('a path of 1 MB', 431, at(`/${'x'.repeat(1_000_000)}`)),
  refused('a path without a slash', 400, at(CALLBACK.slice(1))),
  refused('a path with backslashes', 400, at(CALLBACK.replaceAll('/', '\\'))),
  refused('a path with a letter beyond ASCII', 400, at(`${CALLBACK}\xe9`)),
  refused('a path with a NUL', 400, at(`${CALLBACK}\0`)),
  refused('a path with a carriage return', 400, at(`${CALLBACK}\rx`)),
  refused('a path with a line feed, which ends an HTTP/0.9 request', 505, at(`${CALLBACK}\nX: y`)),
  without(
    'the path in a header of some proxies',
    404,
    message({
      start: 'POST / HTTP/1.1',
      more: [`X-Original-URL: ${CALLBACK}`, `X-Rewrite-URL: ${CALLBACK}`, 'Content-Length: 0'],
      body: '',
    }),
  ),
  refused('CONNECT to somewhere', [], starting('CONNECT evil.example:443 HTTP/1.1')),
  refused('CONNECT to the path', [], by('CONNECT')),
];

const methods: readonly Row[] = [
  ...[
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'LOCK',
    'M-SEARCH',
    'PURGE',
    'SUBSCRIBE',
    'LINK',
  ].map((method) => without(`the method ${method}`, 405, by(method))),
  without('the method OPTIONS for everything', 404, starting('OPTIONS * HTTP/1.1')),
  without('a GET with all that an event has but the body', 200, by('GET')),
  without('a HEAD with all that an event has but the body', 200, by('HEAD')),
  without(
    'a GET that would rather be a POST',
    200,
    message({ start: `GET ${CALLBACK} HTTP/1.1`, more: ['X-HTTP-Method-Override: POST'], body: '' }),
  ),
  refused('a GET with all that an event has', 200, message({ start: `GET ${CALLBACK} HTTP/1.1` })),
  refused('a PUT with all that an event has', 405, message({ start: `PUT ${CALLBACK} HTTP/1.1` })),
  ...['post', 'Post', 'FOO', 'POSTX', 'PO ST', 'P\0ST', '', 'X'.repeat(1_000)].map((method) =>
    refused(
      `the method "${method.slice(0, 8).replaceAll('\0', '\u2400')}" of ${method.length}`,
      400,
      by(method),
    ),
  ),
];

const versions: readonly Row[] = [
  refused('HTTP/0.9', 505, `POST ${CALLBACK}\r\n\r\n`),
  refused('HTTP/0.9 with headers', 505, starting(`POST ${CALLBACK}`)),
  refused('HTTP/1.2', 400, starting(`POST ${CALLBACK} HTTP/1.2`)),
  refused('HTTP/2.0', 505, starting(`POST ${CALLBACK} HTTP/2.0`)),
  refused('HTTP/3.0', 400, starting(`POST ${CALLBACK} HTTP/3.0`)),
  refused('HTTP/1.10', 400, starting(`POST ${CALLBACK} HTTP/1.10`)),
  refused('HTTP/01.1', 400, starting(`POST ${CALLBACK} HTTP/01.1`)),
  refused('http/1.1', 400, starting(`POST ${CALLBACK} http/1.1`)),
  refused('HTTP/1,1', 400, starting(`POST ${CALLBACK} HTTP/1,1`)),
  refused('ICE/1.0, which Node takes for HTTP/1.0', 405, starting(`SOURCE ${CALLBACK} ICE/1.0`)),
  taken('RTSP/1.0, which Node takes for HTTP/1.0', message({ start: `POST ${CALLBACK} RTSP/1.0` }), {
    end: 'closed',
  }),
  refused('a word behind the version', 400, starting(`POST ${CALLBACK} HTTP/1.1 x`)),
  refused('the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('a TLS greeting', 400, Buffer.from('16030100c8010000c40303', 'hex')),
  refused('an SSH greeting', 400, 'SSH-2.0-OpenSSH_9.2\r\n'),
  refused(
    'a proxy protocol line',
    400,
    Buffer.concat([Buffer.from('PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n'), message()]),
  ),
  taken('HTTP/1.0', message({ start: `POST ${CALLBACK} HTTP/1.0` }), { end: 'closed' }),
  taken(
    'HTTP/1.0, kept alive',
    message({ start: `POST ${CALLBACK} HTTP/1.0`, more: ['Content-Length: 41', 'Connection: keep-alive'] }),
  ),
];

const whiteSpace: readonly Row[] = [
  refused('tabs in the request line', 400, starting(`POST\t${CALLBACK}\tHTTP/1.1`)),
  taken('two spaces before the path', message({ start: `POST  ${CALLBACK} HTTP/1.1` })),
  refused('a space before the method', 400, starting(` POST ${CALLBACK} HTTP/1.1`)),
  refused('a NUL before the method', 400, starting(`\0POST ${CALLBACK} HTTP/1.1`)),
  taken('empty lines before the request', Buffer.concat([Buffer.from('\r\n\r\n'), message()])),
];

const hosts: readonly Row[] = [
  refused('no host', 400, message({ host: '' })),
  taken('no host under HTTP/1.0', message({ start: `POST ${CALLBACK} HTTP/1.0`, host: '' }), {
    end: 'closed',
  }),
  refused('two hosts that agree', 400, message({ host: 'Host: h\r\nHost: h\r\n' })),
  refused('two hosts that differ', 400, message({ host: 'Host: h\r\nhost: evil.example\r\n' })),
  taken('an empty host', message({ host: 'Host:\r\n' })),
  taken('a host of a stranger, which nobody asks for', message({ host: 'Host: evil.example@h:99999\r\n' })),
  refused('a host of 100 kB', 431, message({ host: `Host: ${'h'.repeat(100_000)}\r\n` })),
  refused('a host with a space before its colon', 400, message({ host: 'Host : h\r\n' })),
];

/** The first line and the host: what the request is, and for whom. */
export const requestLine: readonly Row[] = [
  ...targets,
  ...oddTargets,
  ...methods,
  ...versions,
  ...whiteSpace,
  ...hosts,
];
