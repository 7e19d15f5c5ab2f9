import { describe, expect, it } from 'vitest';
import { commandError } from '../../src/bridge/command-error.ts';
import {
  type Ask,
  askFrom,
  createAnswered,
  isLate,
  type Reply,
  replyTo,
  sooner,
} from '../../src/bridge/replies.ts';
import { createFakeRandom, teaching } from '../support/bridge-house.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const askFor = (id: string, more: Partial<Ask> = {}): Ask => ({
  id,
  idIsSenders: true,
  command: 'next',
  household: 'home',
  room: 'kitchen',
  responseTo: null,
  expiresAt: null,
  lifeMs: Number.POSITIVE_INFINITY,
  since: 1_000,
  ...more,
});

function open() {
  const clock = createFakeClock();
  const given: [Ask, Reply][] = [];
  const answered = createAnswered(clock, (ask, reply) => given.push([ask, teaching(reply)]));
  return { clock, given, answered, statuses: () => given.map(([, reply]) => reply.status) };
}

describe('answers', () => {
  it('never take less than no time, and name the room when there is one', () => {
    expect(replyTo(askFor('a'), 'accepted', 900)).toMatchObject({ elapsed_ms: 0, room: 'kitchen' });
    expect(replyTo(askFor('a', { room: null }), 'accepted', 1_000.6)).not.toHaveProperty('room');
  });

  it('end once: a second end is dropped', () => {
    const { answered, statuses } = open();
    const ask = askFor('a');
    answered.settle(ask, 'accepted');
    answered.settle(ask, 'confirmed');
    answered.settle(ask, 'failed');
    expect(statuses()).toEqual(['accepted', 'confirmed']);
  });

  it('are repeated to who asks the same again, and kept apart from asks without an id of their sender', () => {
    const { answered, statuses } = open();
    const first = askFor('a');
    expect(answered.repeated(first)).toBe(false);
    // Before anything was answered there is nothing to repeat, but it is waited for.
    expect(answered.repeated(askFor('a'))).toBe(true);
    expect(statuses()).toEqual([]);
    answered.settle(first, 'accepted');
    answered.settle(first, 'confirmed');
    expect(statuses()).toEqual(['accepted', 'accepted', 'confirmed', 'confirmed']);
    expect(answered.repeated(askFor('a'))).toBe(true);
    expect(statuses().at(-1)).toBe('confirmed');
    expect(answered.repeated(askFor('a', { idIsSenders: false }))).toBe(false);
  });

  it('reach a hundred who wait for the same, and tell the others that they do not', () => {
    const { answered, given } = open();
    const first = askFor('a');
    answered.repeated(first);
    answered.settle(first, 'accepted');
    const others = Array.from({ length: 105 }, () => askFor('a'));
    for (const other of others) answered.repeated(other);
    answered.settle(first, 'confirmed');
    const ends = (ask: Ask) => given.filter(([to, reply]) => to === ask && reply.status !== 'accepted');
    expect(others.every((other) => ends(other).length === 1)).toBe(true);
    expect(others.filter((other) => ends(other)[0]?.[1].status === 'failed')).toHaveLength(5);
    expect(ends(others[104] ?? first)[0]?.[1].error?.code).toBe('rate_limited');
  });

  it('are remembered for ten thousand at most, and still reach who waits', () => {
    const { answered, statuses, given } = open();
    const first = askFor('first');
    answered.repeated(first);
    const second = askFor('first');
    answered.repeated(second);
    for (let n = 0; n < 10_001; n += 1) answered.repeated(askFor(`n${n}`));
    answered.settle(first, 'confirmed');
    expect(statuses()).toEqual(['confirmed', 'confirmed']);
    expect(given[1]?.[0]).toBe(second);
    expect(answered.repeated(askFor('first'))).toBe(false);
    expect(answered.repeated(askFor('n10000'))).toBe(true);
  });

  it('are repeated as often as somebody asks, once the first has its end', () => {
    const { answered, given } = open();
    const first = askFor('a');
    answered.repeated(first);
    answered.settle(first, 'accepted');
    answered.settle(first, 'confirmed');
    for (let time = 0; time < 150; time += 1) answered.repeated(askFor('a'));
    expect(given.slice(2).map(([, reply]) => reply.status)).toEqual(Array(150).fill('confirmed'));
  });

  it('are for one room and one command, however their names would run together', () => {
    const { answered } = open();
    expect(answered.repeated(askFor('1', { room: 'bath', command: 'room' }))).toBe(false);
    expect(answered.repeated(askFor('1', { room: 'bathr', command: 'oom' }))).toBe(false);
    expect(answered.repeated(askFor('1', { room: 'bath', command: 'room', household: 'home-2' }))).toBe(
      false,
    );
    expect(answered.repeated(askFor('1', { room: 'bath', command: 'room' }))).toBe(true);
  });

  it('are remembered for ten thousand, and not for one less', () => {
    const { answered } = open();
    for (let id = 0; id < 10_000; id += 1) answered.repeated(askFor(String(id)));
    expect(answered.known(askFor('0'))).toBe(true);
    answered.repeated(askFor('one more'));
    expect(answered.known(askFor('0'))).toBe(false);
  });

  it('are given to everyone who waits when all ends', () => {
    const { answered, statuses } = open();
    for (const id of ['a', 'b', 'c']) answered.settle(askFor(id), 'accepted');
    answered.settle(askFor('d'), 'failed');
    const over = commandError('internal', 'Over.');
    answered.failAll(over, () => true);
    answered.failAll(over, () => true);
    expect(statuses()).toEqual(['accepted', 'accepted', 'accepted', 'failed', 'failed', 'failed', 'failed']);
  });

  it('are kept for those of whom it is said that it is not over', () => {
    const { answered, statuses } = open();
    const [a, b] = [askFor('a'), askFor('b')];
    for (const ask of [a, b]) answered.settle(ask, 'accepted');
    answered.failAll(commandError('internal', 'Over.'), (ask) => ask === a);
    answered.settle(b, 'confirmed');
    expect(statuses()).toEqual(['accepted', 'accepted', 'failed', 'confirmed']);
  });
});

describe('a command that expires', () => {
  const sender = { wrote: { id: 'c-1', expiresAt: null }, responseTo: null, expirySeconds: 60 };
  const what = { household: 'home', room: 'kitchen', command: 'next' };
  const random = { id: () => 'x', fraction: () => 0 };
  const given = () => {
    const clock = createFakeClock();
    const ask = askFrom({ clock, random }, sender, what);
    return { clock, isLate: () => isLate(ask, clock) };
  };

  it('is late when its time is over, and not a moment before', async () => {
    const { clock, isLate: late } = given();
    await clock.advance(59_999);
    expect(late()).toBe(false);
    await clock.advance(1);
    expect(late()).toBe(true);
  });

  it.each([3_600_000, 24 * 3_600_000, 3_653 * 24 * 3_600_000])(
    'does not live longer because the calendar was set back by %i ms',
    async (jump) => {
      const { clock, isLate: late } = given();
      clock.jumpNow(-jump);
      expect(late()).toBe(false);
      await clock.advance(60_000);
      expect(late()).toBe(true);
    },
  );

  it('does not outlive a sleep of the machine, in which the stopwatch stands still', () => {
    const { clock, isLate: late } = given();
    clock.jumpNow(60_000);
    expect(late()).toBe(true);
  });

  it('never is when it has no expiry', async () => {
    const clock = createFakeClock();
    const ask = askFrom({ clock, random }, { ...sender, expirySeconds: null }, what);
    clock.jumpNow(3_653 * 24 * 3_600_000);
    await clock.advance(3_653 * 24 * 3_600_000);
    expect(isLate(ask, clock)).toBe(false);
  });
});

describe('the sooner of two expiries', () => {
  it.each([
    [null, null, null],
    [1, null, 1],
    [null, 2, 2],
    [3, 2, 2],
  ])('of %j and %j is %j', (a, b, expected) => {
    expect(sooner(a, b)).toBe(expected);
  });
});

describe('one who asks', () => {
  it('has the id that was written, or one that nobody asks for again', () => {
    const ports = { clock: createFakeClock(), random: createFakeRandom() };
    const what = { household: 'home', room: 'kitchen', command: 'next' };
    const sender = { responseTo: null, expirySeconds: null };
    const written = { id: 'a', expiresAt: null };
    expect(askFrom(ports, { ...sender, wrote: written }, what)).toMatchObject({ id: 'a', idIsSenders: true });
    for (const wrote of [null, { id: null, expiresAt: null }]) {
      const { id, idIsSenders } = askFrom(ports, { ...sender, wrote }, what);
      expect([id.length > 0, idIsSenders]).toEqual([true, false]);
    }
  });
});
