import { expect, it } from 'vitest';
import { createTokenLife } from '../../src/sonos/token-life.ts';
import { fakeClock } from './fakes.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function accountWith(expiresAt: number) {
  const tokens = { access_token: 'access', refresh_token: 'refresh' };
  return {
    ...tokens,
    id: 'a',
    expires_at: expiresAt,
    households: [],
    status: 'linked' as const,
    linked_at: 0,
  };
}

it('a token is refreshed an hour before its end; one that would live for more than eight days, at once', () => {
  const clock = fakeClock();
  const life = createTokenLife(clock);
  expect(life.untilDueMs(accountWith(clock.now() + DAY))).toBe(23 * HOUR);
  expect(life.untilDueMs(accountWith(clock.now() + 8 * DAY))).toBe(8 * DAY - HOUR);
  expect(life.untilDueMs(accountWith(clock.now() + 8 * DAY + 1))).toBe(0);
});
