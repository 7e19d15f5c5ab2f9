import { describe, expect, it } from 'vitest';
import { err } from '../../src/bridge/result.ts';
import { settle } from './fakes.ts';
import { grantWith, HOUR, SECOND } from './grant-fixtures.ts';

describe('an account that is gone', () => {
  it('has no token, no timer and no trouble', async () => {
    const { grant, ledger, clock, refreshes, saves } = await grantWith();
    await ledger.put([]);
    grant.start();
    grant.worked('access-1');
    expect(await grant.token()).toEqual(err('unlinked'));
    expect(await grant.replace('access-1')).toEqual(err('unlinked'));
    expect(grant.unreachable).toBe(false);
    expect([clock.timers(), refreshes(), saves()]).toEqual([0, 0, 1]);
  });

  it('is not refreshed by a timer that was set before', async () => {
    const { grant, ledger, clock, refreshes } = await grantWith({ leftMs: HOUR });
    grant.start();
    await ledger.put([]);
    await clock.advance(SECOND);
    expect([clock.timers(), refreshes()]).toEqual([0, 0]);
  });

  it('while its refresh token was being refused does not come back', async () => {
    const { grant, ledger, login, hold } = await grantWith({ leftMs: 0 });
    const release = hold();
    const token = grant.token();
    await settle();
    await ledger.put([]);
    login.state.down = 'rejected';
    release();
    expect(await token).toEqual(err('unlinked'));
    expect(login.state.refreshes).toEqual(['refresh-1']);
    expect(ledger.all()).toEqual([]);
  });

  it('while its new tokens were being written does not come back', async () => {
    const { grant, ledger, document, clock } = await grantWith({ leftMs: 0 });
    let written = (): void => {};
    document.disk.gate = new Promise((resolve) => {
      written = resolve;
    });
    const token = grant.token();
    await settle();
    document.disk.gate = Promise.resolve();
    await ledger.put([]);
    written();
    expect((await token).ok).toBe(true);
    expect(ledger.all()).toEqual([]);
    expect(await grant.token()).toEqual(err('unlinked'));
    expect(clock.timers()).toBe(0);
  });
});
