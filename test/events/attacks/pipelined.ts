import { CALLBACK } from '../house.ts';
import { event, FORGED, LENGTH, message, type Row, refused, taken } from './row.ts';

const [one, two, three] = ['1001', '1002', '1003'].map((sequence) => event(sequence)) as [
  Buffer,
  Buffer,
  Buffer,
];
const forgedAlone = message({ sonos: FORGED, more: ['Content-Length: 0'], body: '' });
const forgedWhole = message({ sonos: FORGED });
const together = (...parts: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));

/** Several requests on one connection. */
export const pipelined: readonly Row[] = [
  taken('three events one behind the other', together(one, two, three), {
    answers: [200, 200, 200],
    events: ['1001', '1002', '1003'],
  }),
  taken('a forged one behind a genuine one', together(one, forgedAlone), {
    answers: [200, 401],
    events: ['1001'],
  }),
  taken('a genuine one behind a forged one', together(forgedAlone, one), {
    answers: [401, 200],
    events: ['1001'],
  }),
  taken('genuine and forged in turn', together(one, forgedAlone, two, forgedAlone, three), {
    answers: [200, 401, 200, 401, 200],
    events: ['1001', '1002', '1003'],
  }),
  refused('a genuine one behind a forged one with a body', 401, together(forgedWhole, one)),
  refused(
    'a genuine one behind a stranger\u2019s GET with a body',
    200,
    together(message({ start: `GET ${CALLBACK} HTTP/1.1`, sonos: '' }), one),
  ),
  refused(
    'a genuine one behind a request for nowhere with a body',
    404,
    together(message({ start: 'POST / HTTP/1.1', sonos: '' }), one),
  ),
  taken('a forged one with a body behind a genuine one', together(one, forgedWhole, two), {
    answers: [200, 401],
    events: ['1001'],
    end: 'closed',
  }),
  // Nothing may come there, which Node finds out when it has handed the first one on.
  taken('one behind Connection: close', together(message({ more: ['Connection: close', LENGTH] }), two), {
    answers: [400],
    end: 'closed',
  }),
  refused('a genuine one behind nonsense', 400, together('nonsense\r\n\r\n', one)),
  taken('nonsense behind a genuine one, later', [one, { answered: 1 }, 'nonsense\r\n\r\n'], {
    answers: [200, 400],
    events: ['1001'],
    end: 'closed',
  }),
  taken(
    'two hundred events at once',
    together(...Array.from({ length: 200 }, (_, index) => event(String(2_000 + index)))),
    {
      answers: Array.from({ length: 200 }, () => 200),
      events: Array.from({ length: 200 }, (_, index) => String(2_000 + index)),
    },
  ),
  taken(
    'a GET, an event and a HEAD',
    together(
      message({ start: `GET ${CALLBACK} HTTP/1.1`, sonos: '', more: [], body: '' }),
      one,
      message({ start: `HEAD ${CALLBACK} HTTP/1.1`, sonos: '', more: [], body: '' }),
      two,
    ),
    { answers: [200, 200, 200, 200], events: ['1001', '1002'] },
  ),
];
