import { expect, it } from 'vitest';
import { onceFor } from '../../src/bridge/once-for.ts';

it('what is made of a value is made once, also when it is nothing, and anew for another value that says the same', () => {
  const asked: object[] = [];
  const nothing = onceFor((key: object) => {
    asked.push(key);
    return undefined;
  });
  const [one, other] = [{}, {}];
  expect([nothing(one), nothing(one), nothing(other), nothing(one)]).toEqual(Array(4).fill(undefined));
  expect(asked).toEqual([one, other]);
  expect(asked[1]).toBe(other);
});
