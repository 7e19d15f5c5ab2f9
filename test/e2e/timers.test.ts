import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { freePort } from '../support/ports.ts';
import { expectContractKept } from './contract.ts';
import { linkInBrowser, openPlace, type Place, type Program } from './daemon.ts';
import { eventually, Observer } from './house.ts';

beforeAll(builtProgram, 120_000);

const CALLBACK_PATH = '/sonos/events/timers-0123456789';
const KITCHEN = 'sonos/home/kitchen';

describe.skipIf(!mosquittoIsInstalled)('what a house does by itself', () => {
  let mosquitto: Awaited<ReturnType<typeof startMosquitto>>;
  let place: Place;
  let observer: Observer;
  let program: Program;

  beforeEach(async () => {
    mosquitto = await startMosquitto();
    const port = await freePort();
    place = await openPlace({
      mqtt: { url: `mqtt://127.0.0.1:${mosquitto.port}` },
      callback: { host: '127.0.0.1', port, path: CALLBACK_PATH },
      speech: { clip_host: '127.0.0.1', clip_port: await freePort() },
      schedules: [
        { cron: '* * * * *', timezone: 'Europe/Amsterdam', room: 'office', command: 'volume', value: 33 },
      ],
      volume: { ceilings: [{ rooms: ['kitchen'], max: 40 }] },
    });
    place.sonos.registerCallback(`http://127.0.0.1:${port}${CALLBACK_PATH}`);
    observer = await Observer.connect(mosquitto.port);
    program = await place.start();
    await program.runs();
    await linkInBrowser(place.page);
    await observer.holds(`${KITCHEN}/availability`, 'online');
    await eventually(
      () => (observer.topics.get(`${KITCHEN}/volume`) ? true : undefined),
      'a volume',
      () => null,
    );
  }, 60_000);

  afterEach(async () => {
    await observer?.end();
    await place?.leave();
    await mosquitto?.stop();
  });

  const state = () => observer.json(KITCHEN);
  const command = (name: string, payload: object | string) =>
    observer.command(`${KITCHEN}/set/${name}`, payload);
  const favoritesTold = () => observer.json('sonos/home/favorites').items as { name: string }[];
  const playing = async (): Promise<void> => {
    const favorites = await eventually(
      () => (observer.topics.has('sonos/home/favorites') ? favoritesTold() : undefined),
      'favorites',
      () => [...observer.topics.keys()],
    );
    expect(await command('favorite', favorites[0]?.name ?? '')).toMatchObject([{}, { status: 'confirmed' }]);
    expect(await command('volume', { value: 20 })).toMatchObject([{}, { status: 'confirmed' }]);
    await eventually(() => (state().state === 'playing' ? true : undefined), 'music', state);
  };
  const told = (kind: string, outcome: string, since = 0) =>
    observer.until(
      ({ topic, payload }) => {
        if (topic !== `${KITCHEN}/event`) return false;
        const event = JSON.parse(payload);
        return event.event_type === 'timer' && event.kind === kind && event.outcome === outcome;
      },
      `${kind} ${outcome}`,
      since,
    );
  const volumes = (since: number): number[] =>
    observer.messages
      .slice(since)
      .filter(({ topic }) => topic === `${KITCHEN}/volume`)
      .map(({ payload }) => Number(payload));

  it('fades, pauses and puts the volume back, and begins softly and gets louder', async () => {
    await playing();
    const since = observer.messages.length;
    const [, set] = await command('sleep', { minutes: 0.02, fade: 3 });
    expect(set).toMatchObject({ status: 'confirmed' });
    expect(state().timers).toEqual({ ...Object(set?.result), wake_at: null });
    await told('sleep', 'done');
    await observer.holds(`${KITCHEN}/volume`, '20');
    expect(state()).toMatchObject({ state: 'paused', timers: { sleep_at: null, wake_at: null } });
    const heard = volumes(since);
    expect(Math.min(...heard)).toBe(1);
    expect(heard.length).toBeGreaterThan(3);

    const later = observer.messages.length;
    expect(await command('wake', { at: 0.02, volume: 9, fade_minutes: 0.05 })).toMatchObject([
      {},
      { status: 'confirmed' },
    ]);
    await told('wake', 'done', later);
    await observer.holds(`${KITCHEN}/volume`, '9');
    expect(state()).toMatchObject({ state: 'playing' });
    expect(volumes(later)[0]).toBe(1);
    await expectContractKept(observer, mosquitto.port);
  }, 40_000);

  it('survives kill -9: in the middle of fading it pauses and puts the volume back, and still wakes', async () => {
    await playing();
    await command('wake', { at: 0.3, volume: 11, fade_minutes: 0 });
    const since = observer.messages.length;
    await command('sleep', { minutes: 0.02, fade: 20 });
    await eventually(
      () => (volumes(since).some((volume) => volume < 17) ? true : undefined),
      'fading',
      () => volumes(since),
    );
    await program.stop('SIGKILL');
    const later = observer.messages.length;
    program = await place.start();
    await program.runs();
    await told('sleep', 'done', later);
    await observer.holds(`${KITCHEN}/volume`, '20');
    expect(state()).toMatchObject({ state: 'paused' });
    await eventually(() => (state().state === 'playing' ? true : undefined), 'to be woken', state, 25_000);
    await observer.holds(`${KITCHEN}/volume`, '11');
    await told('wake', 'done', later);
  }, 60_000);

  it('moves volumes little by little, and none above its ceiling', async () => {
    await playing();
    const since = observer.messages.length;
    expect(await command('fade', { value: 12, seconds: 3 })).toMatchObject([
      {},
      { status: 'confirmed', result: { volume: 12 } },
    ]);
    expect(volumes(since).length).toBeGreaterThan(2);
    expect(await command('volume', { value: 90 })).toMatchObject([
      {},
      { status: 'confirmed', result: { limited_to: 40 } },
    ]);
    expect(await command('volume', '+5')).toMatchObject([
      {},
      { status: 'confirmed', result: { limited_to: 40 } },
    ]);
    await observer.holds(`${KITCHEN}/volume`, '40');
  }, 40_000);

  it('has a schedule of every minute answered as a command', async () => {
    const answer = await eventually(
      () =>
        observer.messages.find(
          ({ topic, payload }) => topic === 'sonos/home/office/reply' && payload.includes('"confirmed"'),
        ),
      'the schedule',
      () => observer.messages.slice(-3),
      70_000,
    );
    expect(JSON.parse(answer.payload)).toMatchObject({ command: 'volume', status: 'confirmed' });
    expect(JSON.parse(answer.payload).id).toMatch(/^schedule-1-\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/);
    await observer.holds('sonos/home/office/volume', '33');
  }, 90_000);
});
