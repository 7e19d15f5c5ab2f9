// A process of its own that uses the store: node child.mjs <transpiled store> <data folder> <what to do> [how often].
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [out, folder, task, times = '1000000'] = process.argv.slice(2);
const { openStore } = await import(`${out}/store/store.js`);
const { systemClock, systemRandom } = await import(`${out}/system.js`);
const { z } = await import(`${out}/../node_modules/zod/index.js`);

const say = (line) => process.stdout.write(`${line}\n`);
const quiet = { debug() {}, info() {}, warn() {}, error: (message) => process.stderr.write(`${message}\n`) };
const opened = await openStore({ folder, clock: systemClock, random: systemRandom, log: quiet });
if (!opened.ok) {
  say(`refused ${JSON.stringify(opened.error)}`);
  process.exit(3);
}
const store = opened.value;
const tokens = z.object({ n: z.int(), pad: z.string() });
const document = await store.document('tokens', tokens, { n: 0, pad: '' });
say(`read ${document.value.n}`);

if (task === 'hold') setInterval(() => {}, 1000);
if (task === 'save') {
  const first = document.value.n + 1;
  for (let n = first; n < first + Number(times); n += 1) {
    try {
      await document.save({ n, pad: 'x'.repeat((n % 7) * 5_000) });
      say(`saved ${n}`);
    } catch (error) {
      say(`failed ${JSON.stringify({ n, reason: error.reason, code: error.code })}`);
    }
  }
  await store.close();
}
if (task === 'fill') {
  await document.save({ n: 1, pad: '' });
  try {
    writeFileSync(join(folder, 'filler'), Buffer.alloc(10_000_000));
  } catch (error) {
    say(`filled ${error.code}`);
  }
  const error = await document.save({ n: 2, pad: 'x'.repeat(100_000) }).catch((cause) => cause);
  say(`failed ${JSON.stringify({ n: 2, reason: error.reason, trouble: store.trouble?.error.reason })}`);
  await store.close();
}
