import { chmod } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { FILE_MODE } from './disk.ts';
import { codeOf } from './store-error.ts';

/**
 * A sign of life that can be seen from another container, where our process id means nothing: a socket file in the data
 * folder. Whoever connects learns from the kernel whether somebody still listens, also when we hang.
 */
export interface Sign {
  /** Takes the sign down and removes its file. */
  close(): Promise<void>;
}

/** sockaddr_un has 108 bytes with the ending NUL; a longer path may be cut off without a word. */
const LONGEST_PATH = 100;

/** Puts the sign up; null where the file system has no sockets or the path is too long for one. */
export async function openSign(path: string): Promise<Sign | null> {
  if (Buffer.byteLength(path) > LONGEST_PATH) return null;
  const server = createServer((socket) => socket.destroy());
  const listening = await new Promise<boolean>((resolve) => {
    // Stays for good: an error while accepting is no reason to end the bridge.
    server.on('error', () => resolve(false));
    server.listen(path, () => resolve(true));
  });
  if (!listening) return null;
  server.unref();
  await chmod(path, FILE_MODE);
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Whether somebody listens; `unknown` when the system lets nobody ask. */
export function readSign(path: string): Promise<'there' | 'gone' | 'unknown'> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve('there');
    });
    socket.on('error', (cause) => {
      const code = codeOf(cause);
      resolve(code === 'ECONNREFUSED' || code === 'ENOENT' ? 'gone' : 'unknown');
    });
  });
}
