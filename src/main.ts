#!/usr/bin/env node
import { createInterface } from 'node:readline';
import { INTERNAL_ERROR, secretFlags, wordsOf } from './cli/context.ts';
import { run } from './cli/run.ts';
import { openTerminal } from './cli/terminal.ts';

// The command line: arguments, signals, exit code, and nothing else.

/** How long an orderly end may take before the process ends anyway. */
const LONGEST_END_MS = 5_000;

const terminal = openTerminal();
const argv = process.argv.slice(2);
const env = { ...process.env };
// Libraries read this when they are loaded, which is later, and would print passwords and codes.
delete process.env.DEBUG;
// Programs that the bridge starts, and reports that Node writes, need not know our settings, nor Home Assistant's token.
for (const name of Object.keys(env))
  if (/^BRIDGE_|^(SUPERVISOR|HASSIO)_TOKEN$/.test(name)) delete process.env[name];
// Covers the arguments in the list of processes, which everybody may read.
if (secretFlags(argv).length > 0) process.title = 'sonos-mqtt-bridge';

let lastWords = (error: unknown): void => terminal.complain(wordsOf(error, terminal.secrets));

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
  let isAsked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Who asks twice does not want to wait; who asks once does not want to wait for ever.
      if (isAsked) process.exit(1);
      isAsked = true;
      setTimeout(() => process.exit(1), LONGEST_END_MS).unref();
      resolve(signal);
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

async function askHidden(question: string): Promise<string | null> {
  const { readHiddenLine } = await import('./cli/hidden-line.ts');
  if (process.stdin.isTTY) process.stderr.write(question);
  const line = await readHiddenLine(process.stdin, () => process.kill(process.pid, 'SIGINT'));
  if (process.stdin.isTTY) process.stderr.write('\n');
  return line;
}

const exitCode = await run(argv, {
  ...terminal,
  env,
  cwd: process.cwd(),
  ask,
  askHidden,
  untilSignal,
  onFatal: (words) => {
    lastWords = words;
  },
});
// What is still under way, a call that Sonos does not answer or a terminal that is read, must not keep the process.
process.exit(exitCode);
