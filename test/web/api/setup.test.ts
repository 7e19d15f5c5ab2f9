import { describe, expect, it } from 'vitest';
import { err, ok } from '../../../src/bridge/result.ts';
import type { SetupView, SetupWish } from '../../../src/web/api/messages.ts';
import { setupPart, type WebSetupDesk } from '../../../src/web/api/setup.ts';
import { openHouse } from '../house.ts';

const VIEW: SetupView = {
  client_id: { value: 'the-key', from: 'settings' },
  client_secret: { is_set: true, from: 'settings' },
  redirect_uri: { value: 'http://localhost:8788/oauth/callback', from: 'default' },
  public_url: { value: null, from: null },
  callback_url: null,
  callback_path: '/sonos/events/0123456789abcdef',
  callback_port: 8787,
  is_addon: false,
};

async function open(take: WebSetupDesk['take'] = async () => ok({ restarting: true })) {
  const wishes: SetupWish[] = [];
  const desk: WebSetupDesk = {
    view: () => VIEW,
    take: (wish) => {
      wishes.push(wish);
      return take(wish);
    },
  };
  const house = await openHouse({ password: null, api: [setupPart(desk)] });
  const post = (body: string, type = 'application/json') =>
    house.ask('/api/setup', {
      ...{ method: 'POST', body },
      headers: { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(body)) },
    });
  return { ...house, post, wishes };
}

describe('the set-up over HTTP', () => {
  it('is shown', async () => {
    const house = await open();
    const answer = await house.ask('/api/setup');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual(VIEW);
  });

  it.each([
    [true, 202],
    [false, 200],
  ])('that is taken and opens the bridge anew (%s) answers %d', async (restarting, status) => {
    const house = await open(async () => ok({ restarting }));
    const answer = await house.post('{"client_id":"a","client_secret":"b"}');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { restarting }]);
    expect(house.wishes).toEqual([{ client_id: 'a', client_secret: 'b' }]);
  });

  it.each([
    ['invalid', 400],
    ['fixed', 409],
    ['busy', 409],
    ['not_saved', 503],
  ] as const)('that is refused as %s answers %d with advice', async (kind, status) => {
    const house = await open(async () => err({ kind, message: 'Seen.', advice: 'Do.' }));
    const answer = await house.post('{}');
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({
      error: { code: `setup_${kind}`, message: 'Seen.', advice: 'Do.' },
    });
  });

  it.each([
    ['{', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['{"client_id":7}', 'application/json', 400],
    ['{"client_id":null}', 'application/json', 400],
    ['{"login_url":"https://elsewhere.example.org"}', 'application/json', 400],
    [`{"client_id":"${'x'.repeat(3_000)}"}`, 'application/json', 400],
    [`{"client_id":"${'x'.repeat(30_000)}"}`, 'application/json', 413],
    ['client_id=a', 'application/x-www-form-urlencoded', 415],
    ['{"client_id":"a"}', 'text/plain', 415],
  ])('refuses %s as %s', async (body, type, status) => {
    const house = await open();
    const answer = await house.post(body.slice(0), type);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toHaveProperty('error.code');
    expect(house.wishes).toEqual([]);
  });
});
