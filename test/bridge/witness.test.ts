import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/bridge/command-spec.ts';
import { defineCommand } from '../../src/bridge/command-spec.ts';
import { nothing } from '../../src/bridge/readers.ts';
import { ok } from '../../src/bridge/result.ts';
import { type Household, newHousehold, type Seat } from '../../src/bridge/state.ts';
import { topologyOf } from '../../src/bridge/topology.ts';
import { createWitnesses, type Ending, type Watch } from '../../src/bridge/witness.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const player = { id: 'p', name: 'Kitchen', capabilities: [], deviceIds: [] };
const room = { playerId: 'p', address: 'kitchen', name: 'Kitchen', goneSince: null, lastPicture: null };

function open(options: { readonly eventsArrive?: boolean } = {}) {
  const clock = createFakeClock();
  const looks: number[] = [];
  const start = clock.elapsed();
  let evidence: Evidence = 'not_yet';
  let household: Household | undefined = {
    ...newHousehold('h', 'home', null),
    topology: topologyOf([player], [], true),
    rooms: new Map([['p', room]]),
  };
  const before: Seat = { household, room, player, group: null };
  const spec = defineCommand<null>({
    describe: '',
    value: nothing,
    aim: 'player',
    reads: [],
    plan: () => ok(null),
    seen: () => evidence,
  });
  const witnesses = createWitnesses({
    clock,
    household: () => household,
    patienceMs: 8_000,
    look: () => looks.push(clock.elapsed() - start),
    eventsArrive: () => options.eventsArrive ?? true,
  });
  const watch = (id = 'h'): { ending: Ending | null } => {
    const seen: { ending: Ending | null } = { ending: null };
    const what: Watch = { household: id, playerId: 'p', spec, value: null, before, answer: {} };
    void witnesses.watch(what).then((ending) => {
      seen.ending = ending;
    });
    return seen;
  };
  return {
    clock,
    looks,
    witnesses,
    watch,
    show: (next: Evidence) => {
      evidence = next;
    },
    leave: () => {
      household = undefined;
    },
  };
}

describe('a witness', () => {
  it('looks twice where events arrive, and gives up when patience ends', async () => {
    const { clock, looks, watch } = open();
    const seen = watch();
    await clock.advance(7_999);
    expect(seen.ending).toBeNull();
    await clock.advance(1);
    expect(seen.ending).toBe('no_evidence');
    expect(looks).toEqual([1_600, 4_800]);
    expect(clock.timers).toBe(0);
  });

  it('looks sooner where none do', async () => {
    const { clock, looks, watch } = open({ eventsArrive: false });
    watch();
    await clock.advance(8_000);
    expect(looks).toEqual([400, 1_600, 4_800]);
  });

  it('judges only by news of its own household, and no longer looks then', async () => {
    const { clock, looks, witnesses, watch, show } = open();
    const mine = watch();
    const other = watch('other');
    witnesses.changed('h');
    await clock.advance(0);
    expect(mine.ending).toBeNull();
    show('seen');
    witnesses.changed('h');
    await clock.advance(2_000);
    expect(mine.ending).toBe('seen');
    expect(other.ending).toBeNull();
    expect(looks).toEqual([1_600]);
    witnesses.changed('other');
    await clock.advance(0);
    expect(other.ending).toBe('seen');
  });

  it('waits in vain for a household that is gone', async () => {
    const { clock, witnesses, watch, show, leave } = open();
    leave();
    show('seen');
    const seen = watch();
    witnesses.changed('h');
    await clock.advance(8_000);
    expect(seen.ending).toBe('no_evidence');
  });

  it('ends all when it is stopped, and waits for nothing afterwards', async () => {
    const { clock, witnesses, watch, show } = open();
    const early = watch();
    witnesses.stop();
    const late = watch();
    await clock.advance(0);
    expect([early.ending, late.ending]).toEqual(['no_evidence', 'no_evidence']);
    show('seen');
    const known = watch();
    await clock.advance(0);
    expect(known.ending).toBe('seen');
    expect(clock.timers).toBe(0);
  });
});
