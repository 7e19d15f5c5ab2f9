import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { expectContractKept } from './contract.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const RATE = 8_000;

/** A WAV file of silence. */
function wav(milliseconds: number): Buffer {
  const size = Math.round((RATE * milliseconds) / 1000);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + size, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(size, 40);
  return Buffer.concat([header, Buffer.alloc(size, 128)]);
}

/** Somebody else's server: `/1300/anything.wav` lasts so many milliseconds; what begins with `dead` is not there. */
async function musicServer(): Promise<{ readonly url: string; readonly asked: string[]; stop(): void }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const [, milliseconds] = /^\/(\d+)\//.exec(path) ?? [];
    if (milliseconds === undefined) response.writeHead(404).end();
    else response.end(path.endsWith('.m3u') ? playlist(path) : wav(Number(milliseconds)));
  });
  const playlist = (path: string): string =>
    `#EXTM3U\n#EXTINF:1,Somebody - First\none.wav\n#EXTINF:1,Second\n${path.replace(/\/[^/]*$/, '')}/two.wav\nftp://x/three.wav\n`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, stop: () => void server.close() };
}

const SETTINGS = { announcements: { allowed_hosts: ['127.0.0.1'] } };

describe('a queue', () => {
  let house: RunningHouse;
  let observer: Observer;
  let folder = '';
  let music: Awaited<ReturnType<typeof musicServer>>;

  beforeAll(async () => {
    music = await musicServer();
    folder = await mkdtemp(join(tmpdir(), 'queue-'));
    await mkdir(join(folder, 'music/Jazz'), { recursive: true });
    await mkdir(join(folder, 'music/lists'));
    await mkdir(join(folder, 'secret'));
    await writeFile(join(folder, 'secret/secret.wav'), wav(1_000));
    await writeFile(join(folder, 'secret/list.m3u'), 'secret.wav');
    for (const name of ['10 Ten', '2 Two'])
      await writeFile(join(folder, `music/Jazz/${name}.wav`), wav(1_200));
    await writeFile(join(folder, 'music/Jazz/cover.jpg'), 'no sound');
    await symlink(join(folder, 'secret/secret.wav'), join(folder, 'music/Jazz/secret.wav'));
    const list = '#EXTM3U\n..\\Jazz\\2 Two.wav\n#EXTINF:1,Secret\n../../secret/secret.wav\n/etc/passwd.wav\n';
    await writeFile(join(folder, 'music/lists/mine.m3u8'), list);
    house = await startHouse({ settings: { ...SETTINGS, queue: { folder: join(folder, 'music') } } });
    observer = await Observer.connect(house.brokerPort);
    await flowing(house);
  });

  afterAll(async () => {
    await expectContractKept(observer, house.brokerPort);
    await observer?.end();
    await house?.stop();
    music.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const happened = (room: string, type: string, since = 0): Record<string, unknown>[] =>
    observer.messages
      .slice(since)
      .filter(({ topic }) => topic === `sonos/home/${room}/event`)
      .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>)
      .filter(({ event_type }) => event_type === type);

  const ended = (room: string, since = 0) =>
    eventually(
      () => happened(room, 'queue_ended', since)[0],
      `the end of the queue in ${room}`,
      () => observer.messages.slice(-12),
    );

  it('is played to its end by the player, which reports', async () => {
    const items = [1, 2, 3].map((each) => ({ url: `${music.url}/1300/${each}.wav`, title: `Song ${each}` }));
    const [accepted, confirmed] = await observer.command('sonos/home/kitchen/set/queue', { items });
    expect(accepted).toMatchObject({ status: 'accepted' });
    expect(confirmed).toMatchObject({ status: 'confirmed', result: { items: 3, added: 3, left_out: [] } });
    await ended('kitchen');
    expect(happened('kitchen', 'queue_item').map(({ title, position }) => [title, position])).toEqual([
      ['Song 1', 1],
      ['Song 2', 2],
      ['Song 3', 3],
    ]);
    const finals = () => happened('kitchen', 'queue_played').filter(({ final }) => final);
    await eventually(() => (finals().length === 3 ? true : undefined), 'three reports', finals);
    expect(finals().map(({ title }) => title)).toEqual(['Song 1', 'Song 2', 'Song 3']);
    for (const { seconds } of finals()) expect(seconds).toBeCloseTo(1.3, 1);
    // Whoever shares the group hears the same.
    expect(happened('bathroom', 'queue_ended')).toHaveLength(1);
  }, 20_000);

  it('shows in the trace what the player asked for, and nothing secret', async () => {
    const page = await fetch(`http://127.0.0.1:${house.app.privatePort}/api/trace`);
    const text = await page.text();
    const { trace } = JSON.parse(text) as { trace: Record<string, string>[] };
    const asked = trace.filter(({ kind }) => kind === 'player');
    expect(asked.map(({ what }) => what).slice(0, 2)).toEqual(['GET context', 'GET itemWindow']);
    expect(new Set(asked.map(({ what }) => what))).toContain('POST timePlayed');
    expect(asked.every(({ room }) => room === 'bathroom, kitchen')).toBe(true);
    const window = asked.find(({ what }) => what === 'GET itemWindow');
    const ids = happened('kitchen', 'queue_item').map(({ id }) => String(id));
    expect(window).toMatchObject({ outcome: '200' });
    expect(window?.detail).toContain(`items ${ids[0]?.slice(0, -2)}: 1 2 3`);
    expect(text).not.toMatch(/\/v2\.3\//);
  });

  it('takes more while it plays: at its end, and next', async () => {
    const since = observer.messages.length;
    const first = [1, 2].map((each) => ({ url: `${music.url}/1600/${each}.wav`, title: `Song ${each}` }));
    await observer.command('sonos/home/office/set/queue', { items: first });
    const add = async (action: string, title: string) => {
      const items = [{ url: `${music.url}/1200/${title}.wav`, title }];
      const answers = await observer.command('sonos/home/office/set/queue', { action, items });
      expect(answers.at(-1)).toMatchObject({ status: 'confirmed', result: { added: 1 } });
    };
    await add('append', 'Last');
    await add('next', 'Between');
    await ended('office', since);
    expect(happened('office', 'queue_item', since).map(({ title }) => title)).toEqual([
      'Song 1',
      'Between',
      'Song 2',
      'Last',
    ]);
  }, 30_000);

  it('is mixed behind what plays, and cleared', async () => {
    const items = Array.from({ length: 30 }, (_, each) => ({
      ...{ url: `${music.url}/60000/${each}.wav`, title: `Song ${each}` },
      duration: 60,
    }));
    await observer.command('sonos/home/terrace/set/queue', { items });
    const before = observer.json('sonos/home/terrace').next;
    const mixed = await observer.command('sonos/home/terrace/set/queue', { action: 'shuffle' });
    expect(mixed.at(-1)).toMatchObject({ status: 'confirmed', result: { items: 30 } });
    await eventually(
      () => {
        const { next, track } = observer.json('sonos/home/terrace');
        const isMixed = JSON.stringify(next) !== JSON.stringify(before);
        return isMixed && (track as { title: string } | null)?.title === 'Song 0' ? true : undefined;
      },
      'another song next, and the same one now',
      () => observer.json('sonos/home/terrace'),
    );
    const cleared = await observer.command('sonos/home/terrace/set/queue', { action: 'clear' });
    expect(cleared.at(-1)).toMatchObject({ status: 'confirmed', result: { items: 0 } });
    await observer.holds('sonos/home/terrace/state', 'idle');
    const late = await observer.command('sonos/home/terrace/set/queue', {
      ...{ action: 'append', items: [`${music.url}/1200/x.wav`] },
    });
    expect(late.at(-1)).toMatchObject({
      ...{ status: 'failed', error: { code: 'not_capable', advice: expect.stringContaining('play') } },
    });
  }, 20_000);

  it('goes on behind a file that cannot be had, and says what was wrong', async () => {
    const since = observer.messages.length;
    const items = [`${music.url}/1200/one.wav`, `${music.url}/dead.wav`, `${music.url}/1200/two.wav`];
    await observer.command('sonos/home/bedroom/set/queue', { items, name: 'Three' });
    expect(observer.json('sonos/home/bedroom').source).toMatchObject({ name: 'Three' });
    await ended('bedroom', since);
    const wrong = happened('bedroom', 'queue_played', since).filter(({ error }) => error !== null);
    expect(wrong).toMatchObject([{ title: 'dead', final: true, error: { type: 'http', status: 404 } }]);
    expect(happened('bedroom', 'playback_error', since)).toMatchObject([{ track: 'dead' }]);
  }, 20_000);

  it('plays a folder, in the order of its names, with nothing from outside', async () => {
    const since = observer.messages.length;
    const answers = await observer.command('sonos/home/office/set/queue', { folder: 'Jazz' });
    expect(answers.at(-1)).toMatchObject({
      ...{ status: 'confirmed' },
      result: { items: 2, left_out: [{ entry: 'secret.wav', reason: expect.any(String) }] },
    });
    await ended('office', since);
    expect(happened('office', 'queue_item', since).map(({ title }) => title)).toEqual(['2 Two', '10 Ten']);
  }, 20_000);

  it.each(['../secret', '/etc', 'Jazz/../..', 'Nothing', 'Jazz/2 Two.wav', 'a\0b'])(
    'refuses the folder %s',
    async (folder) => {
      const answers = await observer.command('sonos/home/office/set/queue', { folder });
      const message = expect.stringContaining('no folder');
      expect(answers.at(-1)).toMatchObject({ status: 'failed', error: { code: 'invalid_payload', message } });
    },
  );

  it('plays playlists from elsewhere and from the folder', async () => {
    const remote = await observer.command('sonos/home/bedroom/set/queue', {
      m3u: `${music.url}/1200/list.m3u`,
    });
    expect(remote.at(-1)).toMatchObject({
      ...{ status: 'confirmed' },
      result: { items: 2, left_out_count: 1 },
    });
    expect(observer.json('sonos/home/bedroom').track).toMatchObject({ title: 'First', artist: 'Somebody' });
    const local = await observer.command('sonos/home/bedroom/set/queue', { m3u: 'lists/mine.m3u8' });
    expect(local.at(-1)).toMatchObject({
      ...{ status: 'confirmed' },
      result: { items: 1, left_out: [{ entry: 'Secret' }, { entry: '"/etc/passwd.wav"' }] },
    });
  }, 20_000);

  it.each([
    [{ items: ['http://192.168.1.1/a.mp3'] }, 'blocked', /allowed/],
    [{ m3u: 'http://169.254.169.254/list.m3u' }, 'blocked', /allowed/],
    [{ items: ['file:///etc/passwd'] }, 'invalid_payload', /plain/],
    [{ items: [] }, 'invalid_payload', /needs/],
    [{ action: 'clear', items: ['http://127.0.0.1/a.mp3'] }, 'invalid_payload', /takes no/],
    [{ m3u: '../secret/list.m3u' }, 'invalid_payload', /no file/],
    [{ action: 'shuffle' }, 'not_capable', /no queue/],
  ])('refuses %j with advice', async (payload, code, words) => {
    const answers = await observer.command('sonos/home/living-room/set/queue', payload);
    const message = expect.stringMatching(words);
    expect(answers.at(-1)).toMatchObject({ status: 'failed', error: { code, message } });
  });

  it('ends when somebody takes the group over', async () => {
    await observer.command('sonos/home/office/set/queue', { items: [`${music.url}/60000/a.wav`] });
    // Until the session is subscribed, nobody would tell of its end.
    const { bridge } = house.app;
    const home = bridge.household('home');
    const group = home?.topology?.groupByPlayer.get(house.sonos.world.room('Office').id)?.id;
    const isSubscribed = () =>
      [...(bridge.household('home')?.sessions ?? [])].some(
        ([id, session]) =>
          session.group === group &&
          bridge.subscriptions(home?.id ?? '').some(({ target, ageMs }) => target === id && ageMs !== null),
      );
    await eventually(
      () => (isSubscribed() ? true : undefined),
      'the subscription',
      () => group,
    );
    house.sonos.world.evictSession('Office');
    await eventually(
      () => happened('office', 'session_evicted')[0],
      'the eviction',
      () => observer.messages.slice(-5),
    );
    const answers = await observer.command('sonos/home/office/set/queue', {
      ...{ action: 'append', items: [`${music.url}/1200/x.wav`] },
    });
    expect(answers.at(-1)).toMatchObject({ status: 'failed', error: { code: 'not_capable' } });
  });
});

describe('queues on the public listener', () => {
  it('stand there and nowhere else, and are played from there', async () => {
    const port = await freePort();
    const music = await musicServer();
    const house = await startHouse({
      settings: {
        ...{ ...SETTINGS, queue: { listener: 'public' } },
        callback: { port, public_url: `http://127.0.0.1:${port}` },
      },
    });
    const observer = await Observer.connect(house.brokerPort);
    await flowing(house);
    const items = [`${music.url}/1200/a.wav`];
    const answers = await observer.command('sonos/home/office/set/queue', { items });
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
    const ended = () => observer.messages.find(({ payload }) => payload.includes('queue_ended'));
    await eventually(ended, 'the end', () => observer.messages.slice(-5));
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect(await status(`/queue/${'x'.repeat(43)}/${'y'.repeat(22)}/v2.3/context`)).toBe(404);
    // Events come in beside it as before.
    expect(await status(house.app.callbackPath)).toBe(200);
    await observer.end();
    await house.stop();
    music.stop();
  }, 20_000);
});
