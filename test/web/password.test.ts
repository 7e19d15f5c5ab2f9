import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGuesses } from '../../src/web/access/guesses.ts';
import { basic, fakeLogin, handClock, openHouse, PASSWORD, REDIRECT_PATH } from './house.ts';

const closed = ['/login', '/plain', '/unlink', '/health/ready', '/metrics', '/nothing', REDIRECT_PATH];
const closedApi = ['', '/tokens', '/tokens/x', '/login/paste', '/accounts/account-1/unlink', '/live', '/x'];

describe('the password', () => {
  test.each(closed)('%s asks for it', async (path) => {
    const house = await openHouse();
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      const answer = await house.ask(path, { method });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="sonos-mqtt-bridge", charset="UTF-8"');
    }
  });

  test.each(closedApi)('/api%s asks for it so that no browser asks the person by itself', async (path) => {
    const house = await openHouse();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await house.ask(`/api${path}`, { method });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="sonos-mqtt-bridge"');
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'password_missing' } });
    }
  });

  test('is not needed to see that the bridge lives, for the page without what is in it, and where a login comes back', async () => {
    const house = await openHouse();
    expect(await house.ask('/health/live')).toMatchObject({ status: 200, text: '{"status":"live"}' });
    expect((await house.ask('/')).status).toBe(200);
    expect(JSON.parse((await house.ask('/api/session')).text)).toEqual({
      ...{ open: false, needs_password: true, ingress: false, mode: 'house' },
    });
    expect((await house.ask(`${REDIRECT_PATH}?code=c&state=s`)).status).toBe(400);
  });

  test.each([
    ['under any user name', basic(PASSWORD, ''), 200],
    ['with the scheme in other letters', basic(PASSWORD).replace('Basic', 'bAsIc'), 200],
    ['wrong', basic('wrong horse'), 401],
    ['empty', basic(''), 401],
    ['with more behind it', basic(`${PASSWORD} `), 401],
    ['its beginning', basic(PASSWORD.slice(0, -1)), 401],
    ['in place of the user name', `Basic ${Buffer.from(PASSWORD).toString('base64')}`, 401],
    ['not in base64', `Basic ${PASSWORD}`, 401],
    ['under another scheme', `Bearer ${PASSWORD}`, 401],
  ])('%s', async (_name, Authorization, status) => {
    const house = await openHouse();
    expect((await house.ask('/metrics', { headers: { Authorization } })).status).toBe(status);
  });

  test('may hold colons and any letters, however the keyboard composes them', async () => {
    const house = await openHouse({ password: 'Müller: straße:1' });
    const tried = (password: string) =>
      house.ask('/metrics', { headers: { Authorization: basic(password) } });
    expect((await tried('Müller: straße:1'.normalize('NFD'))).status).toBe(200);
    expect((await tried('Muller: straße:1')).status).toBe(401);
  });

  test('is not asked for on loopback when there is none', async () => {
    const house = await openHouse({ password: null });
    expect((await house.ask('/metrics')).status).toBe(200);
    expect((await house.ask('/api/tokens')).status).toBe(200);
    expect(JSON.parse((await house.ask('/api/session')).text)).toMatchObject({
      ...{ open: true, needs_password: false },
    });
    expect((await house.ask('/metrics', { headers: { Host: 'evil.example' } })).status).toBe(421);
  });
});

describe('guessing', () => {
  test('of 10,000 wrong passwords, by HTTP Basic and on the page, few are looked at, and the right one has to wait too', async () => {
    const house = await openHouse();
    const counts = new Map<number, number>();
    let next = 0;
    const guess = async (): Promise<void> => {
      while (next < 10_000) {
        next += 1;
        const word = `guess ${next}`;
        const { status } = await (next % 2 === 0
          ? house.ask('/metrics', { headers: { Authorization: basic(word) } })
          : house.post('/api/session', { password: word }, { Authorization: '' }));
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 20 }, guess));
    // 503 while more stand in line than may.
    expect([401, 429, 503]).toEqual(expect.arrayContaining([...counts.keys()]));
    expect(counts.get(401)).toBeLessThan(20);
    expect(counts.get(429)).toBeGreaterThan(9_000);

    const late = await house.visit('/metrics');
    expect(late.status).toBe(429);
    expect(late.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect((await house.ask('/health/live')).status).toBe(200);
    expect(house.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(JSON.stringify(house.log.lines)).not.toMatch(/guess \d|correct/);
  }, 60_000);

  test('five wrong ones are free, then the wait doubles, and the right password gets in when it is over', async () => {
    const clock = handClock();
    const house = await openHouse({ clock });
    const wrong = (word: string) => house.ask('/metrics', { headers: { Authorization: basic(word) } });
    for (const word of ['a', 'b', 'c', 'd', 'e']) expect((await wrong(word)).status).toBe(401);
    expect((await wrong('f')).headers['retry-after']).toBe('1');
    clock.pass(1_000);
    expect((await wrong('f')).status).toBe(401);
    expect((await wrong('g')).headers['retry-after']).toBe('2');
    clock.pass(1_999);
    expect((await house.visit('/metrics')).status).toBe(429);
    clock.pass(1);
    expect((await house.visit('/metrics')).status).toBe(200);
    expect(house.log.lines).toEqual([
      expect.objectContaining({ level: 'warn', fields: { address: '127.0.0.1' } }),
    ]);
  });

  test('an old password that a browser or a scraper repeats locks nobody out', async () => {
    const house = await openHouse();
    for (let time = 0; time < 30; time += 1) {
      expect((await house.ask('/metrics', { headers: { Authorization: basic('old one') } })).status).toBe(
        401,
      );
    }
    expect((await house.visit('/metrics')).status).toBe(200);
  });

  test('a day of guessing from one address gets fewer than 320 tries', () => {
    const clock = handClock();
    const guesses = createGuesses(clock);
    let tries = 0;
    for (let second = 0; second < 86_400; second += 1) {
      if (guesses.waitMs('198.51.100.1') === 0) {
        guesses.wrong('198.51.100.1', String(second));
        tries += 1;
      }
      clock.pass(1_000);
    }
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(320);
  });

  test('many addresses share one limit, which does not hold who knew the password', () => {
    const clock = handClock();
    const guesses = createGuesses(clock);
    guesses.right('192.168.1.5');
    let slowed = 0;
    let tries = 0;
    for (let each = 0; each < 10_000; each += 1) {
      const address = `10.0.${each >> 8}.${each & 255}`;
      if (guesses.waitMs(address) > 0) continue;
      tries += 1;
      if (guesses.wrong(address, 'x') === 'everybody') slowed += 1;
    }
    expect(tries).toBe(50);
    expect(slowed).toBe(1);
    expect(guesses.waitMs('192.168.1.6')).toBe(1_000);
    expect(guesses.waitMs('192.168.1.5')).toBe(0);
    for (const word of ['1', '2', '3', '4', '5']) guesses.wrong('192.168.1.5', word);
    expect(guesses.waitMs('192.168.1.5')).toBe(1_000);
  });

  test('all addresses of one network are one', () => {
    const guesses = createGuesses(handClock());
    for (let each = 1; each <= 5; each += 1) guesses.wrong(`2001:db8:0:1::${each}`, String(each));
    expect(guesses.waitMs('2001:db8:0:1:ffff::1')).toBe(1_000);
    expect(guesses.waitMs('2001:db8::1:0:0:1')).toBe(0);
    for (let each = 1; each <= 5; each += 1) guesses.wrong('::ffff:192.0.2.1', String(each));
    expect(guesses.waitMs('192.0.2.1')).toBe(1_000);
    expect(guesses.waitMs('192.0.2.2')).toBe(0);
  });

  test('an hour without a wrong one makes good', () => {
    const clock = handClock();
    const guesses = createGuesses(clock);
    for (const word of ['1', '2', '3', '4', '5']) guesses.wrong('192.0.2.1', word);
    clock.pass(3_600_001);
    for (const word of ['6', '7', '8', '9']) guesses.wrong('192.0.2.1', word);
    expect(guesses.waitMs('192.0.2.1')).toBe(0);
  });

  test('the memory stays bounded, whoever comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.boolean(), (count, knows) => {
        const clock = handClock();
        const guesses = createGuesses(clock);
        for (let each = 0; each < count; each += 1) {
          const address = `2001:db8:${each.toString(16)}::1`;
          if (knows) guesses.right(address);
          else guesses.wrong(address, 'x');
        }
        expect(guesses.size()).toBe(Math.min(count, knows ? 100 : 1_000));
      }),
      { numRuns: 20 },
    );
  });

  test('fifty wrong ones in all are told to the operator', async () => {
    const clock = handClock();
    const house = await openHouse({ clock, login: fakeLogin() });
    for (let each = 0; each < 60; each += 1) {
      clock.pass(300_000);
      await house.ask('/metrics', { headers: { Authorization: basic(`guess ${each}`) } });
    }
    const warnings = house.log.lines.map(({ message }) => message.split(' ')[0]);
    expect(warnings).toEqual(['Five', 'Fifty']);
  });
});
