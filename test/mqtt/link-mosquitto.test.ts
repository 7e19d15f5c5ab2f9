import { describe, expect, it } from 'vitest';
import type { IncomingMessage } from '../../src/mqtt/client.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import {
  AVAILABILITY,
  afterwards,
  fasterClock,
  hasComeUp,
  isUp,
  keptBy,
  observe,
  startLink,
  startRelay,
} from './link-fixtures.ts';

async function broker(...settings: Parameters<typeof startMosquitto>) {
  const mosquitto = await startMosquitto(...settings);
  afterwards(() => mosquitto.stop());
  return mosquitto;
}

describe.skipIf(!mosquittoIsInstalled)('with mosquitto, the link', () => {
  it('speaks MQTT 5 and shows every retained value before it says online', async () => {
    const { url } = await broker();
    const { heard, says } = await observe(url);
    const test = startLink({ url });
    const topics = Array.from({ length: 500 }, (_, index) => `sonos/home/room-${index}`);
    for (const topic of topics) test.link.outbox.retain(topic, `{"name":"Küche 🎵","topic":"${topic}"}`);
    await isUp(test);
    expect(test.link.status).toEqual({ connected: true, protocol: 5 });
    await expect.poll(() => heard.length).toBe(501);
    expect(heard.slice(0, 500).map(({ topic }) => topic)).toEqual(topics);
    expect(heard[7]?.payload).toBe('{"name":"Küche 🎵","topic":"sonos/home/room-7"}');
    expect(says().at(-1)).toBe(`${AVAILABILITY}=online`);
    expect((await keptBy(url, 501)).size).toBe(501);
    expect(test.log.said()).toEqual([`Connected to the MQTT broker at ${url} with MQTT 5.`]);
  });

  it('brings everything back when the broker was killed and forgot it all', async () => {
    const mosquitto = await broker();
    const test = startLink({ url: mosquitto.url, clock: fasterClock(5) });
    await isUp(test);
    for (let index = 0; index < 50; index += 1) test.link.outbox.retain(`sonos/home/room-${index}`, 'before');
    await keptBy(mosquitto.url, 51);
    await mosquitto.kill();
    await expect.poll(() => test.link.status).toEqual({ connected: false, protocol: null });
    test.link.outbox.retain('sonos/home/room-0', 'changed');
    const cleared = test.link.outbox.clear(['sonos/home/room-1']);
    test.link.outbox.send({ topic: 'sonos/home/room-2/event', payload: '{"event_type":"clip"}' });
    await expect.poll(() => test.log.said().length).toBe(3);
    await mosquitto.restart();
    await hasComeUp(test, 2);
    await cleared;
    const kept = await keptBy(mosquitto.url, 50);
    expect(kept.size).toBe(50);
    expect(kept.get('sonos/home/room-0')).toBe('changed');
    expect(kept.get('sonos/home/room-1')).toBeUndefined();
    expect(kept.get('sonos/home/room-49')).toBe('before');
    expect(kept.get(AVAILABILITY)).toBe('online');
    const said = test.log.said();
    expect(said).toHaveLength(4);
    expect(said[1]).toContain('Lost the MQTT broker');
    expect(said[2]).toContain('ECONNREFUSED');
    expect(said[3]).toContain('is back after');
  });

  it('keeps only the last values of 200,000 changes during an outage', async () => {
    const mosquitto = await broker();
    const test = startLink({ url: mosquitto.url, clock: fasterClock(5) });
    await isUp(test);
    await mosquitto.kill();
    await expect.poll(() => test.link.status.connected).toBe(false);
    for (let index = 0; index < 200_000; index += 1) {
      test.link.outbox.retain(`sonos/home/room-${index % 100}`, `value ${index}`);
    }
    await mosquitto.restart();
    const { heard } = await observe(mosquitto.url);
    await hasComeUp(test, 2);
    await expect.poll(() => heard.length).toBeGreaterThanOrEqual(101);
    expect(heard).toHaveLength(101);
    expect(heard.filter(({ topic }) => topic !== AVAILABILITY).map(({ payload }) => payload)).toEqual(
      Array.from({ length: 100 }, (_, index) => `value ${199_900 + index}`),
    );
  });

  it('stays connected through 10,000 hostile names', async () => {
    const { url } = await broker();
    const test = startLink({ url });
    await isUp(test);
    const nasty = [
      '+',
      '#',
      '\u0000',
      '\n',
      '\u009f',
      '\ud800',
      '\uffff',
      '\ufdd0',
      '\u{10fffe}',
      'x'.repeat(70_000),
    ];
    for (let index = 0; index < 10_000; index += 1) {
      const name = `${nasty[index % nasty.length]}${index}`;
      test.link.outbox.retain(`sonos/${name}`, 'x');
      test.link.outbox.send({ topic: `sonos/${name}/event`, payload: 'x' });
    }
    test.link.outbox.retain('$SYS/broker/uptime', 'x');
    test.link.outbox.retain(`sonos/${'x/'.repeat(300)}`, 'x');
    test.link.outbox.retain('', 'x');
    // Strange but allowed, and still answered.
    for (const odd of ['\u202e', '\ufeff', '\u00ad', '🎵', 'e\u0301', ' ', '//']) {
      test.link.outbox.retain(`sonos/odd/${odd}`, odd);
    }
    const kept = await keptBy(url, 8);
    expect(kept.size).toBe(8);
    expect(test.statuses).toEqual([{ connected: true, protocol: 5 }]);
    expect(test.log.lines.filter(({ level }) => level === 'warn').length).toBeLessThanOrEqual(7);
  });

  it('builds a new connection when the old one goes silent without closing', async () => {
    const mosquitto = await broker();
    const relay = await startRelay(mosquitto.port);
    const test = startLink({ url: relay.url, clock: fasterClock(20) });
    await isUp(test);
    relay.goSilent();
    test.link.outbox.retain('sonos/home/kitchen', 'said into the void');
    await expect.poll(() => test.link.status.connected, { timeout: 10_000 }).toBe(false);
    relay.speakAgain();
    await hasComeUp(test, 2);
    expect((await keptBy(mosquitto.url, 2)).get('sonos/home/kitchen')).toBe('said into the void');
    expect(test.log.said()[1]).toContain('not acknowledged');
    const lost = test.log.lines.find(({ level }) => level === 'warn');
    expect(lost?.fields).toEqual({ waiting_topic: 'sonos/home/kitchen' });
  });

  it('says what is waiting, then offline, and leaves in order, so that the will is not needed', async () => {
    const mosquitto = await broker();
    const { says } = await observe(mosquitto.url);
    const relay = await startRelay(mosquitto.port);
    const test = startLink({ url: relay.url });
    await isUp(test);
    for (let index = 0; index < 300; index += 1) test.link.outbox.retain(`sonos/home/room-${index}`, 'x');
    test.link.outbox.send({ topic: 'sonos/home/room-1/reply', payload: 'last words' });
    const began = performance.now();
    await Promise.all([test.link.stop(), test.link.stop()]);
    expect(performance.now() - began).toBeLessThan(2500);
    await expect.poll(() => says().at(-1)).toBe(`${AVAILABILITY}=offline`);
    expect(says().at(-2)).toBe('sonos/home/room-1/reply=last words');
    expect(says()).toHaveLength(303);
    // The will would come as a second `offline`.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(says().filter((line) => line.endsWith('=offline'))).toHaveLength(1);
    // DISCONNECT, reason 0: no will.
    expect([...relay.said().subarray(-4)]).toEqual([0xe0, 2, 0, 0]);
    expect(test.link.status).toEqual({ connected: false, protocol: null });
    expect((await keptBy(mosquitto.url, 301)).get(AVAILABILITY)).toBe('offline');
  });

  it('leaves within two seconds when the broker no longer answers, and the will says offline', async () => {
    const mosquitto = await broker();
    const { says } = await observe(mosquitto.url);
    const relay = await startRelay(mosquitto.port);
    const test = startLink({ url: relay.url });
    await isUp(test);
    await expect.poll(() => says()).toEqual([`${AVAILABILITY}=online`]);
    relay.goSilent();
    const began = performance.now();
    await test.link.stop();
    expect(performance.now() - began).toBeLessThan(2500);
    await expect.poll(() => says()).toEqual([`${AVAILABILITY}=online`, `${AVAILABILITY}=offline`]);
  });

  it('settles its stop when the broker dies meanwhile', async () => {
    const mosquitto = await broker();
    const relay = await startRelay(mosquitto.port);
    const test = startLink({ url: relay.url });
    await isUp(test);
    relay.goSilent();
    const stopped = test.link.stop();
    await mosquitto.kill();
    await stopped;
    expect(test.link.status.connected).toBe(false);
  });

  it('hands on commands with all that MQTT 5 says about them, kept ones marked as such', async () => {
    const { url } = await broker();
    const { client } = await observe(url);
    await client.publishAsync('sonos/home/kitchen/set/volume', '11', { qos: 1, retain: true });
    const test = startLink({ url });
    const got: IncomingMessage[] = [];
    test.link.onMessage((message) => got.push(message));
    await isUp(test);
    await expect.poll(() => got.length).toBe(1);
    await client.publishAsync('sonos/home/kitchen/set/announce', Buffer.alloc(100_000, 'a'), {
      qos: 1,
      properties: {
        responseTopic: 'me/answers',
        correlationData: Buffer.from([0, 255]),
        messageExpiryInterval: 30,
      },
    });
    await expect.poll(() => got.length).toBe(2);
    expect(got[0]).toMatchObject({
      retained: true,
      responseTopic: null,
      correlationData: null,
      expirySeconds: null,
    });
    expect(Buffer.from(got[0]?.payload ?? []).toString()).toBe('11');
    expect(got[1]).toMatchObject({
      topic: 'sonos/home/kitchen/set/announce',
      retained: false,
      responseTopic: 'me/answers',
      expirySeconds: 30,
    });
    expect([...(got[1]?.correlationData ?? [])]).toEqual([0, 255]);
    expect(got[1]?.payload).toHaveLength(100_000);
  });

  it('does not hear itself, and hears nothing more once it no longer listens or stops', async () => {
    const { url } = await broker();
    const { client, heard } = await observe(url);
    const test = startLink({ url, filters: ['sonos/#'] });
    const got: string[] = [];
    const cancel = test.link.onMessage(({ topic }) => got.push(topic));
    await isUp(test);
    test.link.outbox.retain('sonos/home', 'mine');
    await client.publishAsync('sonos/x', 'foreign', { qos: 1 });
    await expect.poll(() => got).toEqual(['sonos/x']);
    cancel();
    await client.publishAsync('sonos/y', 'foreign', { qos: 1 });
    await expect.poll(() => heard.map(({ topic }) => topic)).toContain('sonos/y');
    expect(got).toEqual(['sonos/x']);
  });

  it('gives events and replies an expiry, and replies their correlation data', async () => {
    const { url } = await broker();
    const { heard } = await observe(url);
    const test = startLink({ url });
    await isUp(test);
    test.link.outbox.send({
      topic: 'sonos/answers',
      payload: '{}',
      correlationData: new Uint8Array([7, 8]),
      contentType: 'application/json',
    });
    await expect.poll(() => heard.length).toBe(2);
    expect(heard[1]?.retained).toBe(false);
    expect(heard[1]?.properties).toMatchObject({ contentType: 'application/json' });
    expect(heard[1]?.properties.messageExpiryInterval).toBeGreaterThan(55);
    expect(heard[1]?.properties.correlationData).toEqual(Buffer.from([7, 8]));
    expect(heard[0]?.properties.messageExpiryInterval).toBeUndefined();
  });

  it('stays up when access rules refuse a publish and a subscription, and says which', async () => {
    const { url } = await broker(['allow_anonymous true', 'acl_file FOLDER/acl'], {
      acl: 'topic read #\ntopic write sonos/#\ntopic deny sonos/secret\ntopic deny denied/#\n',
    });
    const test = startLink({ url });
    await isUp(test);
    test.link.outbox.retain('homeassistant/device/x/config', '{}');
    test.link.outbox.retain('sonos/home', 'allowed');
    expect((await keptBy(url, 2)).get('sonos/home')).toBe('allowed');
    expect(test.statuses).toHaveLength(1);
    const warnings = test.log.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain('"homeassistant/device/x/config"');
    expect(warnings[0]?.message).toContain('135');
  });

  it('never sends a packet longer than the broker takes', async () => {
    const { url } = await broker(['allow_anonymous true', 'max_packet_size 2000']);
    const test = startLink({ url });
    await isUp(test);
    test.link.outbox.retain('sonos/large', 'x'.repeat(2000));
    test.link.outbox.retain('sonos/small', 'x'.repeat(1000));
    expect([...(await keptBy(url, 2)).keys()].sort()).toEqual([AVAILABILITY, 'sonos/small']);
    expect(test.statuses).toHaveLength(1);
    expect(test.log.said()[1]).toContain('the longest packet that the broker takes');
  });

  it('says once that the credentials are wrong, and goes on trying', async () => {
    const { url } = await broker(['allow_anonymous false']);
    const test = startLink({ url, username: 'bridge', password: 'geheim', clock: fasterClock(50) });
    await expect.poll(() => test.log.said().length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(test.log.said()).toHaveLength(1);
    expect(test.log.said()[0]).toContain('mqtt.username');
    expect(test.log.said()[0]).not.toContain('geheim');
  });
});
