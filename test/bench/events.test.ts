import { describe, expect, it } from 'vitest';
import { BODIES } from '../../bench/events/bodies.ts';
import { type Body, createMapper } from '../../bench/events/by-hand.ts';
import { completionsOf } from '../../bench/events/completions.ts';
import { createEventMaker } from '../../bench/events/event-maker.ts';
import { countOf, KINDS, MIX, marks, shownSchema, valuesOf } from '../../bench/events/markers.ts';
import type { Seen, Sent } from '../../bench/events/messages.ts';
import { compare } from '../../bench/events/sameness.ts';
import { reduce } from '../../src/bridge/reduce.ts';
import { newHousehold } from '../../src/bridge/state.ts';
import { createRenderer } from '../../src/mqtt/render.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { CALLBACK, eventually, HOUSEHOLD, KEY, openListener, openWire } from '../events/house.ts';
import { groupIdOf, groupsBody, idOf, picture, reduction } from '../support/house.ts';

const ROOMS = ['Kitchen', 'Bath', 'Den'];
const places = ROOMS.map((name) => ({ address: name, player: idOf(name), group: groupIdOf([name]) }));
const makerFor = (port: number) =>
  createEventMaker({ port, path: CALLBACK, household: HOUSEHOLD, places, ...KEY });

/** What a body would be if it were made from scratch, whatever shortcut the maker takes. */
const parsed = (request: string): unknown => JSON.parse(request.slice(request.indexOf('\r\n\r\n') + 4));

describe('the events that the bench posts', () => {
  it('are accepted by the real receiver, and each changes what its room shows to its own mark', async () => {
    const ids = new Set(places.flatMap(({ player, group }) => [player, group]));
    const { port, events, listener } = await openListener({
      knows: (household, kind, target) =>
        household === HOUSEHOLD && (kind === 'household' || ids.has(target)),
    });
    const make = makerFor(port);
    const made = Array.from({ length: 660 }, (_, index) => ({ room: index % 3, ...make(index % 3) }));
    const wire = await openWire(port);
    for (const { request } of made) wire.send(request);
    expect(await wire.status(made.length)).toBe(200);
    await eventually(() => events.length === made.length);
    expect(listener.counters()).toMatchObject({ accepted: made.length, dropped: 0 });

    const body = groupsBody(ROOMS.map((name) => [name]));
    const empty = newHousehold(HOUSEHOLD, 'home', 'Home');
    let home = reduction(empty, 'groups', 'groups', HOUSEHOLD, body).household;
    for (const [index, event] of events.entries()) {
      const { room = 0, kind = 0, count = 0 } = made[index] ?? {};
      const next = reduce(home, event).household;
      expect(next).not.toBe(home);
      home = next;
      const shown = shownSchema.parse(picture(home, ROOMS[room] ?? ''));
      expect(countOf(kind, valuesOf(shown)[kind] ?? null, count - 1)).toBe(count);
    }
    expect(events).toHaveLength(made.length);
  });

  it('are 20 % metadata, 40 % playback and 40 % volumes', () => {
    const share = (...kinds: string[]) => MIX.filter((kind) => kinds.includes(kind)).length / MIX.length;
    expect([share('metadata'), share('playback'), share('playerVolume', 'groupVolume')]).toEqual([
      0.2, 0.4, 0.4,
    ]);
    expect(BODIES.metadata(1).length).toBeGreaterThan(3000);
  });

  it('have bodies that the shortcut does not change, and announce their length', () => {
    const make = makerFor(1);
    for (let turn = 0; turn < 60; turn += 1) {
      const { kind, count, request } = make(0);
      const name = KINDS[kind] ?? 'metadata';
      expect(parsed(request)).toEqual(JSON.parse(BODIES[name](count)));
      const length = Number(/Content-Length: (\d+)/.exec(request)?.[1]);
      expect(Buffer.byteLength(request) - Buffer.byteLength(request.split('\r\n\r\n', 1)[0] ?? '') - 4).toBe(
        length,
      );
    }
  });
});

describe('a mark', () => {
  it('is told from what the house showed before the bench began', () => {
    expect(countOf(0, 'Off the Wall', 0)).toBeNull();
    expect(countOf(1, 12.5, 0)).toBeNull();
    expect(countOf(0, marks.title(123), 0)).toBe(123);
  });

  it('of a volume is found again beyond 100, also when some were skipped', () => {
    expect(countOf(2, Number(marks.volume(101)), 100)).toBe(101);
    expect(countOf(3, Number(marks.volume(260)), 180)).toBe(260);
  });
});

const sentOf = (...events: readonly (readonly [number, number, number])[]): Sent => ({
  room: Uint8Array.from(events.map(([room]) => room)),
  kind: Uint8Array.from(events.map(([, kind]) => kind)),
  count: Uint32Array.from(events.map(([, , count]) => count)),
  from: Float64Array.from(events.map((_, index) => index)),
  answered: Float64Array.from(events.map((_, index) => index)),
  late: Float64Array.from(events.map(() => 0)),
  bad: 0,
});

const seenOf = (...events: readonly (readonly [number, number, number, number])[]): Seen => ({
  room: Uint8Array.from(events.map(([room]) => room)),
  kind: Uint8Array.from(events.map(([, kind]) => kind)),
  count: Uint32Array.from(events.map(([, , count]) => count)),
  at: Float64Array.from(events.map(([, , , at]) => at)),
  messages: events.length,
});

describe('what became of the events', () => {
  it('tells those that were shown, overtaken by a later one, and lost', () => {
    const sent = sentOf([0, 1, 1], [0, 1, 2], [0, 1, 3], [1, 1, 1], [0, 2, 1]);
    const seen = seenOf([0, 1, 1, 10], [0, 2, 1, 20], [0, 1, 3, 30]);
    const { at, ...counts } = completionsOf(sent, seen);
    expect(counts).toEqual({ shown: 3, covered: 1, lost: 1, lastAt: 30 });
    expect([...at]).toEqual([10, 30, 30, Number.NaN, 20]);
  });

  it('does not take what was seen of the warm-up for what was sent after it', () => {
    const { shown, lost } = completionsOf(sentOf([0, 0, 3]), seenOf([0, 0, 1, 1], [0, 0, 2, 2]));
    expect([shown, lost]).toEqual([0, 1]);
  });
});

describe('the floor of the bench', () => {
  const renderer = createRenderer(topicsOf('sonos'));
  const body = groupsBody(ROOMS.map((name) => [name]));

  /** A home of which every kind of event has told once. */
  function toldHome() {
    const make = makerFor(1);
    let home = reduction(
      newHousehold(HOUSEHOLD, 'home', 'Home'),
      'groups',
      'groups',
      HOUSEHOLD,
      body,
    ).household;
    const next = (room: number): { readonly kind: number; readonly request: string } => {
      const { kind, request } = make(room);
      const header = (name: string): string => new RegExp(`X-Sonos-${name}: (.*)\r`).exec(request)?.[1] ?? '';
      const [namespace, type, target] = [header('Namespace'), header('Type'), header('Target-Value')];
      home = reduction(home, namespace, type, target, parsed(request)).household;
      return { kind, request };
    };
    for (let turn = 0; turn < 30; turn += 1) next(turn % 3);
    return { home: () => home, next };
  }

  it('maps by hand to what the bridge draws, byte by byte but for the time', () => {
    const { home, next } = toldHome();
    const drawn = (): ReadonlyMap<string, string> => renderer.all(home());
    const shown = (topic: string) => ({ topic, payload: drawn().get(topic) ?? '' });
    const map = createMapper({
      rooms: places.map(({ player, group }) => {
        const { topic, payload } = shown(`sonos/home/${home().rooms.get(player)?.address}`);
        return { topic, targets: [player, group], picture: payload };
      }),
      groups: shown('sonos/home/groups'),
    });
    for (let turn = 0; turn < 60; turn += 1) {
      const before = drawn();
      const { request } = next(turn % 3);
      const header = (name: string): string => new RegExp(`X-Sonos-${name}: (.*)\r`).exec(request)?.[1] ?? '';
      const made = map(header('Namespace'), header('Target-Value'), parsed(request) as Body);
      const changed = [...drawn()].filter(([topic, payload]) => before.get(topic) !== payload);
      const timeless = (text: string): string => text.replace(/"at":"[^"]*"/, '"at":""');
      expect(made.map(({ topic, payload }) => [topic, timeless(payload)])).toEqual(
        changed.map(([topic, payload]) => [topic, timeless(payload)]),
      );
    }
  });
});

describe('the comparison before the rounds', () => {
  const recording = (...steps: readonly (readonly (readonly [string, string])[])[]) => ({
    kept: new Map<string, string>(),
    steps: steps.map((step) => step.map(([topic, payload]) => ({ topic, payload }))),
  });

  it('takes times for equal, and finds every other byte that is not', () => {
    const one = recording([['a', '{"at":"2026-01-01T00:00:00.000Z"}']]);
    const other = recording([['a', '{"at":"2026-01-01T00:00:00.001Z"}']]);
    expect(compare(one, 'floor', other)).toMatchObject({ events: 1, messages: 1, bytes: 33 });
    expect(() => compare(one, 'floor', recording([['b', '']]))).toThrow('do not publish the same');
    expect(() => compare(one, 'floor', recording([]))).toThrow('do not publish the same');
  });

  it('counts what is cleared though it held nothing apart, and what held something not', () => {
    const one = recording([['a', '1']], [['a', '']], [['a', '']]);
    expect(compare(one, 'floor', recording([['a', '1']], [['a', '']], [])).idleClearings).toEqual([0, 0, 1]);
    expect(() => compare(one, 'floor', recording([['a', '1']], [], []))).toThrow('do not publish the same');
  });
});
