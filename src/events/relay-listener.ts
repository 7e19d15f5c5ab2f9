import type { RequestListener } from 'node:http';
import { within } from '../bridge/within.ts';
import { answerEmpty } from './answer.ts';
import type { EventHeaders } from './headers.ts';
import { authenticate } from './intake.ts';
import { createDoor, type DoorOptions, type ListenerCounters, type PublicListener } from './listener.ts';
import { createPathTest } from './paths.ts';
import { createEventPath } from './receiver.ts';
import type { Credentials } from './signature.ts';
import { createTally } from './tally.ts';

/** What became of an event that was to be passed on: `lost` may have arrived or not, so it is to be sent again. */
export type PassedOn = 'taken' | 'lost' | 'too_large';

/** What the listener of a relay needs. */
export interface RelayListenerOptions extends DoorOptions {
  readonly credentials: Credentials;
  /** Answers whether the relay could pass an event on: 200 or 503, without a word. */
  readonly healthPath: string;
  readonly canPass: () => boolean;
  /** Passes an event on that Sonos has signed; tells `done` once. */
  readonly pass: (headers: EventHeaders, body: string, done: (what: PassedOn) => void) => void;
}

/** The listener of a relay: the same grammar and the same signature as that of a house, and another end. */
export type RelayListener = Omit<PublicListener, 'counters'> & {
  counters(): ListenerCounters;
  /** Events that Sonos was asked to send again, since the start. */
  turnedAway(): number;
};

/** Longer than anything waits for the broker. */
const FINISH_MS = 1_500;

const STATUS: Readonly<Record<PassedOn, 200 | 413 | 503>> = { taken: 200, lost: 503, too_large: 413 };

function healthAnswer({ healthPath, canPass }: RelayListenerOptions): RequestListener {
  const isHealth = createPathTest(healthPath);
  return (request, response) => {
    const asks = request.method === 'GET' || request.method === 'HEAD';
    if (asks && isHealth(request.url ?? '')) answerEmpty(request, response, canPass() ? 200 : 503);
    else answerEmpty(request, response, 404);
  };
}

/** Creates the listener of a relay: an event is answered with 200 when it was passed on, and not before. */
export function createRelayListener(options: RelayListenerOptions): RelayListener {
  const { clock, log, credentials, canPass, pass } = options;
  const tally = createTally(clock, log);
  let turnedAway = 0;
  let isOver = false;
  const underWay = new Set<Promise<void>>();

  const receive = createEventPath({
    judge(rawHeaders) {
      const headers = authenticate(rawHeaders, credentials);
      if (headers.ok) return headers.value;
      tally.rejected(headers.error);
      return null;
    },
    rejected: tally.rejected,
    isOpen() {
      if (!isOver && canPass()) return true;
      turnedAway += 1;
      return false;
    },
    take: (headers, body, answer) => {
      const passing = new Promise<void>((resolve) => {
        pass(headers, body, (what) => {
          if (what === 'taken') tally.accepted(clock.now());
          else if (what === 'lost') turnedAway += 1;
          else tally.rejected('body_too_large');
          answer(STATUS[what]);
          resolve();
        });
      });
      underWay.add(passing);
      void passing.then(() => underWay.delete(passing));
    },
  });
  const door = createDoor(options, receive, healthAnswer(options));

  return {
    start: door.start,
    async stop() {
      isOver = true;
      // Whoever waits for an answer gets it before connections are closed.
      await within(clock, FINISH_MS, Promise.all(underWay));
      await door.close();
    },
    counters: () => ({ ...tally.counters(0), connectionsRefused: door.connectionsRefused() }),
    turnedAway: () => turnedAway,
  };
}
