import { type Row, refused, without } from '../../events/attacks/row.ts';
import { REDIRECT_PATH } from '../house.ts';
import { CHUNKED, done, inChunks, JSON_TYPE, message, wishesOf } from './wish.ts';

/** Where a request ends, and what it brings. */
export function how(): readonly Row[] {
  const { fields, length, wish, withLines } = wishesOf();
  const HIDDEN = wish().toString('latin1');
  const framing: readonly Row[] = [
    refused(
      'a length and chunks',
      400,
      wish({ more: [JSON_TYPE, 'Content-Length: 5', CHUNKED], body: inChunks(fields) }),
    ),
    refused('two lengths', 400, withLines('Content-Length: 5')),
    refused('a length with a plus', 400, wish({ more: [JSON_TYPE, `Content-Length: +${fields.length}`] })),
    refused(
      'chunks under HTTP/1.0',
      400,
      wish({ start: 'POST /api/login/paste HTTP/1.0', more: [JSON_TYPE, CHUNKED], body: inChunks(fields) }),
    ),
    refused(
      'xchunked',
      400,
      wish({ more: [JSON_TYPE, 'Transfer-Encoding: xchunked'], body: inChunks(fields) }),
    ),
    refused(
      'gzip, then chunked',
      400,
      wish({ more: [JSON_TYPE, 'Transfer-Encoding: gzip, chunked'], body: inChunks(fields) }),
    ),
    refused('a chunk size that is none', 400, wish({ more: [JSON_TYPE, CHUNKED], body: `0x5\r\n${fields}` })),
    refused('bare line feeds', 400, HIDDEN.replaceAll('\r\n', '\n')),
    refused('a header that begins with a space', 400, wish({ host: ' Host: 127.0.0.1\r\n' })),
    refused('a wish hidden in the body of a stranger', 401, message({ password: null, body: HIDDEN })),
    refused('a wish hidden in the body of a GET', 200, message({ body: HIDDEN })),
    refused(
      'a wish hidden in a wish',
      400,
      wish({ more: [JSON_TYPE, `Content-Length: ${HIDDEN.length}`], body: HIDDEN }),
    ),
    refused('a wish behind a stranger with a body', 401, Buffer.concat([wish({ password: null }), wish()])),
    refused(
      'a wish behind a page from elsewhere',
      403,
      Buffer.concat([withLines('Origin: https://evil.example'), wish()]),
    ),
    without(
      'a page behind a stranger without a body',
      [401, 200],
      Buffer.concat([message({ password: null }), message()]),
    ),
    done('chunks', wish({ more: [JSON_TYPE, CHUNKED], body: inChunks(fields) })),
  ];

  const bodies: readonly Row[] = [
    refused(
      'a wish of 8 KiB and a byte',
      413,
      wish({
        body: `${fields}${' '.repeat(8_193 - fields.length)}`,
        more: [JSON_TYPE, 'Content-Length: 8193'],
      }),
    ),
    refused(
      'a wish that says it has a gigabyte',
      413,
      wish({ more: [JSON_TYPE, 'Content-Length: 1000000000'] }),
    ),
    refused(
      'a stranger that says so',
      401,
      wish({ password: null, more: [JSON_TYPE, 'Content-Length: 1000000000'] }),
    ),
    refused('a GET that says so', 200, message({ more: ['Content-Length: 1000000000'] })),
    refused(
      'chunks without end',
      413,
      wish({ more: [JSON_TYPE, CHUNKED], body: `4000\r\n${'x'.repeat(16_384)}\r\n`.repeat(100) }),
    ),
    refused('a gzipped wish', 415, withLines('Content-Encoding: gzip')),
    refused(
      'a wish as a form',
      415,
      wish({ more: ['Content-Type: application/x-www-form-urlencoded', length] }),
    ),
    refused(
      'a wish as text, as a page elsewhere can send without asking',
      415,
      wish({ more: ['Content-Type: text/plain', length] }),
    ),
    refused(
      'a wish in parts',
      415,
      wish({ more: ['Content-Type: multipart/form-data; boundary=x', length] }),
    ),
    refused('a wish without a type', 415, wish({ more: [length] })),
    done(
      'a wish in another alphabet, which nobody minds',
      wish({ more: [`${JSON_TYPE}; charset=utf-7`, length] }),
    ),
    refused(
      'fields that every object has',
      400,
      wish({
        body: '{"__proto__":{"address":"x"},"constructor":1}',
        more: [JSON_TYPE, 'Content-Length: 45'],
      }),
    ),
    refused(
      'a field that nobody expects beside the right one',
      400,
      wish({ body: '{"address":"x","y":1}', more: [JSON_TYPE, 'Content-Length: 21'] }),
    ),
    ...[
      'null',
      '[]',
      '"address"',
      '7',
      '{"address":7}',
      '{"address":null}',
      '{"address":["x"]}',
      '{"address":{"toString":"x"}}',
      '{',
      '{"address":"x"}}',
      '{"address":"\xff"}',
      '[[[[[[[[[[',
    ].map((body) =>
      refused(
        `JSON that is ${body}`,
        400,
        wish({ body, more: [JSON_TYPE, `Content-Length: ${body.length}`] }),
      ),
    ),
    without('no body at all', 400, wish({ body: '', more: [JSON_TYPE, 'Content-Length: 0'] })),
    done('an expectation', withLines('Expect: 200-ok')),
    refused(
      'an upgrade of a stranger',
      401,
      wish({
        password: null,
        more: ['Connection: Upgrade', 'Upgrade: websocket', JSON_TYPE, length],
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
