import { describe, expect, it } from 'vitest';
import { createRelayPost, type Posted } from '../../src/mqtt/relay-post.ts';
import { relayTopicsBelow } from '../../src/mqtt/relay-topics.ts';
import type { Publication, Wire } from '../../src/mqtt/wire.ts';
import { recordingLog } from '../events/house.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A broker that answers when it is told to. */
function fakeWire(different: Partial<Pick<Wire, 'window' | 'largestPacketBytes'>> = {}) {
  const sent: { publication: Publication; answer: (refusal: string | null, isUnheard?: boolean) => void }[] =
    [];
  const wire: Wire = {
    ...{ window: 2, largestPacketBytes: 10_000, ...different },
    publish: (publication, answer) => {
      sent.push({ publication, answer });
    },
  };
  return { wire, sent };
}

function open() {
  const clock = createFakeClock();
  const log = recordingLog();
  const post = createRelayPost({ withinMs: 800, expirySeconds: 120, longestBytes: 5_000, clock, log });
  const told: Posted[] = [];
  const send = (payload = 'event') => post.send('r/h', payload, (what) => told.push(what));
  return { clock, log, post, told, send };
}

describe('the post of a relay', () => {
  it('publishes at once, never retained and with an end, and tells when the broker has it', () => {
    const { post, told, send } = open();
    const { wire, sent } = fakeWire();
    post.attach(wire);
    send();
    expect(sent[0]?.publication).toEqual({
      ...{ topic: 'r/h', payload: 'event', retain: false, expirySeconds: 120 },
      ...{ contentType: 'application/json', correlationData: null },
    });
    expect(told).toEqual([]);
    sent[0]?.answer(null);
    expect(told).toEqual(['taken']);
  });

  it.each([
    ['refuses it', 'Not authorized, code 135', false],
    ['has nobody who listens', null, true],
  ])('lets it be sent again when the broker %s', (_what, refusal, isUnheard) => {
    const { post, told, send, log } = open();
    const { wire, sent } = fakeWire();
    post.attach(wire);
    send();
    sent[0]?.answer(refusal, isUnheard);
    expect(told).toEqual(['lost']);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatchObject({ level: 'warn', fields: { topic: 'r/h' } });
  });

  it('takes nothing without a broker', () => {
    const { post, told, send } = open();
    expect(post.isOpen()).toBe(false);
    send();
    expect(told).toEqual(['lost']);
  });

  it('gives up what is under way when the broker goes, and what waits', () => {
    const { post, told, send } = open();
    const { wire, sent } = fakeWire();
    post.attach(wire);
    for (let count = 0; count < 3; count += 1) send();
    expect(sent).toHaveLength(2);
    post.detach();
    expect(told).toEqual(['lost', 'lost', 'lost']);
    sent[0]?.answer(null);
    expect(told).toHaveLength(3);
    expect(post.isOpen()).toBe(false);
  });

  it('keeps to the window, in order', () => {
    const { post, told, send } = open();
    const { wire, sent } = fakeWire({ window: 1 });
    post.attach(wire);
    for (const text of ['1', '2', '3']) send(text);
    for (let at = 0; at < 3; at += 1) sent[at]?.answer(null);
    expect(sent.map(({ publication }) => publication.payload)).toEqual(['1', '2', '3']);
    expect(told).toEqual(['taken', 'taken', 'taken']);
  });

  it('waits for no acknowledgement longer than Sonos waits for it, and takes nothing until the broker answers', async () => {
    const { post, told, send, clock } = open();
    const { wire, sent } = fakeWire({ window: 1 });
    post.attach(wire);
    send();
    send();
    await clock.advance(799);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['lost', 'lost']);
    expect(sent).toHaveLength(1);
    expect(post.isOpen()).toBe(false);
    send();
    expect(told).toHaveLength(3);
    sent[0]?.answer(null);
    expect(told).toHaveLength(3);
    expect(post.isOpen()).toBe(true);
  });

  it.each([
    ['the broker', 6_000, 500],
    ['a bridge', 6_000, 10_000],
  ])('says of an event that it is larger than %s takes', (_who, length, largestPacketBytes) => {
    const { post, told, send } = open();
    const { wire, sent } = fakeWire({ largestPacketBytes });
    post.attach(wire);
    send('x'.repeat(length));
    expect(told).toEqual(['too_large']);
    expect(sent).toEqual([]);
    expect(post.isOpen()).toBe(true);
  });

  it('holds no more than its bounds', () => {
    const { post, told, send } = open();
    post.attach(fakeWire().wire);
    for (let count = 0; count < 1_000; count += 1) send();
    expect(told).toEqual([]);
    expect(post.isOpen()).toBe(false);
    send();
    expect(told).toEqual(['lost']);
  });

  it('holds no more bytes than its bounds, and has room again for each that is over', async () => {
    const clock = createFakeClock();
    const bounds = { withinMs: 800, expirySeconds: 120, longestBytes: 1_000_000 };
    const post = createRelayPost({ ...bounds, clock, log: recordingLog() });
    const { wire, sent } = fakeWire({ window: 64, largestPacketBytes: Number.POSITIVE_INFINITY });
    post.attach(wire);
    let count = 0;
    for (; post.isOpen(); count += 1) post.send('r/h', 'x'.repeat(900_000), () => {});
    expect(count).toBe(19);
    await clock.advance(800);
    for (const { answer } of sent) answer(null);
    expect(post.isOpen()).toBe(true);
    for (let again = 0; post.isOpen(); again += 1) {
      expect(again).toBeLessThan(19);
      post.send('r/h', 'x'.repeat(900_000), () => {});
    }
  });

  it('tells when a broker acknowledges nothing for long, and not while it does', async () => {
    const { post, send, clock } = open();
    const { wire, sent } = fakeWire();
    post.attach(wire);
    const wedged: number[] = [];
    const cancel = post.watch(20_000, (milliseconds) => wedged.push(milliseconds));
    await clock.advance(10_000);
    send();
    await clock.advance(10_000);
    sent[0]?.answer(null);
    await clock.advance(30_000);
    expect(wedged).toEqual([]);
    send();
    await clock.advance(40_000);
    expect(wedged).toHaveLength(1);
    cancel();
    expect(post.oldestUnacknowledged()?.topic).toBe('r/h');
  });

  it('is idle when nothing is under way', () => {
    const { post, send } = open();
    const { wire, sent } = fakeWire();
    post.attach(wire);
    let idle = 0;
    send();
    post.whenIdle(() => {
      idle += 1;
    });
    const cancel = post.whenIdle(() => {
      idle += 100;
    });
    cancel();
    post.farewell();
    expect(idle).toBe(0);
    sent[0]?.answer(null);
    expect(idle).toBe(1);
  });
});

describe('the topics of relays', () => {
  const topics = relayTopicsBelow('sonos-relay');

  it('have one for each household, and tell whose it is', () => {
    expect(topics.of('Sonos_a.b-C')).toBe('sonos-relay/Sonos_a.b-C');
    expect(topics.householdOf('sonos-relay/Sonos_a.b-C')).toBe('Sonos_a.b-C');
    expect(topics.filter).toBe('sonos-relay/+');
  });

  it.each(['sonos-relay', 'sonos-relayed/x', 'sonos/relay/x', ''])('are not %s', (topic) => {
    expect(topics.householdOf(topic)).toBeNull();
  });
});
