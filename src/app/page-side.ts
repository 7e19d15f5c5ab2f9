import type { Bridge } from '../bridge/bridge.ts';
import type { Clock } from '../bridge/ports.ts';
import type { SendCall } from '../bridge/sonos.ts';
import type { Household } from '../bridge/state.ts';
import type { Secrets } from '../secrets.ts';
import type { BridgeView } from '../web/api/messages.ts';
import { type Art, createArt } from './art.ts';
import { Live } from './live.ts';
import { createMinutes, type Minutes } from './minutes.ts';
import { createTrace, type Trace } from './trace.ts';

/** What the page and scripts see of the running house. */
export interface PageSide {
  readonly art: Art;
  readonly live: Live;
  readonly minutes: Minutes;
  readonly trace: Trace;
  /** Hears what is published beside whoever publishes. */
  beside<P extends Parameters<Live['beside']>[0]>(publisher: P): P;
  /** Sees every call to Sonos. */
  calling(send: SendCall): SendCall;
}

interface Options {
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** Without it, nobody can tell a picture's address from its URL. */
  readonly clipSecret: string;
  readonly apiUrl: string;
  /** Null until it is there. */
  readonly bridge: () => Bridge | null;
  readonly view: () => BridgeView;
}

/** Opens what watches the house for the page. While nobody looks, it only keeps the trace. */
export function openPageSide({ clock, secrets, clipSecret, apiUrl, bridge, view }: Options): PageSide {
  const households = (): readonly Household[] => bridge()?.households ?? [];
  const corrections = (): number =>
    (bridge()?.status() ?? []).reduce((sum, each) => sum + each.corrections, 0);
  const minutes = createMinutes(clock, corrections);
  const art = createArt({ secret: clipSecret, households, apiUrl, clock });
  const trace = createTrace({
    ...{ clock, minutes, clean: secrets.clean },
    household: (word) => bridge()?.household(word),
    added: (entry) => live.traced(entry),
  });
  const live = new Live({
    ...{ clock, art, households, clean: secrets.cleanAnswer, bridge: view },
    trace: () => trace.entries,
    minutes: () => minutes.all,
  });
  return {
    ...{ art, live, minutes, trace },
    beside: (publisher) => {
      const heard = live.beside(publisher);
      return {
        ...heard,
        answer: (ask, reply) => {
          heard.answer(ask, reply);
          trace.answered(ask, reply);
        },
      };
    },
    calling: (send) => trace.beside(send),
  };
}
