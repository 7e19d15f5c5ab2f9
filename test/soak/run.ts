import { fileURLToPath } from 'node:url';
import { soak } from './soak.ts';

// `npm run soak`; see `soak.ts`. It is compiled to `test/soak/dist/test/soak`.

const project = (path: string): string => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url));

const files = { program: project('dist/main.js'), probe: project('test/soak/probe.mjs') };
const { trend, lies, endedInOrder } = await soak(process.argv.slice(2), files, (line) => console.log(line));
process.exit(trend.isFlat && lies.length === 0 && endedInOrder ? 0 : 1);
