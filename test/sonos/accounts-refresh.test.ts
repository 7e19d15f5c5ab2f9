import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { type AccountsRecord, updateHouseholds } from '../../src/sonos/account-record.ts';
import { HOME, HOUR, house, link, value } from './accounts-fixtures.ts';
import { fakeLogin, heldLogin } from './fake-login.ts';
import { fakeDocument, settle } from './fakes.ts';

describe('refreshing', () => {
  it('happens an hour before the end, in the background while the old token is good', async () => {
    const world = house();
    await link(world.accounts);
    world.accounts.stop();
    await world.clock.advance(22.9 * HOUR);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-1'));
    expect(world.login.state.refreshes).toEqual([]);
    await world.clock.advance(0.2 * HOUR);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-1'));
    await settle();
    expect(world.login.state.refreshes).toEqual(['refresh-1']);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-2'));
  });

  it('follows the lifetime of tokens that live only minutes', async () => {
    const world = house();
    world.login.state.lifetimeMs = 600_000;
    await link(world.accounts);
    await world.clock.advance(HOUR);
    expect(world.login.state.refreshes.length).toBeGreaterThan(6);
    expect(world.login.state.refreshes.length).toBeLessThan(10);
    expect(world.accounts.status().status).toBe('linked');
  });

  it('nobody gets a new token before it is on the disk', async () => {
    const world = house();
    await link(world.accounts);
    world.accounts.stop();
    await world.clock.advance(25 * HOUR);
    let release = () => {};
    world.document.disk.gate = new Promise((resolve) => {
      release = resolve;
    });
    const given: string[] = [];
    const take = async () => given.push(value(await world.accounts.token(HOME)));
    const first = take();
    await settle();
    const second = take();
    const third = world.accounts.forceRefresh(HOME, 'access-1').then((token) => given.push(value(token)));
    await settle();
    expect(given).toEqual([]);
    release();
    await Promise.all([first, second, third]);
    expect(given).toEqual(['access-2', 'access-2', 'access-2']);
    expect(world.document.disk.value.accounts[0]?.access_token).toBe('access-2');
  });

  it('goes on from memory when the disk refuses, and says so', async () => {
    const world = house();
    await link(world.accounts);
    world.document.disk.refuses = true;
    await world.clock.advance(24 * HOUR);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-2'));
    const errors = world.log.lines.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain('disk');
    await world.clock.advance(24 * HOUR);
    expect(world.login.isGood(value(await world.accounts.token(HOME)))).toBe(true);
  });

  it('keeps the refresh token when the answer has none', async () => {
    const world = house({ policy: 'stable' });
    await link(world.accounts);
    world.login.state.omitRefresh = true;
    await world.clock.advance(72 * HOUR);
    expect(new Set(world.login.state.refreshes)).toEqual(new Set(['refresh-1']));
    expect(world.document.disk.value.accounts[0]).toMatchObject({ refresh_token: 'refresh-1' });
    expect(world.document.disk.value.accounts[0]).not.toHaveProperty('previous_refresh_token');
  });

  it('keeps the refresh token before until the new token has worked', async () => {
    const world = house();
    await link(world.accounts);
    await world.clock.advance(24 * HOUR);
    const account = () => world.document.disk.value.accounts[0];
    expect(account()).toMatchObject({ refresh_token: 'refresh-2', previous_refresh_token: 'refresh-1' });
    world.accounts.worked(HOME, 'access-1');
    await settle();
    expect(account()).toHaveProperty('previous_refresh_token');
    world.accounts.worked(HOME, 'access-2');
    await settle();
    expect(account()).not.toHaveProperty('previous_refresh_token');
    expect(account()).toMatchObject({ refresh_token: 'refresh-2' });
  });

  it('falls back to the refresh token before when the newer one is refused', async () => {
    const record = {
      id: 'a',
      refresh_token: 'never-heard-of',
      previous_refresh_token: 'refresh-1',
      access_token: 'access-0',
      expires_at: 0,
      households: [HOME],
      status: 'linked' as const,
      linked_at: 0,
    };
    const login = fakeLogin();
    await login.oauth.exchange('c');
    const world = house({ login, document: fakeDocument<AccountsRecord>({ accounts: [record] }) });
    expect(await world.accounts.token(HOME)).toEqual(ok('access-2'));
    expect(login.state.refreshes).toEqual(['never-heard-of', 'refresh-1']);
    expect(world.document.disk.value.accounts[0]).toMatchObject({
      refresh_token: 'refresh-2',
      previous_refresh_token: 'refresh-1',
    });
  });

  it('happens at once for a token whose end is beyond belief', async () => {
    const world = house();
    await link(world.accounts);
    world.accounts.stop();
    const [account] = world.document.disk.value.accounts;
    if (account === undefined) throw new Error('expected an account');
    const far = { accounts: [{ ...account, expires_at: Number.MAX_SAFE_INTEGER }] };
    const next = house({ login: world.login, document: fakeDocument<AccountsRecord>(far) });
    await next.clock.advance(2000);
    expect(world.login.state.refreshes).toHaveLength(1);
    expect(next.accounts.status().tokenExpiresAt).toBeLessThan(next.clock.now() + 25 * HOUR);
  });

  it('does not follow a wall clock that jumps back', async () => {
    const world = house();
    await link(world.accounts);
    world.clock.jump(-3 * 24 * HOUR);
    await world.clock.advance(24 * HOUR);
    expect(world.login.state.refreshes).toHaveLength(1);
    expect(world.login.isGood(value(await world.accounts.token(HOME)))).toBe(true);
  });

  it('notices within minutes that the machine has slept', async () => {
    const world = house();
    await link(world.accounts);
    world.clock.jump(48 * HOUR);
    await world.clock.advance(11 * 60_000);
    expect(world.login.state.refreshes).toHaveLength(1);
  });

  it('finds a household that came to the account later', async () => {
    const world = house();
    await link(world.accounts);
    world.sonos.households = ok([HOME, 'Sonos_new']);
    await world.clock.advance(24 * HOUR);
    expect(world.accounts.households()).toEqual([HOME, 'Sonos_new']);
    world.sonos.households = ok([]);
    await world.clock.advance(24 * HOUR);
    expect(world.accounts.households()).toEqual([HOME, 'Sonos_new']);
  });

  it('never takes a household from another account, nor leaves one without any', () => {
    const account = {
      refresh_token: 'r',
      access_token: 'a',
      expires_at: 0,
      status: 'linked' as const,
      linked_at: 0,
    };
    const accounts = [
      { ...account, id: 'one', households: [HOME] },
      { ...account, id: 'two', households: ['Sonos_cabin'] },
    ];
    expect(updateHouseholds(accounts, 'two', [HOME])).toBe(accounts);
    expect(updateHouseholds(accounts, 'two', [HOME, 'Sonos_new'])).toMatchObject([
      { households: [HOME] },
      { households: ['Sonos_new'] },
    ]);
  });

  it('that ends after the account was unlinked changes nothing', async () => {
    const { login, release } = heldLogin();
    const world = house({ login });
    const { accountId } = await link(world.accounts);
    const token = world.accounts.forceRefresh(HOME, 'access-1');
    await settle();
    await world.accounts.unlink(accountId);
    release();
    expect(await token).toEqual(err('unlinked'));
    expect(world.document.disk.value).toEqual({ accounts: [] });
    expect(world.clock.timers()).toBe(0);
  });

  it('that ends after a new login leaves the tokens of the login alone', async () => {
    const { login, release } = heldLogin();
    const world = house({ login });
    await link(world.accounts);
    const token = world.accounts.forceRefresh(HOME, 'access-1');
    await settle();
    await link(world.accounts);
    login.state.down = 'rejected';
    release();
    expect(await token).toEqual(ok('access-2'));
    expect(world.accounts.status().status).toBe('linked');
    expect(world.login.state.refreshes).toHaveLength(1);
  });
});
