import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { API_PREFIX } from '../../src/sim/cloud-parts.ts';
import { createSimulatedSonos } from '../../src/sim/index.ts';
import { createPictures, drawPicture, picturesFrom } from '../../src/sim/pictures/picture.ts';
import { encodePng } from '../../src/sim/pictures/png.ts';
import { systemClock } from '../../src/system.ts';

/** The chunks of a PNG, by name. */
function chunksOf(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return chunks;
}

const SIDE = 480;
const LINE = SIDE * 3 + 1;

describe('a PNG', () => {
  it('is written as RFC 2083 says', () => {
    const rgb = Uint8Array.from([255, 0, 0, 250, 10, 3, 0, 0, 255, 1, 2, 254]);
    const png = encodePng({ width: 2, height: 2, rgb });
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    const chunks = chunksOf(png);
    expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(chunks.get('IHDR')?.toString('hex')).toBe('00000002000000020802000000');
    // Filter 1, then each point as the difference to the one before.
    expect([...inflateSync(chunks.get('IDAT') ?? '')]).toEqual([
      ...[1, 255, 0, 0, 251, 10, 3],
      ...[1, 0, 0, 255, 1, 2, 255],
    ]);
    // The checksum that every reader knows of an empty end.
    expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });
});

describe('the cover of a name', () => {
  it('is 480 points wide and high, and always the same', () => {
    const png = drawPicture('small-hours');
    const chunks = chunksOf(png);
    expect(chunks.get('IHDR')?.readUInt32BE(0)).toBe(SIDE);
    expect(chunks.get('IHDR')?.readUInt32BE(4)).toBe(SIDE);
    expect(inflateSync(chunks.get('IDAT') ?? '')).toHaveLength(SIDE * LINE);
    expect(drawPicture('small-hours').equals(png)).toBe(true);
  });

  it('is another one for another name, never one colour alone, and small', () => {
    const names = Array.from({ length: 30 }, (_, index) => `cover-${index}`);
    const pictures = names.map(drawPicture);
    expect(new Set(pictures.map((png) => png.toString('base64'))).size).toBe(names.length);
    for (const png of pictures) {
      expect(png.length).toBeLessThan(100_000);
      const lines = inflateSync(chunksOf(png).get('IDAT') ?? '');
      // A line of one colour has only zeros behind its first point.
      const painted = Array.from({ length: SIDE }, (_, y) =>
        lines.subarray(y * LINE + 4, (y + 1) * LINE),
      ).filter((line) => line.some((value) => value !== 0));
      expect(painted.length).toBeGreaterThan(SIDE / 4);
    }
  });

  it('is drawn once while it is among the last ones', () => {
    const pictures = createPictures(2);
    const first = pictures.at('/art/a.png');
    expect(pictures.at('/art/a.png')).toBe(first);
    for (const name of ['b', 'c']) pictures.at(`/art/${name}.png`);
    const again = pictures.at('/art/a.png');
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });

  it.each(['/art/', '/art/.png', '/art/A.png', '/art/../x.png', '/art/a.jpg', '/art/a.png?x=1', '/'])(
    'is nowhere else: %s',
    (path) => {
      expect(createPictures().at(path)).toBeNull();
    },
  );

  it('takes the place of the invented address, and of no other', () => {
    const said =
      '{"a":"https://images.example.com/salt-and-rope.jpg","b":"https://images.example.com/x.gif"}';
    expect(picturesFrom('http://127.0.0.1:1', said)).toBe(
      '{"a":"http://127.0.0.1:1/art/salt-and-rope.png","b":"https://images.example.com/x.gif"}',
    );
  });
});

const favorites = z.object({ items: z.array(z.object({ imageUrl: z.string().optional() })) });

describe('a simulated Sonos with an address', () => {
  const sonos = createSimulatedSonos({ clock: systemClock });
  let url = '';
  beforeAll(async () => {
    url = (await sonos.start()).url;
  });
  afterAll(() => sonos.stop());

  it('names pictures that it serves itself', async () => {
    const { accessToken } = sonos.grantTokens();
    const id = sonos.world.household().id;
    const answer = await fetch(`${url}${API_PREFIX}/households/${id}/favorites`, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    const addresses = favorites.parse(await answer.json()).items.flatMap((item) => item.imageUrl ?? []);
    expect(addresses).toHaveLength(4);
    for (const address of addresses) {
      expect(address).toMatch(new RegExp(`^${url}/art/[a-z-]+\\.png$`));
      const picture = await fetch(address);
      expect(picture.status).toBe(200);
      expect(picture.headers.get('content-type')).toBe('image/png');
      const bytes = Buffer.from(await picture.arrayBuffer());
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    }
    expect((await fetch(`${url}/art/No.png`)).status).toBe(404);
    expect((await fetch(`${url}/art/a.png`, { method: 'POST' })).status).toBe(404);
  });
});
