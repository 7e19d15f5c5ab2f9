import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  let music: Awaited<ReturnType<typeof musicServer>>;

  beforeAll(async () => {
    music = await musicServer();
    house = await startHouse({ settings: SETTINGS });
    observer = await Observer.connect(house.brokerPort);
    await flowing(house);
  });

  afterAll(async () => {
    await expectContractKept(observer, house.brokerPort);
    await observer?.end();
    await house?.stop();
    music.stop();
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
    const finals = happened('kitchen', 'queue_played').filter(({ final }) => final);
    expect(finals.map(({ title, seconds }) => [title, seconds])).toEqual([
      ['Song 1', 1.3],
      ['Song 2', 1.3],
      ['Song 3', 1.3],
    ]);
  }, 20_000);
});
