import { describe, expect, it } from 'vitest';
import { LinkedHouseholds } from '../../src/app/linked-households.ts';
import type { Bridge } from '../../src/bridge/bridge.ts';
import { ok } from '../../src/bridge/result.ts';
import type { Accounts, AccountView } from '../../src/sonos/accounts.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeSonos, down } from '../support/fake-sonos.ts';

const account = (id: string, ...households: readonly string[]): AccountView => ({
  id,
  households,
  status: 'linked',
  tokenExpiresAt: 0,
  linkedAt: 0,
});

type Told = { readonly id: string; readonly name: string | null };

function setUp(ignored: readonly string[] = []) {
  const clock = createFakeClock();
  const sonos = createFakeSonos(clock);
  const now = { accounts: [account('a', 'Sonos_1')] as AccountView[] };
  const told: { households: readonly Told[]; troubled: readonly string[] }[] = [];
  let troubled: readonly string[] = [];
  const households = new LinkedHouseholds({
    accounts: {
      list: () => now.accounts,
      households: () => now.accounts.flatMap((each) => each.households),
    } satisfies Pick<Accounts, 'list' | 'households'> as unknown as Accounts,
    bridge: {
      setTroubled: (ids) => {
        troubled = [...ids];
      },
      setHouseholds: (ids) => void told.push({ households: ids, troubled }),
    } satisfies Pick<Bridge, 'setTroubled' | 'setHouseholds'> as unknown as Bridge,
    send: sonos.send,
    clock,
    ignored: new Set(ignored),
  });
  const named = (...names: readonly (readonly [string, string | null])[]) =>
    ok({ households: names.map(([id, name]) => ({ id, name })) });
  return { clock, sonos, now, told, households, named };
}

describe('the households of the accounts', () => {
  it('are told at once, and their names when they are known', async () => {
    const { clock, sonos, told, households, named } = setUp();
    sonos.on(/^GET \/households$/, () => named(['Sonos_1', 'Town'], ['Sonos_9', 'Not ours']));
    households.start();
    expect(told.map((each) => each.households)).toEqual([[{ id: 'Sonos_1', name: null }]]);
    await clock.advance(0);
    expect(told.at(-1)?.households).toEqual([{ id: 'Sonos_1', name: 'Town' }]);
    expect(sonos.made(/households/)).toMatchObject([{ household: 'Sonos_1', priority: 'housekeeping' }]);
    households.stop();
  });

  it('are named again once a day, and after five minutes when that did not work', async () => {
    const { clock, sonos, told, households, named } = setUp();
    const back = sonos.on(/households/, () => down());
    households.start();
    await clock.advance(299_000);
    expect(sonos.calls).toHaveLength(1);
    await clock.advance(1000);
    expect(sonos.calls).toHaveLength(2);
    back();
    sonos.on(/households/, () => named(['Sonos_1', 'Town']));
    await clock.advance(300_000);
    expect(told.at(-1)?.households).toEqual([{ id: 'Sonos_1', name: 'Town' }]);
    await clock.advance(24 * 3_600_000);
    expect(sonos.calls).toHaveLength(4);
    // An answer that is none is no reason to forget a name.
    sonos.on(/households/, () => ok({ households: 'none' }));
    await clock.advance(24 * 3_600_000);
    expect(told.at(-1)?.households).toEqual([{ id: 'Sonos_1', name: 'Town' }]);
    households.stop();
  });

  it('are named at once when there is a new one, each with its own account', async () => {
    const { clock, sonos, now, told, households, named } = setUp();
    sonos.on(/households/, ({ household }) => named([household, `Name of ${household}`]));
    households.start();
    await clock.advance(1000);
    now.accounts = [...now.accounts, account('b', 'Sonos_2'), account('c')];
    households.changed();
    await clock.advance(0);
    expect(told.at(-1)?.households).toEqual([
      { id: 'Sonos_1', name: 'Name of Sonos_1' },
      { id: 'Sonos_2', name: 'Name of Sonos_2' },
    ]);
    expect(sonos.calls.map(({ household }) => household)).toEqual(['Sonos_1', 'Sonos_1', 'Sonos_2']);
    households.changed();
    await clock.advance(1000);
    expect(sonos.calls).toHaveLength(3);
    households.stop();
  });

  it('are in doubt where their own account needs a login', () => {
    const { now, told, households } = setUp();
    now.accounts = [
      account('a', 'Sonos_1'),
      { ...account('b', 'Sonos_2', 'Sonos_3'), status: 'needs_login' },
    ];
    households.start();
    expect(told.at(-1)?.troubled).toEqual(['Sonos_2', 'Sonos_3']);
    now.accounts = [
      account('a', 'Sonos_1'),
      { ...account('b', 'Sonos_2', 'Sonos_3'), status: 'unreachable' },
    ];
    households.changed();
    expect(told.at(-1)?.troubled).toEqual([]);
    households.stop();
  });

  it('that are to be ignored are never told of', async () => {
    const { clock, sonos, told, households, named, now } = setUp(['Sonos_2']);
    now.accounts = [account('a', 'Sonos_1', 'Sonos_2')];
    sonos.on(/households/, () => named(['Sonos_1', 'Town'], ['Sonos_2', 'Lake']));
    households.start();
    await clock.advance(1000);
    expect(told.flatMap((each) => each.households.map(({ id }) => id))).not.toContain('Sonos_2');
    households.stop();
  });

  it('are left alone after the end, also by an answer that comes late', async () => {
    const { clock, sonos, told, households, named } = setUp();
    let answer = (): void => {};
    sonos.on(
      /households/,
      () => new Promise((resolve) => (answer = () => resolve(named(['Sonos_1', 'Town'])))),
    );
    households.start();
    await clock.advance(0);
    const before = told.length;
    households.stop();
    answer();
    await clock.advance(48 * 3_600_000);
    expect(told).toHaveLength(before);
    expect(clock.timers).toBe(0);
  });
});
