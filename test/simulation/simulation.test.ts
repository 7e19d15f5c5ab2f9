import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { figure, sized } from '../support/figures.ts';

const run = promisify(execFile);
const failed = z.object({ stdout: z.string(), stderr: z.string() });

/** Runs a part of the simulation in a process of its own: what ends a bridge must not end the tests. */
async function node(script: string, ...args: string[]): Promise<string> {
  try {
    return (await run(process.execPath, [join(import.meta.dirname, script), ...args])).stdout;
  } catch (error) {
    const { stdout, stderr } = failed.parse(error);
    throw new Error(`${script} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

const lineOf = (said: string, word: string): string =>
  said.split('\n').find((line) => line.includes(word)) ?? '';
const tell = (said: string): void => figure('simulation', lineOf(said, 'figure').replace('figure · ', ''));

const RUN = 'dist/test/simulation/run.js';

beforeAll(() => node('build.mjs'), 120_000);

describe('a month in the life of a house', () => {
  it('ends well, whatever happens in it', async () => {
    // `npm run simulation` has a thousand of them; those that ever failed are lived through in any case.
    const said = await node(RUN, '--seeds', String(sized(2, 1000)), '--workers', '1');
    tell(said);
    expect(said).toContain(' 0 failed');
  }, 3_600_000);

  it('is the same, byte for byte, when it is lived through again', async () => {
    const once = lineOf(await node(RUN, '--seed', '4', '--days', '9'), 'trace');
    expect(once).toMatch(/^trace \d{3,} [0-9a-f]{32}$/);
    expect(lineOf(await node(RUN, '--seed', '4', '--days', '9'), 'trace')).toBe(once);
    expect(lineOf(await node(RUN, '--seed', '5', '--days', '9'), 'trace')).not.toBe(once);
  }, 300_000);
});

describe('a bug that somebody could make', () => {
  it('is one of at least thirty, each of which still fits its place', async () => {
    const said = await node('planted.mjs', '--check');
    expect(Number(/^(\d+) bugs fit/.exec(said)?.[1])).toBeGreaterThanOrEqual(30);
  }, 120_000);

  // `npm run planted` has all of them.
  it('is found: a refused command is not answered', async () => {
    const said = await node('planted.mjs', '--only', 'a refused command is not answered', '--workers', '1');
    tell(said);
    expect(said).toContain('1 of 1 found');
  }, 600_000);
});

it('a call through a door of the house that goes wrong ends the bridge, or it goes on, but never half', async () => {
  // `npm run sabotage` spoils every call.
  const said = await node('dist/test/simulation/sabotage-run.js', '--every', String(sized(23, 1)));
  tell(said);
  expect(said).toContain('zombies 0');
}, 3_600_000);
