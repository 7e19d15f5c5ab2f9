import { type Row, refused, without } from '../../events/attacks/row.ts';
import { JSON_TYPE, message, wishesOf } from './wish.ts';

/** What is asked: methods, versions, paths. */
export function what(): readonly Row[] {
  const { wish } = wishesOf();
  const methods: readonly Row[] = [
    ...['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'].map((method) =>
      without(`the method ${method}`, 405, message({ start: `${method} /api/login/paste HTTP/1.1` })),
    ),
    without(
      'a GET with the fields of the wish in its query',
      405,
      message({ start: 'GET /api/login/paste?address=x HTTP/1.1' }),
    ),
    refused('a GET with the wish as its body', 405, wish({ start: 'GET /api/login/paste HTTP/1.1' })),
    refused(
      'a POST with the fields in its query',
      400,
      message({
        start: 'POST /api/login/paste?address=x HTTP/1.1',
        more: [JSON_TYPE, 'Content-Length: 1'],
        body: 'x',
      }),
    ),
    refused('the method post', 400, wish({ start: 'post /api/login/paste HTTP/1.1' })),
    refused('CONNECT', [], message({ start: 'CONNECT 127.0.0.1:1400 HTTP/1.1' })),
    refused('HTTP/0.9', 505, wish({ start: 'POST /api/login/paste' })),
    refused('HTTP/2.0', 505, wish({ start: 'POST /api/login/paste HTTP/2.0' })),
    refused('the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  ];

  const paths: readonly Row[] = [
    '//api/login/paste',
    '/./api/login/paste',
    '/x/../api/login/paste',
    '/api/login/paste/',
    '/api/login/Paste',
    '/api/login/paste%00',
    '/api/login/%70aste/',
    '/api/login/paste;x',
    '/API/login/paste',
    '/api//login/paste',
    '/api/login/paste%2f',
    '/nothing',
  ].map((path) => refused(`the path ${path}`, 404, wish({ start: `POST ${path} HTTP/1.1` })));

  return [
    ...methods,
    ...paths,
    refused(
      'a path that begins like a piece of the page',
      405,
      wish({ start: 'POST /assets/../api/login/paste HTTP/1.1', password: null }),
    ),
  ];
}
