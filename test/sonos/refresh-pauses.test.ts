import { describe, expect, it } from 'vitest';
import { createRefreshPauses } from '../../src/sonos/refresh-pauses.ts';
import { fakeClock, fakeRandom } from './fakes.ts';

const MINUTE = 60_000;

const setUp = () => createRefreshPauses(fakeClock(), fakeRandom());

describe('the pause before the next refresh', () => {
  it('is none at first and after a success, and doubles with every failure', () => {
    const pauses = setUp();
    expect(pauses.leftMs()).toBeLessThanOrEqual(0);
    expect([pauses.failed(false), pauses.leftMs()]).toEqual([1, 5000]);
    expect([pauses.failed(false), pauses.leftMs()]).toEqual([2, 10_000]);
    pauses.succeeded(false);
    expect(pauses.failures()).toBe(0);
    expect(pauses.leftMs()).toBeLessThanOrEqual(0);
  });

  it('begins at a quarter of an hour for a login that is lost', () => {
    const pauses = setUp();
    pauses.failed(true);
    expect(pauses.leftMs()).toBe(15 * MINUTE);
  });

  it('grows while Sonos refuses even its newest tokens, until it takes one', () => {
    const pauses = setUp();
    pauses.succeeded(true);
    expect(pauses.leftMs()).toBe(5000);
    pauses.succeeded(true);
    expect(pauses.leftMs()).toBe(10_000);
    pauses.proven();
    expect(pauses.leftMs()).toBeLessThanOrEqual(0);
    pauses.succeeded(true);
    expect(pauses.leftMs()).toBe(5000);
  });

  it('is not cut short by a token that works while refreshing it fails', () => {
    const pauses = setUp();
    pauses.failed(false);
    pauses.proven();
    expect([pauses.failures(), pauses.leftMs()]).toEqual([1, 5000]);
  });
});
