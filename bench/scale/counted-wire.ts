import { type Connection, type OpenConnection, openConnection } from '../../src/mqtt/client.ts';

/** What went over the wire to the broker. */
export interface WireCounts {
  published: number;
  underWay: number;
  /** Of the newest connection, by `performance.now`: when it was begun, when the broker let it in, the last PUBACK. */
  begunAt: number;
  letInAt: number;
  acknowledgedAt: number;
  /** Since it was begun. */
  publishedSince: number;
  connections: number;
  window: number;
  /** Called as soon as nothing is under way any more. */
  whenQuiet: () => void;
}

/** The product's connection, with everything counted that passes through. */
export function countedWire(): { readonly open: OpenConnection; readonly counts: WireCounts } {
  const counts: WireCounts = {
    ...{ published: 0, underWay: 0, begunAt: 0, letInAt: 0, acknowledgedAt: 0, publishedSince: 0 },
    ...{ connections: 0, window: 0, whenQuiet: () => {} },
  };
  const open: OpenConnection = (options, events) => {
    // Beside the link, a second connection looks once at what the broker keeps.
    if (options.will === null) return openConnection(options, events);
    counts.begunAt = performance.now();
    counts.publishedSince = 0;
    counts.underWay = 0;
    const real = openConnection(options, {
      ...events,
      onOpen: (refused) => {
        counts.letInAt = performance.now();
        counts.connections += 1;
        counts.window = real.window;
        events.onOpen(refused);
      },
    });
    const counted: Connection = {
      get window() {
        return real.window;
      },
      get largestPacketBytes() {
        return real.largestPacketBytes;
      },
      close: () => real.close(),
      destroy: () => real.destroy(),
      publish: (publication, done) => {
        counts.published += 1;
        counts.publishedSince += 1;
        counts.underWay += 1;
        real.publish(publication, (refusal) => {
          counts.underWay -= 1;
          counts.acknowledgedAt = performance.now();
          done(refusal);
          // What was acknowledged may have let something else go.
          if (counts.underWay === 0) counts.whenQuiet();
        });
      },
    };
    return counted;
  };
  return { open, counts };
}
