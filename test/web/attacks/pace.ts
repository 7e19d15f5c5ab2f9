import { type Row, refused, type Step } from '../../events/attacks/row.ts';
import { CHUNKED, done, FORM, formsOf, message, type Target } from './form.ts';

/** Senders that leave before they are through. */
export function leaving(target: Target): readonly Row[] {
  const { form } = formsOf(target);
  const START = 'POST /unlink HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  const leaving: readonly Row[] = [
    refused('half-closed in the headers', 400, [START, 'half-close']),
    refused('half-closed in the form', 400, [form().subarray(0, -5), 'half-close']),
    refused('reset in the form', [], [form().subarray(0, -5), { restMs: 20 }, 'reset']),
    done('half-closed behind the form', [form(), 'half-close']),
  ];
  return leaving;
}

/** Senders that are slow or stop. */
export function slow(target: Target): readonly Row[] {
  const { fields, length } = formsOf(target);
  const head = message({
    start: 'POST /unlink HTTP/1.1',
    more: [FORM, length],
  }).toString('latin1');
  const slowly = (text: string): Step => ({ drip: text, everyMs: 400 });
  return [
    refused('silence', 408, []),
    refused('half a header', 408, head.slice(0, 60)),
    refused('headers letter by letter', 408, slowly(head)),
    refused('a form that never comes', 408, head),
    refused('a form letter by letter', 408, [head, slowly(fields)]),
    refused('chunks that never end', 408, [
      message({ start: 'POST /unlink HTTP/1.1', more: [FORM, CHUNKED] }),
      slowly('1\r\nx\r\n'.repeat(20)),
    ]),
    refused(
      'a stranger who never sends the rest',
      401,
      message({ start: 'POST /unlink HTTP/1.1', password: null, more: [FORM, 'Content-Length: 100'] }),
    ),
  ];
}
