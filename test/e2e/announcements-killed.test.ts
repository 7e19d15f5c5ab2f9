import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { freePort } from '../support/ports.ts';
import { Ear } from './announcement-ear.ts';
import { linkInBrowser, openPlace, type Place } from './daemon.ts';
import { eventually, Observer } from './house.ts';

const CALLBACK_PATH = '/sonos/events/announcements-0123456789';

describe.skipIf(!mosquittoIsInstalled)('a daemon that ends in the middle of announcements', () => {
  let mosquitto: Awaited<ReturnType<typeof startMosquitto>>;
  let place: Place;
  let observer: Observer;
  let ear: Ear;

  beforeEach(async () => {
    mosquitto = await startMosquitto();
    const port = await freePort();
    place = await openPlace({
      mqtt: { url: `mqtt://127.0.0.1:${mosquitto.port}` },
      callback: { host: '127.0.0.1', port, path: CALLBACK_PATH },
      speech: { clip_host: '127.0.0.1', clip_port: await freePort() },
      announcements: { allowed_hosts: ['127.0.0.1'] },
    });
    place.sonos.registerCallback(`http://127.0.0.1:${port}${CALLBACK_PATH}`);
    place.sonos.knobs.fetchClips = true;
    observer = await Observer.connect(mosquitto.port);
    ear = new Ear(observer);
  });

  afterEach(async () => {
    await observer?.end();
    await place?.leave();
    await mosquitto?.stop();
  });

  const announce = (id: string, more: object = {}) =>
    observer.send('sonos/home/kitchen/set/announce', JSON.stringify({ chime: 'gong', id, ...more }));

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'by %s: nothing is said twice, and what waits is said by the next one, or told to be too late',
    async (signal) => {
      const first = await place.start();
      await first.runs();
      await linkInBrowser(place.page);
      await observer.holds('sonos/home/kitchen/availability', 'online');
      await announce('playing');
      await ear.reaches('kitchen', 'playing', 'playing');
      await announce('waiting');
      await announce('late', { expires_at: new Date(Date.now() + 1_500).toISOString() });
      await ear.reaches('kitchen', 'late', 'queued');
      await first.stop(signal);
      const before = observer.messages.length;
      await eventually(
        () => (observer.topics.get('sonos/bridge/availability') === 'offline' ? true : undefined),
        'offline',
        () => [],
      );

      const second = await place.start();
      await second.runs();
      await ear.reaches('kitchen', 'waiting', 'done');
      const { heard } = place.sonos;
      // Each was heard once, one after the other.
      expect(heard.map(({ room, outcome }) => `${room} ${outcome}`)).toEqual([
        'Kitchen DONE',
        'Kitchen DONE',
      ]);
      expect(heard[1]?.startedAt).toBeGreaterThanOrEqual(heard[0]?.endedAt ?? Number.POSITIVE_INFINITY);
      expect(ear.replies('kitchen', 'playing')).toEqual(['accepted', 'confirmed']);
      expect(ear.replies('kitchen', 'waiting')).toEqual(['accepted', 'confirmed']);
      expect(ear.replies('kitchen', 'late')).toEqual(['accepted', 'failed']);
      // The next bridge may not know the room again so soon; then the answer alone says so.
      expect(ear.stages('kitchen', 'late').filter((stage) => stage !== 'expired')).toEqual(['queued']);
      expect(ear.stages('kitchen', 'playing')).toEqual(['queued', 'sent', 'playing', 'done']);
      expect(observer.messages.length).toBeGreaterThan(before);
      expect(observer.json('sonos/home/kitchen').announcing ?? null).toBeNull();
    },
    60_000,
  );
});
