import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { MqttLinkOptions } from '../../src/mqtt/link.ts';
import { createMqttLink } from '../../src/mqtt/link.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { freePort } from '../support/ports.ts';
import {
  AVAILABILITY,
  CONNACK_4,
  CONNACK_5,
  fasterClock,
  isUp,
  puback,
  recordingLog,
  startLink,
  startRawBroker,
  suback5,
} from './link-fixtures.ts';

const FILTERS = ['sonos/+/+/set/#'];

describe('a broker that misbehaves', () => {
  it('and hangs up on MQTT 5 without a word is spoken to in 3.1.1 at once', async () => {
    const { url, versions } = await startRawBroker(({ type, body }, socket) => {
      if (type === 1 && body.readUInt8(6) === 5) socket.destroy();
      else if (type === 1) socket.write(CONNACK_4);
      else if (type === 3) socket.write(puback(body));
      else if (type === 14) socket.end();
    });
    const test = startLink({ url, filters: [], clock: fasterClock(0.0005) });
    await isUp(test);
    expect(versions).toEqual([5, 4]);
    expect(test.link.status.protocol).toBe(4);
  });

  it('and answers with something that is not MQTT is explained, once', async () => {
    const { url, versions } = await startRawBroker((_packet, socket) => {
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const test = startLink({ url, clock: fasterClock(50) });
    await expect.poll(() => versions.length).toBeGreaterThan(6);
    expect(versions.slice(0, 4)).toEqual([5, 4, 5, 4]);
    expect(test.log.said()).toEqual([expect.stringContaining('Expected MQTT.')]);
  });

  it('and never answers the CONNECT is given up after ten seconds, by the clock', async () => {
    const { url } = await startRawBroker(() => {});
    const test = startLink({ url, clock: fasterClock(50) });
    await expect
      .poll(() => test.log.said())
      .toEqual([expect.stringContaining('no answer to the CONNECT within 10 s')]);
  });

  it('and never answers the subscription is given up, too', async () => {
    const { url } = await startRawBroker(({ type }, socket) => {
      if (type === 1) socket.write(CONNACK_5);
    });
    const test = startLink({ url, clock: fasterClock(50) });
    await expect.poll(() => test.log.said()).toEqual([expect.stringContaining('no answer to the SUBSCRIBE')]);
    expect(test.statuses).toEqual([]);
  });

  it('and answers a subscription with the wrong number of grants is left', async () => {
    const { url } = await startRawBroker(({ type, body }, socket) => {
      if (type === 1) socket.write(CONNACK_5);
      if (type === 8) socket.write(Buffer.from([0x90, 5, body.readUInt8(0), body.readUInt8(1), 0, 1, 1]));
    });
    const test = startLink({ url, filters: FILTERS, clock: fasterClock(50) });
    await expect
      .poll(() => test.log.said())
      .toEqual([expect.stringContaining('suback granted 2 reason code(s)')]);
    expect(test.statuses).toEqual([]);
  });

  it('and says why it ends the connection is quoted, with what to do', async () => {
    const { url } = await startRawBroker(({ type, body }, socket) => {
      if (type === 1) socket.write(CONNACK_5);
      if (type === 8) socket.write(suback5(body));
      if (type === 3) socket.end(Buffer.from([0xe0, 2, 0x8e, 0]));
    });
    const test = startLink({ url, filters: FILTERS });
    await expect.poll(() => test.log.said().length).toBe(2);
    expect(test.log.said()[1]).toContain(
      'Session taken over, code 142. Another client came with the same client id.',
    );
  });

  it('and drops every connection soon gets ever longer pauses', async () => {
    const pauses: number[] = [];
    const clock = fasterClock(2000);
    const { url } = await startRawBroker(({ type }, socket) => {
      if (type === 1) socket.write(CONNACK_5);
      if (type === 3) socket.destroy();
    });
    const random = { ...systemRandom, fraction: () => 0.5 };
    const test = startLink({
      url,
      random,
      filters: [],
      protocol: 5,
      clock: {
        ...clock,
        after: (milliseconds, work) => {
          if (milliseconds % 750 === 0 || milliseconds === 22_500) pauses.push(milliseconds);
          return clock.after(milliseconds, work);
        },
        // A clock that stands still: no connection ever held long enough to be a good one.
        elapsed: () => 0,
      },
    });
    await expect.poll(() => test.statuses.length).toBeGreaterThan(14);
    expect(pauses.slice(0, 7)).toEqual([750, 1500, 3000, 6000, 12_000, 22_500, 22_500]);
  });

  it('and does not let us go is left all the same, and no socket stays behind', async () => {
    const sockets: Socket[] = [];
    const { url } = await startRawBroker(({ type, body }, socket) => {
      if (type === 1) socket.write(CONNACK_4);
      if (type === 3) socket.write(puback(body));
      // After DISCONNECT it should close, and does not.
      if (type === 14) sockets.push(socket);
    }, true);
    const test = startLink({ url, filters: [], protocol: 4 });
    await isUp(test);
    const began = performance.now();
    await test.link.stop();
    expect(performance.now() - began).toBeLessThan(2500);
    expect(sockets).toHaveLength(1);
    await expect
      .poll(() => {
        sockets[0]?.write('still there?');
        return sockets[0]?.destroyed;
      })
      .toBe(true);
  });

  it('after a good connection is tried again soon', async () => {
    let drop = () => {};
    let connects = 0;
    const { url } = await startRawBroker(({ type }, socket) => {
      if (type !== 1) return;
      connects += 1;
      drop = () => socket.destroy();
      if (connects > 5) socket.write(CONNACK_5);
      else socket.write(Buffer.from([0x20, 3, 0, 0x88, 0]));
    });
    let at = 0;
    const pauses: number[] = [];
    const test = startLink({
      url,
      filters: [],
      random: { ...systemRandom, fraction: () => 0 },
      clock: {
        now: () => 0,
        elapsed: () => at,
        after: (milliseconds, work) => {
          pauses.push(milliseconds);
          return systemClock.after(milliseconds / 100, work);
        },
      },
    });
    await isUp(test);
    expect(test.log.said()[0]).toContain('Server unavailable, code 136');
    at += 31_000;
    pauses.length = 0;
    drop();
    await expect.poll(() => test.statuses.length).toBe(3);
    expect(pauses.filter((pause) => pause % 500 === 0 && pause < 5000)).toEqual([500]);
  });
});

describe('no broker', () => {
  it('is said once, and everything waits for it', async () => {
    const port = await freePort();
    const test = startLink({ url: `mqtt://127.0.0.1:${port}`, clock: fasterClock(50) });
    test.link.outbox.retain('sonos/home', 'x');
    await expect.poll(() => test.log.said().length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(test.log.said()).toEqual([
      `No connection to the MQTT broker at mqtt://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}. Expected a broker there. Check mqtt.url, that the broker runs, and that nothing between blocks the port. It is tried again until it works.`,
    ]);
    const began = performance.now();
    await test.link.stop();
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('wrong settings', () => {
  const link = (options: Partial<MqttLinkOptions>) =>
    createMqttLink({
      url: 'mqtt://localhost',
      protocol: 'auto',
      availabilityTopic: AVAILABILITY,
      filters: [],
      clock: systemClock,
      random: systemRandom,
      log: recordingLog(),
      ...options,
    });

  it('stop the link from being made, without repeating what may be a password', () => {
    expect(() => link({ url: 'http://user:geheim@host' })).toThrow(/mqtt:\/\/, mqtts:\/\//);
    expect(() => link({ url: 'not a url' })).toThrow(/mqtt:\/\/192/);
    expect(() => link({ url: 'http://user:geheim@host' })).not.toThrow(/geheim/);
    expect(() => link({ availabilityTopic: 'sonos/#' })).toThrow(/without "\+"/);
    expect(link({}).status).toEqual({ connected: false, protocol: null });
  });
});
