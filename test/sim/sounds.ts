import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A mono WAV of 16 bits, 8 kHz. */
export function wav(seconds: number, format = 1): Buffer {
  const samples = Buffer.alloc(Math.round(seconds * 8000) * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** MP3 of 128 kbit/s, 44.1 kHz, 417 bytes and 26.12 ms a frame. */
export const mp3 = (frames: number): Buffer =>
  Buffer.concat(
    Array.from({ length: frames }, () =>
      Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(413)]),
    ),
  );

/** The beginning of a FLAC file. */
export const FLAC = Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(2000)]);

export interface SoundServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Every request, oldest first. */
  readonly asked: readonly IncomingMessage[];
  /** Paths whose connection was closed before the answer was complete. */
  readonly brokenOff: readonly string[];
  close(): Promise<void>;
}

/** A web server whose answers are told path by path; what is not told is 404. */
export async function serveSounds(
  paths: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>>,
): Promise<SoundServer> {
  const asked: IncomingMessage[] = [];
  const brokenOff: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const path = request.url ?? '';
    response.on('close', () => {
      if (!response.writableFinished) brokenOff.push(path);
    });
    const answer = paths[path];
    if (answer === undefined) response.writeHead(404).end(wav(1));
    else answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, asked, brokenOff, close };
}

/** Waits, in real time, until it is so: sockets keep no clock of ours. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 5000; turn += 1) {
    if (isSo()) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Never came: ${what}.`);
}
