import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ServedOutbox } from '../../src/mqtt/outbox.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { figure, sized } from '../support/figures.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { AVAILABILITY, afterwards, isUp, keptBy, observe, startLink } from './link-fixtures.ts';

/** Longer than the longest pause between two attempts. */
const PAUSE_MS = 31_000;
const ROOMS = 200;
const FEW = 20;

async function way() {
  const mosquitto = await startMosquitto();
  afterwards(() => mosquitto.stop());
  const proxy = await startFaultProxy(mosquitto.port);
  afterwards(() => proxy.stop());
  return { mosquitto, proxy };
}

const room = (index: number): string => `sonos/home/room-${index}`;

describe.skipIf(!mosquittoIsInstalled)('through a bad network, the link', () => {
  it.each([
    { what: 'single bytes', upBytes: 1, downBytes: 1, latencyMs: 0 },
    { what: 'three bytes at a time, late', upBytes: 3, downBytes: 3, latencyMs: 40 },
    { what: 'packets that come late', upBytes: 0, downBytes: 0, latencyMs: 100 },
    { what: 'single bytes towards the broker only', upBytes: 1, downBytes: 0, latencyMs: 5 },
    { what: 'single bytes from the broker only', upBytes: 0, downBytes: 1, latencyMs: 5 },
  ])('shows everything and hears every command in $what', async ({ upBytes, downBytes, latencyMs }) => {
    const { mosquitto, proxy } = await way();
    proxy.up.sliceBytes = upBytes;
    proxy.down.sliceBytes = downBytes;
    proxy.up.latencyMs = latencyMs;
    proxy.down.latencyMs = latencyMs;
    const { client, heard, says } = await observe(mosquitto.url);
    const test = startLink({ url: proxy.url });
    const got: string[] = [];
    test.link.onMessage(({ payload }) => got.push(Buffer.from(payload).toString()));
    for (let index = 0; index < ROOMS; index += 1)
      test.link.outbox.retain(room(index), `{"name":"Küche ${index} 🎵"}`);
    await isUp(test);
    const commands = Array.from({ length: 100 }, (_, index) => `{"value":${index},"name":"ö🦔"}`);
    for (const command of commands) client.publish('sonos/home/kitchen/set/volume', command, { qos: 1 });
    await expect.poll(() => got.length, { timeout: 15_000 }).toBe(commands.length);
    expect(got).toEqual(commands);
    await expect.poll(says, { timeout: 15_000 }).toContain(`${AVAILABILITY}=online`);
    const shown = heard.filter(({ topic }) => topic.startsWith('sonos/home/room-'));
    expect(shown.map(({ topic }) => topic)).toEqual(Array.from({ length: ROOMS }, (_, index) => room(index)));
    expect(shown[7]?.payload).toBe('{"name":"Küche 7 🎵"}');
    await test.link.stop();
    await expect.poll(() => says().at(-1), { timeout: 5000 }).toBe(`${AVAILABILITY}=offline`);
    expect(test.statuses.map(({ connected }) => connected)).toEqual([true, false]);
    expect(proxy.accepted).toBe(1);
  });

  it('waits through silences that are shorter than its patience, and loses nothing', async () => {
    const { mosquitto, proxy } = await way();
    const clock = createHurriedClock();
    const test = startLink({ url: proxy.url, clock });
    await isUp(test);
    for (const flow of [proxy.up, proxy.down, proxy.up, proxy.down]) {
      flow.isStalled = true;
      for (let index = 0; index < ROOMS; index += 1) test.link.outbox.retain(room(index), `${Math.random()}`);
      // It gives up after twenty seconds.
      clock.skip(15_000);
      await wait(100);
      for (let index = 0; index < ROOMS; index += 1) test.link.outbox.retain(room(index), 'the last');
      flow.isStalled = false;
      await new Promise<void>((resolve) => (test.link.outbox as ServedOutbox).whenIdle(resolve));
    }
    const kept = await keptBy(mosquitto.url, ROOMS + 1);
    expect(new Set(kept.values())).toEqual(new Set(['the last', 'online']));
    expect(test.statuses).toHaveLength(1);
    // One second more, and it does.
    proxy.up.isStalled = true;
    test.link.outbox.retain(room(0), 'never heard');
    clock.skip(21_000);
    await expect.poll(() => test.link.status.connected).toBe(false);
  });

  it('is right again after an end at any byte of its greeting and of everything that is said', {
    timeout: sized(60_000, 3_600_000),
  }, async () => {
    const { mosquitto, proxy } = await way();
    const clock = createHurriedClock();
    // Acknowledgements are longer where nobody listens.
    const { heard } = await observe(mosquitto.url);
    const test = startLink({ url: proxy.url, clock });
    const outbox = test.link.outbox as ServedOutbox;
    let ups = 0;
    test.link.onStatus(({ connected }) => {
      if (connected) ups += 1;
    });
    const retain = (value: string) => {
      for (let index = 0; index < FEW; index += 1) outbox.retain(room(index), value);
    };
    retain('00000');
    await isUp(test);
    await new Promise<void>((resolve) => outbox.whenIdle(resolve));
    const points = [proxy.up, proxy.down].flatMap((flow) =>
      Array.from({ length: flow.passed }, (_, bytes) => ({ flow, bytes })),
    );
    const chosen = points.filter((_, index) => index % sized(23, 1) === 0);
    const state = () => Object.fromEntries(heard.map(({ topic, payload }) => [topic, payload]));
    for (const [number, { flow, bytes }] of chosen.entries()) {
      const value = String(number).padStart(5, '0');
      retain(value);
      await new Promise<void>((resolve) => outbox.whenIdle(resolve));
      heard.length = 0;
      const before = ups;
      proxy.reset();
      const cut = flow.cutAfter(bytes);
      // Where nothing is tried the link makes a pause, which is over at once.
      let idle = 0;
      const hurry = setInterval(() => {
        idle = proxy.open === 0 ? idle + 1 : 0;
        if (idle > 2) clock.skip(PAUSE_MS);
      }, 2);
      await cut;
      await expect.poll(() => ups > before && test.link.status.connected, { interval: 5 }).toBe(true);
      clearInterval(hurry);
      const wanted = Object.fromEntries(Array.from({ length: FEW }, (_, index) => [room(index), value]));
      await expect
        .poll(state, { interval: 5, timeout: 5000 })
        .toEqual({ ...wanted, [AVAILABILITY]: 'online' });
    }
    figure('bytes of a connection of the link, cuts of it', `${points.length}, ${chosen.length}`);
  });
});
