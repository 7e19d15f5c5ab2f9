import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AT_REST,
  answered,
  dueOf,
  grasp,
  LETS_GO_MS,
  letGo,
  type Slide,
  saw,
  send,
  shown,
  wish,
} from '../../../src/web/page/house/slide.ts';

describe('a slider', () => {
  it('shows what the house says while nobody wishes anything', () => {
    expect(shown(AT_REST, 20)).toBe(20);
    expect(shown(AT_REST, null)).toBeNull();
    expect(saw(AT_REST, 30, 0)).toBe(AT_REST);
  });

  it('stands still under a finger, whatever the house says', () => {
    const held = grasp(AT_REST, 20);
    expect(shown(saw(held, 55, 1_000_000), 55)).toBe(20);
    expect(letGo(held)).toEqual(AT_REST);
  });

  it('sends while the finger moves, one at a time and then the newest', () => {
    const first = send(wish(grasp(AT_REST, 20), 25));
    expect(first.sent).toBe(25);
    const later = wish(wish(first, 30), 35);
    expect(dueOf(later)).toBeNull();
    const back = answered(later, false, 100);
    expect(dueOf(back)).toBe(35);
    expect(dueOf(send(back))).toBeNull();
  });

  it('shows the wish until its answer is in and the house shows it, too', () => {
    const sent = send(letGo(wish(grasp(AT_REST, 20), 35)));
    expect(shown(saw(sent, 35, 50), 20)).toBe(35);
    const told = answered(sent, false, 100);
    expect(shown(saw(told, 20, 200), 20)).toBe(35);
    expect(saw(told, 35, 300)).toBe(AT_REST);
  });

  it('lets go eight seconds after an answer that the house never shows', () => {
    const told = answered(send(wish(AT_REST, 35)), false, 100);
    expect(shown(saw(told, 20, 99 + LETS_GO_MS), 20)).toBe(35);
    expect(saw(told, null, 99 + LETS_GO_MS).wish).toBe(35);
    expect(saw(told, 20, 100 + LETS_GO_MS)).toBe(AT_REST);
  });

  it('shows the truth at once after a refusal, unless more is wished', () => {
    const sent = send(wish(AT_REST, 35));
    expect(answered(sent, true, 100)).toEqual(AT_REST);
    expect(answered(wish(sent, 40), true, 100)).toMatchObject({ wish: 40, isDue: true, answeredAt: null });
    expect(shown(answered(grasp(sent, 20), true, 100), 20)).toBe(35);
  });

  it('that is not live sends when the finger lets go, and a key at once', () => {
    const moved = wish(wish(grasp(AT_REST, 10), 80, false), 90, false);
    expect(dueOf(moved)).toBeNull();
    expect(dueOf(letGo(moved))).toBe(90);
    expect(dueOf(wish(AT_REST, 15, false))).toBe(15);
  });

  it('takes what goes on by itself for what was wished', () => {
    const told = answered(send(wish(AT_REST, 90, false)), false, 100);
    expect(saw(told, 93, 200, 5)).toBe(AT_REST);
    expect(saw(told, 97, 200, 5)).toBe(told);
  });

  it('does not send again what was sent when it is let go', () => {
    const sent = send(wish(grasp(AT_REST, 20), 35));
    expect(dueOf(letGo(answered(sent, false, 100)))).toBeNull();
    expect(letGo(sent)).toMatchObject({ held: false, isDue: false, sent: 35 });
  });

  it('ends at rest or with its last wish sent, whatever happens in whatever order', () => {
    const step = fc.constantFrom('grasp', 'wish', 'letGo', 'pump', 'answer', 'refuse', 'saw');
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(100)), { maxLength: 40 }), fc.boolean(), (steps, isLive) => {
        let slide: Slide = AT_REST;
        const pump = () => {
          if (dueOf(slide) !== null) slide = send(slide);
        };
        for (const [name, value] of steps) {
          if (name === 'grasp') slide = grasp(slide, 50);
          if (name === 'wish') slide = wish(slide, value, isLive);
          if (name === 'letGo') slide = letGo(slide);
          if (slide.sent !== null && name === 'answer') slide = answered(slide, false, 0);
          if (slide.sent !== null && name === 'refuse') slide = answered(slide, true, 0);
          if (name === 'saw') slide = saw(slide, value, 1);
          if (name !== 'grasp') pump();
          if (slide.held) expect(slide.wish).not.toBeNull();
        }
        slide = letGo(slide);
        for (let turn = 0; turn < 3; turn++) {
          pump();
          if (slide.sent !== null) slide = answered(slide, false, 0);
        }
        expect(dueOf(slide)).toBeNull();
        expect(saw(slide, 101, LETS_GO_MS)).toEqual(AT_REST);
      }),
      { numRuns: 2_000 },
    );
  });
});
