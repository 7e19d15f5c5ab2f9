import { CALLBACK } from '../house.ts';
import { FORGED, GENUINE, LENGTH, message, type Row, refused, taken, without } from './row.ts';

const others: readonly Row[] = [
  without('no header at all', 401, message({ sonos: '', more: [], body: '' })),
  refused('nothing of Sonos', 401, message({ sonos: '' })),
  refused('a forged signature', 401, message({ sonos: FORGED })),
  refused('a header without a name', 400, message({ sonos: `: x\r\n${GENUINE}` })),
  refused('a header without a colon', 400, message({ sonos: `nothing\r\n${GENUINE}` })),
  refused('a header that begins with a space', 400, message({ host: ' Host: h\r\n' })),
  refused('a NUL in a name', 400, message({ sonos: `X\0Y: x\r\n${GENUINE}` })),
  refused('a letter beyond ASCII in a name', 400, message({ sonos: `X\xe9: x\r\n${GENUINE}` })),
  refused('a DEL in a value', 400, message({ sonos: `X: \x7f\r\n${GENUINE}` })),
  refused('an escape in a value', 400, message({ sonos: `X: \x1b[2J\r\n${GENUINE}` })),
  refused('all lines with bare line feeds', 400, message().toString('latin1').replaceAll('\r\n', '\n')),
  refused(
    'the last line with a bare line feed',
    400,
    message().toString('latin1').replace('\r\n\r\n', '\r\n\n'),
  ),
  refused('all lines with bare carriage returns', 400, message().toString('latin1').replaceAll('\r\n', '\r')),
  taken('2,001 other headers before', message({ sonos: `${'a:1\r\n'.repeat(2_001)}${GENUINE}` })),
  refused(
    'a doubled header behind 2,001 others',
    401,
    message({ sonos: `${GENUINE}${'a:1\r\n'.repeat(2_001)}X-Sonos-Type: x\r\n` }),
  ),
  refused(
    'a doubled length behind 2,001 others',
    400,
    message({ sonos: `${GENUINE}${LENGTH}\r\n${'a:1\r\n'.repeat(2_001)}` }),
  ),
  taken('headers of 15 KiB', message({ sonos: `${GENUINE}X: ${'x'.repeat(15_360 - GENUINE.length)}\r\n` })),
  refused('headers of more than 16 KiB', 431, message({ sonos: `${GENUINE}X: ${'x'.repeat(16_384)}\r\n` })),
  refused('a name of 16 KiB', 431, message({ sonos: `${GENUINE}${'x'.repeat(16_384)}: x\r\n` })),
  refused('headers without end', 431, message({ sonos: 'x: y\r\n'.repeat(50_000) })),
  taken(
    'names of what every object has',
    message({ sonos: `${GENUINE}__proto__: x\r\nconstructor: x\r\nhasOwnProperty: x\r\n` }),
  ),
];

const expectations: readonly Row[] = [
  taken('Expect: 100-continue', message({ more: ['Expect: 100-continue', LENGTH] }), { answers: [100, 200] }),
  taken('Expect: 100-Continue', message({ more: ['Expect: 100-Continue', LENGTH] }), { answers: [100, 200] }),
  refused(
    'Expect: 100-continue of a stranger',
    401,
    message({ sonos: FORGED, more: ['Expect: 100-continue', LENGTH] }),
  ),
  taken('Expect: 200-ok, which nobody minds', message({ more: ['Expect: 200-ok', LENGTH] })),
  taken('Expect: 100-continuex, which nobody minds', message({ more: ['Expect: 100-continuex', LENGTH] })),
  taken(
    'Expect: 100-continue under HTTP/1.0, which has none',
    message({ start: `POST ${CALLBACK} HTTP/1.0`, more: ['Expect: 100-continue', LENGTH] }),
    { end: 'closed' },
  ),
];

const connections: readonly Row[] = [
  taken('Connection: close', message({ more: ['Connection: close', LENGTH] }), { end: 'closed' }),
  taken(
    'Connection with the name of a signed header',
    message({ more: ['Connection: X-Sonos-Type, keep-alive', LENGTH] }),
  ),
  taken(
    'an upgrade to WebSocket',
    message({
      more: [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        LENGTH,
      ],
    }),
  ),
  taken(
    'an upgrade to HTTP/2',
    message({
      more: [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
        LENGTH,
      ],
    }),
  ),
  refused(
    'an upgrade of a stranger',
    401,
    message({ sonos: '', more: ['Connection: Upgrade', 'Upgrade: websocket', LENGTH] }),
  ),
  taken(
    'forwarding headers, which nobody believes',
    message({ more: ['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1', 'Via: 1.1 x', LENGTH] }),
  ),
];

/** All other headers. */
export const otherHeaders: readonly Row[] = [...others, ...expectations, ...connections];
