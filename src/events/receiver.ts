import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerEmpty, closingUnread } from './answer.ts';
import { type BodyProblem, isEncoded, MAX_BODY_BYTES, readBody } from './body.ts';
import type { EventHeaders } from './headers.ts';
import { createIntake, type Intake, type IntakeOptions } from './intake.ts';
import type { EventCounters } from './tally.ts';

/** What a receiver needs. */
export type ReceiverOptions = IntakeOptions;

/** Who decides over events, and answers for them. */
export interface Desk extends Pick<Intake, 'judge' | 'rejected'> {
  /** Whether an event could be taken now; it is asked before the body is read. */
  isOpen(): boolean;
  /** Takes a whole event with such headers; tells `answer` once, now or later, what the sender is to hear. */
  take(headers: EventHeaders, body: string, answer: (status: 200 | 413 | 503) => void): void;
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

/**
 * Creates what answers at the event path. Headers and signature are checked before a byte of the body is read: 401, or
 * 415 for a compressed body, 503 while the desk is closed, 413 for one over 1 MiB, or what the desk says.
 */
export function createEventPath(desk: Desk): Receiver['handle'] {
  function receive(headers: EventHeaders, request: IncomingMessage, response: ServerResponse): void {
    // A cautious sender holds its body back until it is asked for, and only a signed one is asked.
    const { headers: given, httpVersionMinor } = request;
    if (httpVersionMinor > 0 && /^100-continue$/i.test(given.expect ?? '')) response.writeContinue();
    readBody(request, MAX_BODY_BYTES, (body) => {
      if (body.ok) {
        desk.take(headers, body.value, (status) => answerEmpty(request, response, status));
        return;
      }
      desk.rejected(body.error);
      const status = STATUS[body.error];
      if (status !== null) answerEmpty(request, response, status);
    });
  }

  function post(request: IncomingMessage, response: ServerResponse): void {
    const headers = desk.judge(request.rawHeaders);
    if (headers === null) {
      answerEmpty(request, response, 401);
      return;
    }
    if (isEncoded(request)) {
      desk.rejected('body_encoded');
      answerEmpty(request, response, 415);
      return;
    }
    if (desk.isOpen()) receive(headers, request, response);
    else answerEmpty(request, response, 503);
  }

  return (request, response) => {
    if (request.method === 'POST') post(request, response);
    else if (request.method === 'GET' || request.method === 'HEAD') greet(request, response);
    else answerEmpty(request, response, 405, { Allow: 'GET, HEAD, POST' });
  };
}

/**
 * Creates the event callback of a house. A signed event is answered with 200 as soon as it is complete and read
 * afterwards, since Sonos waits about a second and gives an event up after a few tries.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const intake = createIntake(options);
  return {
    handle: createEventPath({
      judge: intake.judge,
      rejected: intake.rejected,
      isOpen: () => true,
      take: (headers, body, answer) => {
        answer(200);
        intake.take(headers, body);
      },
    }),
    counters: intake.counters,
    idle: intake.idle,
    close: intake.close,
  };
}
