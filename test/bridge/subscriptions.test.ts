import { describe, expect, it } from 'vitest';
import { Subscriptions } from '../../src/bridge/subscriptions.ts';
import { createFakeRandom } from '../support/bridge-house.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeSonos, down } from '../support/fake-sonos.ts';

const wanted = (...names: string[]) =>
  names.map((name) => ({
    key: `${name} t`,
    namespace: name,
    target: 't',
    path: `/x/t/${name}/subscription`,
  }));

function open() {
  const clock = createFakeClock();
  const sonos = createFakeSonos(clock);
  const table = new Subscriptions({ household: 'h', clock, random: createFakeRandom(), send: sonos.send });
  return { clock, sonos, table };
}

describe('the table of subscriptions', () => {
  it('has nothing due when nothing is wanted', async () => {
    const { table, sonos } = open();
    expect(table.nextDue()).toBe(Number.POSITIVE_INFINITY);
    expect(table.heldSince('a t')).toBeNull();
    expect(await table.ask('a t')).toBeNull();
    await table.unsubscribe();
    expect(sonos.calls).toEqual([]);
  });

  it('keeps what is held while it is wanted, and lets go of the rest without a goodbye', async () => {
    const { table, sonos, clock } = open();
    table.want(wanted('a', 'b'));
    expect(table.due()).toEqual(['a t', 'b t']);
    expect(table.neverAsked()).toEqual(['a t', 'b t']);
    await table.ask('a t');
    const since = clock.elapsed();
    await clock.advance(1_000);
    table.want(wanted('a', 'c'));
    expect(table.due()).toEqual(['c t']);
    expect(table.heldSince('a t')).toBe(since);
    expect(table.count()).toEqual({ wanted: 2, held: 1, oldest: since });
    expect(sonos.made(/DELETE/)).toEqual([]);
  });

  it('asks again for what failed only after a pause, or when it may work again', async () => {
    const { table, sonos, clock } = open();
    sonos.on(/POST/, down);
    table.want(wanted('a', 'b'));
    expect(await table.ask('a t')).toMatchObject({ kind: 'unavailable' });
    expect(table.due()).toEqual(['b t']);
    expect(table.neverAsked()).toEqual(['b t']);
    expect(table.nextDue()).toBe(0);
    table.tryAgain();
    expect(table.due()).toEqual(['a t', 'b t']);
    await table.ask('a t');
    await clock.advance(13_000);
    expect(table.due()).toContain('a t');
  });

  it('gives back only what is held', async () => {
    const { table, sonos } = open();
    table.want(wanted('a', 'b'));
    await table.ask('a t');
    await table.unsubscribe();
    expect(sonos.made(/DELETE/).map(({ path }) => path)).toEqual(['/x/t/a/subscription']);
    expect(table.count()).toEqual({ wanted: 0, held: 0, oldest: null });
  });
});
