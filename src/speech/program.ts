import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { MAX_SOUND_BYTES } from './provider.ts';

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: 'done'; readonly stdout: Uint8Array }
  /** `code` is null after a signal. */
  | {
      readonly kind: 'failed';
      readonly code: number | null;
      readonly by: string | null;
      readonly stderr: string;
    }
  /** It could not be started: `ENOENT`, `EACCES`, … */
  | { readonly kind: 'not_started'; readonly code: string }
  | { readonly kind: 'too_much' }
  | { readonly kind: 'stopped' };

const MAX_STDERR_BYTES = 4096;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Runs a program without a shell, feeds it the text, and takes what it writes to its standard output. It knows nothing of
 * our environment but where programs are. When the signal aborts it is killed, with all that it started.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  text: string,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  if (signal.aborted) return Promise.resolve({ kind: 'stopped' });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own: a wrapper script's children would otherwise outlive it.
      detached: true,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
    });
    const stderr: Uint8Array[] = [];
    const stdout: Uint8Array[] = [];
    let end: ProgramEnd | null = null;
    const stop = (why: ProgramEnd): void => {
      end ??= why;
      kill(child);
    };
    const onAbort = (): void => stop({ kind: 'stopped' });
    signal.addEventListener('abort', onAbort);
    collect(child.stdout, stdout, MAX_SOUND_BYTES, () => stop({ kind: 'too_much' }));
    collect(child.stderr, stderr, MAX_STDERR_BYTES);
    // A program that ends before it has read everything is judged by its end.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
    child.on('error', (error) => {
      end ??= { kind: 'not_started', code: 'code' in error ? String(error.code) : error.name };
    });
    child.on('close', (code, by) => {
      signal.removeEventListener('abort', onAbort);
      if (end === null && code === 0) end = { kind: 'done', stdout: Buffer.concat(stdout) };
      resolve(end ?? { kind: 'failed', code, by, stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}

/** Keeps the beginning of a stream, and reads the rest away, lest the program wait for us. */
function collect(stream: Readable, into: Uint8Array[], most: number, onMore?: () => void): void {
  let size = 0;
  stream.on('data', (chunk: Uint8Array) => {
    const room = Math.max(0, most - size);
    size += chunk.byteLength;
    if (room > 0) into.push(chunk.subarray(0, room));
    if (size > most) onMore?.();
  });
}

function kill(child: Child): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended in this moment.
  }
  // Whoever left the group may hold the other ends open.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
}
