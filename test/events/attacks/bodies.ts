import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { BODY } from '../house.ts';
import { LENGTH, message, type Row, refused, taken, without } from './row.ts';

const MEBIBYTE = 1_048_576;
const withBody = (body: string | Buffer, ...more: string[]): Buffer =>
  message({ more: [`Content-Length: ${body.length}`, ...more], body });
const padded = (size: number): string => BODY.replace('{', `{${' '.repeat(size - BODY.length)}`);

const gzipped = gzipSync(BODY);
const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
const doubleBomb = gzipSync(bomb);

const codings: readonly Row[] = [
  refused('gzip', 415, withBody(gzipped, 'Content-Encoding: gzip')),
  refused('deflate', 415, withBody(deflateSync(BODY), 'Content-Encoding: deflate')),
  refused('br', 415, withBody(brotliCompressSync(BODY), 'Content-Encoding: br')),
  refused('zstd', 415, withBody(gzipped, 'Content-Encoding: zstd')),
  refused('x', 415, withBody(BODY, 'Content-Encoding: x')),
  refused('GZIP', 415, withBody(gzipped, 'Content-Encoding: GZIP')),
  refused('identity, gzip', 415, withBody(gzipped, 'Content-Encoding: identity, gzip')),
  refused(
    'identity and gzip on two lines',
    415,
    withBody(gzipped, 'Content-Encoding: identity', 'Content-Encoding: gzip'),
  ),
  refused('a bomb of 50 MB', 415, withBody(bomb, 'Content-Encoding: gzip')),
  refused('a bomb in a bomb', 415, withBody(doubleBomb, 'Content-Encoding: gzip, gzip')),
  refused(
    'a bomb that says nothing of its length',
    415,
    message({
      more: ['Content-Encoding: gzip', 'Transfer-Encoding: chunked'],
      body: `ffff\r\n${'x'.repeat(500)}`,
    }),
  ),
  without('a gzipped body that does not say so', 200, withBody(gzipped)),
  taken('identity', withBody(BODY, 'Content-Encoding: identity')),
  taken('an empty coding', withBody(BODY, 'Content-Encoding:')),
].map((row) => ({ ...row, name: `the content coding ${row.name}` }));

const types: readonly Row[] = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'nonsense',
  '',
  '; charset=utf-7',
].map((type) => taken(`the content type "${type}"`, withBody(BODY, `Content-Type: ${type}`)));

const sizes: readonly Row[] = [
  without('an empty body', 200, withBody('')),
  without('no body and no length', 200, message({ more: [], body: '' })),
  taken('a body of one mebibyte', withBody(padded(MEBIBYTE))),
  refused('a body of one byte more', 413, withBody(padded(MEBIBYTE + 1))),
  refused(
    'a body that says it is one byte more',
    413,
    message({ more: [`Content-Length: ${MEBIBYTE + 1}`], body: '' }),
  ),
  refused(
    'a body that says it has 2^53 bytes',
    413,
    message({ more: ['Content-Length: 9007199254740992'], body: BODY }),
  ),
  refused(
    'a body that says it has 2^64 - 1 bytes',
    413,
    message({ more: ['Content-Length: 18446744073709551615'], body: BODY }),
  ),
  refused(
    'chunks of more than one mebibyte',
    413,
    message({
      more: ['Transfer-Encoding: chunked'],
      body: `${(MEBIBYTE + 1).toString(16)}\r\n${' '.repeat(MEBIBYTE + 1)}\r\n0\r\n\r\n`,
    }),
  ),
  refused(
    'chunks without end',
    413,
    message({ more: ['Transfer-Encoding: chunked'], body: `8000\r\n${' '.repeat(32_768)}\r\n`.repeat(200) }),
  ),
  taken('a body that comes in two pieces', [
    message({ body: BODY.slice(0, 7), more: [LENGTH] }),
    { restMs: 30 },
    BODY.slice(7),
  ]),
];

/** What comes behind the headers of a genuine event. */
export const bodies: readonly Row[] = [...codings, ...types, ...sizes];
