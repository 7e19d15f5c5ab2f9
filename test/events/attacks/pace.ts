import { BODY, CALLBACK } from '../house.ts';
import { event, FORGED, GENUINE, LENGTH, message, OWN, type Row, refused, taken } from './row.ts';

const START = `POST ${CALLBACK} HTTP/1.1\r\nHost: h\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked';
const genuine = (more: string, body = ''): string => `${START}${GENUINE}${more}\r\n\r\n${body}`;
const ended = (name: string, answers: readonly number[], ...steps: Row['steps']): Row =>
  refused(name, answers, steps);
/** Slower than anybody waits, and never silent for long. */
const slowly = (text: string) => ({ drip: text, everyMs: 400 });
const ENDLESS = 'x'.repeat(60);

/** Senders that are slow or stop: everybody is cut off in time, and told so when there is somebody to be told. */
export const slow: readonly Row[] = [
  ended('silence', [408]),
  ended('empty lines only', [408], slowly('\r\n'.repeat(30))),
  ended('half a word', [408], 'PO'),
  ended('half a path', [408], `POST ${CALLBACK.slice(0, 9)}`),
  ended('half a header', [408], `${START}X-Sonos-Ty`),
  ended('all headers but the last line', [408], `${START}${GENUINE}${LENGTH}\r\n`),
  ended('a request letter by letter', [408], slowly(genuine(LENGTH, BODY))),
  ended('headers letter by letter', [408], `${START}${GENUINE}`, slowly(`X-Other: ${ENDLESS}`)),
  ended(
    'one header after the other',
    [408],
    START,
    ...Array.from({ length: 30 }, (_, index) => [`X-${index}: y\r\n`, { restMs: 400 }]).flat(),
  ),
  ended('a body that never comes', [408], genuine(LENGTH)),
  ended('a body that stops', [408], genuine(LENGTH, BODY.slice(0, 9))),
  ended('a body that lacks its last byte', [408], genuine(LENGTH, BODY.slice(0, -1))),
  ended('a body letter by letter', [408], genuine(LENGTH), slowly(BODY)),
  ended(
    'a body that was asked for and never comes',
    [100, 408],
    genuine(`${LENGTH}\r\nExpect: 100-continue`),
  ),
  ended('chunks that never come', [408], genuine(CHUNKED)),
  ended('chunks without the last one', [408], genuine(CHUNKED, `29\r\n${BODY}\r\n`)),
  ended('a last chunk without its end', [408], genuine(CHUNKED, `29\r\n${BODY}\r\n0\r\n`)),
  ended('chunk by chunk', [408], genuine(CHUNKED), slowly('1\r\n \r\n'.repeat(20))),
  ended('a chunk size without end', [408], genuine(CHUNKED), slowly('0'.repeat(60))),
  ended('an extension without end', [408], genuine(CHUNKED, '1;'), slowly(ENDLESS)),
  ended('a trailer without end', [408], genuine(CHUNKED, `29\r\n${BODY}\r\n0\r\nX: `), slowly(ENDLESS)),
  ended('a stranger letter by letter', [408], START, slowly(FORGED)),
  {
    ...taken('a slow one behind an event', [event('1101'), slowly(event('1102').toString())]),
    answers: [200, 408],
    end: 'closed',
    events: ['1101'],
  },
  {
    ...taken('a silent one behind half an event', [event('1103'), genuine(LENGTH).slice(0, 80)]),
    answers: [200, 408],
    end: 'closed',
    events: ['1103'],
  },
  {
    ...taken(
      'an event in 20 pieces within a second',
      message()
        .toString('latin1')
        .match(/[\s\S]{1,30}/g)
        ?.flatMap((piece) => [piece, { restMs: 30 }]) ?? [],
    ),
    events: [OWN],
  },
];

/** Senders that leave before they are through. */
export const leaving: readonly Row[] = [
  ended('half-closed without a word', [], 'half-close'),
  ended('half-closed in the path', [400], START.slice(0, 20), 'half-close'),
  ended('half-closed in the headers', [400], `${START}${GENUINE}`, 'half-close'),
  ended('half-closed before the body', [400], genuine(LENGTH), 'half-close'),
  ended('half-closed in the body', [400], genuine(LENGTH, BODY.slice(0, 20)), 'half-close'),
  ended('half-closed before the last chunk', [400], genuine(CHUNKED, `29\r\n${BODY}\r\n`), 'half-close'),
  taken('half-closed behind an event', [message(), 'half-close'], { end: 'closed' }),
  taken('half-closed behind two', [event('1201'), event('1202'), 'half-close'], {
    answers: [200, 200],
    end: 'closed',
    events: ['1201', '1202'],
  }),
  ended('reset without a word', [], 'reset'),
  ended('reset in the headers', [], `${START}${GENUINE}`, { restMs: 20 }, 'reset'),
  ended('reset before the body', [], genuine(LENGTH), { restMs: 20 }, 'reset'),
  ended('reset in the body', [], genuine(LENGTH, BODY.slice(0, 20)), { restMs: 20 }, 'reset'),
  ended('reset in a chunk', [], genuine(CHUNKED, `29\r\n${BODY.slice(0, 20)}`), { restMs: 20 }, 'reset'),
  taken('reset behind an event', [message(), { answered: 1 }, 'reset'], { answers: [], end: 'closed' }),
];
