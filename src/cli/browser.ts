import { spawn } from 'node:child_process';
import type { Context } from './context.ts';

/** The program that opens an address in the person's browser; null where none would be seen. */
export function browserOpener(
  { isTerminal, env }: Pick<Context, 'isTerminal' | 'env'>,
  platform: NodeJS.Platform = process.platform,
): string | null {
  if (!isTerminal) return null;
  if (platform === 'darwin') return 'open';
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : null;
}

/** Tries to open an address; the address is printed as well, so a failure costs nothing. */
export function openInBrowser(context: Pick<Context, 'isTerminal' | 'env'>, url: string): void {
  const program = browserOpener(context);
  if (program === null) return;
  const child = spawn(program, [url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}
