import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Fields, Log } from '../../src/bridge/ports.ts';
import { type ClipServerOptions, createClipServer } from '../../src/speech/clip-server.ts';
import { type ClipStoreOptions, openClipStore } from '../../src/speech/clip-store.ts';
import type { Sound } from '../../src/speech/stored-clip.ts';
import { systemClock, systemRandom } from '../../src/system.ts';

export const DAY = 86_400_000;

/** A folder that is gone after the test, when all that was opened in it is closed. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clips-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A log that remembers. */
export interface RememberedLog extends Log {
  readonly lines: { readonly level: keyof Log; readonly message: string; readonly fields: Fields }[];
  at(level: keyof Log): readonly string[];
}

export function rememberedLog(): RememberedLog {
  const lines: RememberedLog['lines'] = [];
  const level =
    (name: keyof Log) =>
    (message: string, fields: Fields = {}) => {
      lines.push({ level: name, message, fields });
    };
  return {
    lines,
    at: (name) => lines.filter((line) => line.level === name).map((line) => line.message),
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  };
}

/** A sound of so many bytes, each of them telling its place. */
export const soundOf = (bytes: number, different: Partial<Sound> = {}): Sound => ({
  bytes: Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 8)) % 251),
  type: 'wav',
  lengthMs: 1_500,
  note: 'espeak',
  ...different,
});

/** Bytes in a word, so that large ones can be compared. */
export const printOf = (bytes: Uint8Array): string =>
  `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}`;

/** Opens a store in a folder of its own, closed after the test. */
export async function openStore(different: Partial<ClipStoreOptions> = {}) {
  const log = rememberedLog();
  const options: ClipStoreOptions = {
    folder: join(temporaryFolder(), 'clips'),
    secret: 'a secret that nobody knows',
    maxBytes: 10_000_000,
    maxAgeMs: 30 * DAY,
    clock: systemClock,
    log,
    ...different,
  };
  const store = await openClipStore(options);
  onTestFinished(() => store.close());
  return { store, log, folder: options.folder, options };
}

/** The bytes that lie in a folder, whatever they are. */
export const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

/** How many files of a folder this process has open; none is seen where the system does not tell. */
export function openFilesIn(folder: string): number {
  const place = '/proc/self/fd';
  if (!existsSync(place)) return 0;
  return readdirSync(place).filter((name) => {
    try {
      return readlinkSync(join(place, name)).startsWith(folder);
    } catch {
      // It is closed by now.
      return false;
    }
  }).length;
}

/** Files that nobody closed, and that the collector of garbage found, from now to the end of the test. */
export function forgottenFiles(): readonly string[] {
  const found: string[] = [];
  const remember = ({ message }: Error): void => {
    if (message.includes('on garbage collection')) found.push(message);
  };
  process.on('warning', remember);
  onTestFinished(() => void process.off('warning', remember));
  return found;
}

/** Starts a clip server with a store of its own; both are closed after the test. */
export async function startServer(
  different: Partial<ClipServerOptions> = {},
  storeOptions: Partial<ClipStoreOptions> = {},
) {
  const opened = await openStore(storeOptions);
  const log = rememberedLog();
  const server = createClipServer({
    host: '127.0.0.1',
    port: 0,
    store: opened.store,
    clock: systemClock,
    random: systemRandom,
    log,
    ...different,
  });
  onTestFinished(() => server.stop());
  const started = await server.start();
  if (!started.ok) throw new Error(started.error.message);
  return { ...opened, log, server, port: started.value.port, base: `http://127.0.0.1:${started.value.port}` };
}

/** Everything that comes back on one connection for these bytes, until it is closed. */
export function exchange(port: number, bytes: string, from = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const place = { port, host: '127.0.0.1', localAddress: from };
    const socket = connect(place, () => socket.write(bytes, 'latin1'));
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever sends more than is read is reset; what was answered before counts.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(text));
  });
}

/** When a connection is closed, in whatever way. */
export const closeOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.resume();
  });

/** Waits until something has become true. */
export async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setImmediate();
}
