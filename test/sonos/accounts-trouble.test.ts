import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { HOME, HOUR, house, link, value } from './accounts-fixtures.ts';

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
