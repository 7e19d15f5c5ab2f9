import { expect, it } from 'vitest';
import { type BridgeState, bridgeState } from '../../src/app/bridge-state.ts';
import { createStateTicker } from '../../src/app/state-ticker.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  const now = { mqttProtocol: 5 as number | null, used: 0 };
  const published: BridgeState[] = [];
  const state = () =>
    bridgeState({
      ...{ startedAt: 0, loginUrl: null, counters: null, upkeep: [], budgetPerMinute: 600 },
      mqttProtocol: now.mqttProtocol,
      account: { status: 'linked', tokenExpiresAt: null },
      usedLastMinute: now.used,
    });
  const ticker = createStateTicker(clock, state, (each) => published.push(each));
  return { clock, now, published, ticker };
}

it('the state is told at the start, and then once a minute at most while only counts change', async () => {
  const { clock, now, published, ticker } = setUp();
  ticker.start();
  expect(published).toHaveLength(1);
  for (let second = 0; second < 59; second += 1) {
    now.used += 1;
    await clock.advance(1000);
  }
  expect(published).toHaveLength(1);
  await clock.advance(1000);
  expect(published.map((each) => each.requests.used_last_minute)).toEqual([0, 59]);
  await clock.advance(10 * 60_000);
  expect(published).toHaveLength(12);
  ticker.stop();
});

it('what a person would act on is told within a second, and the minute begins anew', async () => {
  const { clock, now, published, ticker } = setUp();
  ticker.start();
  await clock.advance(30_000);
  now.mqttProtocol = null;
  await clock.advance(1000);
  expect(published.map((each) => each.mqtt_protocol)).toEqual([5, null]);
  await clock.advance(59_000);
  expect(published).toHaveLength(2);
  await clock.advance(1000);
  expect(published).toHaveLength(3);
  ticker.stop();
});

it('a stopped ticker tells nothing more and leaves no timer', async () => {
  const { clock, now, published, ticker } = setUp();
  ticker.start();
  ticker.stop();
  now.mqttProtocol = null;
  await clock.advance(120_000);
  expect(published).toHaveLength(1);
  expect(clock.timers).toBe(0);
});
