import { describe, expect, it } from 'vitest';
import type { Connection, ConnectionEvents, ConnectionOptions } from '../../src/mqtt/client.ts';
import { failure } from '../../src/mqtt/connection-failure.ts';
import { lookAtKept } from '../../src/mqtt/look.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  const ends: string[] = [];
  let tell: ConnectionEvents | null = null;
  const connection: Connection = {
    window: 1,
    largestPacketBytes: 1_000,
    publish: () => {},
    close: async () => void ends.push('closed'),
    destroy: () => void ends.push('destroyed'),
  };
  const options = { clock, filters: ['a/#'] } as unknown as ConnectionOptions;
  const found = lookAtKept((_options, events) => {
    tell = events;
    return connection;
  }, options);
  const message = (topic: string, retained: boolean) =>
    tell?.onMessage({
      ...{ topic, retained, payload: new TextEncoder().encode(`about ${topic}`) },
      ...{ responseTopic: null, correlationData: null, expirySeconds: null },
    });
  return { clock, ends, found, events: () => tell, message };
}

describe('a look at what the broker keeps', () => {
  it('ends a second after the last of it came, and leaves out what merely passes by', async () => {
    const { clock, ends, found, events, message } = setUp();
    events()?.onOpen([]);
    message('a/1', true);
    await clock.advance(900);
    message('a/2', true);
    message('a/3', false);
    await clock.advance(999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(await found).toEqual([
      { topic: 'a/1', payload: 'about a/1' },
      { topic: 'a/2', payload: 'about a/2' },
    ]);
    expect(ends).toEqual(['closed']);
    expect(clock.timers).toBe(0);
  });

  it('finds nothing out when the broker does not let us look, hangs up, or says nothing', async () => {
    const refused = setUp();
    refused.events()?.onOpen(['a/#']);
    expect(await refused.found).toBeNull();
    const cut = setUp();
    cut.events()?.onOpen([]);
    cut.events()?.onEnd(failure('hung_up', 'ECONNRESET'), true);
    expect(await cut.found).toBeNull();
    const silent = setUp();
    await silent.clock.advance(15_000);
    expect(await silent.found).toBeNull();
    expect(silent.ends).toEqual(['destroyed']);
    for (const { clock } of [refused, cut, silent]) expect(clock.timers).toBe(0);
  });
});
