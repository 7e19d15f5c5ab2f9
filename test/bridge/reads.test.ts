import { describe, expect, it } from 'vitest';
import { Reads } from '../../src/bridge/reads.ts';
import { ok } from '../../src/bridge/result.ts';
import type { SonosEvent } from '../../src/bridge/sonos.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeSonos, down, later } from '../support/fake-sonos.ts';

const wanted = {
  key: 'playerVolume p',
  namespace: 'playerVolume',
  target: 'p',
  path: '/players/p/playerVolume',
  type: 'playerVolume',
  isTold: true,
};

function open() {
  const clock = createFakeClock();
  const sonos = createFakeSonos(clock);
  const taken: SonosEvent[] = [];
  let count = 0;
  sonos.on(/GET/, () => {
    count += 1;
    const volume = count;
    return later(clock, count === 1 ? 1_000 : 100, () => ok({ volume }));
  });
  const reads = new Reads({
    clock,
    send: sonos.send,
    accept: (event) => {
      taken.push(event);
      return true;
    },
  });
  return { clock, sonos, reads, taken };
}

describe('a read', () => {
  it('is shared by all who want the same at the same time, and begun anew afterwards', async () => {
    const { clock, sonos, reads, taken } = open();
    const both = [reads.read('h', wanted, 'housekeeping'), reads.read('h', wanted, 'housekeeping')];
    expect(both[0]).toBe(both[1]);
    await clock.advance(1_000);
    expect(await both[0]).toEqual(ok('changed'));
    expect(taken).toMatchObject([{ household: 'h', target: 'p', sequence: null, body: { volume: 1 } }]);
    void reads.read('h', wanted, 'housekeeping');
    expect(sonos.calls).toHaveLength(2);
  });

  it('for a person is shared by housekeeping, but not the other way round', async () => {
    const { clock, sonos, reads, taken } = open();
    const slow = reads.read('h', wanted, 'housekeeping');
    const quick = reads.read('h', wanted, 'command');
    expect(reads.read('h', wanted, 'housekeeping')).toBe(quick);
    expect(sonos.calls.map(({ priority }) => priority)).toEqual(['housekeeping', 'command']);
    await clock.advance(1_000);
    expect(await quick).toEqual(ok('changed'));
    // The older answer came last and is not taken in.
    expect(await slow).toEqual(ok('overtaken'));
    expect(taken.map(({ body }) => body)).toEqual([expect.objectContaining({ volume: 2 })]);
  });

  it('that an event overtook is not taken in, and not shared any more', async () => {
    const { clock, reads, taken } = open();
    const first = reads.read('h', wanted, 'housekeeping');
    reads.heard('h', 'playback g');
    reads.heard('other', wanted.key);
    expect(reads.read('h', wanted, 'housekeeping')).toBe(first);
    reads.heard('h', wanted.key);
    const second = reads.read('h', wanted, 'housekeeping');
    expect(second).not.toBe(first);
    await clock.advance(1_000);
    expect(await first).toEqual(ok('overtaken'));
    expect(await second).toEqual(ok('changed'));
    expect(taken).toHaveLength(1);
  });

  it('passes on what went wrong', async () => {
    const { clock, sonos, reads } = open();
    const undo = sonos.on(/GET/, down);
    expect(await reads.read('h', wanted, 'command')).toMatchObject({ error: { kind: 'unavailable' } });
    undo();
    sonos.on(/GET/, () => ok([]));
    expect(await reads.read('h', wanted, 'command')).toMatchObject({ error: { kind: 'invalid_answer' } });
    expect(await reads.read('h', { ...wanted, namespace: 'nonsense' }, 'command')).toMatchObject({
      error: { kind: 'invalid_answer' },
    });
    await clock.advance(0);
  });
});
