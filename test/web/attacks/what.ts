import { type Row, refused, without } from '../../events/attacks/row.ts';
import { FORM, formsOf, message, type Target } from './form.ts';

/** What is asked: methods, versions, paths. */
export function what(target: Target): readonly Row[] {
  const { fields, form } = formsOf(target);
  const methods: readonly Row[] = [
    ...['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'].map((method) =>
      without(`the method ${method}`, 405, message({ start: `${method} /unlink HTTP/1.1` })),
    ),
    without(
      'a GET with the fields of the form in its query',
      200,
      message({ start: `GET /unlink?${fields} HTTP/1.1` }),
    ),
    refused('a GET with the form as its body', 404, form({ start: 'GET /unlink HTTP/1.1' })),
    refused(
      'a POST with the fields in its query',
      403,
      message({ start: `POST /unlink?${fields} HTTP/1.1`, more: [FORM, 'Content-Length: 1'], body: 'x' }),
    ),
    refused('the method post', 400, form({ start: 'post /unlink HTTP/1.1' })),
    refused('CONNECT', [], message({ start: 'CONNECT 127.0.0.1:1400 HTTP/1.1' })),
    refused('HTTP/0.9', 505, form({ start: 'POST /unlink' })),
    refused('HTTP/2.0', 505, form({ start: 'POST /unlink HTTP/2.0' })),
    refused('the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  ];

  const paths: readonly Row[] = [
    '//unlink',
    '/./unlink',
    '/x/../unlink',
    '/unlink/',
    '/Unlink',
    '/unlink%00',
    '/%75nlink/',
    '/unlink;x',
    '/unlink%2f',
    '/nothing',
  ].map((path) => refused(`the path ${path}`, 404, form({ start: `POST ${path} HTTP/1.1` })));

  return [...methods, ...paths];
}
