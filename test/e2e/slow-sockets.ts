import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';

const counts = z.object({ most: z.int(), made: z.int() });

/** Somebody who takes up connections and never gets through with one. */
export interface SlowSockets {
  /** The most connections that were open at once, and how many were made in all: whoever is cut off comes again. */
  counts(): z.output<typeof counts>;
  stop(): Promise<void>;
}

/** Lets a process of its own open so many connections at once, from 30 addresses of this machine. */
export async function openSlowSockets(
  port: number,
  count: number,
  path: string,
  genuineHeaders: string,
): Promise<SlowSockets> {
  const program = join(import.meta.dirname, 'slow-sockets.mjs');
  const args = [program, String(port), String(count), path, JSON.stringify(genuineHeaders)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  return {
    counts: () => {
      const line = said.split('\n').at(-2);
      return line === undefined ? { most: 0, made: 0 } : counts.parse(JSON.parse(line));
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
