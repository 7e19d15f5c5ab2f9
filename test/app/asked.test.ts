import { describe, expect, it } from 'vitest';
import { createAsked } from '../../src/app/asked.ts';
import type { CommandRequest } from '../../src/bridge/intake.ts';
import type { Answer, Reply, Status } from '../../src/bridge/replies.ts';
import type { WebQuestion } from '../../src/web/options.ts';
import { createFakeRandom, createTestBridge } from '../support/bridge-house.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const QUESTION: WebQuestion = {
  household: 'home',
  room: 'kitchen',
  command: 'play',
  payload: { value: 1 },
  answers: 1,
};

function open() {
  const clock = createFakeClock();
  const requests: CommandRequest[] = [];
  const published: Reply[] = [];
  const asked = createAsked({
    clock,
    random: createFakeRandom(),
    patienceMs: 10_000,
    take: (request) => requests.push(request),
    takeForBridge: () => {},
  });
  const publisher = asked.beside({ answer: ((_ask, reply) => published.push(reply)) as Answer });
  const idOf = (at: number): string => JSON.parse(new TextDecoder().decode(requests[at]?.payload)).id;
  const say = (at: number, status: Status, room = 'kitchen') => {
    const reply = { id: idOf(at), command: 'play', room, status, elapsed_ms: 1 };
    // Who asked is all that matters here.
    publisher.answer({ asker: requests[at]?.asker, room } as Parameters<Answer>[0], reply);
  };
  return { clock, requests, published, asked, say, idOf };
}

describe('who asks inside the house', () => {
  it('gets the last word, which is published as ever', async () => {
    const { asked, requests, published, say, clock } = open();
    const answer = asked.ask(QUESTION);
    expect(requests).toMatchObject([
      { household: 'home', room: 'kitchen', command: 'play', retained: false },
    ]);
    say(0, 'accepted');
    say(0, 'confirmed');
    expect((await answer).map(({ status }) => status)).toEqual(['confirmed']);
    expect(published.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    expect(clock.timers).toBe(0);
  });

  it('waits for every room', async () => {
    const { asked, say } = open();
    const answer = asked.ask({ ...QUESTION, room: 'all', answers: 2 });
    say(0, 'confirmed', 'kitchen');
    say(0, 'accepted', 'bath');
    let isOver = false;
    void answer.then(() => {
      isOver = true;
    });
    await Promise.resolve();
    expect(isOver).toBe(false);
    say(0, 'failed', 'bath');
    expect((await answer).map(({ room, status }) => [room, status])).toEqual([
      ['kitchen', 'confirmed'],
      ['bath', 'failed'],
    ]);
  });

  it('is told what is known when patience ends', async () => {
    const { asked, say, clock } = open();
    const answer = asked.ask(QUESTION);
    const silent = asked.ask(QUESTION);
    say(0, 'accepted');
    await clock.advance(10_000);
    expect((await answer).map(({ status }) => status)).toEqual(['accepted']);
    expect(await silent).toEqual([]);
  });

  it('goes when the house closes, and leaves no timer', async () => {
    const { asked, clock } = open();
    const answers = [asked.ask(QUESTION), asked.ask(QUESTION)];
    asked.stop();
    expect(await Promise.all(answers)).toEqual([[], []]);
    expect(clock.timers).toBe(0);
  });

  it('is turned away when too many wait already', async () => {
    const { asked, requests } = open();
    const answers = Array.from({ length: 201 }, () => asked.ask(QUESTION));
    expect((await answers.at(-1))?.[0]?.error?.code).toBe('rate_limited');
    expect(requests).toHaveLength(200);
    asked.stop();
    await Promise.all(answers);
  });

  it('does not hear answers to others, and never has an id twice', () => {
    const { asked, published, idOf } = open();
    void asked.ask(QUESTION);
    void asked.ask(QUESTION);
    expect(idOf(0)).not.toBe(idOf(1));
    const other = asked.beside({ answer: ((_ask, reply) => published.push(reply)) as Answer });
    other.answer({} as Parameters<Answer>[0], {
      id: 'theirs',
      command: 'play',
      status: 'confirmed',
      elapsed_ms: 1,
    });
    expect(published).toHaveLength(1);
    asked.stop();
  });

  it('is answered by a real bridge: a room that there is, one that there is not, a value that is none', async () => {
    const clock = createFakeClock();
    const house: { bridge: ReturnType<typeof createTestBridge> | null } = { bridge: null };
    const asked = createAsked({
      ...{ clock, random: createFakeRandom(), patienceMs: 10_000 },
      take: (request) => house.bridge?.bridge.take(request),
      takeForBridge: (request) => house.bridge?.bridge.takeForBridge(request),
    });
    house.bridge = createTestBridge({ ports: asked.beside({ answer: () => {} }) });
    await house.bridge.start();
    const error = async (question: Partial<WebQuestion>) =>
      (await asked.ask({ ...QUESTION, ...question })).map((reply) => reply.error?.code ?? reply.status);
    expect(await error({ room: 'nowhere' })).toEqual(['unknown_room']);
    expect(await error({ command: 'volume', payload: { value: 101 } })).toEqual(['invalid_payload']);
    expect(await error({ command: 'leave', room: 'office', payload: {} })).toEqual(['confirmed']);
    await house.bridge.bridge.stop();
  });
});
