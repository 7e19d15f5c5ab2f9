import { parseArgs } from 'node:util';
import { clips } from './clips/part.ts';
import { commands } from './commands/part.ts';
import { events } from './events/part.ts';
import { footprint } from './footprint/part.ts';
import { leaveFirstCore } from './harness/child.ts';
import type { Options, Part } from './part.ts';
import { profile } from './profile/part.ts';
import { type Goal, goalText, isFarFrom, keep, print } from './report.ts';
import { scale } from './scale/part.ts';

// `npm run bench -- [part …] [--rounds N] [--seconds N] [--warm-up N] [--short]`

const PARTS: readonly Part[] = [events, commands, footprint, scale, clips, profile];

const usage = `npm run bench -- [part …] [--rounds 7] [--seconds 3] [--warm-up 2] [--short]

${PARTS.map(({ name, about }) => `  ${name.padEnd(9)} ${about}`).join('\n')}

Without a part, all of them run. --short: few rounds (1 of 1 s unless told otherwise), nothing is written, and the exit code is 1
when less than half of a goal is reached.`;

const FULL = { rounds: '7', seconds: '3', warmUp: '2' };
const SHORT = { rounds: '1', seconds: '1', warmUp: '1' };

function numberOf(text: string, name: string, least: number): number {
  const number = Number(text);
  if (!(number >= least))
    throw new Error(`--${name} is a number of at least ${least}, not "${text}".\n\n${usage}`);
  return number;
}

function readArguments(): { readonly parts: readonly Part[]; readonly options: Options } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      short: { type: 'boolean', default: false },
    },
  });
  const { rounds, seconds, warmUp } = values.short ? SHORT : FULL;
  const unknown = positionals.find((name) => PARTS.every((part) => part.name !== name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}".\n\n${usage}`);
  return {
    parts: positionals.length === 0 ? PARTS : PARTS.filter(({ name }) => positionals.includes(name)),
    options: {
      rounds: Math.round(numberOf(values.rounds ?? rounds, 'rounds', 1)),
      seconds: numberOf(values.seconds ?? seconds, 'seconds', 0.5),
      warmUp: numberOf(values['warm-up'] ?? warmUp, 'warm-up', 0.5),
      isShort: values.short,
    },
  };
}

/** Something else on the machine can spoil a short look, but not one after another. */
const SHORT_TRIES = 3;

async function lookShortly(part: Part, options: Options): Promise<readonly Goal[]> {
  for (let tries = 1; ; tries += 1) {
    const report = await part.run(options);
    print(report);
    const far = (report.goals ?? []).filter(isFarFrom);
    if (far.length === 0 || tries === SHORT_TRIES) return far;
    console.log(`\nOnce more, since less than half of this is reached:\n${far.map(goalText).join('\n')}`);
  }
}

const { parts, options } = readArguments();
leaveFirstCore();
const far: Goal[] = [];
for (const part of parts) {
  console.log(`\n== ${part.name}: ${part.about}`);
  if (options.isShort) {
    far.push(...(await lookShortly(part, options)));
    continue;
  }
  const report = await part.run(options);
  print(report);
  keep(report);
}
if (far.length > 0) {
  console.log(`\nLess than half of these is reached:\n${far.map(goalText).join('\n')}`);
  process.exitCode = 1;
}
