import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { settle } from './fakes.ts';
import { grantWith, HOUR, MINUTE, SECOND } from './grant-fixtures.ts';

describe('a caller', () => {
  it('waits for the new token when the old one has two minutes left, and not when it has more', async () => {
    const two = await grantWith({ leftMs: 2 * MINUTE });
    expect(await two.grant.token()).toEqual(ok('access-2'));
    const more = await grantWith({ leftMs: 2 * MINUTE + 1 });
    expect(await more.grant.token()).toEqual(ok('access-1'));
    await more.grant.idle();
    expect(await more.grant.token()).toEqual(ok('access-2'));
  });

  it('does not get a token that ended while the login server was asked in vain', async () => {
    const { grant, clock, login, hold } = await grantWith({ leftMs: MINUTE });
    const release = hold();
    const token = grant.token();
    await clock.advance(MINUTE);
    login.state.down = 'unavailable';
    release();
    expect(await token).toEqual(err('unavailable'));
  });

  it('does not get the token of a lost login once it has ended', async () => {
    const { grant, clock, refreshes } = await grantWith({ leftMs: MINUTE, status: 'needs_login' });
    expect(await grant.token()).toEqual(ok('access-1'));
    await clock.advance(MINUTE);
    expect(await grant.token()).toEqual(err('needs_login'));
    expect(await grant.replace('access-1')).toEqual(err('needs_login'));
    expect(refreshes()).toBe(0);
  });

  it('does not get the refused token while the login server is away', async () => {
    const { grant, clock, login, refreshes } = await grantWith();
    login.state.down = 'unavailable';
    expect(await grant.replace('access-1')).toEqual(err('unavailable'));
    expect(await grant.token()).toEqual(err('unavailable'));
    login.state.down = null;
    await clock.advance(5 * SECOND);
    expect(await grant.token()).toEqual(ok('access-2'));
    expect(refreshes()).toBe(2);
  });

  it('may have a token refused right after a refresh that nobody had forced', async () => {
    const { grant } = await grantWith({ leftMs: 0 });
    expect(await grant.token()).toEqual(ok('access-2'));
    expect(await grant.replace('access-2')).toEqual(ok('access-3'));
    expect(await grant.replace('access-3')).toEqual(err('unavailable'));
  });
});

describe('without anybody asking', () => {
  it('a failed refresh is tried again at the end of its pause, not later', async () => {
    const { grant, clock, login, refreshes } = await grantWith({ leftMs: HOUR });
    login.state.down = 'unavailable';
    grant.start();
    await clock.advance(SECOND);
    expect(refreshes()).toBe(1);
    await clock.advance(5 * SECOND - 1);
    expect(refreshes()).toBe(1);
    await clock.advance(1);
    expect(refreshes()).toBe(2);
  });

  it('a refused token is replaced as soon as the login server is back', async () => {
    const { grant, clock, login, refreshes, account } = await grantWith();
    login.state.down = 'unavailable';
    await grant.replace('access-1');
    login.state.down = null;
    await clock.advance(5 * SECOND);
    expect(refreshes()).toBe(2);
    expect(account()?.access_token).toBe('access-2');
    expect(grant.unreachable).toBe(false);
  });

  it('a lost login is tried again after a start, however long its token is still good', async () => {
    const { grant, clock, account } = await grantWith({ status: 'needs_login' });
    grant.start();
    await clock.advance(SECOND);
    expect(account()).toMatchObject({ status: 'linked', access_token: 'access-2' });
  });

  it('a login that is lost after other failures is tried again in a quarter of an hour', async () => {
    const { grant, clock, login, refreshes, account } = await grantWith({ leftMs: HOUR });
    login.state.down = 'unavailable';
    grant.start();
    await clock.advance(10 * MINUTE);
    login.state.down = 'rejected';
    while (account()?.status === 'linked') await clock.advance(SECOND);
    const before = refreshes();
    await clock.advance(15 * MINUTE - SECOND);
    expect(refreshes()).toBe(before);
    await clock.advance(SECOND);
    expect(refreshes()).toBeGreaterThan(before);
  });
});

describe('a call that works', () => {
  it('writes nothing to the disk and tells nothing when there is nothing to forget', async () => {
    const { grant, told, saves } = await grantWith();
    grant.worked('access-1');
    await settle();
    expect([told.changed, saves()]).toEqual([0, 0]);
    await grant.replace('access-1');
    grant.worked('access-2');
    await settle();
    expect(saves()).toBe(2);
    grant.worked('access-2');
    await settle();
    expect(saves()).toBe(2);
  });

  it('makes up for a refresh that failed while the calendar was wrong', async () => {
    const { grant, clock, login, told } = await grantWith();
    login.state.down = 'unavailable';
    clock.jump(48 * HOUR);
    await grant.token();
    expect(grant.unreachable).toBe(true);
    clock.jump(-48 * HOUR);
    const { changed } = told;
    grant.worked('access-1');
    expect(grant.unreachable).toBe(false);
    expect(told.changed).toBe(changed + 1);
  });

  it('does not hide that the refresh which is due keeps failing', async () => {
    const { grant, login } = await grantWith({ leftMs: HOUR });
    login.state.down = 'unavailable';
    await grant.token();
    await grant.idle();
    grant.worked('access-1');
    expect(grant.unreachable).toBe(true);
  });
});

describe('whoever shows the account', () => {
  it('is told at the third call in a row without a way to Sonos, and at no other', async () => {
    const { grant, told } = await grantWith();
    const tellings = Array.from({ length: 5 }, () => {
      grant.failed();
      return told.changed;
    });
    expect(tellings).toEqual([0, 0, 1, 1, 1]);
  });

  it('is told when Sonos refuses a token that cannot be replaced yet', async () => {
    const { grant, told } = await grantWith();
    await grant.replace('access-1');
    const { changed } = told;
    expect(await grant.replace('access-2')).toEqual(err('unavailable'));
    expect(grant.unreachable).toBe(true);
    expect(told.changed).toBeGreaterThan(changed);
  });
});
