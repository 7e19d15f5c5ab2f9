import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { packet } from './broker-fixtures.ts';
import { createFrameReader, type Frame } from './broker-wire.ts';

/** A client that says exactly what it is told, and hears every packet. */
export interface WireClient {
  send(...packets: readonly Buffer[]): void;
  /** The next packet; fails when the connection closes first. */
  next(): Promise<Frame>;
  /** Every packet that has come and nobody took. */
  taken(): Frame[];
  /** The next packet as hexadecimal digits, or `closed`. */
  hex(): Promise<string>;
  /** Resolves when the broker has closed the connection, with what came before and nobody took. */
  closed(): Promise<readonly Frame[]>;
  /** Takes nothing in any more. */
  pause(): void;
  /** Ends the connection without a word, as a broken line does. */
  drop(): void;
}

const hexOf = ({ first, body }: Frame): string => packet(first, body).toString('hex');

/** What a client needs of its line. */
interface Line {
  write(bytes: Buffer): void;
  pause(): void;
  destroy(): void;
}

/** A client on a line that tells what comes in, and when it has closed. */
function createWire(
  line: Line,
  tell: (heard: (chunk: Buffer) => void, ended: () => void) => void,
): WireClient {
  const frames: Frame[] = [];
  const waiting: (() => void)[] = [];
  let over = false;
  const wake = () => {
    for (const resume of waiting.splice(0)) resume();
  };
  const read = createFrameReader();
  tell(
    (chunk) => {
      frames.push(...read(chunk));
      wake();
    },
    () => {
      over = true;
      wake();
    },
  );
  const news = () => new Promise<void>((resolve) => waiting.push(resolve));
  const next = async (): Promise<Frame | null> => {
    while (frames.length === 0 && !over) await news();
    return frames.shift() ?? null;
  };
  return {
    send: (...packets) => line.write(Buffer.concat(packets)),
    async next() {
      const frame = await next();
      if (frame === null) throw new Error('the broker closed the connection');
      return frame;
    },
    taken: () => frames.splice(0),
    async hex() {
      const frame = await next();
      return frame === null ? 'closed' : hexOf(frame);
    },
    async closed() {
      while (!over) await news();
      return frames;
    },
    pause: () => line.pause(),
    drop: () => line.destroy(),
  };
}

/** Opens a TCP connection that ends with the test. */
export async function openWire(port: number): Promise<WireClient> {
  const socket = dial({ port, host: '127.0.0.1', noDelay: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const line = {
    write: (bytes: Buffer) => void socket.write(bytes),
    pause: () => void socket.pause(),
    destroy: () => void socket.destroy(),
  };
  return createWire(line, (heard, ended) => socket.on('data', heard).on('close', ended));
}

/** Opens a WebSocket that ends with the test. What is sent goes out in frames of so many bytes (MQTT 3.1.1 §6). */
export async function openWebSocketWire(port: number, frameBytes: number): Promise<WireClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ['mqtt']);
  onTestFinished(() => socket.terminate());
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const write = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += frameBytes) socket.send(bytes.subarray(at, at + frameBytes));
  };
  return createWire(
    { write, pause: () => socket.pause(), destroy: () => socket.terminate() },
    (heard, ended) => socket.on('message', heard).on('close', ended),
  );
}
