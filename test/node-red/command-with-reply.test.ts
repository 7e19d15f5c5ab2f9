import { expect, it } from 'vitest';
import { eventually } from '../e2e/house.ts';
import { onStage, type Stage } from './stage.ts';

const ASK = 'house/sonos/command';
const ANSWERS = /^house\/sonos\/(confirmed|failed|unconfirmed)$/;

/** Asks for something, and gives the answer with the wire on which it came. */
async function ask({ observer, tells }: Stage, request: object) {
  const since = observer.messages.length;
  await observer.send(ASK, JSON.stringify(request));
  const [answer] = await tells(ANSWERS, 1, since);
  const { topic } = await observer.until((seen) => ANSWERS.test(seen.topic), 'an answer', since);
  return { wire: topic.split('/').at(-1), answer };
}

/** A request of earlier: it must not be carried out when Node-RED starts. */
const old = [ASK, '{"room":"office","command":"volume","value":99}'] as const;

onStage(['command-with-reply'], { old }, (stage) => {
  it('is confirmed when the effect was seen', async () => {
    const { wire, answer } = await ask(stage(), { room: 'office', command: 'volume', value: 33 });
    expect(wire).toBe('confirmed');
    expect(answer).toEqual({
      id: expect.stringMatching(/^node-red-/),
      ...{ room: 'office', command: 'volume', value: 33, status: 'confirmed' },
    });
    const { volume } = stage().house.sonos.world.find('Office').player;
    expect(volume).toBe(33);
    expect(
      stage()
        .calls(/playerVolume$/)
        .map(({ body }) => body),
    ).toEqual([{ volume: 33 }]);
  });

  it('needs no value where there is none', async () => {
    const { wire, answer } = await ask(stage(), { room: 'bedroom', command: 'refresh' });
    expect([wire, answer?.status]).toEqual(['confirmed', 'confirmed']);
  });

  it('fails with the reason, and what to do', async () => {
    const since = stage().house.sonos.requests.length;
    const { wire, answer } = await ask(stage(), { room: 'office', command: 'favorite', value: 'Lark Jaz2' });
    expect(wire).toBe('failed');
    expect(answer).toMatchObject({
      ...{ room: 'office', command: 'favorite', value: 'Lark Jaz2', status: 'failed' },
      error: { code: 'unknown_favorite', advice: expect.stringContaining('Lark Jazz') },
    });
    expect(stage().calls(/favorites$/, since)).toEqual([]);
  });

  it('is unconfirmed when nothing was seen of it', async () => {
    stage().house.sonos.failNext({ match: /playMode$/, answer: { status: 200, body: {} } });
    const { wire, answer } = await ask(stage(), { room: 'bedroom', command: 'shuffle', value: true });
    expect([wire, answer?.status]).toEqual(['unconfirmed', 'unconfirmed']);
  });

  it('is unconfirmed when no answer comes in time, and stays so', async () => {
    const { house, observer, told } = stage();
    const since = observer.messages.length;
    house.sonos.knobs.replyDelayMs = 2000;
    const { wire, answer } = await ask(stage(), {
      room: 'office',
      command: 'mute',
      value: true,
      seconds: 0.5,
    });
    expect([wire, answer?.status]).toEqual(['unconfirmed', 'timeout']);
    await observer.until(
      ({ topic, payload }) =>
        topic === 'sonos/home/office/reply' &&
        /"confirmed"|"unconfirmed"/.test(payload) &&
        payload.includes(String(answer?.id)),
      'the late answer',
      since,
    );
    house.sonos.knobs.replyDelayMs = 0;
    // One that was asked afterwards is through, so the late one was, too.
    await ask(stage(), { room: 'office', command: 'mute', value: false });
    expect(told(ANSWERS, since).filter(({ id }) => id === answer?.id)).toHaveLength(1);
  });

  it('leaves the answers of others alone', async () => {
    const { observer, told } = stage();
    const since = observer.messages.length;
    await observer.command('sonos/home/office/set/volume', { value: 25 });
    await ask(stage(), { room: 'office', command: 'volume', value: 26 });
    expect(told(ANSWERS, since)).toHaveLength(1);
  });

  it.each([
    ['that is no JSON', 'louder', /JSON/],
    ['without a room', '{"command":"pause"}', /needs a room/],
  ])('%s is caught, and told in the log', async (_what, payload, reason) => {
    const { nodeRed, observer } = stage();
    expect(nodeRed.takeTrouble()).toEqual([]);
    const since = observer.messages.length;
    const before = nodeRed.saidBy('went wrong');
    await observer.send(ASK, payload);
    await ask(stage(), { room: 'office', command: 'volume', value: 27 });
    await eventually(
      () => (nodeRed.saidBy('went wrong') > before ? true : undefined),
      'it in the log',
      () => nodeRed.said(),
    );
    const trouble = nodeRed.takeTrouble();
    expect(trouble).toHaveLength(1);
    expect(trouble[0]).toMatch(/\[debug:went wrong\]/);
    expect(nodeRed.said()).toMatch(reason);
    expect(stage().told(/\/set\//, since)).toHaveLength(1);
  });
});
