import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectContractKept } from './contract.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const STREAM = 'http://radio.example.com/live.mp3';
const ROOM = 'sonos/home/office';

describe('streams', () => {
  let house: RunningHouse;
  let observer: Observer;

  beforeAll(async () => {
    house = await startHouse({ settings: { commands: { confirm_seconds: 3 } } });
    observer = await Observer.connect(house.brokerPort);
    await observer.until(({ topic }) => topic === `${ROOM}/volume`, 'the rooms');
    await flowing(house);
  });

  afterAll(async () => {
    await observer?.end();
    await house?.stop();
  });

  /** The sessions that Sonos has subscribed for us. */
  const subscribed = (): string[] =>
    house.sonos
      .subscriptions()
      .filter(({ namespace }) => namespace === 'playbackSession')
      .map(({ target }) => target);

  const play = async (name: string, url = STREAM) =>
    (await observer.command(`${ROOM}/set/stream`, { url, name })).at(-1);

  const evictions = (since: number): object[] =>
    observer.messages
      .slice(since)
      .filter(({ topic }) => topic.endsWith('/event'))
      .map(({ topic, payload }) => ({ room: topic.split('/')[2], ...JSON.parse(payload) }))
      .filter(({ event_type }) => event_type === 'session_evicted');

  it('play with their name and picture, and show what the station says', async () => {
    const answers = await observer.command(`${ROOM}/set/stream`, {
      ...{ url: STREAM, name: 'Harbour FM' },
      image: 'https://radio.example.com/logo.png',
    });
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    await observer.holds(`${ROOM}/source`, 'Harbour FM');
    await observer.holds(`${ROOM}/source_kind`, 'stream');
    expect(observer.json(ROOM)).toMatchObject({
      state: 'playing',
      source: { kind: 'stream', name: 'Harbour FM', image: 'https://radio.example.com/logo.png' },
    });
    house.sonos.world.stationSays('Office', { streamInfo: 'Orla Finch Trio - Kettle Song' });
    await observer.holds(`${ROOM}/title`, 'Orla Finch Trio - Kettle Song');
    await eventually(() => (subscribed().length === 1 ? true : undefined), 'a session', subscribed);
  });

  it('that follow each other need no new session', async () => {
    const before = subscribed();
    expect(await play('Second')).toMatchObject({ status: 'confirmed' });
    await observer.holds(`${ROOM}/source`, 'Second');
    expect(subscribed()).toEqual(before);
    expect(house.sonos.requests.filter(({ path }) => path.endsWith('/playbackSession'))).toHaveLength(1);
  });

  it('that are dead fail with what the player says of them', async () => {
    expect(await play('Dead', 'http://radio.invalid/live')).toMatchObject({
      status: 'failed',
      error: {
        code: 'sonos_error',
        message: expect.stringContaining('ERROR_LOST_CONNECTION'),
        sonos: { status: null, error_code: 'ERROR_PLAYBACK_FAILED', reason: 'ERROR_LOST_CONNECTION' },
      },
    });
  });

  it('that die later are told as an event of the room', async () => {
    expect(await play('Mortal')).toMatchObject({ status: 'confirmed' });
    const since = observer.messages.length;
    house.sonos.world.failPlayback('Office', 'ERROR_CANT_REACH_SERVER');
    const seen = await observer.until(({ topic }) => topic === `${ROOM}/event`, 'the event', since);
    expect(JSON.parse(seen.payload)).toMatchObject({
      event_type: 'playback_error',
      code: 'ERROR_CANT_REACH_SERVER',
    });
  });

  it('from where nothing may be fetched are blocked, and their pictures, too', async () => {
    const since = house.sonos.requests.length;
    for (const payload of [
      { url: 'http://169.254.169.254/latest' },
      { url: STREAM, image: 'http://localhost/x.png' },
    ])
      expect((await observer.command(`${ROOM}/set/stream`, payload)).at(-1)).toMatchObject({
        status: 'failed',
        error: { code: 'blocked' },
      });
    expect(house.sonos.requests.slice(since).filter(({ path }) => path.includes('ession'))).toEqual([]);
  });

  it('end when another app takes the group over, which is told with the reason; the next one gets a session again', async () => {
    expect(await play('Mine')).toMatchObject({ status: 'confirmed' });
    const [session] = subscribed();
    const since = observer.messages.length;
    house.sonos.world.evictSession('Office');
    await eventually(
      () => (evictions(since).length > 0 ? true : undefined),
      'the news',
      () => evictions(since),
    );
    expect(evictions(since)).toEqual([
      {
        ...{
          room: 'office',
          event_type: 'session_evicted',
          purpose: 'stream',
          code: 'ERROR_SESSION_EVICTED',
        },
        reason: 'Another user joined the session.',
      },
    ]);
    expect(await play('Mine again')).toMatchObject({ status: 'confirmed' });
    await eventually(
      () => (subscribed().some((each) => each !== session) ? true : undefined),
      'another session',
      subscribed,
    );
    await flowing(house);
  });

  it('end with their group; the room that left plays the next one in a session of its own', async () => {
    expect(await play('Together')).toMatchObject({ status: 'confirmed' });
    const since = observer.messages.length;
    house.sonos.world.group('Kitchen', 'Office');
    await eventually(
      () => (house.app.bridge.household('home')?.sessions.size === 0 ? true : undefined),
      'no session',
      () => house.app.bridge.household('home')?.sessions,
    );
    expect(await play('For both')).toMatchObject({ status: 'confirmed' });
    await observer.holds('sonos/home/kitchen/source', 'For both');
    house.sonos.world.ungroup('Office');
    await observer.holds(`${ROOM}/group`, 'office');
    expect(await play('Alone')).toMatchObject({ status: 'confirmed' });
    expect(evictions(since)).toEqual([]);
    expect(observer.json('sonos/home')).not.toMatchObject({ stale: true });
  });

  it('of an earlier run are forgotten: the next one evicts it, and nobody is told of that', async () => {
    expect(await play('Before')).toMatchObject({ status: 'confirmed' });
    await expectContractKept(observer, house.brokerPort);
    await house.restart();
    await flowing(house);
    await observer.end();
    observer = await Observer.connect(house.brokerPort);
    expect(house.app.bridge.household('home')?.sessions.size).toBe(0);
    const since = observer.messages.length;
    expect(await play('After')).toMatchObject({ status: 'confirmed' });
    await flowing(house);
    expect(evictions(since)).toEqual([]);
    await expectContractKept(observer, house.brokerPort);
  });
});
