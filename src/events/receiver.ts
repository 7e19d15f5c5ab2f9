import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Log } from '../bridge/ports.ts';
import { err, type Result } from '../bridge/result.ts';
import type { SonosEvent } from '../bridge/sonos.ts';
import { answerEmpty, closingUnread } from './answer.ts';
import { type BodyProblem, isEncoded, readBody } from './body.ts';
import { type EventHeaders, type HeaderProblem, readHeaders } from './headers.ts';
import { type Envelope, type Knows, readEvent } from './parse.ts';
import { type Credentials, isGenuine } from './signature.ts';
import { createTally, type EventCounters } from './tally.ts';
import { createWorkQueue } from './work-queue.ts';

/** What a receiver needs. */
export interface ReceiverOptions {
  /** The key of the integration; null while there is none, and then no event is believed. */
  readonly credentials: () => Credentials | null;
  /** Takes an event that is signed, known and well-formed; called in order of arrival, never twice at once. */
  readonly accept: (event: SonosEvent) => void;
  /** Events were dropped, so what is shown may be old: everything should be read again. */
  readonly lost: () => void;
  readonly knows: Knows;
  readonly clock: Clock;
  readonly log: Log;
  /** Events that wait at most; the oldest go first. */
  readonly maxWaiting?: number;
}

/** The event callback. */
export interface Receiver {
  /** Answers a request to the event path. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  counters(): EventCounters;
  /** Resolves when every event that was answered with 200 has been dealt with. */
  idle(): Promise<void>;
  /** Drops what waits, and takes no more. */
  close(): void;
}

const MAX_BODY_BYTES = 1_048_576;
const MAX_WAITING = 10_000;
/** Some 5,000 events of ordinary size, and far more than an honest house has waiting. */
const MAX_WAITING_CHARACTERS = 16 * MAX_BODY_BYTES;

const STATUS: Readonly<Record<BodyProblem, number | null>> = {
  body_too_large: 413,
  // Nobody is there any more to be answered.
  body_incomplete: null,
};

const GREETING = 'This address takes events from Sonos.\n';

function greet(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(GREETING)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...closingUnread(request),
  });
  response.end(request.method === 'HEAD' ? '' : GREETING);
}

/** The headers of an event that Sonos signed; they are all that decides. */
function authenticate(
  rawHeaders: readonly string[],
  credentials: Credentials | null,
): Result<EventHeaders, HeaderProblem | 'no_credentials' | 'bad_signature'> {
  const headers = readHeaders(rawHeaders);
  if (!headers.ok) return headers;
  if (credentials === null) return err('no_credentials');
  return isGenuine(headers.value, headers.value.signature, credentials) ? headers : err('bad_signature');
}

/**
 * Creates the event callback. Headers and signature are checked before a byte of the body is read: 401, or 415 for
 * a compressed body, or 413 for one over 1 MiB, or 200. A signed event is answered as soon as it is complete and
 * read afterwards, since Sonos waits about a second and gives an event up after a few tries.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { clock } = options;
  const tally = createTally(clock, options.log);

  const queue = createWorkQueue<Envelope>({
    maxItems: options.maxWaiting ?? MAX_WAITING,
    maxSize: MAX_WAITING_CHARACTERS,
    lost: options.lost,
    work: (envelope) => {
      const event = readEvent(envelope, options.knows);
      if (!event.ok) {
        tally.ignored(event.error, envelope.headers);
        return;
      }
      tally.accepted(envelope.at);
      options.accept(event.value);
    },
  });

  function receive(headers: EventHeaders, request: IncomingMessage, response: ServerResponse): void {
    // A cautious sender holds its body back until it is asked for, and only a signed one is asked.
    if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
    readBody(request, MAX_BODY_BYTES, (body) => {
      if (body.ok) {
        answerEmpty(request, response, 200);
        queue.push({ headers, body: body.value, at: clock.now() }, body.value.length);
        return;
      }
      tally.rejected(body.error);
      const status = STATUS[body.error];
      if (status !== null) answerEmpty(request, response, status);
    });
  }

  function post(request: IncomingMessage, response: ServerResponse): void {
    const headers = authenticate(request.rawHeaders, options.credentials());
    if (!headers.ok) {
      tally.rejected(headers.error);
      answerEmpty(request, response, 401);
      return;
    }
    if (isEncoded(request)) {
      tally.rejected('body_encoded');
      answerEmpty(request, response, 415);
      return;
    }
    receive(headers.value, request, response);
  }

  return {
    handle: (request, response) => {
      if (request.method === 'POST') post(request, response);
      else if (request.method === 'GET' || request.method === 'HEAD') greet(request, response);
      else answerEmpty(request, response, 405, { Allow: 'GET, HEAD, POST' });
    },
    counters: () => tally.counters(queue.dropped()),
    idle: queue.idle,
    close: queue.close,
  };
}
