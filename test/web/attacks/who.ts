import { type Row, refused } from '../../events/attacks/row.ts';
import { basic, PASSWORD } from '../house.ts';
import { done, JSON_TYPE, type Target, wishesOf } from './wish.ts';

/** Who asks, and for whom: hosts, origins, passwords. */
export function who(target: Target): readonly Row[] {
  const { length, wish, withLines } = wishesOf();
  const hosts: readonly Row[] = [
    refused('no host', 400, wish({ host: '' })),
    refused('no host under HTTP/1.0', 421, wish({ start: 'POST /api/login/paste HTTP/1.0', host: '' })),
    refused('two hosts, ours first', 400, wish({ host: 'Host: 127.0.0.1\r\nHost: evil.example\r\n' })),
    refused('two hosts, ours last', 400, wish({ host: 'Host: evil.example\r\nHost: 127.0.0.1\r\n' })),
    refused('two hosts, both ours', 400, wish({ host: 'Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n' })),
    refused('a list of hosts', 421, wish({ host: 'Host: 127.0.0.1, evil.example\r\n' })),
    refused('a host with a NUL', 400, wish({ host: 'Host: 127.0.0.1\0.evil.example\r\n' })),
    refused('a host with a tab', 421, wish({ host: 'Host: 127.0.0.1\t.evil.example\r\n' })),
    refused('a host with a path', 421, wish({ host: 'Host: 127.0.0.1/.evil.example\r\n' })),
    refused('a host on a folded line', 400, wish({ host: 'Host:\r\n 127.0.0.1\r\n' })),
    refused('a host with a space before its colon', 400, wish({ host: 'Host : 127.0.0.1\r\n' })),
    refused('a host of 100 kB', 431, wish({ host: `Host: ${'h'.repeat(100_000)}\r\n` })),
    refused(
      'a stranger\u2019s host, and ours as forwarded',
      421,
      wish({ host: 'Host: evil.example\r\nX-Forwarded-Host: 127.0.0.1\r\n' }),
    ),
    done('our host with another port', wish({ host: `Host: 127.0.0.1:${target.port}\r\n` })),
  ];

  const own = 'http://127.0.0.1';
  const origins: readonly Row[] = [
    refused('two origins, ours first', 403, withLines(`Origin: ${own}`, 'Origin: https://evil.example')),
    refused('two origins, ours last', 403, withLines('Origin: https://evil.example', `Origin: ${own}`)),
    refused('a list of origins', 403, withLines(`Origin: ${own} https://evil.example`)),
    refused('an origin with a path', 403, withLines(`Origin: ${own}.evil.example/`)),
    refused('an origin with a letter beyond ASCII', 403, withLines('Origin: http://127.0.0.\xb9')),
    refused(
      'two sites, ours first',
      403,
      withLines(`Origin: ${own}`, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'),
    ),
    refused('a site that is new', 403, withLines('Sec-Fetch-Site: same-galaxy')),
    refused('an empty site', 403, withLines('Sec-Fetch-Site:')),
    refused(
      'a cross-site wish that says it is a GET',
      403,
      withLines('Origin: https://evil.example', 'X-HTTP-Method-Override: GET'),
    ),
    done('our origin', withLines(`Origin: ${own}`)),
    done('no word of an origin', wish()),
  ];

  const passwords: readonly Row[] = [
    refused('no password', 401, wish({ password: null })),
    ...[
      '/api/login/paste?token=smb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      '/api/login/paste?access_token=x',
      '/api/session/../login/paste',
      '/api/session%2f..%2flogin/paste',
    ].map((path) =>
      refused(`a stranger at ${path}`, 401, wish({ start: `POST ${path} HTTP/1.1`, password: null })),
    ),
    refused(
      'a hundred sessions that nobody opened',
      401,
      wish({
        password: null,
        more: [
          `Cookie: ${Array.from({ length: 100 }, (_, each) => `sonos_session=${'A'.repeat(20)}${each}`).join('; ')}`,
          ...[JSON_TYPE, length],
        ],
      }),
    ),
    ...['sonos_session=', 'sonos_session', 'sonos_session=__proto__-constructor', '=; ;;=', '\x00'].map(
      (cookie) =>
        refused(
          `the cookie ${JSON.stringify(cookie)}`,
          cookie === '\x00' ? 400 : 401,
          wish({ password: null, more: [`Cookie: ${cookie}`, JSON_TYPE, length] }),
        ),
    ),
    refused(
      'two passwords, the right one last',
      401,
      wish({
        password: null,
        more: [`Authorization: ${basic('x')}`, `Authorization: ${basic(PASSWORD)}`, JSON_TYPE, length],
      }),
    ),
    refused(
      'the password in the query',
      401,
      wish({
        start: `POST /api/login/paste?password=${PASSWORD.replace(' ', '%20')} HTTP/1.1`,
        password: null,
      }),
    ),
    refused(
      'the password in the address',
      400,
      wish({ start: `POST me:${PASSWORD}@127.0.0.1/api/login/paste HTTP/1.1`, password: null }),
    ),
    refused(
      'a password of 10 kB',
      401,
      wish({
        password: null,
        more: [`Authorization: Basic ${'A'.repeat(10_000)}`, JSON_TYPE, length],
      }),
    ),
    refused(
      'a password of another kind',
      401,
      wish({
        password: null,
        more: [`Authorization: Bearer ${PASSWORD}`, JSON_TYPE, length],
      }),
    ),
    refused(
      'a password without its colon',
      401,
      wish({
        password: null,
        more: [`Authorization: Basic ${Buffer.from(PASSWORD).toString('base64')}`, JSON_TYPE, length],
      }),
    ),
  ];

  return [...hosts, ...origins, ...passwords];
}
