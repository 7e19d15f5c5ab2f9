import { crc32, deflateSync } from 'node:zlib';

/** Red, green and blue of every point, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CHANNELS = 3;
/** Each byte is told as its difference to the one a point before; flat colours become zeros. */
const FILTER_SUB = 1;
/** Pictures are drawn while somebody waits; more would take twice the time for a tenth of the bytes. */
const LEVEL = 4;

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

function filtered({ width, height, rgb }: Pixels): Uint8Array {
  const row = width * CHANNELS;
  const lines = new Uint8Array((row + 1) * height);
  for (let y = 0; y < height; y += 1) {
    const from = y * row;
    const to = y * (row + 1);
    lines[to] = FILTER_SUB;
    for (let x = 0; x < row; x += 1) {
      const left = x < CHANNELS ? 0 : (rgb[from + x - CHANNELS] ?? 0);
      lines[to + 1 + x] = (rgb[from + x] ?? 0) - left;
    }
  }
  return lines;
}

/** A PNG of 8 bits for each of red, green and blue (RFC 2083). */
export function encodePng(pixels: Pixels): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels.width, 0);
  header.writeUInt32BE(pixels.height, 4);
  // Depth 8, colour type 2 (RGB); deflate, adaptive filters, not interlaced are all 0.
  header.writeUInt8(8, 8);
  header.writeUInt8(2, 9);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filtered(pixels), { level: LEVEL })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
