import { type Row, refused, without } from '../../events/attacks/row.ts';
import { REDIRECT_PATH } from '../house.ts';
import { CHUNKED, done, FORM, formsOf, inChunks, message, type Target } from './form.ts';

/** Where a request ends, and what it brings. */
export function how(target: Target): readonly Row[] {
  const { fields, length, form, withLines } = formsOf(target);
  const HIDDEN = form().toString('latin1');
  const framing: readonly Row[] = [
    refused(
      'a length and chunks',
      400,
      form({ more: [FORM, 'Content-Length: 5', CHUNKED], body: inChunks(fields) }),
    ),
    refused('two lengths', 400, withLines('Content-Length: 5')),
    refused('a length with a plus', 400, form({ more: [FORM, `Content-Length: +${fields.length}`] })),
    refused(
      'chunks under HTTP/1.0',
      400,
      form({ start: 'POST /unlink HTTP/1.0', more: [FORM, CHUNKED], body: inChunks(fields) }),
    ),
    refused('xchunked', 400, form({ more: [FORM, 'Transfer-Encoding: xchunked'], body: inChunks(fields) })),
    refused(
      'gzip, then chunked',
      400,
      form({ more: [FORM, 'Transfer-Encoding: gzip, chunked'], body: inChunks(fields) }),
    ),
    refused('a chunk size that is none', 400, form({ more: [FORM, CHUNKED], body: `0x5\r\n${fields}` })),
    refused('bare line feeds', 400, HIDDEN.replaceAll('\r\n', '\n')),
    refused('a header that begins with a space', 400, form({ host: ' Host: 127.0.0.1\r\n' })),
    refused('a form hidden in the body of a stranger', 401, message({ password: null, body: HIDDEN })),
    refused('a form hidden in the body of a GET', 200, message({ body: HIDDEN })),
    refused(
      'a form hidden in a form',
      404,
      form({ more: [FORM, `Content-Length: ${HIDDEN.length}`], body: HIDDEN }),
    ),
    refused('a form behind a stranger with a body', 401, Buffer.concat([form({ password: null }), form()])),
    refused(
      'a form behind a page from elsewhere',
      403,
      Buffer.concat([withLines('Origin: https://evil.example'), form()]),
    ),
    without(
      'a page behind a stranger without a body',
      [401, 200],
      Buffer.concat([message({ password: null }), message()]),
    ),
    done('chunks', form({ more: [FORM, CHUNKED], body: inChunks(fields) })),
  ];

  const bodies: readonly Row[] = [
    refused(
      'a form of 8 KiB and a byte',
      413,
      form({
        body: `${fields}&x=${'x'.repeat(8_192)}`,
        more: [FORM, `Content-Length: ${fields.length + 3 + 8_192}`],
      }),
    ),
    refused('a form that says it has a gigabyte', 413, form({ more: [FORM, 'Content-Length: 1000000000'] })),
    refused(
      'a stranger that says so',
      401,
      form({ password: null, more: [FORM, 'Content-Length: 1000000000'] }),
    ),
    refused('a GET that says so', 200, message({ more: ['Content-Length: 1000000000'] })),
    refused(
      'chunks without end',
      413,
      form({ more: [FORM, CHUNKED], body: `4000\r\n${'x'.repeat(16_384)}\r\n`.repeat(100) }),
    ),
    refused('a gzipped form', 415, withLines('Content-Encoding: gzip')),
    refused('a form as JSON', 415, form({ more: ['Content-Type: application/json', length] })),
    refused(
      'a form as text, as a page elsewhere can send without asking',
      415,
      form({ more: ['Content-Type: text/plain', length] }),
    ),
    refused(
      'a form in parts',
      415,
      form({ more: ['Content-Type: multipart/form-data; boundary=x', length] }),
    ),
    refused('a form without a type', 415, form({ more: [length] })),
    done(
      'a form in another alphabet, which nobody minds',
      form({ more: [`${FORM}; charset=utf-7`, length] }),
    ),
    refused(
      'fields that every object has',
      403,
      form({ body: '__proto__=x&constructor=y&token=__proto__', more: [FORM, 'Content-Length: 41'] }),
    ),
    refused(
      'the token twice, a wrong one first',
      403,
      form({ body: `token=x&${fields}`, more: [FORM, `Content-Length: ${fields.length + 8}`] }),
    ),
    done('an expectation', withLines('Expect: 200-ok')),
    refused(
      'an upgrade of a stranger',
      401,
      form({
        password: null,
        more: ['Connection: Upgrade', 'Upgrade: websocket', FORM, length],
      }),
    ),
    without(
      'a login that somebody else began',
      400,
      message({ start: `GET ${REDIRECT_PATH}?code=c&state=s HTTP/1.1`, password: null }),
    ),
  ];

  return [...framing, ...bodies];
}
