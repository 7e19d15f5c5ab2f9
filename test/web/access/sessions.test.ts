import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/system.ts';
import { noApiTokens } from '../../../src/web/access/api-tokens.ts';
import { hashPassword } from '../../../src/web/access/password-hash.ts';
import { noSessions, sessionsSchema } from '../../../src/web/access/sessions.ts';
import { type Answer, basic, cookieOf, handClock, openHouse, PASSWORD } from '../house.ts';
import { onDisk } from './kept.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A clock whose calendar is set by hand, too. */
function handCalendar() {
  const clock = handClock();
  let now = Date.UTC(2026, 0, 1);
  return {
    ...clock,
    now: () => now,
    pass: (milliseconds: number) => {
      clock.pass(milliseconds);
      now += milliseconds;
    },
  };
}

async function openWithSessions(different: Parameters<typeof openHouse>[0] = {}) {
  const clock = handCalendar();
  const access = { sessions: onDisk(noSessions), tokens: onDisk(noApiTokens) };
  const house = await openHouse({ clock, access, ...different });
  const asks = (Cookie: string, path = '/metrics'): Promise<Answer> =>
    house.ask(path, { headers: { Cookie } });
  const isIn = async (cookie: string): Promise<boolean> => (await asks(cookie)).status === 200;
  const end = (Cookie: string, query = ''): Promise<Answer> =>
    house.ask(`/api/session${query}`, { method: 'DELETE', headers: { Cookie } });
  return { ...house, clock, access, asks, isIn, end };
}

describe('signing in', () => {
  test('gives a cookie out of reach of scripts and other sites, which opens everything', async () => {
    const house = await openWithSessions();
    const answer = await house.post('/api/session', { password: PASSWORD }, { Authorization: '' });
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^sonos_session=[A-Za-z0-9_-]{22,}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    const cookie = cookieOf(answer);
    for (const path of ['/metrics', '/health/ready', '/api/tokens'])
      expect((await house.asks(`theme=dark; ${cookie}; x=y`, path)).status).toBe(200);
    expect((await house.asks(cookie, '/login')).status).toBe(302);
    expect(JSON.parse((await house.asks(cookie, '/api/session')).text)).toEqual({
      ...{ open: true, needs_password: true, ingress: false, mode: 'house' },
    });
  });

  test('with a wrong password gives none, and too many of them have to wait', async () => {
    const house = await openWithSessions();
    const tries = async (password: string) => house.post('/api/session', { password }, { Authorization: '' });
    for (const word of ['a', 'b', 'c', 'd', 'e']) {
      const { status, headers, text } = await tries(word);
      expect([status, headers['set-cookie'], headers['www-authenticate']]).toEqual([
        ...[401, undefined, 'Bearer realm="sonos-mqtt-bridge"'],
      ]);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'password_wrong' } });
    }
    const late = await tries(PASSWORD);
    expect(late).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(JSON.parse(late.text)).toMatchObject({ error: { code: 'too_many_guesses' } });
    house.clock.pass(1_000);
    expect((await tries(PASSWORD)).status).toBe(204);
  });

  test.each([
    {},
    { password: '' },
    { password: 7 },
    { password: [PASSWORD] },
    { password: { length: 13 } },
    { password: null },
    { password: 'x'.repeat(1_025) },
    { password: PASSWORD, user: 'me' },
    [PASSWORD],
    PASSWORD,
    null,
    JSON.parse('{"__proto__":{"password":"correct horse"}}'),
  ])('with %j is refused before it is looked at', async (value) => {
    const house = await openWithSessions();
    const answer = await house.post('/api/session', value, { Authorization: '' });
    expect(answer.status).toBe(400);
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.text).not.toContain('horse');
  });

  test('gives another id each time, and never one that the browser brought along', async () => {
    const house = await openWithSessions();
    const planted = `sonos_session=${'A'.repeat(22)}`;
    const signIn = async (Cookie: string) =>
      cookieOf(await house.post('/api/session', { password: PASSWORD }, { Authorization: '', Cookie }));
    const first = await signIn(planted);
    expect(first).not.toBe(planted);
    expect(await house.isIn(planted)).toBe(false);
    const second = await signIn(first);
    expect(second).not.toBe(first);
    expect([await house.isIn(first), await house.isIn(second)]).toEqual([false, true]);
    expect(house.access.sessions.value.sessions).toHaveLength(1);
  });

  test('is not needed where no password is', async () => {
    const house = await openWithSessions({ password: null });
    const answer = await house.post('/api/session', { password: 'anything' }, { Authorization: '' });
    expect(answer.status).toBe(204);
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect((await house.end('')).status).toBe(204);
  });
});

describe('a session', () => {
  test('is not what is kept of it, and outlives a restart', async () => {
    const password = await hashPassword(PASSWORD, systemRandom);
    const house = await openWithSessions({ password });
    const cookie = await house.signIn();
    expect(house.access.sessions.text).not.toContain(cookie.split('=')[1]);
    expect(house.access.sessions.text).not.toContain(PASSWORD);
    const sessions = onDisk(sessionsSchema.parse(JSON.parse(house.access.sessions.text)));
    const next = await openHouse({ clock: house.clock, password, access: { ...house.access, sessions } });
    expect((await next.ask('/metrics', { headers: { Cookie: cookie } })).status).toBe(200);
  });

  test.each([
    ['another one', 'another horse', false],
    ['hashed now, so that nobody can tell', null, false],
    ['the same', PASSWORD, true],
  ])('after a restart with a password that is %s', async (_name, changed, lasts) => {
    const house = await openWithSessions({ password: PASSWORD });
    const cookie = await house.signIn();
    const password = changed ?? (await hashPassword(PASSWORD, systemRandom));
    const next = await openHouse({ clock: house.clock, password, access: house.access });
    const { status } = await next.ask('/metrics', { headers: { Cookie: cookie } });
    expect(status).toBe(lasts ? 200 : 401);
    expect(house.access.sessions.value.sessions).toHaveLength(lasts ? 1 : 0);
    expect(await next.signIn(changed ?? PASSWORD)).toMatch(/^sonos_session=/);
  });

  test('ends when the person signs out, and only that one', async () => {
    const house = await openWithSessions();
    const [mine, other] = [await house.signIn(), await house.signIn()];
    const answer = await house.end(mine);
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^sonos_session=; Max-Age=0; Path=\/; HttpOnly/);
    expect([await house.isIn(mine), await house.isIn(other)]).toEqual([false, true]);
  });

  test('ends with all others when somebody who is in asks for that', async () => {
    const house = await openWithSessions();
    const [mine, other] = [await house.signIn(), await house.signIn()];
    expect((await house.end('', '?all')).status).toBe(401);
    expect((await house.end(`sonos_session=${'A'.repeat(22)}`, '?all')).status).toBe(401);
    expect(await house.isIn(other)).toBe(true);
    expect((await house.end(mine, '?all')).status).toBe(204);
    expect([await house.isIn(mine), await house.isIn(other)]).toEqual([false, false]);
    expect(house.access.sessions.value.sessions).toEqual([]);
  });

  test('ends after thirty days of rest, and not while it is used', async () => {
    const house = await openWithSessions();
    const [used, resting] = [await house.signIn(), await house.signIn()];
    let cookie = used;
    for (let day = 0; day < 29; day += 1) {
      house.clock.pass(DAY);
      const answer = await house.asks(cookie);
      expect(answer.status).toBe(200);
      cookie = cookieOf(answer);
    }
    house.clock.pass(DAY);
    expect([await house.isIn(cookie), await house.isIn(resting)]).toEqual([true, false]);
  });

  test('of a house where fifty are open closes the one that rested longest', async () => {
    const house = await openWithSessions();
    const cookies: string[] = [];
    for (let each = 0; each < 50; each += 1) {
      cookies.push(await house.signIn());
      house.clock.pass(MINUTE);
    }
    house.clock.pass(120 * MINUTE);
    expect(await house.isIn(cookies[0] ?? '')).toBe(true);
    const newest = await house.signIn();
    expect(house.access.sessions.value.sessions).toHaveLength(50);
    expect(await house.isIn(newest)).toBe(true);
    expect(await house.isIn(cookies[0] ?? '')).toBe(true);
    expect(await house.isIn(cookies[1] ?? '')).toBe(false);
  });

  test('is kept in memory while the disk refuses', async () => {
    const house = await openWithSessions();
    house.access.sessions.full = true;
    const cookie = await house.signIn();
    expect(await house.isIn(cookie)).toBe(true);
    await house.end(cookie);
    expect(await house.isIn(cookie)).toBe(false);
    expect(house.log.lines).toEqual([]);
  });

  test('costs the disk a write an hour at most', async () => {
    const house = await openWithSessions();
    const cookie = await house.signIn();
    const before = house.access.sessions.saves;
    for (let each = 0; each < 119; each += 1) {
      house.clock.pass(MINUTE);
      expect(await house.isIn(cookie)).toBe(true);
    }
    expect(house.access.sessions.saves - before).toBe(1);
  });
});

describe('the id of a session', () => {
  /** A session whose id has just been changed. */
  async function changed() {
    const house = await openWithSessions();
    const old = await house.signIn();
    house.clock.pass(DAY);
    const answer = await house.asks(old);
    const young = cookieOf(answer);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict$/);
    expect(young).not.toBe(old);
    return { ...house, old, young };
  }

  test('changes after a day, once for all that is asked at the same time', async () => {
    const { asks, old, young, clock } = await changed();
    const others = await Promise.all([1, 2, 3, 4].map(() => asks(old)));
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(others.flatMap(({ headers }) => headers['set-cookie'] ?? [])).toEqual([]);
    clock.pass(1_000);
    expect((await asks(young)).status).toBe(200);
  });

  test('that was given up is good for a minute more, for what was under way', async () => {
    const { isIn, old, young, clock } = await changed();
    expect(await isIn(young)).toBe(true);
    clock.pass(MINUTE - 1);
    expect(await isIn(old)).toBe(true);
    expect(await isIn(young)).toBe(true);
  });

  test('that was stolen and comes when the person has a new one closes both out', async () => {
    const { isIn, old, young, clock } = await changed();
    expect(await isIn(young)).toBe(true);
    clock.pass(MINUTE);
    expect(await isIn(old)).toBe(false);
    expect(await isIn(young)).toBe(false);
  });

  test('that a thief used first closes both out when the person comes', async () => {
    const { isIn, old, young: stolen, clock } = await changed();
    expect(await isIn(stolen)).toBe(true);
    clock.pass(10 * MINUTE);
    expect(await isIn(old)).toBe(false);
    expect(await isIn(stolen)).toBe(false);
  });

  test('whose answer got lost is changed again, however late the browser comes', async () => {
    const { asks, isIn, old, young: lost, clock } = await changed();
    clock.pass(10 * DAY);
    const again = cookieOf(await asks(old));
    expect(again).not.toBe('');
    expect([await isIn(again), await isIn(lost)]).toEqual([true, false]);
  });

  test('that is two days old has no power left', async () => {
    const house = await openWithSessions();
    const ids = [await house.signIn()];
    for (let day = 0; day < 3; day += 1) {
      house.clock.pass(DAY);
      ids.push(cookieOf(await house.asks(ids.at(-1) ?? '')));
    }
    expect(await house.isIn(ids[0] ?? '')).toBe(false);
    expect(await house.isIn(ids[1] ?? '')).toBe(false);
    expect(await house.isIn(ids[3] ?? '')).toBe(true);
  });
});

describe('cookies that others have set', () => {
  test('do not push ours out of sight, and a flood of them opens nothing', async () => {
    const house = await openWithSessions();
    const cookie = await house.signIn();
    const foreign = (count: number) =>
      Array.from({ length: count }, (_, each) => `sonos_session=${'A'.repeat(20)}${100 + each}`).join('; ');
    expect(await house.isIn(`${foreign(3)}; ${cookie}`)).toBe(true);
    expect(await house.isIn(`${foreign(300)}`)).toBe(false);
    expect(await house.isIn(`${cookie}; ${foreign(300)}`)).toBe(true);
  });

  test.each([
    ['the kept digest', (text: string) => `sonos_session=${JSON.parse(text).sessions[0].digest}`],
    ['quotes around it', (_: string, own: string) => own.replace(/=(.*)/, '="$1"')],
    ['its beginning', (_: string, own: string) => own.slice(0, -1)],
    ['other letters', (_: string, own: string) => own.toUpperCase()],
    ['another name', (_: string, own: string) => own.replace('sonos', 'Sonos')],
    ['a name that ends like ours', (_: string, own: string) => `x${own}`],
    ['nothing', () => 'sonos_session='],
    ['a word of every object', () => 'sonos_session=hasOwnProperty__toString'],
  ])('with %s are no session', async (_name, cookieFor) => {
    const house = await openWithSessions();
    const own = await house.signIn();
    expect(await house.isIn(cookieFor(house.access.sessions.text, own))).toBe(false);
    expect(await house.isIn(own)).toBe(true);
  });
});

test('a session lets in while guessing is slowed down, and HTTP Basic beside it is not looked at', async () => {
  const house = await openWithSessions();
  const cookie = await house.signIn();
  for (const word of ['a', 'b', 'c', 'd', 'e', 'f'])
    await house.ask('/metrics', { headers: { Authorization: basic(word) } });
  expect((await house.visit('/metrics')).status).toBe(429);
  expect(await house.isIn(cookie)).toBe(true);
  const both = { Cookie: cookie, Authorization: basic('wrong') };
  expect((await house.ask('/metrics', { headers: both })).status).toBe(200);
});
