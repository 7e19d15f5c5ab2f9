// Plants each bug of `planted-bugs.mjs` in a copy of the bridge and counts the simulated months until it is found:
// `npm run planted -- [--seeds 60] [--only <words>]`; `--check` only looks whether each bug still fits.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, compiled, plant } from './build.mjs';
import { bugs } from './planted-bugs.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

/** A bug may also make the bridge work without end; no other month takes so long, also on a busy machine. */
const PATIENCE_MS = 1_200_000;

function hunt(folder) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(compiled(folder), 'hunt.js'), values.seeds]);
    let said = '';
    child.stdout.on('data', (data) => {
      said += data;
    });
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(JSON.parse(said));
      else
        resolve({
          seeds: 1,
          after: 'it ended',
          wrong: code === null ? 'it never came to an end' : errors.split('\n')[0],
        });
    });
  });
}

build();
if (values.check) {
  for (const bug of bugs) rmSync(plant(bug), { recursive: true });
  console.log(`${bugs.length} bugs fit their places.`);
  process.exit(0);
}
const wanted = bugs.filter(({ name }) => name.includes(values.only));
const found = [];
const missed = [];
const began = performance.now();
const waiting = [...wanted];

async function work() {
  for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
    const { seeds, wrong, after } = await hunt(plant(bug));
    (wrong === null ? missed : found).push({ ...bug, seeds });
    const how =
      wrong === null ? `NOT FOUND in ${seeds} months` : `found in month ${seeds}, after ${after}: ${wrong}`;
    console.log(`${String(found.length + missed.length).padStart(2)}  ${bug.name}\n      ${how}`);
  }
}

await Promise.all(Array.from({ length: Number(values.workers) }, work));
const months = found.map(({ seeds }) => seeds).sort((a, b) => a - b);
const median = months[Math.floor(months.length / 2)] ?? 0;
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  `figure · planted bugs: ${found.length} of ${wanted.length} found; months needed: ${median} in the median, ${months.at(-1) ?? 0} at most; ${seconds} s`,
);
process.exitCode = missed.length === 0 ? 0 : 1;
