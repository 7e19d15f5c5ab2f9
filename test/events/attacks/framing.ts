import { BODY, CALLBACK } from '../house.ts';
import { event, GENUINE, LENGTH, message, type Row, refused, taken, without } from './row.ts';

/** A genuine event hidden where a body should be: whoever cuts the stream elsewhere takes it for a request. */
const HIDDEN = event('666').toString('latin1');
const CHUNKED = 'Transfer-Encoding: chunked';
const size = BODY.length.toString(16);
const inChunks = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const BODY_IN_CHUNKS = inChunks(BODY);

/** A request whose length is announced in this way; the body has its true length. */
const lengths = (...more: string[]): Buffer => message({ more, body: BODY });
/** A request with these chunks. */
const chunks = (body: string, more: readonly string[] = [CHUNKED]): Buffer => message({ more, body });

const bothLengths: readonly Row[] = [
  refused('a length, then chunks', 400, message({ more: [LENGTH, CHUNKED], body: `0\r\n\r\n${HIDDEN}` })),
  refused('chunks, then a length', 400, message({ more: [CHUNKED, LENGTH], body: `0\r\n\r\n${HIDDEN}` })),
  refused(
    'a length of nothing, then chunks',
    400,
    message({ more: ['Content-Length: 0', CHUNKED], body: HIDDEN }),
  ),
  refused('two lengths that agree', 400, lengths(LENGTH, LENGTH)),
  refused('two lengths that differ', 400, lengths(LENGTH, 'Content-Length: 5')),
  refused('a length and one of nothing', 400, lengths(LENGTH, 'Content-Length: 0')),
  refused('a list of lengths', 400, lengths(`${LENGTH}, ${BODY.length}`)),
  refused('a length in another case, twice', 400, lengths(LENGTH, LENGTH.toLowerCase())),
];

const oddLengths: readonly Row[] = [
  ['with a plus', `+${BODY.length}`],
  ['below nothing', '-1'],
  ['in hexadecimal', `0x${size}`],
  ['in other digits', '\uff14\uff11'],
  ['with a space inside', '4 1'],
  ['with letters behind', `${BODY.length}abc`],
  ['with a fraction', `${BODY.length}.0`],
  ['with an exponent', '4e1'],
  ['that is empty', ''],
  ['with a comma behind', `${BODY.length},`],
  ['with a semicolon behind', `${BODY.length};q=1`],
  ['in quotes', `"${BODY.length}"`],
  ['beyond 64 bits', '18446744073709551657'],
  ['of a hundred digits', '9'.repeat(100)],
  ['with a NUL behind', `${BODY.length}\0`],
  ['with a vertical tab behind', `${BODY.length}\v`],
].map(([what, value]) => refused(`a length ${what}`, 400, lengths(`Content-Length: ${value}`)));

const lengthsThatAreFine: readonly Row[] = [
  taken('a length with zeros in front', lengths(`Content-Length: 000${BODY.length}`)),
  taken('a length with spaces around', lengths(`Content-Length:  ${BODY.length} `)),
  refused('a length with a tab behind', 400, lengths(`Content-Length: ${BODY.length}\t`)),
  refused('a space before the colon of a length', 400, lengths(`Content-Length : ${BODY.length}`)),
  refused('a length on a folded line', 400, lengths(`Content-Length:\r\n ${BODY.length}`)),
  refused('a length as another header', 400, lengths(`Content_Length: ${BODY.length}`)),
  refused('a length that is too short', 400, message({ more: ['Content-Length: 5'], body: BODY })),
  refused('an event behind an event of no length', 400, message({ more: [], body: `x${HIDDEN}` })),
];

const encodings: readonly Row[] = [
  ['chunked and identity', `${CHUNKED}, identity`],
  ['xchunked', 'Transfer-Encoding: xchunked'],
  ['chunkedx', 'Transfer-Encoding: chunkedx'],
  ['chunked in quotes', 'Transfer-Encoding: "chunked"'],
  ['chunked with a parameter', `${CHUNKED};q=1`],
  ['a vertical tab before chunked', 'Transfer-Encoding: \vchunked'],
  ['a vertical tab behind chunked', `${CHUNKED}\v`],
  ['a NUL behind chunked', `${CHUNKED}\0`],
  ['chunked on a folded line', 'Transfer-Encoding:\r\n chunked'],
  ['a space before the colon', 'Transfer-Encoding : chunked'],
  ['identity', 'Transfer-Encoding: identity'],
  ['gzip', 'Transfer-Encoding: gzip'],
  ['a cow', 'Transfer-Encoding: cow'],
  ['nothing', 'Transfer-Encoding:'],
].map(([what, line]) => refused(`a transfer encoding of ${what}`, 400, chunks(BODY_IN_CHUNKS, [line ?? ''])));

const encodingsInPairs: readonly Row[] = [
  refused(
    'chunked, then identity on a second line',
    400,
    chunks(BODY_IN_CHUNKS, [CHUNKED, 'Transfer-Encoding: identity']),
  ),
  refused('gzip, then chunked', 400, chunks(BODY_IN_CHUNKS, ['Transfer-Encoding: gzip, chunked'])),
  refused('chunked twice', 400, chunks(BODY_IN_CHUNKS, [CHUNKED, CHUNKED])),
  refused('xchunked and a length', 400, chunks(BODY_IN_CHUNKS, ['Transfer-Encoding: xchunked', LENGTH])),
  refused(
    'an underscore for a hyphen, and a length of nothing',
    400,
    chunks(BODY_IN_CHUNKS, ['Transfer_Encoding: chunked', 'Content-Length: 0']),
  ),
  taken('chunked in capitals, with a tab', chunks(BODY_IN_CHUNKS, ['Transfer-Encoding:\tCHUNKED'])),
  taken('chunked with a TE header', chunks(BODY_IN_CHUNKS, [CHUNKED, 'TE: trailers, deflate;q=0.5'])),
];

const brokenChunks: readonly Row[] = [
  ['in hexadecimal with 0x', `0x${size}\r\n${BODY}\r\n0\r\n\r\n`],
  ['with a plus', `+${size}\r\n${BODY}\r\n0\r\n\r\n`],
  ['below nothing', `-${size}\r\n${BODY}\r\n0\r\n\r\n`],
  ['that is no number', `g\r\n${BODY}\r\n0\r\n\r\n`],
  ['that is empty', `\r\n${BODY}\r\n0\r\n\r\n`],
  ['with a space in front', ` ${size}\r\n${BODY}\r\n0\r\n\r\n`],
  ['of 17 digits', `f0000000000000000\r\n${BODY}\r\n0\r\n\r\n`],
  ['that is smaller than the chunk', `5\r\n${BODY}\r\n0\r\n\r\n`],
  ['that is larger than the chunk', `${(BODY.length + 2).toString(16)}\r\n${BODY}\r\n0\r\n\r\n`],
  ['with a line feed alone', `${size}\n${BODY}\r\n0\r\n\r\n`],
  ['with a carriage return alone', `${size}\r${BODY}\r\n0\r\n\r\n`],
  ['and data that a line feed alone ends', `${size}\r\n${BODY}\n0\r\n\r\n`],
  ['with a NUL in its extension', `${size};a=\0\r\n${BODY}\r\n0\r\n\r\n`],
  ['with a line feed in its extension', `${size};a=b\n${BODY}\r\n0\r\n\r\n`],
].map(([what, body]) => refused(`a chunk size ${what}`, 400, chunks(body ?? '')));

const moreChunks: readonly Row[] = [
  taken('a chunk with an extension', chunks(`${size};name=value\r\n${BODY}\r\n0\r\n\r\n`)),
  taken('a chunk with a quoted extension', chunks(`${size};a="b c"\r\n${BODY}\r\n0;last\r\n\r\n`)),
  taken('a chunk size with zeros in front', chunks(`0000${size}\r\n${BODY}\r\n000\r\n\r\n`)),
  taken('a chunk for every byte', chunks(`${[...BODY].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`)),
  refused('extensions of 20 kB', 413, chunks(`${size};${'x'.repeat(20_000)}\r\n${BODY}\r\n0\r\n\r\n`)),
  without(
    'extensions of 100 bytes on every byte',
    200,
    chunks(`${`1;${'x'.repeat(100)}\r\n \r\n`.repeat(400)}0\r\n\r\n`),
  ),
  refused('a chunk that says it has 15 digits of bytes', 413, [
    chunks(`fffffffffffffff\r\n${' '.repeat(1_100_000)}`),
  ]),
  refused('half-closed in the middle of a chunk', 400, [
    chunks(`${size}\r\n${BODY.slice(0, 9)}`),
    'half-close',
  ]),
];

const trailers: readonly Row[] = [
  taken('a trailer', chunks(`${size}\r\n${BODY}\r\n0\r\nX-Other: 1\r\n\r\n`)),
  taken(
    'a trailer with a second type, which is not looked at',
    chunks(`${size}\r\n${BODY}\r\n0\r\nX-Sonos-Type: playback\r\n\r\n`),
  ),
  refused('a trailer that is no header', 400, chunks(`${size}\r\n${BODY}\r\n0\r\nnothing\r\n\r\n`)),
  refused('trailers of 20 kB', 431, chunks(`${size}\r\n${BODY}\r\n0\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)),
  refused(
    'all seven headers in the trailer',
    401,
    message({ sonos: '', more: [CHUNKED], body: `${size}\r\n${BODY}\r\n0\r\n${GENUINE}\r\n` }),
  ),
  refused('a length in the trailer', 400, chunks(`${size}\r\n${BODY}\r\n0\r\nContent-Length: 500\r\n\r\n`)),
];

const versions: readonly Row[] = [
  refused(
    'chunks under HTTP/1.0',
    400,
    message({ start: `POST ${CALLBACK} HTTP/1.0`, more: [CHUNKED], body: BODY_IN_CHUNKS }),
  ),
  refused(
    'chunks under HTTP/1.0, kept alive',
    400,
    message({
      start: `POST ${CALLBACK} HTTP/1.0`,
      more: [CHUNKED, 'Connection: keep-alive'],
      body: BODY_IN_CHUNKS + HIDDEN,
    }),
  ),
  without('an event inside the body of an event', 200, event('1000', event('666').toString())),
  without('an event inside a chunk', 200, chunks(inChunks(HIDDEN))),
  refused('an event inside the body of a stranger', 401, message({ sonos: '', body: HIDDEN })),
  refused(
    'an event inside the body of a GET',
    200,
    message({ start: `GET ${CALLBACK} HTTP/1.1`, sonos: '', body: HIDDEN }),
  ),
  refused(
    'an event inside the body of a request for nowhere',
    404,
    message({ start: 'POST / HTTP/1.1', sonos: '', body: HIDDEN }),
  ),
  refused(
    'an event inside the chunks of a HEAD',
    200,
    message({ start: `HEAD ${CALLBACK} HTTP/1.1`, sonos: '', more: [CHUNKED], body: inChunks(HIDDEN) }),
  ),
];

/** Where a message ends: what two parsers could see differently. */
export const framing: readonly Row[] = [
  ...bothLengths,
  ...oddLengths,
  ...lengthsThatAreFine,
  ...encodings,
  ...encodingsInPairs,
  ...brokenChunks,
  ...moreChunks,
  ...trailers,
  ...versions,
];
