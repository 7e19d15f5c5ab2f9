import { type Row, refused } from '../../events/attacks/row.ts';
import { basic, PASSWORD } from '../house.ts';
import { done, FORM, formsOf, type Target } from './form.ts';

/** Who asks, and for whom: hosts, origins, passwords. */
export function who(target: Target): readonly Row[] {
  const { length, form, withLines } = formsOf(target);
  const hosts: readonly Row[] = [
    refused('no host', 400, form({ host: '' })),
    refused('no host under HTTP/1.0', 421, form({ start: 'POST /unlink HTTP/1.0', host: '' })),
    refused('two hosts, ours first', 400, form({ host: 'Host: 127.0.0.1\r\nHost: evil.example\r\n' })),
    refused('two hosts, ours last', 400, form({ host: 'Host: evil.example\r\nHost: 127.0.0.1\r\n' })),
    refused('two hosts, both ours', 400, form({ host: 'Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n' })),
    refused('a list of hosts', 421, form({ host: 'Host: 127.0.0.1, evil.example\r\n' })),
    refused('a host with a NUL', 400, form({ host: 'Host: 127.0.0.1\0.evil.example\r\n' })),
    refused('a host with a tab', 421, form({ host: 'Host: 127.0.0.1\t.evil.example\r\n' })),
    refused('a host with a path', 421, form({ host: 'Host: 127.0.0.1/.evil.example\r\n' })),
    refused('a host on a folded line', 400, form({ host: 'Host:\r\n 127.0.0.1\r\n' })),
    refused('a host with a space before its colon', 400, form({ host: 'Host : 127.0.0.1\r\n' })),
    refused('a host of 100 kB', 431, form({ host: `Host: ${'h'.repeat(100_000)}\r\n` })),
    refused(
      'a stranger\u2019s host, and ours as forwarded',
      421,
      form({ host: 'Host: evil.example\r\nX-Forwarded-Host: 127.0.0.1\r\n' }),
    ),
    done('our host with another port', form({ host: `Host: 127.0.0.1:${target.port}\r\n` })),
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
      'a cross-site form that says it is a GET',
      403,
      withLines('Origin: https://evil.example', 'X-HTTP-Method-Override: GET'),
    ),
    done('our origin', withLines(`Origin: ${own}`)),
    done('no word of an origin', form()),
  ];

  const passwords: readonly Row[] = [
    refused('no password', 401, form({ password: null })),
    refused(
      'two passwords, the right one last',
      401,
      form({
        password: null,
        more: [`Authorization: ${basic('x')}`, `Authorization: ${basic(PASSWORD)}`, FORM, length],
      }),
    ),
    refused(
      'the password in the query',
      401,
      form({ start: `POST /unlink?password=${PASSWORD.replace(' ', '%20')} HTTP/1.1`, password: null }),
    ),
    refused(
      'the password in the address',
      400,
      form({ start: `POST me:${PASSWORD}@127.0.0.1/unlink HTTP/1.1`, password: null }),
    ),
    refused(
      'a password of 10 kB',
      401,
      form({
        password: null,
        more: [`Authorization: Basic ${'A'.repeat(10_000)}`, FORM, length],
      }),
    ),
    refused(
      'a password of another kind',
      401,
      form({
        password: null,
        more: [`Authorization: Bearer ${PASSWORD}`, FORM, length],
      }),
    ),
    refused(
      'a password without its colon',
      401,
      form({
        password: null,
        more: [`Authorization: Basic ${Buffer.from(PASSWORD).toString('base64')}`, FORM, length],
      }),
    ),
  ];

  return [...hosts, ...origins, ...passwords];
}
