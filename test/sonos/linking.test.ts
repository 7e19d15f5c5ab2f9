import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import type { AccountsRecord } from '../../src/sonos/account-record.ts';
import { withoutAnswer } from '../../src/sonos/errors.ts';
import { HOME, HOUR, house, link, value } from './accounts-fixtures.ts';
import { fakeLogin } from './fake-login.ts';
import { fakeDocument, settle } from './fakes.ts';

const down = err(withoutAnswer('network', 'none', 'later', 'down'));
const MINUTE = 60_000;

/** Sonos answers only when it is let go. */
function hold(world: ReturnType<typeof house>): () => void {
  let release = (): void => {};
  world.sonos.gate = new Promise((resolve) => {
    release = resolve;
  });
  return () => {
    world.sonos.gate = Promise.resolve();
    release();
  };
}

describe('a login whose households are still asked for', () => {
  /** A login that waits for Sonos, with the only account that is there by then. */
  async function waiting() {
    const world = house();
    const release = hold(world);
    const { state } = world.accounts.startLogin();
    const done = world.accounts.finishLogin({ code: 'c', state });
    await settle();
    const [account] = world.accounts.list();
    if (account === undefined) throw new Error('expected an account');
    return { ...world, release, done, accountId: account.id };
  }

  it('is listed already', async () => {
    const { accounts, release, done, accountId } = await waiting();
    expect(accounts.list()).toMatchObject([{ id: accountId, status: 'linked', households: [] }]);
    release();
    expect(value(await done)).toMatchObject({ accountId, households: [HOME], known: false });
  });

  it('and is undone meanwhile stays undone', async () => {
    const { accounts, release, done, accountId, document, clock } = await waiting();
    await accounts.unlink(accountId);
    release();
    await done;
    expect(document.disk.value).toEqual({ accounts: [] });
    expect(accounts.status()).toEqual({ status: 'unlinked', tokenExpiresAt: null });
    expect(clock.timers()).toBe(0);
  });

  it('in vain, and is undone meanwhile, is not asked about any further', async () => {
    const { accounts, release, done, accountId, sonos, clock } = await waiting();
    sonos.households = down;
    await accounts.unlink(accountId);
    release();
    await done;
    await clock.advance(HOUR);
    expect(sonos.asked).toHaveLength(1);
    expect(clock.timers()).toBe(0);
    expect(accounts.households()).toEqual([]);
  });
});

describe('learning the households of an account', () => {
  it('ends when the account is unlinked during the answer', async () => {
    const world = house();
    world.sonos.households = down;
    const { accountId } = await link(world.accounts);
    const release = hold(world);
    world.sonos.households = ok([HOME]);
    await world.clock.advance(MINUTE);
    await world.accounts.unlink(accountId);
    release();
    await settle();
    expect(world.accounts.list()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });

  it('survives a login server that is away', async () => {
    const login = fakeLogin();
    await login.oauth.exchange('code');
    login.state.down = 'unavailable';
    const account = {
      id: 'a',
      refresh_token: 'refresh-1',
      access_token: 'access-1',
      expires_at: 0,
      households: [],
      status: 'linked' as const,
      linked_at: 0,
    };
    const world = house({ login, document: fakeDocument<AccountsRecord>({ accounts: [account] }) });
    await world.clock.advance(MINUTE);
    expect(world.sonos.asked).toEqual([]);
    login.state.down = null;
    await world.clock.advance(5 * MINUTE);
    expect(world.accounts.households()).toEqual([HOME]);
  });

  it('goes on after an empty answer, which is not believed', async () => {
    const world = house();
    world.sonos.households = down;
    const { accountId } = await link(world.accounts);
    world.sonos.households = ok([]);
    await world.clock.advance(MINUTE);
    expect(world.accounts.list()).toMatchObject([{ id: accountId, households: [] }]);
    world.sonos.households = ok([HOME]);
    await world.clock.advance(5 * MINUTE);
    expect(world.accounts.accountOf(HOME)).toBe(accountId);
  });

  it('does not cost a token that is still good, even one that lives only minutes', async () => {
    const world = house();
    world.login.state.lifetimeMs = 10 * MINUTE;
    world.sonos.households = down;
    await link(world.accounts);
    world.sonos.households = ok([HOME]);
    await world.clock.advance(7 * MINUTE);
    expect(world.accounts.households()).toEqual([HOME]);
    expect(world.login.state.refreshes).toEqual([]);
    await world.clock.advance(MINUTE);
    expect(world.login.state.refreshes).toEqual(['refresh-1']);
  });

  it('is not begun again for an account whose last refresh ended after it was unlinked', async () => {
    const world = house();
    const { accountId } = await link(world.accounts);
    let written = (): void => {};
    world.document.disk.gate = new Promise((resolve) => {
      written = resolve;
    });
    const token = world.accounts.forceRefresh(HOME, 'access-1');
    await settle();
    world.document.disk.gate = Promise.resolve();
    await world.accounts.unlink(accountId);
    written();
    expect((await token).ok).toBe(true);
    await world.clock.advance(HOUR);
    expect(world.sonos.asked).toHaveLength(1);
    expect(world.accounts.list()).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });
});
