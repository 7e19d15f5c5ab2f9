import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { findProgram } from '../support/programs.ts';
import { Ear } from './announcement-ear.ts';
import { expectContractKept } from './contract.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const espeak = findProgram('espeak-ng');

/** The house's own clips come from this machine, and so may those of the tests. */
const SETTINGS = { announcements: { allowed_hosts: ['127.0.0.1'] } };
const PLAYERS_FETCH = { knobs: { bufferMs: 5, fetchClips: true } };

/** What was heard in a room, in order: the beginning and the end of each, never two at once. */
function heardIn(house: RunningHouse, room: string) {
  const heard = house.sonos.heard.filter((clip) => clip.room === room && clip.deviceId.endsWith('01400'));
  for (const [index, clip] of heard.entries()) {
    const before = heard[index - 1];
    if (before !== undefined)
      expect(before.endedAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(clip.startedAt);
  }
  return heard;
}

const ROOMS = ['bathroom', 'bedroom', 'kitchen', 'living-room', 'office', 'terrace'];

const brokers = [
  { broker: 'the embedded broker', isMosquitto: false },
  { broker: 'mosquitto', isMosquitto: true },
];

describe.each(brokers)('announcements on $broker', ({ isMosquitto }) => {
  describe.skipIf(isMosquitto && !mosquittoIsInstalled)('', () => {
    let house: RunningHouse;
    let observer: Observer;
    let ear: Ear;
    let stopBroker = async (): Promise<void> => {};

    beforeAll(async () => {
      const mosquitto = isMosquitto ? await startMosquitto() : null;
      stopBroker = async () => mosquitto?.stop();
      house = await startHouse({
        ...(mosquitto === null ? {} : { brokerPort: mosquitto.port }),
        settings: SETTINGS,
        sonos: PLAYERS_FETCH,
      });
      observer = await Observer.connect(house.brokerPort, isMosquitto ? { protocolVersion: 5 } : {});
      ear = new Ear(observer);
      await flowing(house);
    });

    afterAll(async () => {
      await expectContractKept(observer, house.brokerPort);
      await observer?.end();
      await house?.stop();
      await stopBroker();
    });

    it.skipIf(espeak === null)(
      'are spoken in two rooms, three texts, the important one ahead',
      async () => {
        const say = (id: string, more: object = {}) =>
          observer.send(
            'sonos/home/kitchen/set/announce',
            JSON.stringify({ text: `This is ${id}.`, id, rooms: ['bedroom'], ...more }),
          );
        await say('one', { volume: 31 });
        await ear.reaches('bedroom', 'one', 'playing');
        await say('two');
        await say('three', { priority: 'high' });
        for (const room of ['kitchen', 'bedroom']) {
          await ear.reaches(room, 'two', 'done');
          for (const id of ['one', 'two', 'three']) {
            expect(ear.stages(room, id)).toEqual(['queued', 'sent', 'playing', 'done']);
            expect(ear.replies(room, id)).toEqual(['accepted', 'confirmed']);
            expect(ear.events(room, id).at(-1)?.provider).toBe('espeak');
          }
        }
        for (const room of ['Kitchen', 'Bedroom']) {
          const heard = heardIn(house, room);
          expect(heard.map(({ priority, outcome }) => `${priority} ${outcome}`)).toEqual([
            'LOW DONE',
            'HIGH DONE',
            'LOW DONE',
          ]);
          expect(heard[0]?.volume).toBe(31);
          // The sound is as long as three words are, with silence around.
          for (const clip of heard) expect((clip.endedAt ?? 0) - clip.startedAt).toBeGreaterThan(900);
        }
        // One sound for both rooms, each with a way of its own to it.
        const urls = house.sonos.heard.slice(0, 2).map(({ url }) => url?.split('/') ?? []);
        expect(urls[0]?.[3]).toBe(urls[1]?.[3]);
        expect(urls[0]?.[4]).not.toBe(urls[1]?.[4]);
      },
      60_000,
    );

    it.skipIf(espeak === null)('are not spoken again when the same text comes again', async () => {
      await observer.send(
        'sonos/home/office/set/announce',
        JSON.stringify({ text: 'This is one.', id: 'again' }),
      );
      await ear.reaches('office', 'again', 'done');
      const names = house.sonos.heard.map(({ url }) => url?.split('/')[3]);
      expect(names.at(-1)).toBe(names[0]);
    });

    it('leave the music as it is: what was paused stays paused, what played goes on', async () => {
      await observer.command('sonos/home/office/set/favorite', { value: 'Lark Jazz' });
      await observer.command('sonos/home/bedroom/set/favorite', { value: 'Lark One' });
      await observer.command('sonos/home/bedroom/set/pause', {});
      const before = observer.topics.get('sonos/home/bedroom/state');
      await observer.send('sonos/home/all/set/announce', JSON.stringify({ chime: true, id: 'quiet' }));
      for (const room of ROOMS) await ear.reaches(room, 'quiet', 'done');
      expect(before).not.toBe('playing');
      expect(observer.topics.get('sonos/home/bedroom/state')).toBe(before);
      expect(observer.topics.get('sonos/home/office/state')).toBe('playing');
      expect(observer.json('sonos/home/bedroom').announcing).toBeNull();
    }, 30_000);

    it('begin together in all rooms', async () => {
      const since = house.sonos.heard.length;
      await observer.send('sonos/home/all/set/announce', JSON.stringify({ chime: 'doorbell', id: 'bell' }));
      for (const room of ROOMS) await ear.reaches(room, 'bell', 'done');
      const heard = house.sonos.heard.slice(since);
      expect(new Set(heard.map(({ room }) => room)).size).toBe(6);
      const starts = heard.map(({ startedAt }) => startedAt);
      // They had asked one after another, and got the first byte in the same moment.
      expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(400);
    }, 30_000);

    it('are heard from every speaker of a home theatre when that is wished', async () => {
      const since = house.sonos.heard.length;
      const payload = { chime: 'soft', devices: 'all', id: 'all-boxes' };
      await observer.send('sonos/home/living-room/set/announce', JSON.stringify(payload));
      await ear.reaches('living-room', 'all-boxes', 'done');
      const heard = house.sonos.heard.slice(since);
      expect(new Set(heard.map(({ deviceId }) => deviceId)).size).toBe(4);
      expect(new Set(heard.map(({ room }) => room))).toEqual(new Set(['Living Room']));
      expect(ear.replies('living-room', 'all-boxes')).toEqual(['accepted', 'confirmed']);
    });

    it('are shown while they are heard, and can be ended', async () => {
      await observer.send('sonos/home/terrace/set/announce', JSON.stringify({ chime: 'gong', id: 'long' }));
      await ear.reaches('terrace', 'long', 'playing');
      await eventually(
        () => (observer.json('sonos/home/terrace').announcing === 'long' ? true : undefined),
        'the announcement in the state',
        () => observer.json('sonos/home/terrace'),
      );
      const replies = await observer.command('sonos/home/terrace/set/cancel', 'long');
      expect(replies.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
      await ear.reaches('terrace', 'long', 'cancelled');
      expect(heardIn(house, 'Terrace').at(-1)?.outcome).toBe('DISMISSED');
    });

    // It takes ten seconds, and the broker has no part in it.
    if (!isMosquitto) {
      it('fail in a room whose speaker is jammed, with what to do, and go on in the others', async () => {
        house.sonos.world.jamClips('Office', true);
        await observer.send(
          'sonos/home/office/set/announce',
          JSON.stringify({ chime: true, id: 'jam', rooms: ['terrace'] }),
        );
        await observer.send('sonos/home/office/set/announce', JSON.stringify({ chime: true, id: 'after' }));
        await ear.reaches('terrace', 'jam', 'done');
        // The speaker has had its sound by then, and keeps it; the next one finds it well again.
        house.sonos.world.jamClips('Office', false);
        const failed = await ear.reaches('office', 'jam', 'failed');
        expect(failed.error).toMatchObject({
          code: 'timeout',
          message: expect.stringContaining('did not come for'),
        });
        await ear.reaches('office', 'after', 'done');
        expect(ear.replies('office', 'jam')).toEqual(['accepted', 'failed']);
      }, 40_000);
    }

    it('fail with what Sonos says, when it refuses or the player cannot play', async () => {
      house.sonos.world.refuseClips('Kitchen', 'ERROR_COMMAND_FAILED');
      const [, refused] = await observer.command('sonos/home/kitchen/set/announce', { chime: true });
      expect(refused).toMatchObject({ status: 'failed', error: { code: 'sonos_error' } });
      house.sonos.world.refuseClips('Kitchen', null);
      const [, after] = await observer.command('sonos/home/kitchen/set/announce', { chime: true });
      expect(after).toMatchObject({ status: 'confirmed' });
    });

    it.each([
      [{ text: '' }, 'invalid_payload', /text/],
      [{ text: 'x'.repeat(501) }, 'invalid_payload', /500/],
      [{ text: 'x', volume: 130 }, 'invalid_payload', /volume/],
      [{ text: 'x', provider: 'nobody' }, 'invalid_payload', /provider/],
      [{ chime: 'bel' }, 'invalid_payload', /No chime/],
      [{ url: 'http://192.168.1.1/a.mp3' }, 'blocked', /allowed/],
      [{ url: 'http://169.254.169.254/latest' }, 'blocked', /allowed/],
      [{ url: 'http://user@127.0.0.1/a.mp3' }, 'invalid_payload', /plain/],
    ])('are refused with advice: %j', async (payload, code, words) => {
      const replies = await observer.command('sonos/home/kitchen/set/announce', payload);
      const message = expect.stringMatching(words);
      expect(replies.at(-1)).toMatchObject({ status: 'failed', error: { code, message } });
    });
  });
});

describe.skipIf(!mosquittoIsInstalled)('a broker that goes away in the middle', () => {
  let mosquitto: Awaited<ReturnType<typeof startMosquitto>>;
  let house: RunningHouse;

  beforeEach(async () => {
    mosquitto = await startMosquitto();
    house = await startHouse({ brokerPort: mosquitto.port, settings: SETTINGS, sonos: PLAYERS_FETCH });
    await flowing(house);
  });

  afterEach(async () => {
    await house?.stop();
    await mosquitto?.stop();
  });

  it('makes nothing be said twice, and nothing be lost', async () => {
    const observer = await Observer.connect(mosquitto.port);
    const ear = new Ear(observer);
    const send = (id: string) =>
      observer.send(
        'sonos/home/kitchen/set/announce',
        JSON.stringify({ chime: 'gong', id, rooms: ['office'] }),
      );
    for (const id of ['a', 'b']) await send(id);
    await ear.reaches('kitchen', 'a', 'playing');
    await mosquitto.restart();
    // Somebody is not sure, and sends it again.
    await eventually(
      () => (observer.client.connected ? true : undefined),
      'the observer',
      () => [],
    );
    for (const id of ['a', 'b']) await send(id);
    await ear.reaches('office', 'b', 'done');
    await ear.reaches('kitchen', 'b', 'done');
    for (const room of ['Kitchen', 'Office']) expect(heardIn(house, room)).toHaveLength(2);
    await observer.end();
  }, 60_000);
});

describe.skipIf(
  !mosquittoIsInstalled || espeak === null || findProgram('mosquitto_sub', 'mosquitto-clients') === null,
)('the shell script of the examples', () => {
  const script = join(import.meta.dirname, '../../examples/announce.sh');

  it('says a text with every kind of quotation mark, and knows how it went', async () => {
    const mosquitto = await startMosquitto();
    const house = await startHouse({ brokerPort: mosquitto.port, settings: SETTINGS, sonos: PLAYERS_FETCH });
    await flowing(house);
    const run = (...args: readonly string[]) =>
      promisify(execFile)(script, args, {
        env: { ...process.env, MQTT: `-p ${mosquitto.port}`, WAIT: '20' },
      });
    const said = await run('kitchen', 'It\'s "done" \\ at `last` $(now)\n100 %');
    expect(JSON.parse(said.stdout)).toMatchObject({ command: 'announce', status: 'confirmed' });
    await expect(run('attic', 'x')).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('unknown_room'),
    });
    await house.stop();
    await mosquitto.stop();
  }, 60_000);
});
