import { spawnSync } from 'node:child_process';
import { arch, platform, totalmem } from 'node:os';
import { findProgram } from '../test/support/programs.ts';
import { coreCount, isPinned } from './harness/child.ts';

function mosquittoVersion(): string {
  const program = findProgram('mosquitto');
  const said = program === null ? '' : spawnSync(program, ['-h'], { encoding: 'utf8' }).stdout;
  return /mosquitto version (\S+)/.exec(said)?.[1] ?? 'of an unknown version';
}

/** The machine in general words. */
export function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const pinned = isPinned
    ? 'the program under test on one core, everything else on the others'
    : 'all programs on the same cores';
  return `${platform()} on ${arch()}, ${coreCount} core${coreCount === 1 ? '' : 's'}, ${gigabytes} GiB, Node.js ${process.versions.node}, mosquitto ${mosquittoVersion()}, everything on loopback, ${pinned}`;
}
