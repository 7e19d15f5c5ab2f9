import type { Happening } from '../bridge/namespaces/define.ts';
import type { Log } from '../bridge/ports.ts';
import type { Answer, Ask, Reply } from '../bridge/replies.ts';
import type { Household, Room } from '../bridge/state.ts';
import type { Outbox } from './outbox.ts';
import { createRenderer, type Renderer } from './render.ts';
import type { Topics } from './topics.ts';
import { readTopic } from './valid-topic.ts';

/** Says what the house is and what happens in it (§1 of the contract). */
export interface Publisher {
  /** A household as it is now: what differs from what was last said goes out. */
  show(household: Household): void;
  /** Clears the topics below addresses such as `home/kitchen`; settles when the broker has done so. */
  clear(addresses: readonly string[]): Promise<void>;
  answer: Answer;
  happened(household: Household, room: Room, happening: Happening): void;
  bridgeState(state: object): void;
  showPresets(items: readonly object[]): void;
  log(line: object): void;
}

/** Draws households: many changes of one turn are one drawing, and so are all that come while the broker is behind. */
function createDrawing(outbox: Pick<Outbox, 'retain' | 'whenRoom'>, renderer: Renderer, further: Further) {
  /** Households that wait to be drawn, each as it was last shown. */
  const waiting = new Map<string, Household>();
  const retain = (topic: string, payload: string): void => outbox.retain(topic, payload);

  function draw(): void {
    for (const household of waiting.values()) {
      renderer.changed(household, retain);
      further.show(household);
    }
    waiting.clear();
  }

  return {
    /** Draws what waits. Everything else that is said comes after the state that it is about. */
    draw,
    show(household: Household): void {
      if (waiting.size === 0) queueMicrotask(() => outbox.whenRoom(draw));
      waiting.set(household.id, household);
    },
  };
}

/** Further pictures of a household, drawn after the contract's topics. */
interface Further {
  show(household: Household): void;
  drop(alias: string): void;
}

const nothingFurther: Further = { show: () => {}, drop: () => {} };

/** Says everything through the outbox, which keeps the newest value of every topic and repeats it at every connect. */
export function createPublisher({
  topics,
  outbox,
  log,
  clean,
  further = nothingFurther,
}: {
  topics: Topics;
  outbox: Pick<Outbox, 'retain' | 'clear' | 'send' | 'whenRoom'>;
  log: Log;
  /** Takes secrets out of what senders and Sonos said; the state of the house has none. */
  clean: (text: string) => string;
  further?: Further;
}): Publisher {
  const renderer = createRenderer(topics);
  const replyTopic = ({ household, room }: Ask): string =>
    room === null ? topics.bridgeReply : topics.room(clean(household), clean(room), 'reply');
  const withoutSecrets = (value: object): string =>
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? clean(part) : part));

  /** Where a sender may have the answer too: anywhere but among our own topics. */
  function isWelcome(topic: string): boolean {
    const isOurs = topic === topics.base || topic.startsWith(`${topics.base}/`);
    if (readTopic(topic).ok && !isOurs && clean(topic) === topic) return true;
    log.warn('A command asked for its answer at a topic that is not allowed; it is only on the reply topic.');
    return false;
  }

  const { show, draw } = createDrawing(outbox, renderer, further);

  return {
    show,
    async clear(addresses) {
      draw();
      for (const address of addresses) {
        const [alias = ''] = address.split('/', 1);
        renderer.forget(alias);
        if (alias === address) further.drop(alias);
      }
      await outbox.clear(addresses.flatMap((address) => topics.retainedBelow(address)));
    },
    answer(ask: Ask, reply: Reply) {
      draw();
      const payload = withoutSecrets(reply);
      outbox.send({ topic: replyTopic(ask), payload, contentType: 'application/json' });
      if (ask.responseTo === null || !isWelcome(ask.responseTo.topic)) return;
      const { topic, correlationData } = ask.responseTo;
      outbox.send({ topic, payload, correlationData, contentType: 'application/json' });
    },
    happened(household, room, happening) {
      draw();
      const topic = topics.room(household.alias, room.address, 'event');
      outbox.send({ topic, payload: withoutSecrets(happening), contentType: 'application/json' });
    },
    showPresets: (items) => outbox.retain(topics.bridgePresets, JSON.stringify({ items })),
    bridgeState: (state) => outbox.retain(topics.bridgeState, JSON.stringify(state)),
    log: (line) =>
      outbox.send({
        topic: topics.bridgeLog,
        payload: JSON.stringify(line),
        contentType: 'application/json',
      }),
  };
}
