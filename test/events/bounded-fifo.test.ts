import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBoundedFifo } from '../../src/events/bounded-fifo.ts';

describe('a bounded queue', () => {
  it('gives back what was put in, in order, and drops only the oldest', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ push: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.constant('shift' as const) },
      { weight: 1, arbitrary: fc.constantFrom('many' as const, 'drain' as const, 'clear' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 400 }), (steps, maxItems) => {
        const maxSize = 900;
        const fifo = createBoundedFifo<number>(maxItems, maxSize);
        let model: { item: number; size: number }[] = [];
        let next = 0;
        const push = (size: number) => {
          next += 1;
          model.push({ item: next, size });
          let gone = 0;
          const total = () => model.reduce((sum, each) => sum + each.size, 0);
          while (model.length > 1 && (model.length > maxItems || total() > maxSize)) {
            model.shift();
            gone += 1;
          }
          expect(fifo.push(next, size)).toBe(gone);
        };
        const shift = () => expect(fifo.shift()?.item).toBe(model.shift()?.item);
        for (const each of steps) {
          if (each === 'shift') shift();
          else if (each === 'many') for (let count = 0; count < 300; count += 1) push(1);
          else if (each === 'drain') for (let count = 0; count < 200; count += 1) shift();
          else if (each === 'clear') {
            fifo.clear();
            model = [];
          } else push(each.push * 100);
          expect(fifo.length()).toBe(model.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keeps the newest however large it is', () => {
    const fifo = createBoundedFifo<string>(10, 100);
    fifo.push('small', 1);
    expect(fifo.push('large', 1_000)).toBe(1);
    expect(fifo.shift()).toMatchObject({ item: 'large' });
    expect(fifo.shift()).toBeNull();
  });
});
