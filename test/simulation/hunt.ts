import { live } from './worker.ts';

// `node hunt.js <seeds>`: lives through months until something is wrong, and says in one line of JSON what and when.

const seeds = Number(process.argv[2]);
for (let seed = 1; seed <= seeds; seed += 1) {
  const { wrong, after } = await live(seed, 30);
  if (wrong.length === 0) continue;
  process.stdout.write(`${JSON.stringify({ seeds: seed, after, wrong: wrong[0]?.slice(0, 110) })}\n`);
  process.exit(0);
}
process.stdout.write(`${JSON.stringify({ seeds, after: null, wrong: null })}\n`);
process.exit(0);
