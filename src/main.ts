#!/usr/bin/env node
import { createInterface } from 'node:readline';
import { INTERNAL_ERROR } from './cli/context.ts';
import { run } from './cli/run.ts';

// The command line: arguments, signals, exit code, and nothing else.

/** How long an orderly end may take before the process ends anyway. */
const LONGEST_END_MS = 5_000;

let lastWords = (error: unknown): void => console.error(error);

function fatal(error: unknown): void {
  try {
    lastWords(error);
  } finally {
    process.exit(INTERNAL_ERROR);
  }
}
process.on('uncaughtException', fatal);
process.on('unhandledRejection', fatal);

const untilSignal = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      resolve(signal);
      // Who asks twice does not want to wait; who asks once does not want to wait for ever.
      process.once(signal, () => process.exit(1));
      setTimeout(() => process.exit(1), LONGEST_END_MS).unref();
    });
  }
});

let typed: AsyncIterator<string> | null = null;

/** One reader for all questions: a second one would miss what the first has read ahead. */
async function ask(question: string): Promise<string | null> {
  typed ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  process.stdout.write(question);
  const line = await typed.next();
  return line.done === true ? null : line.value;
}

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  isTerminal: process.stdout.isTTY,
  say: (text) => void process.stdout.write(`${text.trimEnd()}\n`),
  complain: (text) => void process.stderr.write(`${text.trimEnd()}\n`),
  ask,
  untilSignal,
  onFatal: (words) => {
    lastWords = words;
  },
});
// What is still under way, a call that Sonos does not answer or a terminal that is read, must not keep the process.
process.exit(exitCode);
