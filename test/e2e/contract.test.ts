import { describe, expect, it } from 'vitest';
import { createRenderer } from '../../src/mqtt/render.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { house } from '../support/house.ts';
import { expectContract } from './contract.ts';
import type { Seen } from './house.ts';

// A check that lets everything pass would make every suite that ends with it worthless.

const seen = (topic: string, payload: string | object, retain = true): Seen => ({
  topic: `sonos/${topic}`,
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  retain,
});

const check = (...messages: readonly Seen[]) =>
  expectContract({ base: 'sonos', seesFlags: true, messages: [...messages] });

const drawn = [...createRenderer(topicsOf('sonos')).all(house(['Kitchen', 'Bath'], ['Den']))].map(
  ([topic, payload]): Seen => ({ topic, payload, retain: true }),
);
const state = drawn.find(({ topic }) => topic === 'sonos/home/kitchen')?.payload ?? '';
const kitchen = (change: object): object => ({ ...JSON.parse(state), ...change });
const reply = { id: 'a', command: 'volume', room: 'kitchen', status: 'confirmed', elapsed_ms: 3 };

describe('the contract', () => {
  it('is kept by what the bridge draws', () => {
    expect(drawn.length).toBeGreaterThan(50);
    expect(() => check(...drawn)).not.toThrow();
    expect(() =>
      check(seen('home/kitchen/reply', reply, false), seen('home/kitchen/title', 'Ä')),
    ).not.toThrow();
    expect(() => check(seen('home/kitchen/set/volume', 'anything at all', false))).not.toThrow();
  });

  it.each<[string, Seen]>([
    ['a topic that it does not name', seen('home/kitchen/loudness', '5')],
    ['a topic of one level too many', seen('home/kitchen/volume/now', '5')],
    ['an address that is no slug', seen('home/Küche/volume', '5')],
    ['an address that is reserved', seen('home/all/volume', '5')],
    ['an address that is too long', seen(`home/${'x'.repeat(49)}/volume`, '5')],
    ['a household called bridge', seen('bridge/kitchen/volume', '5')],
    ['state that is not retained', seen('home/kitchen/volume', '5', false)],
    ['an answer that is retained', seen('home/kitchen/reply', reply)],
    ['a volume beyond 100', seen('home/kitchen/volume', '101')],
    ['a volume that is no integer', seen('home/kitchen', kitchen({ volume: 12.5 }))],
    ['a boolean that is none', seen('home/kitchen/muted', 'yes')],
    ['null in an attribute', seen('home/kitchen/shuffle', 'null')],
    ['a state that is none', seen('home/kitchen/state', 'stopped')],
    ['an availability that is none', seen('home/kitchen/availability', 'away')],
    ['a room with something more', seen('home/kitchen', kitchen({ mood: 'good' }))],
    ['a room with something less', seen('home/kitchen', kitchen({ volume: undefined }))],
    ['a room that is no JSON', seen('home/kitchen', 'playing')],
    ['a household without rooms', seen('home', { id: 'x', name: null })],
    ['an answer with a status of its own', seen('home/kitchen/reply', { ...reply, status: 'done' }, false)],
    ['a failure without an error', seen('home/kitchen/reply', { ...reply, status: 'failed' }, false)],
    [
      'an error of its own kind',
      seen(
        'home/kitchen/reply',
        { ...reply, status: 'failed', error: { code: 'oops', message: 'x' } },
        false,
      ),
    ],
    ['an event of its own kind', seen('home/kitchen/event', { event_type: 'party' }, false)],
    ['a bridge state with something missing', seen('bridge/state', { version: '1' })],
    ['a log line without a level', seen('bridge/log', { message: 'x' }, false)],
  ])('is broken by %s', (_what, message) => {
    expect(() => check(...drawn, message)).toThrow();
  });
});
