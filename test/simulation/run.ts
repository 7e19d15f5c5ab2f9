import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Outcome } from './month.ts';
import { live, type Task } from './worker.ts';

// `npm run simulation -- [--seeds 1000] [--from 1] [--days 30] [--workers 2]`, or `-- --seed 42 [--trace]` for one.

const KEPT = 'test/simulation/failed-seeds.json';
const keptSchema = z.array(z.object({ seed: z.int(), days: z.number(), found: z.string() }));
type Kept = z.output<typeof keptSchema>;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    days: { type: 'string', default: '30' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const days = Number(values.days);

const replay = (seed: number): string =>
  `npm run simulation -- --seed ${seed}${days === 30 ? '' : ` --days ${days}`} --trace`;

function say(outcome: Outcome): void {
  console.log(`seed ${outcome.seed}: wrong after ${outcome.after}`);
  for (const line of outcome.wrong.slice(0, 8)) console.log(`  ${line}`);
  console.log(`  to see what happened: ${replay(outcome.seed)}`);
}

/** Seeds that ever failed are lived through again by every run, also when the rest begins elsewhere. */
const kept = (): Kept => keptSchema.parse(JSON.parse(readFileSync(KEPT, 'utf8')));

function keep(failed: readonly Outcome[]): void {
  const before = kept();
  const known = new Set(before.map(({ seed }) => seed));
  const fresh = failed.filter(({ seed }) => !known.has(seed));
  const added = fresh.map(({ seed, wrong, after }) => ({ seed, days, found: `${after}: ${wrong[0]}` }));
  if (added.length > 0) writeFileSync(KEPT, `${JSON.stringify([...before, ...added], null, 2)}\n`);
}

/** Lives through all of them, some beside each other; answers in the order in which they end. */
async function all(seeds: readonly number[], each: (outcome: Outcome) => void): Promise<void> {
  const count = Math.min(Number(values.workers), seeds.length);
  const shares = Array.from({ length: count }, (_, i) => seeds.filter((_seed, j) => j % count === i));
  await Promise.all(
    shares.map(
      (share) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL('./worker.js', import.meta.url), {
            resourceLimits: { maxYoungGenerationSizeMb: 64 },
          });
          worker.on('message', each);
          worker.on('error', reject);
          worker.on('exit', () => resolve());
          const task: Task = { seeds: share, days };
          worker.postMessage(task);
        }),
    ),
  );
}

async function many(): Promise<number> {
  const from = Number(values.from);
  const planned = Array.from({ length: Number(values.seeds) }, (_, i) => from + i);
  const seeds = [...new Set([...kept().map(({ seed }) => seed), ...planned])];
  const began = performance.now();
  const failed: Outcome[] = [];
  const sums = { months: 0, episodes: 0, deeds: 0, commands: 0, announcements: 0, schedules: 0, calls: 0 };
  await all(seeds, (outcome) => {
    sums.months += 1;
    for (const name of ['episodes', 'deeds', 'commands', 'announcements', 'schedules', 'calls'] as const)
      sums[name] += outcome[name];
    if (outcome.wrong.length > 0) {
      failed.push(outcome);
      say(outcome);
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    if (sums.months % 100 === 0) console.log(`${sums.months} of ${seeds.length} months, ${seconds} s`);
  });
  keep(failed);
  const told = Object.entries(sums).map(([name, sum]) => `${sum} ${name}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `figure · simulated months of ${days} days: ${told.join(', ')}; ${failed.length} failed; ${seconds} s`,
  );
  if (sums.months === seeds.length) return failed.length === 0 ? 0 : 1;
  console.log(`Only ${sums.months} of ${seeds.length} months came to their end.`);
  return 1;
}

async function one(seed: number): Promise<number> {
  const outcome = await live(seed, days, values.trace ? (line) => console.log(line) : undefined);
  if (outcome.wrong.length > 0) say(outcome);
  else console.log(`seed ${seed}: a good month of ${outcome.episodes} troubles`);
  console.log(`trace ${outcome.trace}`);
  return outcome.wrong.length === 0 ? 0 : 1;
}

process.exitCode = values.seed === undefined ? await many() : await one(Number(values.seed));
