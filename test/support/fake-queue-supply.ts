import type { CommandError } from '../../src/bridge/command-error.ts';
import type { Gathered, QueueSupply } from '../../src/bridge/queue/queue-ports.ts';
import type { QueueWish } from '../../src/bridge/queue/queue-wish.ts';
import { ok, type Result } from '../../src/bridge/result.ts';

/** A supply that has what was asked for by URL, unless a test wants it otherwise. */
export interface FakeQueueSupply extends QueueSupply {
  mostItems: number;
  objects: (wish: QueueWish) => CommandError | null;
  /** Comes in place of what is gathered. */
  gathers: (wish: QueueWish) => Promise<Result<Gathered, CommandError>>;
  /** How many addresses were given. */
  given: number;
  addresses: () => ReturnType<QueueSupply['address']>;
}

/** See `FakeQueueSupply`. */
export function createFakeQueueSupply(): FakeQueueSupply {
  const supply: FakeQueueSupply = {
    mostItems: 100,
    given: 0,
    objects: () => null,
    gathers: async ({ items }) =>
      ok({
        tracks: items.map((item) => ({ ...item, contentType: item.contentType ?? 'audio/mpeg' })),
        leftOut: [],
      }),
    addresses: async () => {
      supply.given += 1;
      const key = `key-${supply.given}`;
      return ok({ key, baseUrl: `http://192.168.1.5:8789/queue/${key}/v2.3/`, authorization: null });
    },
    objection: (wish) => supply.objects(wish),
    gather: (wish) => supply.gathers(wish),
    address: () => supply.addresses(),
  };
  return supply;
}
