import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { withoutAnswer } from '../../src/sonos/errors.ts';
import { HOME, HOUR, house, link } from './accounts-fixtures.ts';
import { fakeLogin } from './fake-login.ts';
import { settle } from './fakes.ts';

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
