import { expect, test } from 'vitest';
import { z } from 'zod';
import { createHouse, type House, recorded } from './house.ts';

const REDIRECT = 'http://localhost:8788/back?here=1';

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

function page(house: House, change: Record<string, string | null> = {}) {
  const query = new URLSearchParams({
    client_id: house.cloud.clientId,
    response_type: 'code',
    state: 's-1',
    scope: 'playback-control-all',
    redirect_uri: REDIRECT,
  });
  for (const [key, value] of Object.entries(change)) {
    if (value === null) query.delete(key);
    else query.set(key, value);
  }
  return house.cloud.handle({ method: 'GET', path: `/login/v3/oauth?${query}`, headers: {}, body: '' });
}

const location = (answer: ReturnType<typeof page>) => new URL(answer.headers.Location ?? '');
const code = (house: House) => location(page(house, { auto: '1' })).searchParams.get('code') ?? '';

function token(
  house: House,
  form: Record<string, string>,
  authorization: string | undefined = basic(house.cloud.clientId, house.cloud.clientSecret),
) {
  return house.cloud.handle({
    method: 'POST',
    path: '/login/v3/oauth/access',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
}

const grantSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  expires_in: z.number(),
  scope: z.string(),
  token_type: z.string(),
});
const exchange = (house: House) =>
  grantSchema.parse(
    JSON.parse(
      token(house, { grant_type: 'authorization_code', code: code(house), redirect_uri: REDIRECT }).body,
    ),
  );
const refresh = (house: House, refreshToken = '') =>
  token(house, { grant_type: 'refresh_token', refresh_token: refreshToken });

test('the page offers each account and a way out, and escapes what it was given', () => {
  const house = createHouse({
    accounts: [
      { id: 'a', name: 'Ada <3', households: [] },
      { id: 'b', name: 'Ben', households: [] },
    ],
  });
  const answer = page(house, { state: '"><script>' });
  expect(answer).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
  expect(answer.body.match(/Sign in and allow/g)).toHaveLength(2);
  expect(answer.body).toContain('Ada &lt;3');
  expect(answer.body).not.toContain('<script>');
  expect(answer.body).toContain('Cancel');
});

test('allowing leads back with state and code, cancelling with an error', () => {
  const house = createHouse();
  const allowed = location(page(house, { allow: 'account-1' }));
  expect(allowed.origin).toBe('http://localhost:8788');
  expect(Object.fromEntries(allowed.searchParams)).toEqual({
    here: '1',
    state: 's-1',
    code: expect.stringMatching(/^\w{28}$/),
  });
  expect(location(page(house, { deny: '1' })).searchParams.get('error')).toBe('access_denied');
  house.cloud.knobs.autoApprove = 'account-1';
  expect(page(house)).toMatchObject({ status: 302 });
});

test.each([
  ['client_id', 'x'],
  ['response_type', 'token'],
  ['scope', 'all'],
  ['state', null],
  ['redirect_uri', 'nonsense'],
  ['redirect_uri', null],
  ['allow', 'nobody'],
])('a wrong %s (%s) is an invalid request', (key, value) => {
  expect(page(createHouse(), { [key]: value })).toMatchObject({
    status: 400,
    body: '{"error":"invalid_request"}',
  });
});

test('with registered redirect addresses only those are right', () => {
  const house = createHouse({ redirectUris: ['https://bridge.example.com/back'] });
  expect(page(house).status).toBe(400);
  expect(page(house, { redirect_uri: 'https://bridge.example.com/back' }).status).toBe(200);
});

test('a code is exchanged once, by the right client, for the same redirect address', async () => {
  const house = createHouse();
  const form = { grant_type: 'authorization_code', code: code(house), redirect_uri: REDIRECT };
  const first = token(house, form);
  expect(first.status).toBe(200);
  expect(Object.keys(JSON.parse(first.body)).sort()).toEqual(
    Object.keys(recorded('doc.response.oauth-token')).sort(),
  );
  expect(grantSchema.parse(JSON.parse(first.body))).toMatchObject({
    token_type: 'Bearer',
    expires_in: 86_399,
    scope: 'playback-control-all',
  });
  expect(token(house, form)).toMatchObject({ status: 400, body: '{"error":"invalid_request"}' });
  expect(token(house, { ...form, code: code(house), redirect_uri: 'http://localhost/other' }).status).toBe(
    400,
  );
  const late = code(house);
  await house.clock.advance(11 * 60_000);
  expect(token(house, { ...form, code: late }).status).toBe(400);
});

test('the client shows its key and secret, percent-encoded', () => {
  const house = createHouse({ clientId: 'key:1', clientSecret: 'p@ss wörd+' });
  const form = { grant_type: 'refresh_token', refresh_token: house.cloud.grantTokens().refreshToken };
  expect(token(house, form, '')).toMatchObject({ status: 401, body: '{"error":"invalid_client"}' });
  expect(token(house, form, basic('key', ''))).toMatchObject({
    status: 401,
    body: '{"error":"invalid_client"}',
  });
  expect(token(house, form, basic('key%3A1', 'wrong'))).toMatchObject({
    status: 401,
    body: 'Authentication required',
  });
  expect(token(house, form, basic('key%3A1', '%zz')).status).toBe(401);
  expect(token(house, form, basic('key%3A1', encodeURIComponent('p@ss wörd+'))).status).toBe(200);
});

test('missing fields and unknown grants are refused', () => {
  const house = createHouse();
  expect(token(house, {}).body).toBe('{"error":"invalid_grant"}');
  expect(token(house, { grant_type: 'authorization_code', code: 'x' }).body).toBe(
    '{"error":"invalid_request"}',
  );
  expect(token(house, { grant_type: 'refresh_token' }).body).toBe('{"error":"invalid_request"}');
  house.cloud.knobs.grantError = 'invalid_grant';
  expect(refresh(house, 'nonsense').body).toBe('{"error":"invalid_grant"}');
  expect(
    house.cloud.handle({ method: 'GET', path: '/login/v3/oauth/other', headers: {}, body: '' }).status,
  ).toBe(404);
});

test('parameters in the query work too', () => {
  const house = createHouse();
  const query = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: house.cloud.grantTokens().refreshToken,
  });
  const headers = { authorization: basic(house.cloud.clientId, house.cloud.clientSecret) };
  expect(
    house.cloud.handle({ method: 'POST', path: `/login/v3/oauth/access?${query}`, headers, body: '' }).status,
  ).toBe(200);
});

test('a stable refresh token works again and again', () => {
  const house = createHouse();
  const first = exchange(house);
  for (let time = 0; time < 3; time += 1) {
    const next = grantSchema.parse(JSON.parse(refresh(house, first.refresh_token).body));
    expect(next.refresh_token).toBe(first.refresh_token);
    expect(next.access_token).not.toBe(first.access_token);
  }
});

test('a rotating refresh token works once, or for its grace', async () => {
  const house = createHouse({ knobs: { refreshTokens: 'rotating' } });
  const first = exchange(house);
  const second = grantSchema.parse(JSON.parse(refresh(house, first.refresh_token).body));
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(refresh(house, first.refresh_token).status).toBe(400);
  house.cloud.knobs.rotationGraceSeconds = 60;
  expect(refresh(house, second.refresh_token).status).toBe(200);
  await house.clock.advance(60_000);
  expect(refresh(house, second.refresh_token).status).toBe(200);
  await house.clock.advance(1);
  expect(refresh(house, second.refresh_token).status).toBe(400);
});

test('a refresh answer may come without a refresh token', () => {
  const house = createHouse({ knobs: { omitRefreshToken: true } });
  const first = exchange(house);
  expect(first.refresh_token).toBeDefined();
  expect(JSON.parse(refresh(house, first.refresh_token).body)).not.toHaveProperty('refresh_token');
});

test('access tokens end after a day, by force, or with the integration', async () => {
  const house = createHouse();
  const works = (accessToken: string) =>
    house.call('GET', '/households', undefined, { token: accessToken }).status;
  const first = exchange(house);
  expect(works(first.access_token)).toBe(200);
  await house.clock.advance(86_399_000);
  expect(works(first.access_token)).toBe(401);
  const { accessToken, refreshToken } = house.cloud.grantTokens('account-1');
  const unused = code(house);
  house.cloud.expireAccessTokens();
  expect(works(accessToken)).toBe(401);
  expect(refresh(house, refreshToken).status).toBe(200);
  house.cloud.revoke();
  expect(refresh(house, refreshToken).status).toBe(400);
  expect(
    token(house, { grant_type: 'authorization_code', code: unused, redirect_uri: REDIRECT }).status,
  ).toBe(400);
  expect(() => house.cloud.revoke('nobody')).toThrow('no account');
});

test('the token endpoint can be unavailable or silent', () => {
  const house = createHouse({ knobs: { tokenEndpoint: 'unavailable' } });
  const answer = refresh(house, 'x');
  expect(answer.status).toBe(503);
  expect(() => JSON.parse(answer.body)).toThrow(SyntaxError);
  house.cloud.knobs.tokenEndpoint = 'hang';
  expect(refresh(house, 'x').fate).toBe('hanging');
});

test('the request log keeps no secret of a login', () => {
  const house = createHouse();
  const { refresh_token: secret = '' } = exchange(house);
  refresh(house, secret);
  const log = JSON.stringify(house.cloud.requests);
  expect(log).toContain('/login/v3/oauth/access');
  expect(log).not.toContain(secret);
  expect(log).not.toContain(house.cloud.clientSecret);
});
