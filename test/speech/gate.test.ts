import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate, type Passage } from '../../src/speech/gate.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A gate, and the devices that it has let through, in their order. */
function gateFor(expected: number, waitMs?: number) {
  const clock = createFakeClock();
  const through: number[] = [];
  const opened: (readonly Passage[])[] = [];
  const gate = createGate(clock, {
    expected,
    opened: (passages) => opened.push(passages),
    ...(waitMs === undefined ? {} : { waitMs }),
  });
  const ask = async (device: number, signal?: AbortSignal): Promise<void> => {
    await gate.pass(device, signal);
    through.push(device);
  };
  return { clock, gate, through, opened, ask };
}

describe('the gate at which rooms wait for each other', () => {
  it('opens for all when the last of them has asked', async () => {
    const { clock, gate, through, opened, ask } = gateFor(3);
    const start = clock.elapsed();
    void ask(2);
    await clock.advance(100);
    void ask(0);
    await clock.advance(50);
    expect(through).toEqual([]);
    void ask(1);
    await clock.advance(0);
    expect(through).toEqual([2, 0, 1]);
    expect(gate.passages()).toEqual([
      { device: 2, askedMs: start, passedMs: start + 150 },
      { device: 0, askedMs: start + 100, passedMs: start + 150 },
      { device: 1, askedMs: start + 150, passedMs: start + 150 },
    ]);
    expect(opened).toEqual([gate.passages()]);
    expect(clock.timers).toBe(0);
  });

  it('waits no longer than 400 ms after the first one has asked', async () => {
    const { clock, through, ask } = gateFor(3);
    void ask(0);
    await clock.advance(300);
    void ask(1);
    await clock.advance(99);
    expect(through).toEqual([]);
    await clock.advance(1);
    expect(through).toEqual([0, 1]);
  });

  it('lets who comes late through at once, and opens only once', async () => {
    const { clock, gate, through, opened, ask } = gateFor(2, 10);
    void ask(0);
    await clock.advance(10);
    await clock.advance(1_000);
    await ask(1);
    await ask(1);
    await ask(0);
    expect(through).toEqual([0, 1, 1, 0]);
    expect(gate.passages().map(({ askedMs, passedMs }) => (passedMs ?? 0) - askedMs)).toEqual([10, 0]);
    expect(opened).toHaveLength(1);
  });

  it('counts a device once, however often it asks', async () => {
    const { clock, gate, through, ask } = gateFor(2);
    void ask(0);
    void ask(0);
    void ask(0);
    await clock.advance(100);
    expect(through).toEqual([]);
    expect(gate.passages()).toHaveLength(1);
    void ask(1);
    await clock.advance(0);
    expect(through).toEqual([0, 0, 0, 1]);
  });

  it('does not hold the only one, nor anybody when it is closed', async () => {
    const single = gateFor(1);
    await single.ask(7);
    expect(single.clock.timers).toBe(0);
    const closed = gateFor(5);
    void closed.ask(0);
    closed.gate.close();
    await closed.ask(1);
    await closed.clock.advance(0);
    expect(closed.through.toSorted()).toEqual([0, 1]);
    expect(closed.clock.timers).toBe(0);
  });

  it('forgets who has left: it is neither counted nor waited for, and no timer is left', async () => {
    const { clock, gate, through, opened, ask } = gateFor(2);
    const [one, other, gone] = [new AbortController(), new AbortController(), new AbortController()];
    gone.abort();
    await ask(0, gone.signal);
    void ask(0, one.signal);
    void ask(0, other.signal);
    await clock.advance(10);
    one.abort();
    expect(gate.passages()).toHaveLength(1);
    other.abort();
    expect(gate.passages()).toEqual([]);
    expect(clock.timers).toBe(0);
    void ask(1);
    await clock.advance(399);
    expect(opened).toEqual([]);
    await clock.advance(1);
    expect(through).toEqual([0, 0, 0, 1]);
    // Whoever leaves after it was let through changes nothing.
    other.abort();
    expect(opened).toEqual([[expect.objectContaining({ device: 1 })]]);
  });

  it('holds nobody for longer, and never before all are there, in whatever order they come and leave', async () => {
    const step = fc.record({ device: fc.nat(3), after: fc.nat(150), leaves: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { clock, gate, opened, ask } = gateFor(4);
        const aborts: AbortController[] = [];
        let resolved = 0;
        for (const { device, after, leaves } of steps) {
          const abort = new AbortController();
          aborts.push(abort);
          void ask(device, abort.signal).then(() => {
            resolved += 1;
          });
          await clock.advance(after);
          if (leaves) abort.abort();
          for (const { askedMs, passedMs } of gate.passages()) {
            expect((passedMs ?? clock.elapsed()) - askedMs).toBeLessThanOrEqual(400);
          }
        }
        await clock.advance(400);
        expect(resolved).toBe(steps.length);
        expect(clock.timers).toBe(0);
        for (const passages of opened) {
          const waited = Math.max(...passages.map(({ askedMs, passedMs }) => (passedMs ?? 0) - askedMs));
          expect(passages.length === 4 || waited <= 400).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
