import { expect, it } from 'vitest';
import { type BridgeState, bridgeState } from '../../src/app/bridge-state.ts';
import { createStateTicker } from '../../src/app/state-ticker.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  const now = { mqttProtocol: 5 as 5 | null, used: 0 };
  const published: BridgeState[] = [];
  const state = () =>
    bridgeState({
      ...{ startedAt: 0, loginUrl: null, counters: null, upkeep: [], budgetPerMinute: 600 },
      mqttProtocol: now.mqttProtocol,
      account: { status: 'linked', tokenExpiresAt: null },
      usedLastMinute: now.used,
    });
  const ticker = createStateTicker(clock, state, (each) => published.push(each));
  const used = (count: number): void => {
    now.used = count;
    ticker.nudge();
  };
  return { clock, now, published, ticker, used };
}

it('the state is told at the start, and then once a minute at most while only counts change', async () => {
  const { clock, published, ticker, used } = setUp();
  ticker.start();
  expect(published).toHaveLength(1);
  for (let second = 1; second < 60; second += 1) {
    used(second);
    await clock.advance(1000);
  }
  expect(published).toHaveLength(1);
  await clock.advance(1000);
  expect(published.map((each) => each.requests.used_last_minute)).toEqual([0, 59]);
  ticker.stop();
});

it('counts that go down by themselves are told in the next minute, and then there is no timer', async () => {
  const { clock, now, published, ticker, used } = setUp();
  ticker.start();
  await clock.advance(120_000);
  used(7);
  await clock.advance(1000);
  now.used = 0;
  await clock.advance(60_000);
  expect(published.map((each) => each.requests.used_last_minute)).toEqual([0, 7, 0]);
  await clock.advance(3_600_000);
  expect(published).toHaveLength(3);
  expect(clock.timers).toBe(0);
});

it('what a person would act on is told within a second, and the minute begins anew', async () => {
  const { clock, now, published, ticker, used } = setUp();
  ticker.start();
  await clock.advance(30_000);
  now.mqttProtocol = null;
  used(1);
  await clock.advance(1000);
  expect(published.map((each) => each.mqtt_protocol)).toEqual([5, null]);
  used(2);
  await clock.advance(59_000);
  expect(published).toHaveLength(2);
  await clock.advance(1000);
  expect(published).toHaveLength(3);
  ticker.stop();
});

it('a stopped ticker tells nothing more and leaves no timer', async () => {
  const { clock, now, published, ticker, used } = setUp();
  used(1);
  ticker.start();
  used(2);
  ticker.stop();
  now.mqttProtocol = null;
  used(3);
  await clock.advance(120_000);
  expect(published).toHaveLength(1);
  expect(clock.timers).toBe(0);
});
