import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { type AccountsRecord, accountsSchema } from '../../src/sonos/account-record.ts';
import { withoutAnswer } from '../../src/sonos/errors.ts';
import { HOME, HOUR, house, link, value } from './accounts-fixtures.ts';
import { fakeLogin, heldLogin, type Policy } from './fake-login.ts';
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
    const { login, release } = heldLogin();
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
