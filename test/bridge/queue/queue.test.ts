import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appended,
  cleared,
  emptyQueue,
  insertedNext,
  MOST_IN_WINDOW,
  placeOf,
  type Queue,
  type QueueTrack,
  replaced,
  shuffled,
  windowOf,
} from '../../../src/bridge/queue/queue.ts';

const track = (title: string): QueueTrack => ({
  ...{ url: `http://192.168.1.20/${title}.mp3`, title, artist: null, album: null, image: null },
  ...{ duration: null, contentType: 'audio/mpeg' },
});
const tracks = (count: number): QueueTrack[] => Array.from({ length: count }, (_, each) => track(`${each}`));
const queueOf = (count: number): Queue => replaced(emptyQueue('q'), tracks(count));
const titles = (queue: Queue) => queue.items.map(({ title }) => title);

describe('a queue', () => {
  it('has items with ids of their own, in the order in which they came', () => {
    const queue = queueOf(3);
    expect(queue.items.map(({ id, title }) => [id, title])).toEqual([
      ['q-1', '0'],
      ['q-2', '1'],
      ['q-3', '2'],
    ]);
    expect(queue.version).toBe(2);
  });

  it('takes further items at its end, and after the current one', () => {
    const longer = appended(queueOf(2), [track('end')]);
    expect(titles(insertedNext(longer, 'q-1', [track('a'), track('b')]))).toEqual([
      '0',
      'a',
      'b',
      '1',
      'end',
    ]);
    expect(titles(insertedNext(longer, null, [track('a')]))).toEqual(['a', '0', '1', 'end']);
  });

  it('gives no id again after it was cleared', () => {
    const again = appended(cleared(queueOf(2)), [track('new')]);
    expect(again.items.map(({ id }) => id)).toEqual(['q-3']);
  });

  it('keeps the current item and what was before it when it is shuffled', () => {
    const mixed = shuffled(queueOf(6), 'q-2', () => 0.99);
    expect(titles(mixed)).toEqual(['0', '1', '5', '4', '3', '2']);
    expect(titles(shuffled(queueOf(3), null, () => 0.99))).toEqual(['2', '1', '0']);
  });

  it('shows a piece of itself, and whether that is its beginning and its end', () => {
    const at = (id: string, before: number, after: number) => {
      const window = windowOf(queueOf(40), id, before, after);
      const ids = window?.items.map((item) => item.id) ?? [];
      return [ids[0], ids.at(-1), ids.length, window?.includesBeginning, window?.includesEnd];
    };
    expect(at('', 3, 5)).toEqual(['q-1', 'q-6', 6, true, false]);
    expect(at('q-10', 3, 5)).toEqual(['q-7', 'q-15', 9, false, false]);
    expect(at('q-40', 2, 5)).toEqual(['q-38', 'q-40', 3, false, true]);
    // What comes is worth more than what was.
    expect(at('q-20', 999, 999)).toEqual(['q-20', 'q-39', 20, false, false]);
    expect(at('q-30', 999, 2)).toEqual(['q-13', 'q-32', 20, false, false]);
    expect(windowOf(queueOf(3), 'q-9', 1, 1)).toBeNull();
    expect(windowOf(emptyQueue('q'), '', 1, 1)).toEqual({
      ...{ items: [], includesBeginning: true, includesEnd: true },
    });
  });
});

type Deed = (queue: Queue, current: string | null, chance: () => number) => Queue;

const deeds = fc.array(
  fc.oneof(
    fc.nat(5).map(
      (count): Deed =>
        (queue) =>
          appended(queue, tracks(count)),
    ),
    fc.nat(5).map(
      (count): Deed =>
        (queue, current) =>
          insertedNext(queue, current, tracks(count)),
    ),
    fc.nat(5).map(
      (count): Deed =>
        (queue) =>
          replaced(queue, tracks(count)),
    ),
    fc.constant<Deed>((queue) => cleared(queue)),
    fc.constant<Deed>((queue, current, chance) => shuffled(queue, current, chance)),
  ),
  { maxLength: 30 },
);

describe('whatever is done to a queue', () => {
  it('no id is ever given twice, and every change has a version of its own', () => {
    fc.assert(
      fc.property(deeds, fc.infiniteStream(fc.nat(99)), (all, chances) => {
        const chance = () => (chances.next().value ?? 0) / 100;
        let queue = emptyQueue('q');
        const owners = new Map<string, string | null>();
        for (const deed of all) {
          const current = queue.items[Math.floor(chance() * queue.items.length)]?.id ?? null;
          const before = queue;
          queue = deed(queue, current, chance);
          expect(queue.version).toBe(before.version + 1);
          expect(new Set(queue.items.map(({ id }) => id)).size).toBe(queue.items.length);
          const known = new Set(before.items.map(({ id }) => id));
          for (const { id, title } of queue.items) {
            if (!known.has(id)) expect(owners.has(id)).toBe(false);
            owners.set(id, title);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('shuffling loses nothing and leaves the current item where it was', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(29), fc.infiniteStream(fc.nat(99)), (count, at, chances) => {
        const queue = queueOf(count);
        const current = queue.items[at]?.id ?? null;
        const mixed = shuffled(queue, current, () => (chances.next().value ?? 0) / 100);
        expect(mixed.items.map(({ id }) => id).sort()).toEqual(queue.items.map(({ id }) => id).sort());
        expect(placeOf(mixed, current)).toBe(placeOf(queue, current));
      }),
      { numRuns: 300 },
    );
  });

  it('a player that goes from window to window sees every item once, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(30), fc.nat(30), (count, previous, upcoming) => {
        const queue = queueOf(count);
        const seen: string[] = [];
        let at = '';
        for (let turns = 0; turns < 100; turns += 1) {
          const window = windowOf(queue, at, previous, upcoming + 1);
          const items = window?.items ?? [];
          expect(items.length).toBeLessThanOrEqual(MOST_IN_WINDOW);
          const from = at === '' ? -1 : items.findIndex(({ id }) => id === at);
          if (at !== '') expect(from).not.toBe(-1);
          seen.push(...items.slice(from + 1).map(({ id }) => id));
          if (window?.includesEnd === true) break;
          at = items.at(-1)?.id ?? '';
        }
        expect(seen).toEqual(queue.items.map(({ id }) => id));
      }),
      { numRuns: 200 },
    );
  });
});
