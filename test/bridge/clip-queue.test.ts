import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APP_ID, type ClipStatus } from '../../src/bridge/clip.ts';
import {
  type ClipQueue,
  type Effect,
  type Entry,
  emptyQueue,
  FOREIGN_MS,
  hasPlace,
  type Input,
  type Moment,
  type Step,
  stepped,
} from '../../src/bridge/clip-queue.ts';
import { END_MS, FETCH_MS, MARGIN_MS, PRESUME_MS, UNKNOWN_MS } from '../../src/bridge/clip-turn.ts';
import { sized } from '../support/figures.ts';

const NEVER: Moment = { elapsed: Number.POSITIVE_INFINITY, now: Number.POSITIVE_INFINITY };
const LENGTH = 2_000;

const entry = (key: string, more: Partial<Entry> = {}): Entry => ({
  ...{ key, id: `id-${key}`, priority: 'normal', expires: NEVER },
  sound: { lengthMs: LENGTH, isOurs: true },
  ...more,
});

const clip = (id: string, status: string, more: Partial<ClipStatus> = {}): ClipStatus => ({
  ...{ id, status, name: null, appId: APP_ID, errorCode: null },
  ...more,
});

/** A room whose queue is stepped by hand. */
class Hand {
  queue: ClipQueue = emptyQueue;
  at = 1_000;
  wakeAt: number | null = null;
  readonly effects: Effect[] = [];
  readonly most: number;

  constructor(most = 20) {
    this.most = most;
  }

  step(input: Input): Step {
    const moment = { elapsed: this.at, now: this.at };
    const step = stepped(this.queue, input, moment, this.most);
    this.queue = step.queue;
    this.wakeAt = step.wakeAt;
    this.effects.push(...step.effects);
    return step;
  }

  add(...entries: readonly Entry[]): void {
    for (const each of entries) this.step({ kind: 'add', entry: each });
  }

  clips(...clips: readonly ClipStatus[]): void {
    this.step({ kind: 'clips', clips });
  }

  /** Time goes by, and whoever wanted to be woken is. */
  pass(milliseconds: number): void {
    const end = this.at + milliseconds;
    while (this.wakeAt !== null && this.wakeAt <= end) {
      this.at = Math.max(this.at, this.wakeAt);
      this.step({ kind: 'tick' });
    }
    this.at = end;
  }

  /** What was told and done, in words. */
  get said(): string[] {
    return this.effects.map((effect) =>
      effect.kind === 'tell'
        ? [effect.key, effect.stage, effect.failure?.kind].filter(Boolean).join(' ')
        : `${effect.kind} ${effect.key}`,
    );
  }
}

/** A room in which one is heard. */
function playing(more: Partial<Entry> = {}): Hand {
  const hand = new Hand();
  hand.add(entry('a', more));
  hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
  hand.clips(clip('c-a', 'ACTIVE'));
  return hand;
}

describe('an announcement in a room', () => {
  it('is sent at once when nothing else is heard, and followed to its end', () => {
    const hand = playing();
    hand.clips(clip('c-a', 'DONE'));
    expect(hand.said).toEqual(['send a', 'a sent', 'a playing', 'a done']);
    expect(hand.queue.turn).toBeNull();
    expect(hand.wakeAt).toBeNull();
  });

  it('waits while the sound is made, and so does whatever comes after it', () => {
    const hand = new Hand();
    hand.add(entry('a', { sound: null }), entry('b'));
    expect(hand.said).toEqual([]);
    hand.step({ kind: 'ready', key: 'a', sound: { lengthMs: LENGTH, isOurs: true } });
    expect(hand.said).toEqual(['send a']);
  });

  it.each([
    ['DONE', 'done'],
    ['INTERRUPTED', 'interrupted'],
    ['DISMISSED', 'dismissed'],
  ])('ends as the player says: %s', (status, stage) => {
    const hand = playing();
    hand.clips(clip('c-a', status));
    expect(hand.said.at(-1)).toBe(`a ${stage}`);
  });

  it('was heard, although the player told of its end only', () => {
    const hand = new Hand();
    hand.add(entry('a'));
    hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
    hand.clips(clip('c-a', 'INTERRUPTED'));
    expect(hand.said).toEqual(['send a', 'a sent', 'a playing', 'a interrupted']);
  });

  it('is followed also when the player told of it before Sonos had answered', () => {
    const hand = new Hand();
    hand.add(entry('a'));
    hand.step({ kind: 'asked', key: 'a' });
    hand.clips(clip('c-a', 'ACTIVE'));
    hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
    expect(hand.said).toEqual(['send a', 'a sent', 'a playing']);
    expect(hand.queue.foreign.size).toBe(0);
  });

  it('makes nothing of a status that it does not know', () => {
    const hand = playing();
    hand.clips(clip('c-a', 'INACTIVE'), clip('x', 'PENDING'));
    expect(hand.said.at(-1)).toBe('a playing');
  });

  it('fails when the player says so, with what it said', () => {
    const hand = playing();
    hand.clips(clip('c-a', 'ERROR', { errorCode: 'E' }));
    expect(hand.effects.at(-1)).toMatchObject({
      stage: 'failed',
      failure: { kind: 'player', errorCode: 'E', wasFetched: false },
    });
  });

  it.each([true, false])('knows whether the player had come for the sound: ours %s', (isOurs) => {
    const hand = new Hand();
    hand.add(entry('a', { sound: { lengthMs: LENGTH, isOurs } }));
    hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
    if (isOurs) hand.step({ kind: 'asked', key: 'a' });
    hand.clips(clip('c-a', 'ERROR'));
    expect(hand.effects.at(-1)).toMatchObject({ failure: { wasFetched: true } });
  });

  it('is over when its length and a margin have passed without a word', () => {
    const hand = playing();
    hand.pass(LENGTH + MARGIN_MS - 1);
    expect(hand.said.at(-1)).toBe('a playing');
    hand.pass(1);
    expect(hand.said.at(-1)).toBe('a done');
  });

  it('is believed for a minute when its length is not known', () => {
    const hand = playing({ sound: { lengthMs: null, isOurs: false } });
    hand.pass(UNKNOWN_MS + MARGIN_MS - 1);
    expect(hand.said.at(-1)).toBe('a playing');
    hand.pass(1);
    expect(hand.said.at(-1)).toBe('a done');
  });

  it('is heard when the player came for it, also when no event tells', () => {
    const hand = new Hand();
    hand.add(entry('a'));
    hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
    hand.pass(500);
    hand.step({ kind: 'asked', key: 'a' });
    hand.step({ kind: 'asked', key: 'a' });
    hand.pass(PRESUME_MS);
    expect(hand.said.at(-1)).toBe('a playing');
    // From when it came, and not from when that was concluded.
    hand.pass(LENGTH + MARGIN_MS - PRESUME_MS);
    expect(hand.said.at(-1)).toBe('a done');
  });

  it('fails when the player does not come for it, and must not be heard later', () => {
    const hand = new Hand();
    hand.add(entry('a'), entry('b'));
    hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
    hand.pass(FETCH_MS);
    expect(hand.said).toEqual(['send a', 'a sent', 'end a', 'a failed not_fetched', 'send b']);
  });

  it('has nothing to end when Sonos never told the id', () => {
    const hand = new Hand();
    hand.add(entry('a'));
    hand.step({ kind: 'sent', key: 'a', clipId: null });
    hand.pass(FETCH_MS);
    expect(hand.said).toEqual(['send a', 'a sent', 'a failed not_fetched']);
  });

  it('may have been heard when its sound is elsewhere and nobody tells', () => {
    const hand = new Hand();
    hand.add(entry('a', { sound: { lengthMs: 30_000, isOurs: false } }));
    hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
    hand.pass(FETCH_MS);
    expect(hand.said.at(-1)).toBe('a unsure');
    hand.pass(30_000 + MARGIN_MS - FETCH_MS);
    expect(hand.said.at(-1)).toBe('a done');
  });

  it('is known by our name when the answer with its id was lost', () => {
    const hand = new Hand();
    hand.clips(clip('old', 'DONE'), clip('ring', 'DONE', { appId: 'com.ring' }));
    hand.add(entry('a'));
    hand.step({ kind: 'sent', key: 'a', clipId: null });
    hand.clips(clip('old', 'DONE'), clip('ring-2', 'DONE', { appId: 'com.ring' }), clip('new', 'ACTIVE'));
    expect(hand.said.at(-1)).toBe('a playing');
    hand.clips(clip('new', 'DONE'));
    expect(hand.said.at(-1)).toBe('a done');
  });

  it('gives its turn away when it cannot be said', () => {
    const hand = new Hand();
    hand.add(entry('a'), entry('b'), entry('c'));
    hand.step({ kind: 'withdraw', key: 'b' });
    hand.step({ kind: 'withdraw', key: 'a' });
    expect(hand.said).toEqual(['send a', 'send c']);
  });

  it('does not mind words about one that is over', () => {
    const hand = new Hand();
    hand.step({ kind: 'sent', key: 'a', clipId: 'c' });
    hand.add(entry('b'));
    hand.step({ kind: 'ended', key: 'b' });
    for (const kind of ['asked', 'ended'] as const) hand.step({ kind, key: 'a' });
    expect(hand.said).toEqual(['send b']);
  });

  it('goes on after a restart, and is not said again', () => {
    const hand = playing();
    const { turn } = hand.queue;
    const later = new Hand();
    if (turn !== null) later.step({ kind: 'resume', turn });
    later.add(entry('b'));
    expect(later.said).toEqual([]);
    later.clips(clip('c-a', 'DONE'));
    expect(later.said).toEqual(['a done', 'send b']);
  });
});

describe('the order in a room', () => {
  it('is that in which they came, the important ones ahead of the others', () => {
    const hand = new Hand();
    const high = { priority: 'high' } as const;
    hand.add(entry('a'), entry('b'), entry('c', high), entry('d'), entry('e', high));
    expect(hand.queue.waiting.map(({ key }) => key)).toEqual(['c', 'e', 'b', 'd']);
  });

  it('waits for the clips of others', () => {
    const hand = new Hand();
    hand.clips(clip('ring', 'ACTIVE', { appId: 'com.ring' }));
    hand.add(entry('a'));
    expect(hand.said).toEqual([]);
    hand.clips(clip('ring', 'DONE', { appId: 'com.ring' }));
    expect(hand.said).toEqual(['send a']);
  });

  it('does not wait for ever for the end of another clip, however often it is told of', () => {
    const hand = new Hand();
    hand.add(entry('a', { sound: null }));
    hand.clips(clip('ring', 'ACTIVE'));
    hand.pass(FOREIGN_MS - 1);
    hand.clips(clip('ring', 'ACTIVE'));
    hand.step({ kind: 'ready', key: 'a', sound: { lengthMs: 1, isOurs: true } });
    expect(hand.said).toEqual([]);
    hand.pass(1);
    expect(hand.said).toEqual(['send a']);
  });
});

describe('a full room', () => {
  it('takes no more, except an important one in place of the last normal one', () => {
    const hand = new Hand(2);
    hand.add(entry('now'), entry('a'), entry('b'), entry('c'));
    expect(hand.said.at(-1)).toBe('c failed displaced');
    expect(hasPlace(hand.queue, 'normal', 2)).toBe(false);
    expect(hasPlace(hand.queue, 'high', 2)).toBe(true);
    hand.add(entry('x', { priority: 'high' }), entry('y', { priority: 'high' }));
    expect(hand.said.slice(-2)).toEqual(['b failed displaced', 'a failed displaced']);
    expect(hasPlace(hand.queue, 'high', 2)).toBe(false);
    hand.add(entry('z', { priority: 'high' }));
    expect(hand.said.at(-1)).toBe('z failed displaced');
    expect(hasPlace(hand.queue, 'normal', 3)).toBe(true);
  });
});

describe('one that waits', () => {
  it.each([
    ['the stopwatch', { elapsed: 6_000, now: Number.POSITIVE_INFINITY }],
    ['the calendar', { elapsed: Number.POSITIVE_INFINITY, now: 6_000 }],
  ])('expires by %s', (_clock, expires) => {
    const hand = new Hand();
    hand.add(entry('a'), entry('b', { expires }));
    hand.pass(4_999);
    expect(hand.said).toEqual(['send a']);
    hand.pass(1);
    expect(hand.said).toEqual(['send a', 'b expired']);
  });

  it('does not expire while it is heard', () => {
    const hand = playing({ expires: { elapsed: 2_000, now: 2_000 } });
    hand.pass(1_500);
    expect(hand.said.at(-1)).toBe('a playing');
  });
});

describe('one that is cancelled', () => {
  it('is not said when it waits; the others are', () => {
    const hand = new Hand();
    hand.add(entry('a'), entry('b'), entry('c'));
    hand.step({ kind: 'cancel', id: 'id-b' });
    expect(hand.said).toEqual(['send a', 'b cancelled']);
    expect(hand.queue.waiting.map(({ key }) => key)).toEqual(['c']);
  });

  it('is ended when it is heard, and the next one waits for that', () => {
    const hand = playing();
    hand.add(entry('b'));
    hand.step({ kind: 'cancel', id: null });
    hand.add(entry('c'));
    hand.step({ kind: 'cancel', id: 'id-a' });
    expect(hand.said.slice(3)).toEqual(['b cancelled', 'end a']);
    hand.step({ kind: 'ended', key: 'a' });
    expect(hand.said.slice(5)).toEqual(['a cancelled', 'send c']);
  });

  it.each(['DONE', 'DISMISSED', 'ERROR'])('is over with the word of the player: %s', (status) => {
    const hand = playing();
    hand.step({ kind: 'cancel', id: null });
    hand.clips(clip('c-a', status));
    expect(hand.said.at(-1)).toBe('a cancelled');
  });

  it('is over after a while when nobody says so', () => {
    const hand = playing();
    hand.step({ kind: 'cancel', id: null });
    hand.pass(END_MS);
    expect(hand.said.at(-1)).toBe('a cancelled');
  });

  it('is ended as soon as Sonos has told its id', () => {
    const hand = new Hand();
    hand.add(entry('a'));
    hand.step({ kind: 'cancel', id: null });
    hand.step({ kind: 'asked', key: 'a' });
    expect(hand.said).toEqual(['send a']);
    hand.step({ kind: 'sent', key: 'a', clipId: 'c-a' });
    hand.clips(clip('c-a', 'ACTIVE'));
    expect(hand.said).toEqual(['send a', 'end a']);
  });

  it('is given up when Sonos never told its id', () => {
    const hand = new Hand();
    hand.add(entry('a'));
    hand.step({ kind: 'cancel', id: null });
    hand.step({ kind: 'sent', key: 'a', clipId: null });
    expect(hand.said).toEqual(['send a', 'a cancelled']);
  });
});

describe('whatever happens, in any order', () => {
  const MOST = 4;
  const LAST = new Set(['done', 'interrupted', 'dismissed', 'failed', 'expired', 'cancelled']);

  type Deed =
    | { readonly do: 'add'; readonly high: boolean; readonly ready: boolean; readonly lives: number | null }
    | { readonly do: 'ready' | 'asked' | 'sent' | 'lost' | 'withdraw' | 'ended' }
    | { readonly do: 'status'; readonly status: string }
    | { readonly do: 'foreign'; readonly status: string }
    | { readonly do: 'cancel'; readonly which: number | null }
    | { readonly do: 'pass'; readonly milliseconds: number };

  const deed: fc.Arbitrary<Deed> = fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      high: fc.boolean(),
      ready: fc.boolean(),
      lives: fc.option(fc.integer({ min: 1, max: 60_000 })),
    }),
    fc.record({ do: fc.constantFrom('ready', 'asked', 'sent', 'sent', 'lost', 'withdraw', 'ended') }),
    fc.record({
      do: fc.constant('status' as const),
      status: fc.constantFrom('ACTIVE', 'DONE', 'DISMISSED', 'INTERRUPTED', 'ERROR', 'INACTIVE'),
    }),
    fc.record({ do: fc.constant('foreign' as const), status: fc.constantFrom('ACTIVE', 'DONE') }),
    fc.record({ do: fc.constant('cancel' as const), which: fc.option(fc.nat({ max: 30 })) }),
    fc.record({ do: fc.constant('pass' as const), milliseconds: fc.integer({ min: 0, max: 20_000 }) }),
  );

  /** A second telling of the rules: what a list on paper would say. */
  class Paper {
    readonly hand = new Hand(MOST);
    readonly waiting: Entry[] = [];
    readonly stages = new Map<string, string[]>();
    readonly withdrawn = new Set<string>();
    #seen = 0;
    #turn: string | null = null;
    #count = 0;

    do(each: Deed): void {
      const { hand } = this;
      const turn = hand.queue.turn;
      switch (each.do) {
        case 'add': {
          this.#count += 1;
          const until = each.lives === null ? Number.POSITIVE_INFINITY : hand.at + each.lives;
          const made = entry(`${this.#count}`, {
            priority: each.high ? 'high' : 'normal',
            expires: { elapsed: until, now: until },
            ...(each.ready ? {} : { sound: null }),
          });
          this.stages.set(made.key, []);
          this.waiting.push(made);
          hand.add(made);
          break;
        }
        case 'ready': {
          const next = hand.queue.waiting.find(({ sound }) => sound === null);
          if (next === undefined) return;
          hand.step({ kind: 'ready', key: next.key, sound: { lengthMs: LENGTH, isOurs: true } });
          break;
        }
        case 'sent':
        case 'lost':
          if (turn?.phase !== 'sending') return;
          hand.step({ kind: 'sent', key: turn.key, clipId: each.do === 'sent' ? `c-${turn.key}` : null });
          break;
        case 'withdraw': {
          const key = turn?.phase === 'sending' ? turn.key : hand.queue.waiting.at(-1)?.key;
          if (key === undefined) return;
          this.withdrawn.add(key);
          if (key === this.#turn) this.#turn = null;
          this.#leave(key);
          hand.step({ kind: 'withdraw', key });
          break;
        }
        case 'asked':
        case 'ended':
          if (turn !== null) hand.step({ kind: each.do, key: turn.key });
          break;
        case 'status':
          if (turn !== null) hand.clips(clip(turn.clipId ?? `c-${turn.key}`, each.status));
          break;
        case 'foreign':
          hand.clips(clip('ring', each.status, { appId: 'com.ring' }));
          break;
        case 'cancel':
          hand.step({ kind: 'cancel', id: each.which === null ? null : `id-${each.which}` });
          break;
        default:
          hand.pass(each.milliseconds);
      }
      this.look();
    }

    /** Everything ends, when time goes by and Sonos answers. */
    finish(): void {
      const isOver = (): boolean => this.waiting.length === 0 && this.hand.queue.turn === null;
      for (let round = 0; round < 200 && !isOver(); round += 1) {
        this.do({ do: 'ready' });
        this.do({ do: 'sent' });
        this.do({ do: 'pass', milliseconds: 20_000 });
      }
    }

    #leave(key: string): void {
      const index = this.waiting.findIndex((each) => each.key === key);
      if (index >= 0) this.waiting.splice(index, 1);
    }

    look(): void {
      const { hand } = this;
      for (; this.#seen < hand.effects.length; this.#seen += 1) {
        const effect = hand.effects[this.#seen];
        if (effect?.kind === 'send') {
          // Only one of ours at a time, and the right one.
          expect(this.#turn).toBeNull();
          const first = this.waiting.find(({ priority }) => priority === 'high') ?? this.waiting[0];
          expect(effect.key).toBe(first?.key);
          this.#leave(effect.key);
          this.#turn = effect.key;
        } else if (effect?.kind === 'tell') {
          expect(this.withdrawn.has(effect.key)).toBe(false);
          this.stages.get(effect.key)?.push(effect.stage);
          if (!LAST.has(effect.stage)) expect(effect.key).toBe(this.#turn);
          else if (effect.key === this.#turn) this.#turn = null;
          else this.#leave(effect.key);
        }
      }
      expect(hand.queue.waiting.length).toBeLessThanOrEqual(MOST);
      expect(hand.queue.waiting.map(({ key }) => key).sort()).toEqual(
        this.waiting.map(({ key }) => key).sort(),
      );
      expect(hand.queue.turn?.key ?? null).toBe(this.#turn);
    }
  }

  it('at most one is heard, in order, none is lost, none ends twice, and the bounds hold', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const paper = new Paper();
        for (const each of deeds) paper.do(each);
        paper.finish();
        expect(paper.waiting).toEqual([]);
        for (const [key, stages] of paper.stages) {
          const ends = stages.filter((stage) => LAST.has(stage)).length;
          expect(ends, `${key}: ${stages.join()}`).toBe(paper.withdrawn.has(key) ? 0 : 1);
          // What is told is told in its order, and nothing comes after the end.
          const path = stages.join(' ');
          if (!paper.withdrawn.has(key))
            expect(path).toMatch(
              /^(sent )?(playing )?(done|interrupted|dismissed|failed|expired|cancelled)$/,
            );
        }
      }),
      { numRuns: sized(1_000, 50_000) },
    );
  });
});
