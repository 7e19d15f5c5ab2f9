import type { CommandRequest } from '../bridge/intake.ts';
import type { Cancel, Clock, Random } from '../bridge/ports.ts';
import type { Answer, Reply } from '../bridge/replies.ts';
import type { WebQuestion } from '../web/options.ts';

/** Commands that somebody inside the house asks for, with the answers to them. */
export interface Asked {
  /** Settles with the last word of every room; with what was said until then when patience ends or the house closes. */
  ask(question: WebQuestion): Promise<readonly Reply[]>;
  /** The same that publishes, with its answers heard here, too. */
  beside<P extends { readonly answer: Answer }>(publisher: P): P;
  /** Lets everybody go who still waits. */
  stop(): void;
}

interface Waiting {
  readonly rooms: number;
  readonly replies: Map<string, Reply>;
  readonly done: () => void;
}

/** More than a house has hands; each waits a few seconds at most. */
const MOST_WAITING = 200;

const crowded = (command: string): Reply => ({
  id: '',
  command,
  status: 'failed',
  elapsed_ms: 0,
  error: {
    code: 'rate_limited',
    message: 'Too many calls wait for their answers already.',
    advice: 'Call less often.',
  },
});

const isOver = ({ rooms, replies }: Waiting): boolean =>
  replies.size >= rooms && [...replies.values()].every(({ status }) => status !== 'accepted');

/** Asks for commands under ids of its own, and hears the answers where they are published. */
export function createAsked({
  clock,
  random,
  patienceMs,
  take,
}: {
  readonly clock: Clock;
  readonly random: Random;
  readonly patienceMs: number;
  readonly take: (request: CommandRequest) => void;
}): Asked {
  const waiting = new Map<string, Waiting>();

  function wait(id: string, rooms: number): Promise<readonly Reply[]> {
    return new Promise((resolve) => {
      const replies = new Map<string, Reply>();
      let cancel: Cancel = () => {};
      const done = (): void => {
        cancel();
        waiting.delete(id);
        resolve([...replies.values()]);
      };
      waiting.set(id, { rooms, replies, done });
      cancel = clock.after(patienceMs, done);
    });
  }

  return {
    ask({ household, room, command, payload, rooms }) {
      if (waiting.size >= MOST_WAITING) return Promise.resolve([crowded(command)]);
      const id = `http-${random.id()}`;
      const replies = wait(id, rooms);
      const bytes = new TextEncoder().encode(JSON.stringify({ ...payload, id }));
      const request = { household, room, command, payload: bytes };
      take({ ...request, retained: false, responseTo: null, expirySeconds: null });
      return replies;
    },
    beside: (publisher) => ({
      ...publisher,
      answer: (ask, reply) => {
        publisher.answer(ask, reply);
        const asker = waiting.get(reply.id);
        if (asker === undefined) return;
        asker.replies.set(reply.room ?? '', reply);
        if (isOver(asker)) asker.done();
      },
    }),
    stop() {
      for (const { done } of [...waiting.values()]) done();
    },
  };
}
