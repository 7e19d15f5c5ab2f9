import { describe, expect, it } from 'vitest';
import { type CommandError, commandError, type ErrorCode } from '../../../src/bridge/command-error.ts';
import { errorCodeSchema } from '../../../src/bridge/contract/command-error.ts';
import type { Reply } from '../../../src/bridge/replies.ts';
import type { Household } from '../../../src/bridge/state.ts';
import { commandsPart } from '../../../src/web/api/commands.ts';
import type { WebBridgeQuestion, WebQuestion } from '../../../src/web/options.ts';
import { house, idOf } from '../../support/house.ts';
import { openHouse } from '../house.ts';

const home = house(['Living Room', 'Bath'], ['Den']);
const hut: Household = { ...house(['Den'], ['Attic']), id: 'Sonos_hut', alias: 'hut' };

const reply = (status: Reply['status'], error?: CommandError, room = 'den'): Reply => ({
  ...{ id: '1', command: 'play', room, status, elapsed_ms: 3 },
  ...(error === undefined ? {} : { error }),
});

/** The door with what was asked through it. */
async function open(
  households: readonly Household[] = [home],
  answer: (question: WebQuestion) => readonly Reply[] = () => [reply('confirmed')],
) {
  const asked: (Omit<WebQuestion, 'payload'> & { readonly payload: string })[] = [];
  const forBridge: WebBridgeQuestion[] = [];
  const text = (payload: WebQuestion['payload']): string =>
    payload instanceof Uint8Array ? Buffer.from(payload).toString('latin1') : 'fields';
  const { visit } = await openHouse({
    api: [
      commandsPart({
        households: () => households,
        ask: async (question) => {
          asked.push({ ...question, payload: text(question.payload) });
          return answer(question);
        },
        askBridge: async (question) => {
          forBridge.push(question);
          return [{ id: '1', command: question.command, status: 'confirmed', elapsed_ms: 1 }];
        },
      }),
    ],
  });
  const post = async (path: string, body = '', headers: Readonly<Record<string, string>> = {}) => {
    const { status, text: json } = await visit(`/api/${path}`, { method: 'POST', body, headers });
    return { status, body: JSON.parse(json) };
  };
  return { visit, post, asked, forBridge };
}

describe('a command over HTTP', () => {
  it.each([
    ['rooms/den/play', '', 'den', 'play'],
    ['rooms/den/volume', '20', 'den', 'volume'],
    ['rooms/den/volume', '{"value":"+5","id":"mine"}', 'den', 'volume'],
    [`rooms/${idOf('Den')}/mute`, 'toggle', idOf('Den'), 'mute'],
    ['rooms/Living%20Room/announce', 'Das Essen ist fertig', 'Living Room', 'announce'],
    ['households/home/rooms/den/favorite', 'Rock%2FPop', 'den', 'favorite'],
    ['rooms/%3Cb%3E/play', '\xff\xfe', '<b>', 'play'],
  ])('%s hands %j on as it is', async (path, body, room, command) => {
    const { visit, asked } = await open();
    const sent = Buffer.from(body, 'latin1');
    const answer = await visit(`/api/${path}`, {
      method: 'POST',
      // The body is given as text to the client, which sends UTF-8.
      body: sent.toString('latin1'),
    });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, reply('confirmed')]);
    const expected = Buffer.from(sent.toString('latin1'), 'utf8').toString('latin1');
    expect(asked).toEqual([{ household: 'home', room, command, payload: expected, answers: 1 }]);
  });

  it('waits for every room of all, and for every command of a set', async () => {
    const { post, asked } = await open([home], () => [reply('confirmed', undefined, 'den'), reply('failed')]);
    expect(await post('rooms/all/pause')).toMatchObject({ status: 200, body: { replies: [{}, {}] } });
    await post('rooms/den/set', '{"volume":20,"play":true,"id":"x"}');
    await post('rooms/all/set', '{"volume":20,"play":true}');
    await post('rooms/all/set', 'nonsense');
    expect(asked.map(({ command, answers }) => [command, answers])).toEqual([
      ['pause', 3],
      [null, 2],
      [null, 6],
      [null, 3],
    ]);
  });

  it('finds the household that has the room, and asks when there are several', async () => {
    const { post, asked } = await open([home, hut]);
    expect((await post('rooms/attic/play')).status).toBe(200);
    expect((await post('rooms/bath/play')).status).toBe(200);
    expect(asked.map(({ household }) => household)).toEqual(['hut', 'home']);
    expect(await post('rooms/den/play')).toEqual({
      status: 409,
      body: {
        error: {
          code: 'ambiguous_name',
          message: 'More than one household has a room "den".',
          advice: 'Name the household: households/home/rooms/… or households/hut/rooms/….',
        },
      },
    });
    expect((await post('rooms/all/play')).status).toBe(409);
    expect(await post('rooms/atick/play')).toMatchObject({
      status: 404,
      body: { error: { code: 'unknown_room' } },
    });
    expect((await post('households/hut/rooms/den/play')).status).toBe(200);
    expect((await post('households/Sonos_hut/rooms/den/play')).status).toBe(200);
    expect((await post('households/nobody/rooms/den/play')).status).toBe(200);
    expect(asked.slice(2).map(({ household }) => household)).toEqual(['hut', 'hut', 'nobody']);
  });

  it('says that nothing is linked while there is no household', async () => {
    const { post, asked } = await open([]);
    expect(await post('rooms/den/play')).toMatchObject({
      status: 503,
      body: { error: { code: 'not_linked' } },
    });
    expect(asked).toEqual([]);
  });

  const OF_CODE: Readonly<Record<ErrorCode, number>> = {
    ...{ invalid_payload: 400, unknown_command: 404, unknown_room: 404, unknown_favorite: 404 },
    ...{ unknown_playlist: 404, ambiguous_name: 409, not_capable: 409, not_linked: 503, rate_limited: 429 },
    ...{ expired: 409, retained: 409, blocked: 403, sonos_error: 502, timeout: 504, internal: 500 },
  };

  it('has a status for every last word and every error of the contract', async () => {
    const errors = errorCodeSchema.options.map((code) => commandError(code, 'why'));
    const replies: Reply[] = [
      ...(['confirmed', 'unconfirmed', 'accepted'] as const).map((status) => reply(status)),
      ...errors.map((error) => reply('failed', error)),
    ];
    let at = 0;
    const { post } = await open([home], () => replies.slice(at, at + 1));
    const statuses: number[] = [];
    for (; at < replies.length; at += 1) {
      const { status, body } = await post('rooms/den/play');
      expect(body).toEqual(replies[at]);
      statuses.push(status);
    }
    expect(statuses).toEqual([200, 202, 202, ...errors.map(({ code }) => OF_CODE[code])]);
    expect(await post('rooms/den/play')).toMatchObject({ status: 504, body: { error: { code: 'timeout' } } });
  });

  it('fails as a whole only when all have failed', async () => {
    const error = commandError('not_capable', 'The room is offline.');
    let replies = [reply('failed', error), reply('failed', error)];
    const { post } = await open([home], () => replies);
    expect(await post('rooms/all/play')).toEqual({ status: 409, body: { replies, error } });
    replies = [reply('failed', error), reply('accepted')];
    expect(await post('rooms/all/play')).toEqual({ status: 202, body: { replies } });
    replies = [reply('failed', error), reply('confirmed')];
    expect(await post('rooms/all/play')).toEqual({ status: 200, body: { replies } });
  });

  it('goes to the bridge itself, too', async () => {
    const { post, forBridge } = await open();
    expect(await post('bridge/refresh', 'x')).toMatchObject({ status: 200, body: { command: 'refresh' } });
    expect(forBridge.map(({ command, payload }) => [command, Buffer.from(payload).toString()])).toEqual([
      ['refresh', 'x'],
    ]);
    expect((await post('bridge/refresh/now')).status).toBe(404);
  });

  it('is refused when it is longer than MQTT takes it, compressed, sent otherwise, or at no address', async () => {
    const { post, visit, asked } = await open();
    expect((await post('rooms/den/announce', 'x'.repeat(65_536))).status).toBe(200);
    expect((await post('rooms/den/announce', 'x'.repeat(65_537))).status).toBe(413);
    expect((await post('rooms/den/play', 'x', { 'Content-Encoding': 'gzip' })).status).toBe(415);
    for (const path of ['rooms/den/play', 'households/home/rooms/den/play', 'bridge/refresh']) {
      for (const method of ['GET', 'PUT']) {
        const answer = await visit(`/api/${path}`, { method });
        expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
      }
    }
    for (const path of ['rooms/den', 'rooms/den/play/x', 'households/home/den/play', 'rooms/%zz/play'])
      expect([path, (await post(path)).status]).toEqual([path, 404]);
    expect(asked).toHaveLength(1);
  });

  it('is not taken from another site', async () => {
    const { visit, asked } = await open();
    const foreign = await visit('/api/rooms/den/play', {
      method: 'POST',
      headers: { Origin: 'https://evil.example', 'Content-Type': 'text/plain' },
    });
    expect(foreign.status).toBe(403);
    expect(asked).toEqual([]);
  });
});
