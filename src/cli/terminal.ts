import { createSecrets } from '../secrets.ts';
import type { Context } from './context.ts';

/** A place that text is written to, such as `process.stderr`. */
export interface Stream {
  write(chunk: string | Uint8Array, ...rest: unknown[]): boolean;
}

/**
 * Lets everything that is written to a stream pass a filter, also what libraries and Node itself say there; each piece is
 * filtered as a whole. Answers the way past the filter.
 */
export function guardStream(stream: Stream, clean: (text: string) => string): (text: string) => void {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const cleaned = clean(text);
    // Bytes that hold no secret need not be text.
    return write(cleaned === text ? chunk : cleaned, ...rest);
  };
  return (text) => void write(text);
}

/** The process' own streams, behind the filter of the secrets that are known. */
export function openTerminal(): Pick<Context, 'isTerminal' | 'secrets' | 'say' | 'complain' | 'reveal'> {
  const secrets = createSecrets();
  const line = (text: string): string => `${text.trimEnd()}\n`;
  const reveal = guardStream(process.stdout, secrets.clean);
  guardStream(process.stderr, secrets.clean);
  return {
    secrets,
    isTerminal: process.stdout.isTTY,
    say: (text) => void process.stdout.write(line(text)),
    complain: (text) => void process.stderr.write(line(text)),
    reveal: (text) => reveal(line(text)),
  };
}
