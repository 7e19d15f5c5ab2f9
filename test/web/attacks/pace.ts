import { type Row, refused, type Step } from '../../events/attacks/row.ts';
import { CHUNKED, done, JSON_TYPE, message, wishesOf } from './wish.ts';

/** Senders that leave before they are through. */
export function leaving(): readonly Row[] {
  const { wish } = wishesOf();
  const START = 'POST /api/login/paste HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  const leaving: readonly Row[] = [
    refused('half-closed in the headers', 400, [START, 'half-close']),
    refused('half-closed in the wish', 400, [wish().subarray(0, -5), 'half-close']),
    refused('reset in the wish', [], [wish().subarray(0, -5), { restMs: 20 }, 'reset']),
    done('half-closed behind the wish', [wish(), 'half-close']),
  ];
  return leaving;
}

/** Senders that are slow or stop. */
export function slow(): readonly Row[] {
  const { fields, length } = wishesOf();
  const head = message({
    start: 'POST /api/login/paste HTTP/1.1',
    more: [JSON_TYPE, length],
  }).toString('latin1');
  const slowly = (text: string): Step => ({ drip: text, everyMs: 400 });
  return [
    refused('silence', 408, []),
    refused('half a header', 408, head.slice(0, 60)),
    refused('headers letter by letter', 408, slowly(head)),
    refused('a wish that never comes', 408, head),
    refused('a wish letter by letter', 408, [head, slowly(fields)]),
    refused('chunks that never end', 408, [
      message({ start: 'POST /api/login/paste HTTP/1.1', more: [JSON_TYPE, CHUNKED] }),
      slowly('1\r\nx\r\n'.repeat(20)),
    ]),
    refused(
      'a stranger who never sends the rest',
      401,
      message({
        start: 'POST /api/login/paste HTTP/1.1',
        password: null,
        more: [JSON_TYPE, 'Content-Length: 100'],
      }),
    ),
  ];
}
