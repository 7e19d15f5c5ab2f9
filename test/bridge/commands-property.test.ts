import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import type { SonosCall } from '../../src/bridge/sonos.ts';
import { createTestBridge, HOME, playerOf, type TestBridge } from '../support/bridge-house.ts';
import { gone, later, lost, refused, type Scripted, sonosError } from '../support/fake-sonos.ts';

const ROOMS = ['kitchen', 'bath', 'office'];
const SHAPES = [
  [['kitchen', 'bath'], ['office']],
  [['kitchen'], ['bath', 'office']],
  [['kitchen'], ['bath'], ['office']],
  [['kitchen', 'bath', 'office']],
  [['kitchen', 'bath']],
];

const room = fc.constantFrom(...ROOMS);
const call = fc.oneof(
  fc.record({ command: fc.constantFrom('play', 'pause', 'toggle', 'next', 'previous', 'leave', 'refresh') }),
  fc.record({ command: fc.constantFrom('volume', 'group_volume'), value: fc.integer({ min: 0, max: 100 }) }),
  fc.record({
    command: fc.constantFrom('volume', 'group_volume', 'seek'),
    value: fc.constantFrom('+5', '-3'),
  }),
  fc.record({
    command: fc.constantFrom('mute', 'group_mute'),
    value: fc.constantFrom('toggle', true, false),
  }),
  fc.record({ command: fc.constant('group'), value: fc.subarray(ROOMS) }),
  fc.record({ command: fc.constant('join'), value: room }),
  fc.record({ command: fc.constant('favorite'), value: fc.constantFrom('Jazz', 'Morn', 'nothing') }),
  fc.record({ command: fc.constantFrom('volume', 'nonsense'), value: fc.constant('loud') }),
);

type Outcome = 'done' | 'silent' | 'refused' | 'gone' | 'lost' | 'lost_done' | 'unavailable';
const outcome = fc.record({
  kind: fc.constantFrom<Outcome[]>(
    'done',
    'done',
    'silent',
    'refused',
    'gone',
    'lost',
    'lost_done',
    'unavailable',
  ),
  after: fc.integer({ min: 0, max: 3_000 }),
});

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      room: fc.oneof(room, fc.constant('all')),
      call,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), back: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('regroup' as const),
      shape: fc.nat(SHAPES.length - 1),
      told: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('event' as const),
      room,
      state: fc.constantFrom('PLAYING', 'PAUSED', 'IDLE'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 4_000 }) }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What the scripted house does when a call reaches it; then it tells, or it does not. */
function carryOut(house: TestBridge, { path, body }: SonosCall, tells: boolean): void {
  const { world } = house;
  const [, kind, target = '', namespace = '', deed] = path.split('/').map(decodeURIComponent);
  const party = world.parties.find(({ id }) => id === target);
  const name = ROOMS.find((each) => playerOf(each) === target);
  if (kind === 'players' && name !== undefined && namespace === 'playerVolume') {
    const speaker = world.speaker(name);
    if (deed === 'mute') speaker.muted = body?.muted === true;
    else
      speaker.volume = Math.max(
        0,
        Math.min(100, Number(body?.volume ?? speaker.volume + Number(body?.volumeDelta))),
      );
  }
  if (party !== undefined && namespace === 'playback') {
    if (deed === 'play') party.state = 'PLAYBACK_STATE_PLAYING';
    if (deed === 'pause') party.state = 'PLAYBACK_STATE_PAUSED';
    if (deed === 'togglePlayPause')
      party.state = party.state.endsWith('PLAYING') ? 'PLAYBACK_STATE_PAUSED' : 'PLAYBACK_STATE_PLAYING';
    if (deed?.startsWith('skip')) party.itemId = `${party.itemId}.`;
  }
  if (party !== undefined && namespace === 'groupVolume' && deed === undefined)
    party.volume = Number(body?.volume);
  if (!tells || world.body(namespace, target) === null) return;
  house.tell(namespace, target);
}

const addressOf = ({ path }: SonosCall): string => path.split('/').slice(1, 3).join('/');

function answering(house: TestBridge, outcomes: readonly { kind: Outcome; after: number }[]) {
  let next = 0;
  return (request: SonosCall): Scripted => {
    const { kind, after } = outcomes[next % outcomes.length] ?? { kind: 'done' as const, after: 0 };
    next += 1;
    return later(house.clock, after, () => {
      switch (kind) {
        case 'done':
        case 'silent':
          carryOut(house, request, kind === 'done');
          return ok({});
        case 'lost_done':
          carryOut(house, request, true);
          return lost();
        case 'lost':
          return lost();
        case 'gone':
          return gone();
        case 'unavailable':
          return err(sonosError({ kind: 'unavailable', status: 503, effect: 'unknown', retry: 'later' }));
        case 'refused':
          return refused();
      }
    });
  };
}

/** Every message is answered at once, if only with `accepted`. */
function commanded(house: TestBridge, send: () => void): void {
  const before = house.answers.length;
  send();
  expect(house.answers.length).toBeGreaterThan(before);
}

async function play(house: TestBridge, steps: readonly Step[]): Promise<void> {
  const sent: (() => void)[] = [];
  for (const each of steps) {
    switch (each.do) {
      case 'command': {
        const payload = {
          ...('value' in each.call ? { value: each.call.value } : {}),
          id: `c${sent.length}`,
        };
        const send = () => house.command(each.room, each.call.command, payload);
        sent.push(send);
        commanded(house, send);
        break;
      }
      case 'again': {
        const earlier = sent.at(-1 - each.back);
        if (earlier !== undefined) commanded(house, earlier);
        break;
      }
      case 'regroup':
        house.world.regroup(SHAPES[each.shape] ?? []);
        if (each.told) house.tell('groups', HOME);
        break;
      case 'event': {
        const party = house.world.parties.find(({ members }) => members.includes(each.room));
        if (party === undefined || !house.bridge.knows(HOME, 'group', party.id)) break;
        party.state = `PLAYBACK_STATE_${each.state}`;
        house.tell('playback', party.id);
        break;
      }
      case 'time':
        await house.clock.advance(each.ms);
    }
  }
}

const SENDS = /^POST (?!.*subscription)/;

describe('commands in whatever order things happen', () => {
  it('get exactly one end each, and nothing that is not repeatable is sent twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.array(outcome, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (steps, outcomes, eventsArrive) => {
          const house = createTestBridge();
          await house.start();
          if (eventsArrive) house.tell('groups', HOME);
          const answer = answering(house, outcomes);
          const goneFor = new Map<string, number>();
          house.sonos.on(SENDS, (request) => {
            const scripted = answer(request);
            if (scripted instanceof Promise) {
              void scripted.then((result) => {
                if (!result.ok && result.error.kind === 'group_gone')
                  goneFor.set(addressOf(request), (goneFor.get(addressOf(request)) ?? 0) + 1);
              });
            }
            return scripted;
          });
          await play(house, steps);
          await house.clock.advance(600_000);

          const asks = new Map(house.answers.map(({ ask }) => [ask, [] as string[]]));
          for (const { ask, reply } of house.answers) asks.get(ask)?.push(reply.status);
          for (const statuses of asks.values()) {
            const ends = statuses.filter((status) => status !== 'accepted');
            expect(ends).toHaveLength(1);
            expect(statuses.at(-1)).toBe(ends[0]);
            expect(statuses.length).toBeLessThanOrEqual(2);
          }
          expect(house.bridge.waiting).toBe(0);

          // One send for each command, once more for each dead group; volumes may be fewer.
          const once = /skipToNext|skipToPrev|togglePlayPause|seekRelative|relative$/;
          const sends = house.sonos.made(SENDS).filter(({ path }) => once.test(path));
          const deaths = [...goneFor.values()].reduce((sum, count) => sum + count, 0);
          const distinct = new Set(
            house.answers
              .filter(({ reply }) => reply.status !== 'accepted')
              .map(({ ask }) => `${ask.id} ${ask.room}`),
          );
          expect(sends.length).toBeLessThanOrEqual(distinct.size + deaths);
          await house.bridge.stop();
          expect(house.clock.timers).toBe(0);
        },
      ),
      { numRuns: 300, seed: 20_261_121 },
    );
  });

  it('reach a target in the order in which they came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            room,
            seconds: fc.integer({ min: 1, max: 50_000 }),
            pause: fc.integer({ min: 0, max: 1_500 }),
            regroup: fc.option(fc.nat(3), { freq: 6 }),
          }),
          { minLength: 2, maxLength: 25 },
        ),
        fc.array(outcome, { minLength: 1, maxLength: 10 }),
        async (wishes, outcomes) => {
          const house = createTestBridge();
          await house.start();
          house.sonos.on(SENDS, answering(house, outcomes));
          const order = new Map<number, { readonly index: number; readonly room: string }>();
          for (const [index, wish] of wishes.entries()) {
            if (wish.regroup !== null) {
              house.world.regroup(SHAPES[wish.regroup] ?? []);
              house.tell('groups', HOME);
            }
            // Each has a value of its own, by which it is known again.
            const millis = wish.seconds * 1000 + index;
            order.set(millis, { index, room: wish.room });
            house.command(wish.room, 'seek', { value: millis / 1000, id: `s${index}` });
            await house.clock.advance(wish.pause);
          }
          await house.clock.advance(120_000);
          const seen = new Set<number>();
          const last = new Map<string, number>();
          for (const { body } of house.sonos.made(/seek$/)) {
            const wish = order.get(Number(body?.positionMillis));
            if (wish === undefined) throw new Error('a seek that nobody asked for');
            // A second try after a dead group is not another command.
            if (seen.has(wish.index)) continue;
            seen.add(wish.index);
            expect(wish.index).toBeGreaterThan(last.get(wish.room) ?? -1);
            last.set(wish.room, wish.index);
          }
          expect(seen.size).toBe(wishes.length);
        },
      ),
      { numRuns: 200, seed: 20_261_122 },
    );
  });

  it('carry out each one-shot at most once, plus once for a dead group', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ room, pause: fc.integer({ min: 0, max: 5_000 }) }), {
          minLength: 1,
          maxLength: 15,
        }),
        fc.array(outcome, { minLength: 1, maxLength: 10 }),
        async (wishes, outcomes) => {
          const house = createTestBridge();
          await house.start();
          const sends = new Map<number, string[]>();
          const answer = answering(house, outcomes);
          house.sonos.on(/seekRelative$/, (request) => {
            const key = Number(request.body?.deltaMillis);
            const scripted = answer(request);
            const kinds = sends.get(key) ?? [];
            sends.set(key, kinds);
            const at = kinds.push('pending') - 1;
            if (scripted instanceof Promise)
              void scripted.then((result) => {
                kinds[at] = result.ok ? 'ok' : result.error.kind;
              });
            expect(request.repeatable).toBe(false);
            return scripted;
          });
          for (const [index, wish] of wishes.entries()) {
            house.command(wish.room, 'seek', { value: `+${index + 1}`, id: `s${index}` });
            await house.clock.advance(wish.pause);
          }
          await house.clock.advance(300_000);
          expect(sends.size).toBe(wishes.length);
          for (const kinds of sends.values()) {
            expect(kinds.length).toBeLessThanOrEqual(2);
            if (kinds.length === 2) expect(kinds[0]).toBe('group_gone');
          }
        },
      ),
      { numRuns: 200, seed: 20_261_123 },
    );
  });
});
