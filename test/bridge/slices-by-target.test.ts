import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SlicesByTarget, slicesByTarget } from '../../src/bridge/slices-by-target.ts';

const id = fc.constantFrom('kitchen', 'bath', 'den', '__proto__', 'constructor');
const slices = fc.dictionary(fc.constantFrom('playback', 'groupVolume'), fc.integer());

/** Everything that is told of the targets that there may be. */
const told = (shelf: SlicesByTarget): Map<string, unknown> =>
  new Map([...shelf.ids()].map((each) => [each, shelf.get(each)]));

describe('slices by target', () => {
  it('are what was put in last for each target, as a Map would have it, in the order in which the targets came', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(id, slices)), fc.array(fc.tuple(id, slices)), (first, then) => {
        const whole = then.reduce((all, [target, each]) => all.with(target, each), slicesByTarget(first));
        expect([...told(whole)]).toEqual([...new Map([...first, ...then])]);
        expect(whole.get('hall')).toBeUndefined();
      }),
    );
  });

  it('are a value: the one before stays as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(id, slices)), id, slices, (first, target, each) => {
        const before = slicesByTarget(first);
        const was = told(before);
        before.with(target, each);
        expect(told(before)).toEqual(was);
      }),
    );
  });
});
