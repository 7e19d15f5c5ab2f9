import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { type AccountsRecord, accountsSchema, updateHouseholds } from '../../src/sonos/account-record.ts';
import { withoutAnswer } from '../../src/sonos/errors.ts';
import { HOME, HOUR, house, link, value } from './accounts-fixtures.ts';
import { fakeLogin, type Policy } from './fake-login.ts';
import { fakeClock, fakeDocument, settle } from './fakes.ts';

describe('a login', () => {
  it('stores the tokens before it asks for the households, and links the account', async () => {
    const { accounts, document, sonos, login, clock } = house();
    let release = () => {};
    document.disk.gate = new Promise((resolve) => {
      release = resolve;
    });
    const { url, state } = accounts.startLogin();
    expect(url).toContain(state);
    const done = accounts.finishLogin({ code: 'canary-code', state });
    await settle();
    expect(login.state.codes).toEqual(['canary-code']);
    expect(sonos.asked).toEqual([]);
    document.disk.gate = Promise.resolve();
    release();
    const { accountId } = value(await done);
    expect(await done).toEqual(ok({ accountId, households: [HOME], known: false }));
    expect(accounts.households()).toEqual([HOME]);
    expect(accounts.accountOf(HOME)).toBe(accountId);
    expect(accounts.accountOf('Sonos_other')).toBeNull();
    expect(accounts.status()).toEqual({ status: 'linked', tokenExpiresAt: clock.now() + 24 * HOUR });
    expect(await accounts.token(HOME)).toEqual(ok('access-1'));
    expect(await accounts.token('Sonos_other')).toEqual(err('unlinked'));
    expect(await accounts.forceRefresh('Sonos_other', 'x')).toEqual(err('unlinked'));
    expect(accountsSchema.parse(JSON.parse(JSON.stringify(document.disk.value)))).toEqual(document.value);
  });

  it('of the same account replaces its tokens and clears its need of a login', async () => {
    const world = house();
    const first = await link(world.accounts);
    world.login.revokeAll();
    await world.clock.advance(25 * HOUR);
    expect(world.accounts.status().status).toBe('needs_login');
    const again = await link(world.accounts);
    expect(again).toEqual({ accountId: first.accountId, households: [HOME], known: true });
    expect(world.accounts.list()).toHaveLength(1);
    expect(world.accounts.status().status).toBe('linked');
    expect(world.login.isGood(value(await world.accounts.token(HOME)))).toBe(true);
  });

  it('of another account is added, and every household belongs to one account only', async () => {
    const world = house();
    const first = await link(world.accounts);
    world.sonos.households = ok(['Sonos_cabin']);
    const second = await link(world.accounts);
    expect(second.known).toBe(false);
    expect(world.accounts.list().map(({ id }) => id)).toEqual([first.accountId, second.accountId]);
    expect(await world.accounts.token('Sonos_cabin')).not.toEqual(await world.accounts.token(HOME));
    world.sonos.households = ok([HOME, 'Sonos_cabin']);
    const both = await link(world.accounts);
    expect(both).toMatchObject({ accountId: first.accountId, known: true });
    expect(world.accounts.list()).toMatchObject([{ id: first.accountId, households: [HOME, 'Sonos_cabin'] }]);
    expect(world.accounts.households()).toEqual([HOME, 'Sonos_cabin']);
  });

  it('learns the households later when Sonos does not tell them at once', async () => {
    const world = house();
    world.sonos.households = err(withoutAnswer('unavailable', 'unknown', 'later', 'down'));
    const done = await link(world.accounts);
    expect(done).toMatchObject({ households: [], known: false });
    await world.clock.advance(30_000);
    expect(world.accounts.households()).toEqual([]);
    world.sonos.households = ok([HOME]);
    await world.clock.advance(60_000);
    expect(world.accounts.households()).toEqual([HOME]);
    expect((await world.accounts.token(HOME)).ok).toBe(true);
    // A Sonos that is away is no reason for another token, and what is known is not asked for again.
    expect(world.login.state.refreshes).toEqual([]);
    const asked = world.sonos.asked.length;
    await world.clock.advance(HOUR);
    expect(world.sonos.asked).toHaveLength(asked);
  });

  it('whose households a stop left unknown is completed after the next start', async () => {
    const world = house();
    world.sonos.households = err(withoutAnswer('network', 'none', 'later', 'down'));
    await link(world.accounts);
    world.accounts.stop();
    const next = house({ login: world.login, document: fakeDocument(world.document.disk.value) });
    await settle();
    expect(next.accounts.households()).toEqual([HOME]);
  });

  it('that is completed during a refresh keeps what the refresh brings', async () => {
    let release = () => {};
    const login = fakeLogin(
      'rotating',
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    await login.oauth.exchange('c');
    const soon = fakeClock().now() + HOUR / 2;
    const account = { access_token: 'access-1', expires_at: soon, status: 'linked' as const, linked_at: 0 };
    const old = {
      ...account,
      id: 'old',
      refresh_token: 'lost',
      households: [HOME],
      status: 'needs_login' as const,
    };
    const fresh = { ...account, id: 'fresh', refresh_token: 'refresh-1', households: [] };
    const world = house({ login, document: fakeDocument<AccountsRecord>({ accounts: [old, fresh] }) });
    await settle();
    expect(world.sonos.asked).toEqual(['access-1']);
    expect(login.state.refreshes).toEqual(['refresh-1']);
    release();
    await settle();
    expect(world.document.disk.value.accounts).toMatchObject([
      {
        id: 'old',
        refresh_token: 'refresh-2',
        access_token: 'access-2',
        status: 'linked',
        households: [HOME],
      },
    ]);
    world.accounts.stop();
  });

  it('whose token is refused while the households are asked for gets another token', async () => {
    const world = house();
    world.sonos.households = err({
      ...withoutAnswer('login_needed', 'none', 'after_login', 'no'),
      status: 401,
    });
    await link(world.accounts);
    expect(world.login.state.refreshes).toHaveLength(1);
    world.sonos.households = ok([HOME]);
    await world.clock.advance(60_000);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-2'));
  });

  it('of an account without a household is told, and nothing is kept', async () => {
    const world = house();
    world.sonos.households = ok([]);
    const { state } = world.accounts.startLogin();
    expect(await world.accounts.finishLogin({ code: 'c', state })).toMatchObject({
      error: { reason: 'no_households', message: expect.stringContaining('Log in with the account that') },
    });
    expect(world.document.disk.value).toEqual({ accounts: [] });
    expect(world.accounts.status()).toEqual({ status: 'unlinked', tokenExpiresAt: null });
  });

  it('is not taken when the disk refuses, and the old link goes on', async () => {
    const world = house();
    await link(world.accounts);
    world.document.disk.refuses = true;
    const { state } = world.accounts.startLogin();
    const done = await world.accounts.finishLogin({ code: 'canary-code', state });
    expect(done).toMatchObject({
      error: { reason: 'not_saved', message: expect.stringContaining('permissions of data_dir') },
    });
    expect(world.sonos.asked).toHaveLength(1);
    expect(world.accounts.list()).toHaveLength(1);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-1'));
  });

  it('without a refresh token is refused', async () => {
    const world = house();
    world.login.state.omitRefresh = true;
    const { state } = world.accounts.startLogin();
    expect(await world.accounts.finishLogin({ code: 'c', state })).toMatchObject({
      error: { reason: 'invalid_answer', message: expect.stringContaining('without a refresh token') },
    });
  });

  it('that nobody began here is not taken to Sonos', async () => {
    const world = house();
    expect(await world.accounts.finishLogin({ code: 'canary-code', state: 'foreign' })).toMatchObject({
      error: { reason: 'unknown_state' },
    });
    expect(world.login.state.codes).toEqual([]);
    expect(world.secrets.known).toEqual(new Set());
  });

  it.each(['rejected', 'wrong_credentials', 'unavailable', 'invalid_answer'] as const)(
    'that ends with %s teaches, and does not quote the code',
    async (kind) => {
      const world = house();
      world.login.state.down = kind;
      const { state } = world.accounts.startLogin();
      const done = await world.accounts.finishLogin({ code: 'canary-code', state });
      expect(done).toMatchObject({ error: { reason: kind } });
      expect(JSON.stringify([done, world.log.lines])).not.toContain('canary');
      // It may be good for minutes still.
      expect(world.secrets.known.has('canary-code')).toBe(true);
    },
  );

  it('with the codes of a few logins in mind, and not of all that ever were', async () => {
    const world = house();
    world.login.state.down = 'rejected';
    for (let count = 0; count < 40; count += 1) {
      const { state } = world.accounts.startLogin();
      await world.accounts.finishLogin({ code: `canary-code-${count}`, state });
    }
    const codes = [...world.secrets.known].filter((secret) => secret.startsWith('canary-code'));
    expect([codes.length, codes.at(0), codes.at(-1)]).toEqual([32, 'canary-code-8', 'canary-code-39']);
    for (const times of world.secrets.times.values()) expect(times).toBeGreaterThanOrEqual(0);
  });

  it('can be undone', async () => {
    const world = house();
    const { accountId } = await link(world.accounts);
    expect(await world.accounts.unlink('nobody')).toBe(false);
    expect(await world.accounts.unlink(accountId)).toBe(true);
    expect(world.accounts.status().status).toBe('unlinked');
    expect(await world.accounts.token(HOME)).toEqual(err('unlinked'));
    expect(world.document.disk.value).toEqual({ accounts: [] });
    expect(world.clock.timers()).toBe(0);
  });
});

describe.each<Policy>(['stable', 'rotating'])('with %s refresh tokens', (policy) => {
  it('a year passes without a call and without a login', async () => {
    const world = house({ policy });
    await link(world.accounts);
    for (let day = 0; day < 365; day += 1) {
      await world.clock.advance(24 * HOUR);
      const token = value(await world.accounts.token(HOME));
      expect(world.login.isGood(token)).toBe(true);
    }
    expect(world.accounts.status().status).toBe('linked');
    expect(world.login.state.refreshes.length).toBeLessThan(400);
    expect(world.login.state.mostInFlight).toBe(1);
    // What is known as secret does not grow with the days.
    expect(world.secrets.known.size).toBeLessThan(50);
  }, 60_000);

  it('any order of refreshes, refusals and calls leads to one refresh at a time and a good token for all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 2, max: 6 }),
        fc.boolean(),
        async (scheduler, callers, expired) => {
          const login = fakeLogin(policy, () => scheduler.schedule(Promise.resolve(), 'login server'));
          const world = house({ login });
          const linking = link(world.accounts);
          await scheduler.waitFor(linking);
          world.accounts.stop();
          const old = value(await world.accounts.token(HOME));
          if (expired) await world.clock.advance(25 * HOUR);
          const tasks = Array.from({ length: callers }, (_, caller) =>
            scheduler
              .schedule(Promise.resolve(), `caller ${caller}`)
              .then(() => (expired ? world.accounts.token(HOME) : world.accounts.forceRefresh(HOME, old))),
          );
          const tokens = await scheduler.waitFor(Promise.all(tasks));
          expect(new Set(tokens.map(value)).size).toBe(1);
          expect(login.isGood(value(tokens[0] ?? err('none')))).toBe(true);
          expect(login.state.refreshes).toHaveLength(1);
          expect(login.state.mostInFlight).toBe(1);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a stop between the answer and the disk does not end the link, if the server lets it live', async () => {
    const world = house({ policy });
    await link(world.accounts);
    const before = world.document.disk.value;
    world.document.disk.gate = new Promise(() => {});
    await world.clock.advance(24 * HOUR);
    expect(world.login.state.refreshes).toHaveLength(1);
    expect(world.document.disk.value).toEqual(before);
    const next = house({ login: world.login, document: fakeDocument(before) });
    await next.clock.advance(24 * HOUR);
    expect(world.login.isGood(value(await next.accounts.token(HOME)))).toBe(true);
    expect(next.accounts.status().status).toBe('linked');
  });
});

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
    let release = () => {};
    const login = fakeLogin(
      'rotating',
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
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
    let release = () => {};
    const login = fakeLogin(
      'rotating',
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
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

describe('when the login server fails', () => {
  it.each(['unavailable', 'invalid_answer', 'wrong_credentials'] as const)(
    '%s is not taken for a lost login, and is tried again with growing pauses',
    async (kind) => {
      const world = house();
      await link(world.accounts);
      world.login.state.down = kind;
      await world.clock.advance(23.5 * HOUR);
      expect(world.accounts.status().status).toBe('unreachable');
      expect(await world.accounts.token(HOME)).toEqual(ok('access-1'));
      await world.clock.advance(HOUR);
      expect(await world.accounts.token(HOME)).toEqual(err('unavailable'));
      expect(world.document.disk.value.accounts[0]?.status).toBe('linked');
      const tries = world.login.state.refreshes.length;
      expect(tries).toBeGreaterThan(8);
      expect(tries).toBeLessThan(16);
      expect(world.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toHaveLength(1);
      world.login.state.down = null;
      await world.clock.advance(HOUR);
      expect(world.accounts.status().status).toBe('linked');
      expect(await world.accounts.token(HOME)).toEqual(ok('access-2'));
      expect(world.log.lines.filter(({ level }) => level === 'info')).toHaveLength(1);
    },
  );

  it('a caller with a token that is nearly over waits for the new one', async () => {
    const world = house();
    await link(world.accounts);
    world.accounts.stop();
    await world.clock.advance(24 * HOUR - 60_000);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-2'));
  });

  it('a caller with a token that is nearly over still gets it', async () => {
    const world = house();
    await link(world.accounts);
    world.accounts.stop();
    world.login.state.down = 'unavailable';
    await world.clock.advance(24 * HOUR - 60_000);
    expect(await world.accounts.token(HOME)).toEqual(ok('access-1'));
    expect(world.login.state.refreshes).toHaveLength(1);
    await world.clock.advance(60_000);
    expect(await world.accounts.token(HOME)).toEqual(err('unavailable'));
  });
});

describe('when Sonos no longer accepts the login', () => {
  it('it is tried once more, then a person is needed, and the log says so once', async () => {
    const world = house();
    await link(world.accounts);
    const seen: string[] = [];
    world.accounts.onChange(() => seen.push(world.accounts.status().status));
    world.login.revokeAll();
    expect(await world.accounts.forceRefresh(HOME, 'access-1')).toEqual(err('needs_login'));
    expect(world.login.state.refreshes).toEqual(['refresh-1', 'refresh-1']);
    expect(world.accounts.status().status).toBe('needs_login');
    expect(seen.at(-1)).toBe('needs_login');
    expect(world.document.disk.value.accounts[0]?.status).toBe('needs_login');
    for (let call = 0; call < 10; call += 1) {
      expect(await world.accounts.token(HOME)).toEqual(err('needs_login'));
      expect(await world.accounts.forceRefresh(HOME, 'access-1')).toEqual(err('needs_login'));
    }
    await world.clock.advance(7 * 24 * HOUR);
    // Some tries in a week, each with its second one.
    expect(world.login.state.refreshes.length).toBeLessThan(40);
    expect(world.log.lines.filter(({ level }) => level === 'error' || level === 'warn')).toHaveLength(1);
  });

  it('the rest of the last token is still used, until Sonos refuses it too', async () => {
    const world = house();
    await link(world.accounts);
    world.login.state.down = 'rejected';
    await world.clock.advance(23.5 * HOUR);
    expect(world.accounts.status().status).toBe('needs_login');
    expect(await world.accounts.token(HOME)).toEqual(ok('access-1'));
    expect(await world.accounts.forceRefresh(HOME, 'access-1')).toEqual(err('needs_login'));
    expect(await world.accounts.token(HOME)).toEqual(err('needs_login'));
  });

  it('a refusal that passes by itself heals without a person', async () => {
    const world = house();
    await link(world.accounts);
    world.login.state.down = 'rejected';
    await world.clock.advance(25 * HOUR);
    expect(world.accounts.status().status).toBe('needs_login');
    world.login.state.down = 'unavailable';
    await world.clock.advance(24 * HOUR);
    expect(world.accounts.status().status).toBe('needs_login');
    world.login.state.down = null;
    await world.clock.advance(24 * HOUR);
    expect(world.accounts.status().status).toBe('linked');
    expect((await world.accounts.token(HOME)).ok).toBe(true);
  });
});

describe('when Sonos refuses an access token', () => {
  it('one that was replaced already does not cause another refresh', async () => {
    const world = house();
    await link(world.accounts);
    const second = await world.accounts.forceRefresh(HOME, 'access-1');
    expect(second).toEqual(ok('access-2'));
    expect(await world.accounts.forceRefresh(HOME, 'access-1')).toEqual(second);
    expect(world.login.state.refreshes).toHaveLength(1);
  });

  it('refusals that do not end cause few refreshes, and the account counts as unreachable', async () => {
    const world = house();
    await link(world.accounts);
    for (let second = 0; second < 3600; second += 1) {
      const token = await world.accounts.token(HOME);
      if (token.ok) await world.accounts.forceRefresh(HOME, token.value);
      await world.clock.advance(1000);
    }
    expect(world.login.state.refreshes.length).toBeLessThan(25);
    expect(world.accounts.status().status).toBe('unreachable');
    await world.clock.advance(HOUR);
    const token = value(await world.accounts.token(HOME));
    world.accounts.worked(HOME, token);
    expect(world.accounts.status().status).toBe('linked');
    expect(await world.accounts.forceRefresh(HOME, token)).not.toEqual(err('unavailable'));
  }, 60_000);
});

describe('what people see of the accounts', () => {
  it('three calls in a row without a way to Sonos make the account unreachable, one that works ends it', async () => {
    const world = house();
    await link(world.accounts);
    const seen: string[] = [];
    const stop = world.accounts.onChange(() => seen.push(world.accounts.status().status));
    for (let call = 0; call < 5; call += 1) world.accounts.failed(HOME);
    world.accounts.worked(HOME, 'access-1');
    world.accounts.failed(HOME);
    world.accounts.worked(HOME, 'access-1');
    world.accounts.failed('Sonos_other');
    world.accounts.worked('Sonos_other', 'x');
    expect(seen).toEqual(['unreachable', 'linked']);
    stop();
    for (let call = 0; call < 5; call += 1) world.accounts.failed(HOME);
    expect(seen).toHaveLength(2);
  });

  it('one account in need of a login shows over one that works', async () => {
    const world = house();
    await link(world.accounts);
    world.login.revokeAll();
    world.sonos.households = ok(['Sonos_cabin']);
    await link(world.accounts);
    await world.accounts.forceRefresh(HOME, 'access-1');
    expect(world.accounts.list().map(({ status }) => status)).toEqual(['needs_login', 'linked']);
    expect(world.accounts.status().status).toBe('needs_login');
  });

  it('every token is known as a secret, and none is in the log, the status or the list', async () => {
    const world = house();
    await link(world.accounts);
    expect(world.secrets.known).toEqual(new Set(['canary-code', 'access-1', 'refresh-1']));
    await world.clock.advance(24 * HOUR);
    for (const secret of ['access-1', 'access-2', 'refresh-1', 'refresh-2']) {
      expect(world.secrets.known.has(secret)).toBe(true);
    }
    world.login.revokeAll();
    await world.clock.advance(48 * HOUR);
    const shown = JSON.stringify([world.log.lines, world.accounts.list(), world.accounts.status()]);
    expect(shown).not.toMatch(/access-\d|refresh-\d/u);
    const next = house({ document: world.document });
    expect(next.secrets.known.has('refresh-2')).toBe(true);
  });

  it('old tokens are forgotten in the end, so that the filter of the log does not grow for ever', async () => {
    const world = house({ policy: 'rotating' });
    await link(world.accounts);
    await world.clock.advance(60 * 24 * HOUR);
    const { length } = world.login.state.refreshes;
    expect(length).toBeGreaterThan(55);
    const tokens = [...world.secrets.known].filter((secret) => /^(access|refresh)-/.test(secret));
    // Those in force, the refresh token before, and the last thirty-two.
    expect(tokens.length).toBeLessThanOrEqual(35);
    expect(tokens).toContain(`access-${length + 1}`);
    expect(world.secrets.known.has('access-1')).toBe(false);
    for (const times of world.secrets.times.values()) expect(times).toBeGreaterThanOrEqual(0);
  });

  it('a stop leaves no timer behind', async () => {
    const world = house();
    world.sonos.households = err(withoutAnswer('network', 'none', 'later', 'down'));
    await link(world.accounts);
    expect(world.clock.timers()).toBeGreaterThan(0);
    world.accounts.stop();
    expect(world.clock.timers()).toBe(0);
  });
});

describe('the end of the accounts', () => {
  /** A house that has just begun to refresh, and is told to end. */
  async function ending() {
    let release = (): void => {};
    let gate: Promise<void> = Promise.resolve();
    const login = fakeLogin('rotating', () => gate);
    const world = house({ login });
    await link(world.accounts);
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const refreshed = world.accounts.forceRefresh(HOME, 'access-1');
    await settle();
    expect(login.state.refreshes).toEqual(['refresh-1']);
    world.accounts.stop();
    return { ...world, login, refreshed, release };
  }

  it('waits until new tokens are on the disk, because the old ones may be dead already', async () => {
    const world = await ending();
    let isIdle = false;
    const idle = world.accounts.close().then(() => {
      isIdle = true;
    });
    await settle();
    expect(isIdle).toBe(false);
    world.release();
    await idle;
    expect(world.document.disk.value.accounts).toMatchObject([
      { refresh_token: 'refresh-2', access_token: 'access-2' },
    ]);
    expect(world.clock.timers()).toBe(0);
  });

  it('waits no longer than a second and a half', async () => {
    const world = await ending();
    let isIdle = false;
    const idle = world.accounts.close().then(() => {
      isIdle = true;
    });
    await world.clock.advance(1_499);
    expect(isIdle).toBe(false);
    await world.clock.advance(1);
    await idle;
  });

  it('is waited for no time when nothing is under way, and begins no further refresh', async () => {
    const world = house();
    await link(world.accounts);
    world.accounts.stop();
    await world.accounts.close();
    expect(await world.accounts.forceRefresh(HOME, 'access-1')).toEqual(err('unavailable'));
    expect(world.login.state.refreshes).toEqual([]);
  });
});
