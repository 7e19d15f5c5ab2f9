import { parseArgs } from 'node:util';
import { clips } from './clips/part.ts';
import { events } from './events/part.ts';
import { leaveFirstCore } from './harness/child.ts';
import type { Options, Part } from './part.ts';
import { profile } from './profile/part.ts';
import { publish } from './report.ts';
import { rest } from './rest/part.ts';

// `npm run bench -- [part …] [--rounds N] [--seconds N] [--warm-up N] [--short]`

const PARTS: readonly Part[] = [events, clips, rest, profile];

const usage = `npm run bench -- [part …] [--rounds 7] [--seconds 3] [--warm-up 2] [--short]

${PARTS.map(({ name, about }) => `  ${name.padEnd(9)} ${about}`).join('\n')}

Without a part, all of them run.`;

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
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '3' },
      'warm-up': { type: 'string', default: '2' },
      short: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => PARTS.every((part) => part.name !== name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}".\n\n${usage}`);
  return {
    parts: positionals.length === 0 ? PARTS : PARTS.filter(({ name }) => positionals.includes(name)),
    options: {
      rounds: Math.round(numberOf(values.rounds, 'rounds', 1)),
      seconds: numberOf(values.seconds, 'seconds', 0.5),
      warmUp: numberOf(values['warm-up'], 'warm-up', 0.5),
      isShort: values.short,
    },
  };
}

const { parts, options } = readArguments();
leaveFirstCore();
for (const part of parts) {
  console.log(`\n== ${part.name}: ${part.about}`);
  publish(await part.run(options));
}
