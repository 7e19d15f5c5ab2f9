import type { BridgeRequest } from '../bridge/bridge-commands.ts';
import { commandError } from '../bridge/command-error.ts';
import type { CommandRequest } from '../bridge/intake.ts';
import type { Cancel, Clock, Random } from '../bridge/ports.ts';
import type { Answer, Ask, Reply } from '../bridge/replies.ts';
import type { WebBridgeQuestion, WebQuestion } from '../web/options.ts';

/** Commands that somebody inside the house asks for, with the answers to them. */
export interface Asked {
  /** Settles with the last word of every room; with what was said until then when patience ends or the house closes. */
  ask(question: WebQuestion): Promise<readonly Reply[]>;
  /** The same for a command to the bridge itself. */
  askBridge(question: WebBridgeQuestion): Promise<readonly Reply[]>;
  /** The same that publishes, with its answers heard here, too. */
  beside<P extends { readonly answer: Answer }>(publisher: P): P;
  /** Lets everybody go who still waits. */
  stop(): void;
}

/** What is needed to ask. */
export interface AskedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly patienceMs: number;
  readonly take: (request: CommandRequest) => void;
  readonly takeForBridge: (request: BridgeRequest) => void;
}

interface Waiting {
  readonly answers: number;
  /** By room and command. */
  readonly replies: Map<string, Reply>;
  readonly done: () => void;
}

/** More than a house has hands; each waits a few seconds at most. */
const MOST_WAITING = 200;

const CROWDED = commandError(
  'rate_limited',
  'Too many calls wait for their answers already.',
  'Call less often.',
);

const crowded = (command: string): Reply => ({
  ...{ id: '', command, status: 'failed', elapsed_ms: 0 },
  error: CROWDED,
});

const NOT_MQTT = { retained: false, responseTo: null, expirySeconds: null } as const;

/** Whether all has been said. Whoever asked several and was refused as a whole has one answer, for all of them. */
const isOver = ({ answers, replies }: Waiting, { room, command }: Ask): boolean =>
  (replies.size >= answers || room === 'all' || command === 'set') &&
  [...replies.values()].every(({ status }) => status !== 'accepted');

/** Asks for commands, and hears the answers where they are published: an ask carries who made it. */
export function createAsked({ clock, random, patienceMs, take, takeForBridge }: AskedOptions): Asked {
  const waiting = new Map<object, Waiting>();

  function wait(asker: object, answers: number): Promise<readonly Reply[]> {
    return new Promise((resolve) => {
      const replies = new Map<string, Reply>();
      let cancel: Cancel = () => {};
      const done = (): void => {
        cancel();
        waiting.delete(asker);
        resolve([...replies.values()]);
      };
      waiting.set(asker, { answers, replies, done });
      cancel = clock.after(patienceMs, done);
    });
  }

  /** Waits for the answers to what is sent under a mark of its own. */
  function asking(
    command: string,
    answers: number,
    send: (asker: object) => void,
  ): Promise<readonly Reply[]> {
    if (waiting.size >= MOST_WAITING) return Promise.resolve([crowded(command)]);
    const asker = {};
    const replies = wait(asker, answers);
    send(asker);
    return replies;
  }

  /** An MQTT payload as it came, or fields with an id of ours. */
  const bytesOf = (payload: WebQuestion['payload']): Uint8Array =>
    payload instanceof Uint8Array
      ? payload
      : new TextEncoder().encode(JSON.stringify({ ...payload, id: `http-${random.id()}` }));

  return {
    ask: ({ answers, payload, ...where }) =>
      asking(where.command ?? 'set', answers, (asker) =>
        take({ ...where, ...NOT_MQTT, payload: bytesOf(payload), asker }),
      ),
    askBridge: (question) =>
      asking(question.command, 1, (asker) => takeForBridge({ ...question, ...NOT_MQTT, asker })),
    beside: (publisher) => ({
      ...publisher,
      answer: (ask, reply) => {
        publisher.answer(ask, reply);
        const asker = ask.asker === undefined ? undefined : waiting.get(ask.asker);
        if (asker === undefined) return;
        asker.replies.set(`${reply.room ?? ''} ${reply.command}`, reply);
        if (isOver(asker, ask)) asker.done();
      },
    }),
    stop() {
      for (const { done } of [...waiting.values()]) done();
    },
  };
}
