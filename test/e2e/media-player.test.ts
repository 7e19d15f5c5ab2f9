import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

let house: RunningHouse;
let home: Observer;

const KITCHEN = 'sonos/home/kitchen';
const player = (what: string): string => `${KITCHEN}/media_player/${what}`;

/** The kitchen's configuration, as the custom integration reads it. */
const config = async (): Promise<Record<string, string>> => {
  const found = await eventually(
    () =>
      [...home.topics].find(
        ([topic, text]) =>
          /^homeassistant\/media_player\/[^/]+\/config$/.test(topic) && JSON.parse(text).name === 'Kitchen',
      ),
    "the kitchen's media player",
    () => [...home.topics.keys()].filter((topic) => topic.startsWith('homeassistant/media_player')),
  );
  return JSON.parse(found[1]);
};

/** What the cloud was asked for, after something was done. */
async function asked(act: () => Promise<void>, path: RegExp): Promise<{ path: string; body: string }> {
  const since = house.sonos.requests.length;
  await act();
  return eventually(
    () =>
      house.sonos.requests
        .slice(since)
        .find((request) => request.method === 'POST' && path.test(request.path)),
    `a call to ${path}`,
    () => house.sonos.requests.slice(since).map(({ method, path: to }) => `${method} ${to}`),
  );
}

beforeAll(async () => {
  house = await startHouse({ settings: { home_assistant: { media_player: 'mqtt_media_player' } } });
  home = await Observer.connect(house.brokerPort, {}, '#');
  await home.until(({ topic }) => topic === `${KITCHEN}/volume`, 'the kitchen');
  await flowing(house);
});
afterAll(async () => {
  await home?.end();
  await house?.stop();
});

describe('a media player of the custom integration', () => {
  it('is told of for every room, with a value behind each of its topics', async () => {
    const { command_play_topic: _, ...rest } = await config();
    const configs = [...home.topics.keys()].filter((topic) =>
      topic.startsWith('homeassistant/media_player/'),
    );
    expect(configs).toHaveLength(6);
    const states = Object.entries(rest).filter(([key]) => key.startsWith('state_'));
    expect(states).toHaveLength(10);
    for (const what of ['state', 'volume', 'mute', 'duration', 'mediatype'])
      await eventually(
        () => home.topics.get(player(what)),
        what,
        () => [...home.topics.keys()].filter((topic) => topic.startsWith(KITCHEN)),
      );
    expect(home.topics.get(player('volume'))).toBe(String(Number(home.json(KITCHEN).volume) / 100));
  });

  it('turns the room up and down, and is shown it', async () => {
    const { command_volume_topic: topic = '' } = await config();
    const { body } = await asked(() => home.send(topic, '0.37', { qos: 0 }), /playerVolume$/);
    expect(JSON.parse(body)).toMatchObject({ volume: 37 });
    await home.holds(player('volume'), '0.37');
  });

  it('mutes the room, and lets it be heard again', async () => {
    const { command_mute_topic: topic = '' } = await config();
    await asked(() => home.send(topic, 'mute'), /playerVolume\/mute$/);
    await home.holds(player('mute'), 'mute');
    await asked(() => home.send(topic, 'unmute'), /playerVolume\/mute$/);
    await home.holds(player('mute'), 'unmute');
  });

  it('loads a favorite by its name', async () => {
    const { command_playmedia_topic: topic = '' } = await config();
    const { items } = home.json('sonos/home/favorites') as { items: { id: string; name: string }[] };
    const [favorite] = items;
    const media = { media_type: 'music', media_id: favorite?.name };
    const { body } = await asked(() => home.send(topic, JSON.stringify(media)), /\/favorites$/);
    expect(JSON.parse(body)).toMatchObject({ favoriteId: favorite?.id });
    await home.holds(player('state'), 'playing');
  });

  it('plays and pauses, and goes on and back', async () => {
    const topics = await config();
    for (const [what, path] of [
      ['play', /playback\/play$/],
      ['next', /skipToNextTrack$/],
      ['previous', /skipToPreviousTrack$/],
      ['pause', /playback\/pause$/],
      ['playpause', /playback\/(togglePlayPause|play)$/],
    ] as const) {
      const payload = topics[`command_${what}_payload`] ?? '';
      await asked(() => home.send(topics[`command_${what}_topic`] ?? '', payload), path);
    }
    await asked(() => home.send(topics.command_seek_topic ?? '', '30'), /playback\/seek/);
  });

  it('announces what Home Assistant would speak', async () => {
    const { command_playmedia_topic: topic = '' } = await config();
    // Nobody answers there, so the speaker is sent to fetch it itself.
    const url = 'http://127.0.0.1:9/api/tts_proxy/hello.mp3';
    await home.send(topic, JSON.stringify({ media_type: 'audio/mpeg', media_id: url }));
    const { payload } = await home.until(
      ({ topic: at, payload: text }) => at === `${KITCHEN}/reply` && text.includes('"announce"'),
      'an answer',
    );
    expect(JSON.parse(payload)).toMatchObject({ command: 'announce', room: 'kitchen' });
  });

  it('answers what it cannot read, and refuses what is to be kept', async () => {
    await home.send(player('set/volume'), '37');
    const { payload } = await home.until(
      ({ topic, payload: text }) => topic === `${KITCHEN}/reply` && text.includes('0.0 to 1.0'),
      'an answer',
    );
    expect(JSON.parse(payload)).toMatchObject({ status: 'failed', error: { code: 'invalid_payload' } });
    const guest = await Observer.connect(house.brokerPort);
    await guest.send(player('set/volume'), '0.9', { retain: true, qos: 0 });
    await eventually(
      () => (guest.closed > 0 ? true : undefined),
      'the broker to end the connection',
      () => guest.closed,
    );
    await guest.end();
    await home.holds(player('volume'), '0.37');
  });

  it('is neither told of nor heard once the settings want none', async () => {
    const before = [...home.topics.keys()].filter((topic) => topic.includes('media_player'));
    expect(before.length).toBeGreaterThan(30);
    await home.end();
    await house.restart({ home_assistant: { media_player: 'none' } });
    home = await Observer.connect(house.brokerPort, {}, '#');
    await home.until(({ topic }) => topic === `${KITCHEN}/volume`, 'the kitchen');
    await flowing(house);
    expect([...home.topics.keys()].filter((topic) => topic.includes('media_player'))).toEqual([]);
    const guest = await Observer.connect(house.brokerPort);
    await guest.send(player('set/volume'), '0.9', { qos: 0 });
    await eventually(
      () => (guest.closed > 0 ? true : undefined),
      'the broker to end the connection',
      () => guest.closed,
    );
    await guest.end();
  });
});
