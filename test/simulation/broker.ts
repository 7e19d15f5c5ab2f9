import type {
  Connection,
  ConnectionEvents,
  ConnectionOptions,
  OpenConnection,
} from '../../src/mqtt/client.ts';
import { type ConnectionFailure, failure, failureOfCode } from '../../src/mqtt/connection-failure.ts';
import type { Publication } from '../../src/mqtt/wire.ts';
import type { Process, VirtualTime } from './time.ts';

/** How the broker is: working, gone, letting nobody in, or holding its sockets open and doing nothing. */
export type BrokerMood = 'up' | 'down' | 'refusing' | 'stuck';

/** A message as the broker took it. */
export interface Taken {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly at: number;
}

const LATENCY_MS = 2;
/** When a client of ours takes a silent connection for lost: a ping every 30 s, and half as long again. */
const PING_MS = 45_000;

const matches = (filter: string, topic: string): boolean => {
  const [wanted, given] = [filter.split('/'), topic.split('/')];
  return wanted.length === given.length && wanted.every((level, i) => level === '+' || level === given[i]);
};

interface Session {
  readonly options: ConnectionOptions;
  readonly events: ConnectionEvents;
  isOpen: boolean;
  isOver: boolean;
  /** Nothing arrives any more, in either direction. */
  isStuck: boolean;
}

/** A broker that keeps retained messages and tells wills, as far as the bridge can see it. */
export class SimulatedBroker {
  readonly #time: VirtualTime;
  readonly retained = new Map<string, string>();
  /** What was taken since somebody last looked. */
  taken: Taken[] = [];
  #session: Session | null = null;
  #mood: BrokerMood = 'up';
  #cutsAhead = 0;
  /** The only version that it speaks; null for both. */
  readonly #speaks: 4 | 5 | null;
  /** When the bridge was not connected, or could not be heard, since somebody last looked; the last may go on. */
  outages: { from: number; to: number }[] = [{ from: 0, to: Number.POSITIVE_INFINITY }];

  constructor(time: VirtualTime, speaks: 4 | 5 | null) {
    this.#time = time;
    this.#speaks = speaks;
  }

  get mood(): BrokerMood {
    return this.#mood;
  }

  /** From now on it is so; who was connected loses the connection, or does not notice. */
  become(mood: BrokerMood): void {
    this.#mood = mood;
    if (mood === 'stuck') {
      if (this.#session !== null) this.#stick(this.#session);
      return;
    }
    if (mood !== 'up') this.#hangUp('ECONNRESET');
    else if (this.#session?.isStuck === true) this.#hangUp('ECONNRESET');
  }

  /** It starts anew without what it had kept. */
  forget(): void {
    this.#hangUp('ECONNRESET');
    this.retained.clear();
  }

  /** The network between us breaks now, and so many times more while an answer or an event is on its way. */
  cut(cutsAhead: number): void {
    this.#cutsAhead = cutsAhead;
    this.#hangUp('ECONNRESET');
  }

  /** Somebody in the house publishes; `reached` is told when it comes to the bridge. */
  publish(topic: string, payload: string, reached: () => void): void {
    const session = this.#session;
    if (this.#mood !== 'up' || session === null) return;
    if (!session.options.filters.some((filter) => matches(filter, topic))) return;
    this.#later(session, () => {
      reached();
      session.events.onMessage({
        topic,
        payload: new TextEncoder().encode(payload),
        retained: false,
        responseTopic: null,
        correlationData: null,
        expirySeconds: null,
      });
    });
  }

  /** The way to the broker for one process; it is cut when the process dies. */
  doorFor(process: Process): OpenConnection {
    return (options, events) =>
      this.#connect(options, {
        onOpen: (refused) => process.hear(() => events.onOpen(refused)),
        onMessage: (message) => process.hear(() => events.onMessage(message)),
        onEnd: (why, answered) => process.hear(() => events.onEnd(why, answered)),
      });
  }

  /** The process is gone, and with it its socket. */
  processDied(): void {
    const session = this.#session;
    if (session === null) return;
    this.#leave(session);
    if (this.#mood === 'up' && !session.isStuck) this.#tellWill(session);
  }

  #connect(options: ConnectionOptions, events: ConnectionEvents): Connection {
    const session: Session = { options, events, isOpen: false, isOver: false, isStuck: false };
    this.#time.after(LATENCY_MS, () => this.#letIn(session));
    return {
      window: 20,
      largestPacketBytes: Number.POSITIVE_INFINITY,
      publish: (publication, done) => this.#later(session, () => this.#take(session, publication, done)),
      close: () => {
        this.#leave(session);
        return Promise.resolve();
      },
      destroy: () => {
        const wasOpen = session.isOpen && !session.isOver;
        this.#leave(session);
        if (wasOpen && this.#mood === 'up') this.#tellWill(session);
      },
    };
  }

  #letIn(session: Session): void {
    if (session.isOver) return;
    if (this.#mood === 'stuck') {
      session.isStuck = true;
      this.#time.after(10_000, () => this.#end(session, failure('silent', 'no answer to the CONNECT')));
      return;
    }
    const refusal = this.#refusal(session.options.version);
    if (refusal !== null) {
      this.#end(session, refusal);
      return;
    }
    session.isOpen = true;
    if (session.options.will === null) {
      this.#showKept(session);
      return;
    }
    this.#session = session;
    const outage = this.outages.at(-1);
    if (outage !== undefined) outage.to = Math.min(outage.to, this.#time.now);
    session.events.onOpen([]);
  }

  /** One without a will only looks: it hears what is kept, and leaves. */
  #showKept(session: Session): void {
    const { filters } = session.options;
    session.events.onOpen([]);
    for (const [topic, payload] of this.retained) {
      if (!filters.some((filter) => matches(filter, topic))) continue;
      this.#later(session, () =>
        session.events.onMessage({
          ...{ topic, payload: new TextEncoder().encode(payload), retained: true },
          ...{ responseTopic: null, correlationData: null, expirySeconds: null },
        }),
      );
    }
  }

  #refusal(version: 4 | 5): ConnectionFailure | null {
    if (this.#mood === 'down') return failure('unreachable', 'connect ECONNREFUSED');
    if (this.#mood === 'refusing') return failureOfCode(version === 5 ? 135 : 5, 'Not authorized');
    if (this.#speaks === null || this.#speaks === version) return null;
    return failureOfCode(version === 5 ? 132 : 1, 'Unsupported protocol version');
  }

  /** What is said arrives a little later, unless the connection is gone or stuck by then. */
  #later(session: Session, work: () => void): void {
    this.#time.after(LATENCY_MS, () => {
      if (!session.isOver && !session.isStuck && session.isOpen) work();
    });
  }

  #take(
    session: Session,
    { topic, payload, retain }: Publication,
    done: (refusal: string | null) => void,
  ): void {
    if (!retain && this.#cutsAhead > 0) {
      this.#cutsAhead -= 1;
      this.#hangUp('ECONNRESET');
      return;
    }
    this.#keep({ topic, payload, retain, at: this.#time.now });
    this.#later(session, () => done(null));
  }

  #keep(message: Taken): void {
    this.taken.push(message);
    if (!message.retain) return;
    if (message.payload === '') this.retained.delete(message.topic);
    else this.retained.set(message.topic, message.payload);
  }

  #tellWill({ options: { will } }: Session): void {
    if (will !== null) this.#keep({ ...will, retain: true, at: this.#time.now });
  }

  /** The other side hears nothing, and finds that out by its pings. */
  #stick(session: Session): void {
    session.isStuck = true;
    this.#noteOutage();
    this.#time.after(PING_MS, () => {
      if (session.isStuck) this.#end(session, failure('silent', 'no answer to a ping'));
    });
  }

  #hangUp(code: string): void {
    const session = this.#session;
    if (session === null) return;
    this.#end(session, failure('hung_up', code));
    if (this.#mood === 'up') this.#tellWill(session);
  }

  #end(session: Session, why: ConnectionFailure): void {
    if (session.isOver) return;
    const answered = session.isOpen;
    this.#leave(session);
    session.events.onEnd(why, answered);
  }

  #leave(session: Session): void {
    session.isOver = true;
    if (this.#session !== session) return;
    this.#session = null;
    this.#noteOutage();
  }

  #noteOutage(): void {
    const last = this.outages.at(-1);
    const isNew = last === undefined || last.to < Number.POSITIVE_INFINITY;
    if (isNew) this.outages.push({ from: this.#time.now, to: Number.POSITIVE_INFINITY });
  }
}
