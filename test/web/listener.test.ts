import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../src/system.ts';
import { isLoopback } from '../../src/web/host-names.ts';
import { createPrivateListener } from '../../src/web/listener.ts';
import type { PrivateListenerOptions } from '../../src/web/options.ts';
import { fakeLogin, notebook, openHouse, REDIRECT_PATH } from './house.ts';

const create = (different: Partial<PrivateListenerOptions>) =>
  createPrivateListener({
    host: '127.0.0.1',
    port: 0,
    password: null,
    allowedHosts: [],
    login: null,
    redirectPath: null,
    redirectUri: null,
    unlink: async () => false,
    notReady: () => [],
    metrics: () => [],
    clock: systemClock,
    random: systemRandom,
    log: notebook(),
    ...different,
  });

describe('the private listener starts', () => {
  test.each(['0.0.0.0', '::', '192.168.1.20', 'bridge.lan', 'localhost.evil.example'])(
    'not at %s without a password',
    async (host) => {
      for (const password of [null, '']) {
        const started = await create({ host, password }).start();
        expect(started).toMatchObject({ ok: false, error: { reason: 'password_required' } });
        expect(started.ok ? '' : started.error.message).toMatch(
          /Set web\.password, or web\.host to 127\.0\.0\.1/,
        );
      }
    },
  );

  test('beyond loopback with one', async () => {
    const listener = create({ host: '0.0.0.0', password: 'correct horse' });
    expect(await listener.start()).toMatchObject({ ok: true });
    await listener.stop();
  });

  test.each([
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['::1', true],
    ['LocalHost', true],
    ['128.0.0.1', false],
    ['::', false],
    ['', false],
    ['127.0.0.1.example', false],
  ])('knowing whether "%s" is this machine alone: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  test('not where another program listens, and says what to do', async () => {
    const house = await openHouse();
    const started = await create({ port: house.port }).start();
    expect(started).toMatchObject({ ok: false, error: { reason: 'port_in_use' } });
    expect(started.ok ? '' : started.error.message).toContain('web.port');
  });

  test('not at an address that is not this machine’s', async () => {
    const started = await create({ host: '203.0.113.7', password: 'correct horse' }).start();
    expect(started).toMatchObject({ ok: false, error: { reason: 'no_such_address' } });
    expect(started.ok ? '' : started.error.message).toContain('web.host');
  });
});

describe('the private listener stops', () => {
  test('within a second, whatever is open and under way', async () => {
    let entered: () => void = () => {};
    const finishing = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const login = {
      ...fakeLogin(),
      finish: () => {
        entered();
        return new Promise<never>(() => {});
      },
    };
    const house = await openHouse({ login });
    const resting = connect(house.port, '127.0.0.1');
    const halfway = connect(house.port, '127.0.0.1');
    await Promise.all([once(resting, 'connect'), once(halfway, 'connect')]);
    halfway.write('GET / HTTP/1.1\r\nHost: 127');
    const hanging = house.post('/api/login/paste', { address: 'x' }).catch((error: unknown) => error);
    await finishing;
    const closed = Promise.all([once(resting, 'close'), once(halfway, 'close')]);
    const before = performance.now();
    await house.listener.stop();
    expect(performance.now() - before).toBeLessThan(1_000);
    await closed;
    expect(await hanging).toBeInstanceOf(Error);
    await expect(house.ask('/health/live')).rejects.toThrow('ECONNREFUSED');
  });

  test('twice, and without having started', async () => {
    const listener = create({});
    await Promise.all([listener.stop(), listener.stop()]);
    const house = await openHouse();
    await house.listener.stop();
    await house.listener.stop();
  });
});

test('nothing of a request gets into the log: not the code, the state, the cookie or the password', async () => {
  const house = await openHouse();
  await house.visit(`${REDIRECT_PATH}?code=canary-1&state=canary-2`, {
    headers: { Cookie: 'sonos_login=canary-3' },
  });
  await house.post('/api/login/paste', { address: 'http://localhost/?code=canary-4' });
  await house.visit('/canary-5');
  expect(house.log.lines).toEqual([]);
});

test('a half-sent request is ended by its deadline', async () => {
  const house = await openHouse();
  const socket = connect(house.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  await once(socket, 'close');
  expect(Buffer.concat(pieces).toString()).toMatch(/^HTTP\/1\.1 408 /);
}, 15_000);
