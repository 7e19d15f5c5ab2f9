import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure } from '../events/round.ts';
import { bridgeSystem } from '../events/systems.ts';
import { openGarage } from '../harness/daemon.ts';
import { openHome } from '../harness/home.ts';
import { machine } from '../machine.ts';
import type { Options, Part } from '../part.ts';
import { figure, type Report, type Table } from '../report.ts';
import { type HotSpot, hotSpots } from './hot-spots.ts';

const SHOWN = 40;
/** Functions of the bridge itself. */
const OURS = /^(bridge|events|mqtt|app|store|web|sonos)\//;

async function profiled({ warmUp, seconds }: Options): Promise<HotSpot[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-profile-'));
  const home = await openHome();
  const garage = await openGarage(home);
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    // Start and settling are in the profile too, so the load lasts long enough to outweigh them.
    await measure(bridgeSystem(home, garage, flags), home, { warmUp, measured: seconds * 3 }, null);
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error('Node wrote no profile');
    return hotSpots(await readFile(join(folder, file), 'utf8'));
  } finally {
    await garage.close();
    await home.sonos.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const tableOf = (heading: string, spots: readonly HotSpot[]): Table => ({
  heading,
  columns: ['function', 'itself, %', 'with its calls, %', 'where'],
  rows: spots
    .slice(0, SHOWN)
    .map(({ name, self, total, where }) => [name, figure(self * 100), figure(total * 100), where]),
});

const reportOf = (spots: readonly HotSpot[]): Report => ({
  part: 'profile',
  title: 'Where the time goes',
  at: new Date().toISOString(),
  machine: machine(),
  method: ['`node --cpu-prof` on the daemon as fast as it goes.'],
  tables: [
    tableOf('Time in the function itself', spots),
    tableOf(
      'Time in the function and what it calls',
      spots.filter(({ where }) => OURS.test(where)).toSorted((a, b) => b.total - a.total),
    ),
  ],
  notes: ['The profiler itself slows the daemon down, so only the shares mean anything.'],
  data: spots,
});

/** The functions that take the time. */
export const profile: Part = {
  name: 'profile',
  about: 'which functions of the bridge take the time when events come as fast as it goes',
  run: async (options) => reportOf(await profiled(options)),
};
