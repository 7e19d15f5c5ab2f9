import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/store/store-error.ts';
import { createWriter, RETRY_MS } from '../../src/store/writer.ts';
import { createTestClock } from './support.ts';

describe('the writer', () => {
  it('settles every request by a write that began after it, whatever fails and however they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ pause: fc.nat(3) }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        async (s, requests, fates) => {
          let newest = 0;
          let begun = 0;
          let under = 0;
          let durable = 0;
          const clock = createTestClock();
          const writer = createWriter({
            clock,
            write: async () => {
              const value = newest;
              const fails = fates[begun] === false;
              begun += 1;
              under += 1;
              expect(under).toBe(1);
              await s.schedule(Promise.resolve(), 'write');
              under -= 1;
              if (fails) throw new Error('refused');
              durable = value;
            },
            succeeded: () => {},
            failed: () => true,
          });
          const settled = requests.map(async ({ pause }) => {
            for (let turn = 0; turn < pause; turn += 1) await s.schedule(Promise.resolve(), 'pause');
            newest += 1;
            const mine = newest;
            const before = begun;
            const kept = await writer.request().then(
              () => true,
              () => false,
            );
            if (kept) expect(durable).toBeGreaterThanOrEqual(mine);
            // Never more than the write under way and the one after it.
            expect(begun - before).toBeLessThanOrEqual(3);
          });
          await s.waitFor(Promise.all(settled));
          await s.waitFor(writer.finish());
          const last = fates[begun - 1];
          if (last === true) expect(durable).toBe(newest);
          expect(clock.timers).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('tries a refused write again every half minute until it is taken', async () => {
    const clock = createTestClock();
    let refusals = 3;
    let writes = 0;
    const writer = createWriter({
      clock,
      write: async () => {
        writes += 1;
        refusals -= 1;
        if (refusals >= 0) throw new Error('refused');
      },
      succeeded: () => {},
      failed: () => true,
    });
    await expect(writer.request()).rejects.toThrow('refused');
    for (let tries = 2; tries <= 4; tries += 1) {
      clock.advance(RETRY_MS - 1);
      await Promise.resolve();
      expect(writes).toBe(tries - 1);
      clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(writes).toBe(tries);
    }
    clock.advance(RETRY_MS * 10);
    await writer.finish();
    expect(writes).toBe(4);
  });

  it('tells after a minute that the disk does not answer, and begins nothing else before it does', async () => {
    const clock = createTestClock();
    const told: string[] = [];
    let writes = 0;
    let answer = (): void => {};
    const writer = createWriter({
      clock,
      write: () => {
        writes += 1;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      succeeded: () => told.push('good'),
      failed: (error) => {
        told.push(codeOf(error) ?? 'no code');
        return true;
      },
    });
    const first = writer.request();
    const second = writer.request();
    clock.advance(59_999);
    expect(told).toEqual([]);
    clock.advance(1);
    await expect(first).rejects.toThrow('does not answer');
    await expect(second).rejects.toThrow('does not answer');
    clock.advance(RETRY_MS * 10);
    expect(writes).toBe(1);
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['ETIMEDOUT', 'ETIMEDOUT', 'good', 'good']);
    await expect(Promise.all([writer.request(), Promise.resolve(answer())])).resolves.toBeDefined();
  });
});
