import { describe, expect, it } from 'vitest';
import {
  type BridgeActions,
  type BridgeRequest,
  createBridgeCommands,
} from '../../src/bridge/bridge-commands.ts';
import { commandError } from '../../src/bridge/command-error.ts';
import type { Ask, Outcome, Reply } from '../../src/bridge/replies.ts';
import { bytes, createFakeRandom, teaching } from '../support/bridge-house.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function open() {
  const clock = createFakeClock();
  const replies: Reply[] = [];
  const asks: Ask[] = [];
  const words: string[] = [];
  const note =
    (name: string) =>
    async (word: string): Promise<Outcome> => {
      words.push(`${name}(${word})`);
      return {};
    };
  const actions: BridgeActions = {
    refresh: note('refresh'),
    resubscribe: note('resubscribe'),
    preset: note('preset'),
    'preset/save': note('preset/save'),
    'preset/delete': note('preset/delete'),
    snapshot: note('snapshot'),
    restore: note('restore'),
    forget: async (word) => {
      words.push(`forget(${word})`);
      return word === 'bad' ? { error: commandError('unknown_room', 'Nothing is called that.') } : {};
    },
  };
  const take = createBridgeCommands(
    {
      clock,
      random: createFakeRandom(),
      answer: (ask, reply) => {
        asks.push(ask);
        replies.push(teaching(reply));
      },
    },
    actions,
  );
  const send = async (command: string, payload: unknown = '', more: Partial<BridgeRequest> = {}) => {
    const seen = replies.length;
    take({
      command,
      payload: payload instanceof Uint8Array ? payload : bytes(payload),
      retained: false,
      responseTo: null,
      expirySeconds: null,
      ...more,
    });
    await clock.advance(0);
    return replies.slice(seen);
  };
  return { clock, words, asks, send };
}

describe('a command to the bridge', () => {
  it('is accepted and confirmed, with an id that the bridge makes', async () => {
    const { send, words } = open();
    const replies = await send('refresh', 'PRESS');
    expect(replies.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    expect(replies[0]).toEqual({
      id: expect.any(String),
      command: 'refresh',
      status: 'accepted',
      elapsed_ms: 0,
    });
    expect(words).toEqual(['refresh(PRESS)']);
  });

  it.each([
    ['kitchen', 'kitchen'],
    [' kitchen ', 'kitchen'],
    ['"kitchen"', 'kitchen'],
    ['"kitchen" and more', '"kitchen" and more'],
    ['the "kitchen"', 'the "kitchen"'],
    [{ value: ' kitchen ' }, 'kitchen'],
    [{ value: 3 }, ''],
    ['', ''],
  ])('takes the word out of %j', async (payload, word) => {
    const { send, words } = open();
    await send('forget', payload);
    expect(words).toEqual([`forget(${word})`]);
  });

  it('fails with what went wrong', async () => {
    const { send } = open();
    const replies = await send('forget', 'bad');
    expect(replies.map(({ status }) => status)).toEqual(['accepted', 'failed']);
    expect(replies[1]?.error?.code).toBe('unknown_room');
  });

  it.each([
    ['retained', 'refresh', '', { retained: true }],
    ['invalid_payload', 'refresh', new Uint8Array([0xff]), {}],
    ['unknown_command', 'refesh', '', {}],
    ['expired', 'refresh', { expires_at: '2026-11-21T19:00:00Z' }, {}],
    ['expired', 'refresh', { expires_at: '2026-11-21T21:00:00Z' }, { expirySeconds: 0 }],
  ])('is refused alone with %s (%s)', async (code, command, payload, more) => {
    const { send, words } = open();
    const replies = await send(command, payload, more);
    expect(replies.map(({ status, error }) => [status, error?.code])).toEqual([['failed', code]]);
    expect(words).toEqual([]);
  });

  it('is guessed at', async () => {
    const { send } = open();
    expect((await send('refesh'))[0]?.error).toMatchObject({
      message: 'There is no command "refesh".',
      advice: 'Did you mean "refresh"?',
    });
  });

  it('is the bridge’s own, whatever rooms there are', async () => {
    const { send, asks } = open();
    await send('refresh');
    expect(asks[0]).toMatchObject({ household: 'bridge', room: null, command: 'refresh' });
  });

  it('is carried out once for one id, and a kept one does not count', async () => {
    const { send, words } = open();
    await send('forget', { value: 'x', id: 'a' }, { retained: true });
    await send('forget', { value: 'x', id: 'a' }, { expirySeconds: 5 });
    const again = await send('forget', { value: 'x', id: 'a' });
    expect(again.map(({ status }) => status)).toEqual(['confirmed']);
    expect(words).toEqual(['forget(x)']);
  });
});
