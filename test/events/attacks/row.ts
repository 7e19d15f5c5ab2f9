import { setTimeout as wait } from 'node:timers/promises';
import { BODY, CALLBACK, headerLines, openWireTo, request, signed, statuses, type Wire } from '../house.ts';

/** What is done on a connection, one after the other. */
export type Step =
  | string
  | Buffer
  | { readonly restMs: number }
  /** Goes on when so many answers have come. */
  | { readonly answered: number }
  /** One byte every so often, until all are sent or the other side has closed. */
  | { readonly drip: string; readonly everyMs: number }
  /** We say that nothing more will come, and go on reading. */
  | 'half-close'
  /** The connection is torn down with a reset. */
  | 'reset';

/** One attack, or one oddity that must go well. */
export interface Row {
  readonly name: string;
  readonly steps: readonly Step[];
  /** The status of every answer, in order; interim ones (100) too. */
  readonly answers: readonly number[];
  /** `in step`: the listener keeps the connection, and answers the next request on it as that request. */
  readonly end: 'closed' | 'in step';
  /** The sequence numbers of the events that the bridge sees, in order. */
  readonly events: readonly string[];
}

/** The sequence number of the event that a row carries when it says nothing else. */
export const OWN = '1000';
/** Genuine headers, one a line. */
export const GENUINE = headerLines(signed({ sequence: OWN }));
/** Headers that are well-formed and signed by nobody. */
export const FORGED = headerLines({ ...signed({ sequence: '666' }), signature: 'A'.repeat(43) });
export const LENGTH = `Content-Length: ${BODY.length}`;

/** The parts of a request, each to be replaced by an odd one. Lines of `more` get their CRLF. */
export interface Parts {
  readonly start?: string;
  readonly host?: string;
  readonly sonos?: string;
  readonly more?: readonly string[];
  readonly body?: string | Buffer;
}

/** A whole request; the text is Latin-1, so that every byte can be said. */
export function message(parts: Parts = {}): Buffer {
  const { start = `POST ${CALLBACK} HTTP/1.1`, host = 'Host: h\r\n', sonos = GENUINE, body = BODY } = parts;
  const more = (parts.more ?? [`Content-Length: ${body.length}`]).map((line) => `${line}\r\n`).join('');
  const head = Buffer.from(`${start}\r\n${host}${sonos}${more}\r\n`, 'latin1');
  return Buffer.concat([head, typeof body === 'string' ? Buffer.from(body, 'latin1') : body]);
}

/** A whole genuine event with this number. */
export const event = (sequence: string, body = BODY): Buffer =>
  request({ headers: signed({ sequence }), body });

const isStep = (given: Step | readonly Step[]): given is Step => !Array.isArray(given);
const stepsOf = (given: Step | readonly Step[]): readonly Step[] => (isStep(given) ? [given] : given);

/** A row of which the bridge sees nothing, and after which the connection is closed. */
export const refused = (
  name: string,
  status: number | readonly number[],
  steps: Step | readonly Step[],
): Row => ({
  name,
  steps: stepsOf(steps),
  answers: typeof status === 'number' ? [status] : status,
  end: 'closed',
  events: [],
});

/** A row of which the bridge sees nothing, though the connection is kept. */
export const without = (
  name: string,
  status: number | readonly number[],
  steps: Step | readonly Step[],
): Row => ({
  ...refused(name, status, steps),
  end: 'in step',
});

/** A row that is an event like any other. */
export const taken = (name: string, steps: Step | readonly Step[], more: Partial<Row> = {}): Row => ({
  ...without(name, 200, steps),
  events: [OWN],
  ...more,
});

/** What came of a row. */
export type Outcome = Pick<Row, 'answers' | 'end'>;

async function drip(wire: Wire, text: string, everyMs: number): Promise<void> {
  for (const byte of text) {
    if (wire.isOver()) return;
    wire.send(byte);
    await wait(everyMs);
  }
}

async function perform(wire: Wire, step: Step): Promise<void> {
  if (step === 'half-close') wire.socket.end();
  else if (step === 'reset') wire.socket.resetAndDestroy();
  else if (typeof step === 'string' || Buffer.isBuffer(step)) wire.send(step);
  else if ('restMs' in step) await wait(step.restMs);
  else if ('answered' in step) await wire.status(step.answered);
  else await drip(wire, step.drip, step.everyMs);
}

/** What is asked on the same connection after a row, and how it is answered when both sides agree where the row ended. */
export interface Probe {
  readonly bytes: Buffer;
  readonly status: number;
}

const PROBE: Probe = { bytes: request({ method: 'DELETE', headers: null, body: '' }), status: 405 };

/** Plays a row against a listener, and tells what came of it. */
export async function play(row: Row, port: number, patienceMs = 5_000, probe = PROBE): Promise<Outcome> {
  const wire = await openWireTo(port);
  try {
    for (const step of row.steps) await perform(wire, step);
    if (row.steps.includes('reset')) return { answers: [], end: 'closed' };
    if (row.end === 'closed') return { answers: statuses(await wire.closed(patienceMs)), end: 'closed' };
    await wire.until((text) => statuses(text).length >= row.answers.length, patienceMs);
    wire.send(probe.bytes);
    const answered = (text: string): boolean =>
      statuses(text).length > row.answers.length && statuses(text).at(-1) === probe.status;
    return { answers: statuses(await wire.until(answered, patienceMs)).slice(0, -1), end: 'in step' };
  } finally {
    wire.socket.destroy();
  }
}
