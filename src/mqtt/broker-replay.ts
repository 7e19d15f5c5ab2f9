import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { covers, hasWildcard } from './broker-access.ts';

/** A message as the broker keeps it for a topic. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: 0 | 1 | 2;
}

/** A client that subscribes. */
export interface Reader {
  readonly closed: boolean;
}

/**
 * Gives new subscribers what the broker has retained. A SUBSCRIBE of eight bytes asks for all of it, and aedes reads the
 * next without waiting: so a client has a few subscriptions served at a time, and one that has gone has none.
 */
export interface Replay {
  /** Calls back, at once or later, when the client may have one more subscription; never for one that has gone. */
  admit(client: Reader, go: () => void): void;
  /** Tells for whom the next stream will be. */
  announce(client: Reader): void;
  /** What is retained and matches, filter by filter. */
  stream(filters: readonly string[]): Readable;
}

/** What one client waits for. */
interface Line {
  running: number;
  /** Let through in this turn of the event loop. */
  passed: number;
  armed: boolean;
  waiting: (() => void)[];
}

// More than a house's clients ever have under way, and little memory.
const AT_ONCE = 32;
// Thousands of filters over thousands of topics take long; others have a turn in between.
const COMPARED_AT_A_TIME = 1_000;

/** What every topic that the filter matches begins with. */
function beginningOf(filter: string): string {
  const wildcard = filter.search(/[+#]/);
  return wildcard < 0 ? filter : filter.slice(0, wildcard).replace(/\/$/, '');
}

/** Lets a few subscriptions of each client through at a time. */
function createLines() {
  const lines = new WeakMap<Reader, Line>();
  const lineOf = (client: Reader): Line => {
    const line = lines.get(client) ?? { running: 0, passed: 0, armed: false, waiting: [] };
    lines.set(client, line);
    return line;
  };
  const pump = (client: Reader): void => {
    const line = lineOf(client);
    if (client.closed) line.waiting = [];
    while (line.waiting.length > 0 && line.passed < AT_ONCE && line.running < AT_ONCE) {
      line.passed += 1;
      line.waiting.shift()?.();
    }
    // It takes a turn until a subscription that was let through has its stream.
    if (line.armed || line.passed === 0) return;
    line.armed = true;
    setImmediate(() => {
      line.armed = false;
      line.passed = 0;
      pump(client);
    });
  };
  return {
    enter(client: Reader, go: () => void): void {
      lineOf(client).waiting.push(go);
      pump(client);
    },
    begin(client: Reader): void {
      lineOf(client).running += 1;
    },
    end(client: Reader): void {
      lineOf(client).running -= 1;
      pump(client);
    },
  };
}

/** Looks at what is retained when it is asked for, not before: it may have changed. */
export function createReplay(retained: ReadonlyMap<string, RetainedMessage>): Replay {
  const lines = createLines();
  let next: Reader | null = null;

  function* candidates(filter: string): Iterable<RetainedMessage> {
    if (hasWildcard(filter)) return yield* retained.values();
    const message = retained.get(filter);
    if (message !== undefined) yield message;
  }

  async function* serve(client: Reader, filters: readonly string[]): AsyncIterable<RetainedMessage> {
    let compared = 0;
    try {
      for (const filter of filters) {
        const beginning = beginningOf(filter);
        for (const message of candidates(filter)) {
          compared += 1;
          if (compared % COMPARED_AT_A_TIME === 0) await turn();
          if (client.closed) return;
          if (message.topic.startsWith(beginning) && covers(filter, message.topic)) yield message;
        }
      }
    } finally {
      lines.end(client);
    }
  }

  return {
    admit: lines.enter,
    announce(client) {
      next = client;
      // It asks for none when it granted none.
      queueMicrotask(() => {
        next = null;
      });
    },
    stream(filters) {
      const client = next ?? { closed: false };
      next = null;
      lines.begin(client);
      return Readable.from(serve(client, filters));
    },
  };
}
