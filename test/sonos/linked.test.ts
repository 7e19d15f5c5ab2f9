import { describe, expect, it } from 'vitest';
import type { AccountRecord, AccountsRecord } from '../../src/sonos/account-record.ts';
import { createLedger } from '../../src/sonos/ledger.ts';
import { Linked } from '../../src/sonos/linked.ts';
import { fakeLogin } from './fake-login.ts';
import { fakeClock, fakeDocument, fakeLog, fakeRandom, fakeSecrets } from './fakes.ts';

const record = (id: string, expiresAt: number): AccountRecord => ({
  id,
  refresh_token: `refresh-${id}`,
  access_token: `access-${id}`,
  expires_at: expiresAt,
  households: [`Sonos_${id}`],
  status: 'linked',
  linked_at: 0,
});

const DAY = 24 * 3_600_000;

function setUp(ids: readonly string[]) {
  const clock = fakeClock();
  const accounts = ids.map((id, index) => record(id, clock.now() + (index + 1) * DAY));
  const ledger = createLedger(fakeDocument<AccountsRecord>({ accounts }), fakeSecrets());
  const { oauth } = fakeLogin();
  const parts = { ledger, oauth, clock, random: fakeRandom(), log: fakeLog() };
  const linked = new Linked({ ...parts, refreshed: () => {} });
  return { clock, ledger, linked };
}

describe('the linked accounts', () => {
  it('set no timer before the start and leave none after the stop, and a later account has one in between', async () => {
    const { clock, ledger, linked } = setUp(['one']);
    expect(clock.timers()).toBe(0);
    linked.start();
    expect(clock.timers()).toBe(1);
    await ledger.put([...ledger.all(), record('two', clock.now() + DAY)]);
    linked.follow();
    expect(clock.timers()).toBe(2);
    linked.stop();
    expect(clock.timers()).toBe(0);
    await ledger.put([...ledger.all(), record('three', clock.now() + DAY)]);
    linked.follow();
    expect(clock.timers()).toBe(0);
  });

  it('keep what is known of an account when another one comes or goes', async () => {
    const { clock, ledger, linked } = setUp(['one', 'two']);
    linked.start();
    for (let call = 0; call < 3; call += 1) linked.grant('one')?.failed();
    await ledger.put([record('one', clock.now() + DAY), record('three', clock.now() + DAY)]);
    linked.follow();
    expect(linked.list().map(({ id, status }) => [id, status])).toEqual([
      ['one', 'unreachable'],
      ['three', 'linked'],
    ]);
    expect(clock.timers()).toBe(2);
    expect(linked.grant('two')).toBeUndefined();
    expect(linked.grant(null)).toBeUndefined();
  });

  it('show the token that ends first, and one that is unreachable over one that works', () => {
    const { clock, linked } = setUp(['one', 'two']);
    expect(linked.status()).toEqual({ status: 'linked', tokenExpiresAt: clock.now() + DAY });
    for (let call = 0; call < 3; call += 1) linked.grant('two')?.failed();
    expect(linked.status().status).toBe('unreachable');
  });

  it('tell of a change once, and of nothing when there is none', async () => {
    const { ledger, linked } = setUp(['one']);
    let told = 0;
    linked.onChange(() => {
      told += 1;
    });
    linked.follow();
    linked.changed();
    expect(told).toBe(0);
    await ledger.put([]);
    linked.follow();
    linked.follow();
    expect(told).toBe(1);
  });
});
