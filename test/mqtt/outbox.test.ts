import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServedOutbox } from '../../src/mqtt/outbox.ts';
import { createOutbox, LONGEST_PAYLOAD_BYTES } from '../../src/mqtt/outbox.ts';
import type { Publication, Wire } from '../../src/mqtt/wire.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const LAST = { topic: 'b/availability', payload: 'online' };

function testClock() {
  let at = 0;
  return {
    pass: (milliseconds: number) => {
      at += milliseconds;
    },
    now: () => at,
    elapsed: () => at,
    after: () => () => {},
  };
}

function testLog() {
  const warnings: { message: string; fields: unknown }[] = [];
  const warn = (message: string, fields?: unknown) => warnings.push({ message, fields });
  return { warnings, debug() {}, info() {}, warn, error() {} };
}

/** A link whose broker answers only when the test says so. */
class FakeWire implements Wire {
  readonly window: number;
  readonly largestPacketBytes: number;
  readonly sent: Publication[] = [];
  readonly unanswered: { publication: Publication; done: (refusal: string | null) => void }[] = [];

  constructor(window = 64, largestPacketBytes = Number.POSITIVE_INFINITY) {
    this.window = window;
    this.largestPacketBytes = largestPacketBytes;
  }

  publish(publication: Publication, done: (refusal: string | null) => void): void {
    this.sent.push(publication);
    this.unanswered.push({ publication, done });
  }

  answer(refusal: string | null = null): void {
    this.unanswered.shift()?.done(refusal);
  }

  answerAll(): void {
    while (this.unanswered.length > 0) this.answer();
  }

  get said(): string[] {
    return this.sent.map(({ topic, payload }) => `${topic}=${payload}`);
  }
}

function setUp() {
  const clock = testClock();
  const log = testLog();
  return { clock, log, outbox: createOutbox({ clock, log }) };
}

function connect(outbox: ServedOutbox, wire = new FakeWire()): FakeWire {
  outbox.attach(wire, LAST);
  return wire;
}

describe('retained values', () => {
  it('wait for the connection, only the newest of each topic, and go out in order with the availability last', () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    outbox.retain('b', '1');
    outbox.retain('a', '2');
    const wire = connect(outbox);
    expect(wire.said).toEqual(['a=2', 'b=1', 'b/availability=online']);
    expect(wire.sent.every(({ retain, expirySeconds }) => retain && expirySeconds === null)).toBe(true);
  });

  it('are not sent again when the broker has acknowledged the same', () => {
    const { outbox } = setUp();
    const wire = connect(outbox);
    outbox.retain('a', '1');
    wire.answerAll();
    outbox.retain('a', '1');
    expect(wire.said).toEqual(['b/availability=online', 'a=1']);
  });

  it('of one topic are never on their way twice; what came between is left out', () => {
    const { outbox } = setUp();
    const wire = connect(outbox);
    outbox.retain('a', '1');
    outbox.retain('a', '2');
    outbox.retain('a', '3');
    expect(wire.said).toEqual(['b/availability=online', 'a=1']);
    wire.answerAll();
    expect(wire.said).toEqual(['b/availability=online', 'a=1', 'a=3']);
  });

  it('that went and came back while one was on its way need no further publish', () => {
    const { outbox } = setUp();
    const wire = connect(outbox);
    outbox.retain('a', '1');
    outbox.retain('a', '2');
    outbox.retain('a', '1');
    wire.answerAll();
    expect(wire.said).toEqual(['b/availability=online', 'a=1']);
  });

  it('that return to the acknowledged value before they were sent are not sent', () => {
    const { outbox } = setUp();
    const wire = connect(outbox, new FakeWire(1));
    wire.answerAll();
    outbox.retain('a', '1');
    wire.answerAll();
    outbox.retain('other', 'x');
    outbox.retain('a', '2');
    outbox.retain('a', '1');
    wire.answerAll();
    expect(wire.said).toEqual(['b/availability=online', 'a=1', 'other=x']);
  });

  it('are all sent again on every connection, unacknowledged ones with their newest value', () => {
    const { outbox } = setUp();
    const first = connect(outbox);
    outbox.retain('a', '1');
    first.answerAll();
    outbox.retain('b', '1');
    outbox.detach();
    outbox.retain('b', '2');
    expect(connect(outbox).said).toEqual(['a=1', 'b=2', 'b/availability=online']);
  });

  it('are not disturbed by answers from a connection that is gone', () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    const first = connect(outbox);
    const second = connect(outbox);
    outbox.retain('a', '2');
    first.answerAll();
    // The first value is still on its way on the second connection.
    expect(second.said).toEqual(['a=1', 'b/availability=online']);
    second.answerAll();
    expect(second.said).toEqual(['a=1', 'b/availability=online', 'a=2']);
  });

  it('that are wanted anew, unchanged, while they wait for their turn after a return are sent all the same', () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    outbox.retain('b', '1');
    connect(outbox).answerAll();
    const second = connect(outbox, new FakeWire(1));
    outbox.retain('b', '1');
    second.answerAll();
    expect(second.said).toEqual(['a=1', 'b=1', 'b/availability=online']);
  });

  it('that the broker refuses are logged once and tried again on the next connection or change', () => {
    const { outbox, log } = setUp();
    const wire = connect(outbox);
    wire.answerAll();
    outbox.retain('a', '1');
    wire.answer('Not authorized, code 135');
    outbox.retain('a', '1');
    wire.answer('Not authorized, code 135');
    expect(wire.said).toEqual(['b/availability=online', 'a=1', 'a=1']);
    expect(log.warnings).toHaveLength(1);
    expect(log.warnings[0]?.message).toContain('Not authorized, code 135');
    expect(connect(outbox).said).toContain('a=1');
  });

  it('that the broker refuses to clear are cleared on the next connection', () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    const wire = connect(outbox);
    wire.answerAll();
    void outbox.clear(['a']);
    wire.answer('Quota exceeded, code 151');
    const next = connect(outbox);
    expect(next.said).toContain('a=');
    next.answerAll();
    expect(outbox.size.topics).toBe(1);
  });
});

describe('the window', () => {
  it('is never exceeded, and the rest follows with the acknowledgements', () => {
    const { outbox } = setUp();
    const wire = connect(outbox, new FakeWire(3));
    for (let index = 0; index < 10; index += 1) outbox.retain(`t/${index}`, 'x');
    expect(wire.unanswered).toHaveLength(3);
    wire.answer();
    expect(wire.unanswered).toHaveLength(3);
    wire.answerAll();
    expect(wire.sent).toHaveLength(11);
    expect(outbox.size).toEqual({ topics: 11, waiting: 0, unacknowledged: 0 });
  });

  it('keeps the age of the oldest unacknowledged publish', () => {
    const { outbox, clock } = setUp();
    const wire = connect(outbox);
    wire.answerAll();
    expect(outbox.oldestUnacknowledged()).toBeNull();
    outbox.retain('a', '1');
    clock.pass(5000);
    outbox.retain('b', '1');
    clock.pass(1000);
    expect(outbox.oldestUnacknowledged()).toEqual({ topic: 'a', milliseconds: 6000 });
    wire.answer();
    expect(outbox.oldestUnacknowledged()).toEqual({ topic: 'b', milliseconds: 1000 });
    outbox.detach();
    expect(outbox.oldestUnacknowledged()).toBeNull();
  });
});

describe('clearing', () => {
  it('resolves when every topic is acknowledged, and the topics are forgotten', async () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    const wire = connect(outbox);
    wire.answerAll();
    let done = false;
    const cleared = outbox.clear(['a', 'never-seen', 'a']).then(() => {
      done = true;
    });
    wire.answer();
    await setImmediate();
    expect(done).toBe(false);
    wire.answerAll();
    await cleared;
    expect(wire.said).toEqual(['a=1', 'b/availability=online', 'a=', 'never-seen=']);
    expect(outbox.size.topics).toBe(1);
  });

  it('survives the loss of the connection', async () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    connect(outbox).answerAll();
    const cleared = outbox.clear(['a']);
    outbox.detach();
    const second = connect(outbox);
    expect(second.said).toEqual(['a=', 'b/availability=online']);
    second.answerAll();
    await cleared;
    expect(connect(outbox).said).toEqual(['b/availability=online']);
  });

  it('counts as done when the topic is wanted again', async () => {
    const { outbox } = setUp();
    const cleared = outbox.clear(['a']);
    outbox.retain('a', 'back');
    await cleared;
    expect(connect(outbox).said).toEqual(['a=back', 'b/availability=online']);
  });

  it('by an empty retained value is done once, and again for a broker that may have come back with what it held', () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    outbox.retain('a', '');
    const wire = connect(outbox);
    wire.answerAll();
    outbox.retain('a', '');
    expect(wire.said).toEqual(['a=', 'b/availability=online']);
    expect(connect(outbox).said).toEqual(['a=', 'b/availability=online']);
  });

  it('resolves for topics that can never be published', async () => {
    const { outbox } = setUp();
    await outbox.clear(['wild/#']);
    await outbox.clear([]);
  });
});

describe('one-off messages', () => {
  it('keep their order and come after the retained values', () => {
    const { outbox } = setUp();
    outbox.send({ topic: 'e', payload: '1' });
    outbox.retain('a', '1');
    outbox.send({ topic: 'e', payload: '2' });
    const wire = connect(outbox);
    expect(wire.said).toEqual(['a=1', 'b/availability=online', 'e=1', 'e=2']);
    expect(wire.sent.at(-1)).toMatchObject({ retain: false, expirySeconds: 60 });
  });

  it('carry what is left of their life, their correlation data and content type', () => {
    const { outbox, clock } = setUp();
    const correlationData = new Uint8Array([1, 2, 3]);
    outbox.send({
      topic: 'r',
      payload: '{}',
      expirySeconds: 30,
      correlationData,
      contentType: 'application/json',
    });
    clock.pass(10_500);
    expect(connect(outbox).sent.at(-1)).toEqual({
      topic: 'r',
      payload: '{}',
      retain: false,
      expirySeconds: 20,
      correlationData,
      contentType: 'application/json',
    });
  });

  it('are dropped after 60 s, or earlier when they asked for it, with one line', () => {
    const { outbox, clock, log } = setUp();
    outbox.send({ topic: 'e', payload: 'old', expirySeconds: 3600 });
    outbox.send({ topic: 'e', payload: 'older', expirySeconds: 5 });
    clock.pass(59_000);
    outbox.send({ topic: 'e', payload: 'short', expirySeconds: 1 });
    outbox.send({ topic: 'e', payload: 'fresh' });
    clock.pass(1001);
    expect(connect(outbox).said).toEqual(['b/availability=online', 'e=fresh']);
    expect(log.warnings.map(({ message }) => message)).toEqual([expect.stringContaining('3 events')]);
  });

  it('are bounded: the oldest of too many are dropped, with one line per outage', () => {
    const { outbox, log } = setUp();
    for (let index = 0; index < 1500; index += 1) outbox.send({ topic: 'e', payload: String(index) });
    expect(outbox.size.waiting).toBe(1000);
    expect(log.warnings).toHaveLength(1);
    const wire = connect(outbox);
    wire.answerAll();
    expect(wire.said.slice(0, 2)).toEqual(['b/availability=online', 'e=500']);
    expect(wire.said.at(-1)).toBe('e=1499');
    outbox.detach();
    for (let index = 0; index < 1001; index += 1) outbox.send({ topic: 'e', payload: String(index) });
    expect(log.warnings).toHaveLength(2);
  });

  it('that were not acknowledged are said again, in order, before the newer ones', () => {
    const { outbox } = setUp();
    const first = connect(outbox, new FakeWire(3));
    first.answerAll();
    for (const payload of ['1', '2', '3', '4']) outbox.send({ topic: 'e', payload });
    first.answer();
    outbox.detach();
    expect(connect(outbox).said).toEqual(['b/availability=online', 'e=2', 'e=3', 'e=4']);
  });
});

describe('what no broker would take', () => {
  it('never reaches the wire, and is logged once a minute with how often it happened', () => {
    const { outbox, clock, log } = setUp();
    const wire = connect(outbox);
    for (let index = 0; index < 5; index += 1) outbox.retain('room/#', String(index));
    outbox.send({ topic: 'bad\u0000', payload: 'x' });
    clock.pass(61_000);
    outbox.retain(`room/#${'y'.repeat(500)}`, 'x');
    expect(wire.said).toEqual(['b/availability=online']);
    expect(log.warnings).toHaveLength(3);
    expect(log.warnings[0]?.message).toContain('"room/#"');
    expect(log.warnings[1]?.message).toContain('"bad\\u0000"');
    expect(log.warnings[2]?.message.length).toBeLessThan(400);
    expect(log.warnings[2]?.fields).toEqual({ left_out: 4 });
  });

  it("includes payloads over our own limit, and those over the broker's", () => {
    const { outbox, log } = setUp();
    const wire = connect(outbox, new FakeWire(64, 2000));
    outbox.retain('a', 'x'.repeat(LONGEST_PAYLOAD_BYTES + 1));
    outbox.retain('b', 'ü'.repeat(LONGEST_PAYLOAD_BYTES / 2 + 1));
    outbox.retain('c', 'x'.repeat(2000));
    outbox.send({ topic: 'd', payload: 'x'.repeat(2000) });
    outbox.retain('e', 'fits');
    expect(wire.said).toEqual(['b/availability=online', 'e=fits']);
    expect(log.warnings).toHaveLength(2);
    expect(log.warnings[1]?.message).toContain('expected at most 2000');
    const roomy = connect(outbox, new FakeWire(64));
    expect(roomy.sent.find(({ topic }) => topic === 'c')?.payload).toHaveLength(2000);
    expect(roomy.sent.find(({ topic }) => topic === 'a')).toBeUndefined();
  });

  it('does not include a long payload that still fits', () => {
    const { outbox } = setUp();
    outbox.retain('a', 'x'.repeat(LONGEST_PAYLOAD_BYTES));
    expect(connect(outbox).sent[0]?.payload).toHaveLength(LONGEST_PAYLOAD_BYTES);
  });
});

describe('being idle', () => {
  it('is told once everything is acknowledged, never without a connection', () => {
    const { outbox } = setUp();
    let told = 0;
    outbox.whenIdle(() => {
      told += 1;
    });
    expect(told).toBe(0);
    outbox.send({ topic: 'e', payload: '1' });
    const wire = connect(outbox);
    wire.answer();
    expect(told).toBe(0);
    wire.answer();
    outbox.retain('a', '1');
    wire.answerAll();
    expect(told).toBe(1);
  });

  it('is not told to those who no longer ask', () => {
    const { outbox } = setUp();
    const cancel = outbox.whenIdle(() => expect.unreachable());
    cancel();
    connect(outbox).answerAll();
  });
});

type Step =
  | { kind: 'retain'; topic: string; payload: string }
  | { kind: 'clear'; topics: string[] }
  | { kind: 'send'; number: number }
  | { kind: 'answer' | 'refuse' | 'attach' | 'detach' | 'stale answer' | 'broker forgets' }
  | { kind: 'pass'; milliseconds: number };

const topics = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('retain' as const),
      topic: topics,
      payload: fc.constantFrom('', '1', '2', '3'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('clear' as const), topics: fc.array(topics, { maxLength: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), number: fc.nat(1_000_000) }) },
  { weight: 8, arbitrary: fc.constant({ kind: 'answer' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'refuse' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'attach' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'detach' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stale answer' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'broker forgets' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.nat(20_000) }) },
);

/** The broker's memory: takes each publish when it answers it, or, as real ones may, although the answer is lost. */
class FakeBroker {
  readonly kept = new Map<string, string>();
  readonly heard: string[] = [];

  take({ topic, payload, retain }: Publication): void {
    if (!retain) this.heard.push(payload);
    else if (payload === '') this.kept.delete(topic);
    else this.kept.set(topic, payload);
  }
}

describe('what is drawn when there is room', () => {
  it('is drawn at once without a connection, and while more may be under way', () => {
    const { outbox } = setUp();
    const drawn: string[] = [];
    outbox.whenRoom(() => drawn.push('away'));
    const wire = connect(outbox, new FakeWire(2));
    outbox.whenRoom(() => {
      drawn.push('here');
      outbox.retain('a', '1');
    });
    expect(drawn).toEqual(['away', 'here']);
    expect(wire.said).toEqual(['b/availability=online', 'a=1']);
  });

  it('waits while the broker is behind, for the latest work alone, and comes after what waited before', () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    const wire = connect(outbox, new FakeWire(1));
    outbox.whenRoom(() => expect.unreachable());
    outbox.whenRoom(() => outbox.retain('a', '2'));
    expect(wire.said).toEqual(['a=1']);
    wire.answerAll();
    expect(wire.said).toEqual(['a=1', 'b/availability=online', 'a=2']);
  });

  it('is drawn before a new connection is told of anything, and before the last word', () => {
    const { outbox } = setUp();
    outbox.retain('a', '1');
    connect(outbox, new FakeWire(1));
    outbox.whenRoom(() => outbox.retain('a', '2'));
    const next = connect(outbox, new FakeWire(1));
    outbox.whenRoom(() => outbox.retain('c', '3'));
    let idle = false;
    outbox.whenIdle(() => {
      idle = true;
    });
    expect(idle).toBe(false);
    next.answerAll();
    expect(next.said).toEqual(['a=2', 'b/availability=online', 'c=3']);
    expect(idle).toBe(true);
  });
});

describe('for any order of wishes, answers, refusals, losses and returns', () => {
  it('the broker ends up with what is wanted, every topic in order, within the window, and nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 120 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, window) => {
          const { outbox, clock } = setUp();
          const broker = new FakeBroker();
          const wanted = new Map<string, string>();
          const retired = new Set<string>();
          const clears: Promise<void>[] = [];
          const link: { wire: FakeWire | null } = { wire: null };
          const gone: FakeWire[] = [];
          let sent = 0;
          const lose = (kept: number) => {
            // Of what was on its way, the broker saw the beginning.
            for (const { publication } of link.wire?.unanswered.slice(0, kept) ?? [])
              broker.take(publication);
            if (link.wire !== null) gone.push(link.wire);
            link.wire = null;
            outbox.detach();
          };
          const attach = () => {
            lose(0);
            link.wire = connect(outbox, new FakeWire(window));
          };
          for (const [index, action] of steps.entries()) {
            switch (action.kind) {
              case 'retain':
                wanted.set(action.topic, action.payload);
                retired.delete(action.topic);
                outbox.retain(action.topic, action.payload);
                break;
              case 'clear':
                for (const topic of action.topics) wanted.set(topic, '');
                for (const topic of action.topics) retired.add(topic);
                clears.push(outbox.clear(action.topics));
                break;
              case 'send':
                outbox.send({ topic: 'event', payload: String(sent++) });
                break;
              case 'answer':
                if (link.wire?.unanswered[0] !== undefined) broker.take(link.wire.unanswered[0].publication);
                link.wire?.answer();
                break;
              case 'refuse':
                link.wire?.answer('Quota exceeded, code 151');
                break;
              case 'attach':
                attach();
                break;
              case 'stale answer':
                gone.at(-1)?.answer();
                break;
              case 'broker forgets':
                lose(0);
                broker.kept.clear();
                break;
              case 'detach':
                lose(index % 3);
                break;
              case 'pass':
                clock.pass(action.milliseconds);
                break;
            }
            expect(link.wire?.unanswered.length ?? 0).toBeLessThanOrEqual(window);
            const busy = (link.wire?.unanswered ?? []).filter(({ publication }) => publication.retain);
            expect(new Set(busy.map(({ publication }) => publication.topic)).size).toBe(busy.length);
            expect(outbox.size.topics).toBeLessThanOrEqual(5);
          }
          attach();
          while (link.wire?.unanswered[0] !== undefined) {
            broker.take(link.wire.unanswered[0].publication);
            link.wire.answer();
          }
          await Promise.all(clears);
          const expected = [...wanted].filter(([, payload]) => payload !== '');
          expect(new Map(broker.kept)).toEqual(new Map([...expected, [LAST.topic, LAST.payload]]));
          const known = [...wanted.keys()].filter((topic) => !retired.has(topic));
          expect(outbox.size).toEqual({ topics: known.length + 1, waiting: 0, unacknowledged: 0 });
          // First arrivals are in the order of sending; a repeat may only follow a loss.
          const firsts = [...new Set(broker.heard.map(Number))];
          expect(firsts).toEqual([...firsts].sort((one, other) => one - other));
        },
      ),
      { numRuns: 1500 },
    );
  });
});

it('a retained message that the broker refused is tried again in ten minutes, on the same connection', async () => {
  const clock = createFakeClock();
  const outbox = createOutbox({ clock, log: testLog() });
  const wire = connect(outbox);
  wire.answerAll();
  outbox.retain('b/room', '1');
  wire.answer('quota exceeded');
  expect(wire.said.filter((each) => each === 'b/room=1')).toHaveLength(1);
  await clock.advance(600_000);
  expect(wire.said.filter((each) => each === 'b/room=1')).toHaveLength(2);
  wire.answer();
  expect(clock.timers).toBe(0);
});
