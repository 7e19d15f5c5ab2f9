import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { err, ok, type Result } from '../../src/bridge/result.ts';
import type { SonosCall } from '../../src/bridge/sonos.ts';
import { createBudget } from '../../src/sonos/budget.ts';
import { createClient, type TokenProblem, type Tokens } from '../../src/sonos/client.ts';
import { createListHouseholds } from '../../src/sonos/households.ts';
import { createHttp, type Http, type HttpError, type HttpResponse } from '../../src/sonos/http.ts';
import { createRequest } from '../../src/sonos/request.ts';
import { systemClock } from '../../src/system.ts';
import { fakeClock, fakeLog, fakeRandom, settle } from './fakes.ts';

const TOKEN = 'canary-token-1';

/** Tokens as an account would give them, with a record of what was told. */
function fakeTokens(token: Result<string, TokenProblem> = ok(TOKEN)) {
  const told: string[] = [];
  let next: Result<string, TokenProblem> = ok('canary-token-2');
  let current = token;
  const tokens: Tokens = {
    token: async () => current,
    forceRefresh: async (_, failed) => {
      told.push(`refresh ${failed}`);
      current = next;
      return next;
    },
    worked: (_, used) => told.push(`worked ${used}`),
    failed: () => told.push('failed'),
  };
  return {
    tokens,
    told,
    refreshGives: (result: Result<string, TokenProblem>) => {
      next = result;
    },
  };
}

type Answer = Result<Partial<HttpResponse> & { status: number }, HttpError>;
const lost = (kind: HttpError['kind'], effect: HttpError['effect']): Answer =>
  err({ kind, effect, reason: 'told by the fake network' });
const status = (code: number, text = '', headers: Record<string, string> = {}): Answer =>
  ok({ status: code, text, headers: new Map(Object.entries(headers)) });

function house(answers: Answer[], fake = fakeTokens()) {
  const clock = fakeClock();
  const random = fakeRandom(0.5);
  const log = fakeLog();
  const sent: { at: number; token: string; url: string }[] = [];
  const http: Http = async (request) => {
    sent.push({ at: clock.elapsed(), token: request.headers.Authorization ?? '', url: request.url });
    const answer = answers.shift();
    if (answer === undefined) throw new Error('one request too many');
    return answer.ok ? ok({ headers: new Map(), text: '', ...answer.value }) : answer;
  };
  const budget = createBudget({ clock, perMinute: 600, perSecond: 20 });
  const request = createRequest({ apiUrl: 'http://sonos/v1/', http, budget, random, log, userAgent: 'test' });
  const client = createClient({ request, tokens: fake.tokens, clock, random });
  return { clock, client, budget, sent, log, told: fake.told, request };
}

const call: SonosCall = {
  method: 'POST',
  path: '/groups/RINCON_1%3A2/groupVolume',
  body: { volume: 10 },
  household: 'Sonos_h',
  priority: 'command',
  repeatable: true,
};
const skip: SonosCall = { ...call, path: '/groups/RINCON_1%3A2/playback/skipToNextTrack', repeatable: false };

async function outcome(world: ReturnType<typeof house>, what: SonosCall) {
  const result = world.client.send(what);
  await world.clock.advance(60_000);
  return result;
}

describe('the Control API client on a real server', () => {
  it('sends what Sonos wants and reads what it answers', async () => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.push({ request, body });
      response.end(request.method === 'GET' ? '{"volume":12,"muted":false}' : '');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    const clock = systemClock;
    const random = fakeRandom();
    const request = createRequest({
      apiUrl: `http://127.0.0.1:${address.port}/control/api/v1`,
      http: createHttp(clock),
      budget: createBudget({ clock, perMinute: 600, perSecond: 20 }),
      random,
      log: fakeLog(),
      userAgent: 'sonos-mqtt-bridge/test',
    });
    const { send } = createClient({ request, tokens: fakeTokens().tokens, clock, random });
    expect(await send(call)).toEqual(ok({}));
    const { body: _, ...play } = { ...call, path: '/groups/g/playback/play' };
    expect(await send(play)).toEqual(ok({}));
    expect(await send({ ...play, method: 'GET', path: '/groups/g/groupVolume' })).toEqual(
      ok({ volume: 12, muted: false }),
    );
    expect(await send({ ...play, method: 'DELETE' })).toEqual(ok({}));
    const [first, second, third] = seen;
    expect(first?.request.url).toBe('/control/api/v1/groups/RINCON_1%3A2/groupVolume');
    expect(first?.body).toBe('{"volume":10}');
    expect(first?.request.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'user-agent': 'sonos-mqtt-bridge/test',
    });
    expect(first?.request.headers['x-sonos-corr-id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u,
    );
    expect(second?.request.headers['x-sonos-corr-id']).not.toBe(first?.request.headers['x-sonos-corr-id']);
    expect(second?.request.headers['content-length']).toBe('0');
    expect(second?.request.headers['content-type']).toBeUndefined();
    expect(third?.request.method).toBe('GET');
  });
});

describe('trying again', () => {
  it.each<[string, Answer, SonosCall, number]>([
    ['a volume is set again after a timeout', lost('timeout', 'unknown'), call, 3],
    ['a volume is set again after a lost answer', lost('network', 'unknown'), call, 3],
    ['a volume is set again after 503', status(503), call, 3],
    ['a skip is not repeated after a timeout', lost('timeout', 'unknown'), skip, 1],
    ['a skip is not repeated after a lost answer', lost('network', 'unknown'), skip, 1],
    ['a skip is not repeated after 503', status(503), skip, 1],
    ['a skip is repeated when Sonos was never reached', lost('network', 'none'), skip, 3],
    ['a skip is repeated after 429', status(429, '', { 'retry-after': '1' }), skip, 3],
    ['a refusal is final', status(499, '{"errorCode":"ERROR_PLAYBACK_NO_CONTENT"}'), call, 1],
    ['a lost group is for the caller', status(410), call, 1],
    ['a forbidden call is final', status(403), call, 1],
    ['an answer that is no JSON is final', status(200, '<html>'), call, 1],
    ['an answer without end is final', lost('too_large', 'unknown'), call, 1],
  ])('%s', async (_, answer, what, requests) => {
    const world = house(Array.from({ length: 9 }, () => answer));
    const result = await outcome(world, what);
    expect(result.ok).toBe(false);
    expect(world.sent).toHaveLength(requests);
    expect(world.clock.timers()).toBe(0);
  });

  it('pauses longer before the second retry than before the first', async () => {
    const world = house([status(500), status(500), status(200, '{"volume":1}')]);
    expect(await outcome(world, call)).toEqual(ok({ volume: 1 }));
    expect(world.sent.map(({ at }) => at)).toEqual([0, 500, 1500]);
  });

  it('waits as long as a 429 asks, and so does everybody else', async () => {
    const world = house([status(429, '', { 'retry-after': '3' }), status(200), status(200)]);
    const first = world.client.send(call);
    await settle();
    const second = world.client.send({ ...call, path: '/players/p/playerVolume' });
    await world.clock.advance(60_000);
    expect((await first).ok && (await second).ok).toBe(true);
    expect(world.sent.map(({ at }) => at)).toEqual([0, 3000, 3000]);
  });

  it('tells instead of waiting when a 429 asks for minutes', async () => {
    const world = house([status(429, '', { 'retry-after': '120' })]);
    expect(await world.client.send(call)).toMatchObject({
      error: { kind: 'rate_limited', retryAfterMs: 120_000, effect: 'none', retry: 'later', status: 429 },
    });
    const next = await world.client.send(call);
    expect(next).toMatchObject({ error: { kind: 'rate_limited', status: null, retryAfterMs: 120_000 } });
    expect(next.ok ? '' : next.error.reason).toContain('120 seconds');
    expect(world.sent).toHaveLength(1);
  });

  it('pauses all requests also after a 429 that does not say how long', async () => {
    const world = house([status(429), status(200)]);
    expect((await outcome(world, call)).ok).toBe(true);
    expect(world.sent.map(({ at }) => at)).toEqual([0, 5000]);
  });

  it('tries nothing again once it is closed', async () => {
    const world = house([status(500)]);
    const result = world.client.send(call);
    await settle();
    world.client.close();
    expect(await result).toMatchObject({ error: { kind: 'unavailable', status: 500 } });
    expect(world.clock.timers()).toBe(0);
  });

  it('says that it is stopping when the budget is closed', async () => {
    const world = house([]);
    world.budget.close();
    expect(await outcome(world, call)).toMatchObject({ error: { kind: 'network', effect: 'none' } });
    expect(world.told).toEqual([]);
  });

  it('answers a command that would wait too long for its turn', async () => {
    const clock = fakeClock();
    const fake = fakeTokens();
    const http: Http = async () => ok({ status: 200, headers: new Map(), text: '' });
    const budget = createBudget({ clock, perMinute: 1, perSecond: 1 });
    const random = fakeRandom();
    const request = createRequest({
      apiUrl: 'http://s',
      http,
      budget,
      random,
      log: fakeLog(),
      userAgent: 't',
    });
    const { send } = createClient({ request, tokens: fake.tokens, clock, random });
    expect((await send(call)).ok).toBe(true);
    const second = send(call);
    await clock.advance(8000);
    expect(await second).toMatchObject({
      error: { kind: 'rate_limited', effect: 'none', retry: 'later', status: null, retryAfterMs: null },
    });
  });
});

describe('answers that are not what the documentation says', () => {
  it.each(['[]', '7', 'null', '<html>', '{"volume":'])('%s is no success', async (text) => {
    const world = house([status(200, text, { 'content-type': 'text/html' })]);
    expect(await outcome(world, call)).toMatchObject({
      error: { kind: 'invalid_answer', status: 200, effect: 'unknown' },
    });
  });

  it('an error that quotes the token does not carry it on, not even in an escape', async () => {
    const quoted = JSON.stringify({ errorCode: 'ERROR_X', reason: `no ${TOKEN} here` });
    const escaped = quoted.replace('canary', '\\u0063anary');
    for (const text of [quoted, escaped]) {
      const world = house([status(400, text)]);
      const result = await outcome(world, call);
      expect(JSON.stringify([result, world.log.lines])).not.toContain(TOKEN);
      expect(result).toMatchObject({ error: { reason: 'no [token] here' } });
    }
  });
});

describe('a token that Sonos refuses', () => {
  it.each([
    '{"fault":{"faultstring":"Access Token expired","detail":{"errorcode":"keymanagement.service.access_token_expired"}}}',
    '{"error":"access_denied","error_description":"Invalid Token"}',
    'Authentication required',
    '',
  ])('is refreshed once, whatever the 401 looks like: %s', async (text) => {
    const world = house([status(401, text), status(200)]);
    expect(await outcome(world, skip)).toEqual(ok({}));
    expect(world.sent.map(({ token }) => token)).toEqual([`Bearer ${TOKEN}`, 'Bearer canary-token-2']);
    expect(world.told).toEqual([`refresh ${TOKEN}`, 'worked canary-token-2']);
  });

  it('asks for a login when the new token is refused as well', async () => {
    const world = house([status(401), status(401)]);
    expect(await outcome(world, call)).toMatchObject({
      error: { kind: 'login_needed', retry: 'after_login', effect: 'none', status: 401 },
    });
    expect(world.sent).toHaveLength(2);
    expect(world.told).toEqual([`refresh ${TOKEN}`]);
  });

  it.each([
    ['needs_login', 'login_needed', 'after_login'],
    ['unlinked', 'login_needed', 'after_login'],
    ['unavailable', 'unavailable', 'later'],
  ] as const)('says what is the matter when the refresh ends with %s', async (problem, kind, retry) => {
    const fake = fakeTokens();
    fake.refreshGives(err(problem));
    const world = house([status(401)], fake);
    expect(await outcome(world, call)).toMatchObject({
      error: { kind, retry, effect: 'none', status: null },
    });
    expect(world.sent).toHaveLength(1);
  });

  it('asks Sonos for nothing without a token', async () => {
    const world = house([], fakeTokens(err('unlinked')));
    const result = await outcome(world, call);
    expect(result).toMatchObject({ error: { kind: 'login_needed', status: null } });
    expect(result.ok ? '' : result.error.reason).toContain('log in');
    expect(world.told).toEqual([]);
  });

  it('lets nobody send in a turn that went by while a new one was waited for', async () => {
    const fake = fakeTokens();
    const world = house(
      Array.from({ length: 3 }, () => status(200)),
      fake,
    );
    const { token } = fake.tokens;
    let asked = 0;
    // The first time it is at hand, and is refused for somebody else before the turn has come.
    fake.tokens.token = (household) => {
      asked += 1;
      if (asked !== 2) return token(household);
      return new Promise((resolve) => world.clock.after(3_000, () => resolve(token(household))));
    };
    const first = world.client.send(call);
    await world.clock.advance(3_000);
    expect((await first).ok).toBe(true);
    expect(world.budget.usedLastMinute()).toBe(2);
    expect(world.sent.map(({ at }) => at)).toEqual([3_000]);
  });
});

describe('what the account hears of its calls', () => {
  it.each<[string, Answer, string[]]>([
    ['a success', status(200), [`worked ${TOKEN}`]],
    ['a refusal', status(499, '{"errorCode":"ERROR_COMMAND_FAILED"}'), [`worked ${TOKEN}`]],
    ['a lost group', status(410), [`worked ${TOKEN}`]],
    ['a timeout', lost('timeout', 'unknown'), ['failed']],
    ['an unreachable server', lost('network', 'unknown'), ['failed']],
    ['a portal of the local network', status(200, '<html>'), ['failed']],
    ['a broken server', status(500), ['failed']],
    ['a 429', status(429, '', { 'retry-after': '60' }), []],
  ])('%s', async (_, answer, told) => {
    const world = house([answer]);
    await outcome(world, skip);
    expect(world.told).toEqual(told);
  });
});

describe('the households of an account', () => {
  it('are listed once each, without ids of another shape', async () => {
    const list = [{ id: 'Sonos_a.b-c' }, { id: 'Sonos_a.b-c', name: null }, { id: 'x/../y' }, { id: 7 }, {}];
    const world = house([status(200, JSON.stringify({ households: list }))]);
    expect(await createListHouseholds(world.request)('token')).toEqual(ok(['Sonos_a.b-c']));
    expect(world.sent).toMatchObject([{ token: 'Bearer token', url: 'http://sonos/v1/households' }]);
  });

  it('are an error when the answer has none', async () => {
    const world = house([status(200, '{"groups":[]}'), status(401)]);
    const list = createListHouseholds(world.request);
    expect(await list('token')).toMatchObject({ error: { kind: 'invalid_answer', status: 200 } });
    expect(await list('token')).toMatchObject({ error: { kind: 'login_needed', status: 401 } });
  });
});
