import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What `.ci/count.mjs` says of a report: its lines and its exit code. */
function count(report: unknown) {
  const file = join(folder, 'tests.json');
  writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
  return counted(file);
}
function counted(...files: string[]) {
  const program = join(root, '.ci/count.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...files], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return { lines: stdout.trimEnd().split('\n'), status };
}

const test = (status: string) => ({ status, fullName: `a test that ${status}` });
const file = (...statuses: string[]) => ({
  name: 'one.test.ts',
  status: statuses.includes('failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: statuses.map(test),
});

describe('the last line of the checks', () => {
  it('counts what passed', () => {
    const report = { success: true, testResults: [file('passed', 'passed'), file('passed')] };
    expect(count(report)).toEqual({ lines: ['3 passed, 0 failed'], status: 0 });
  });

  it('adds several reports up, and misses none', () => {
    const [one, other] = ['one.json', 'other.json'].map((name) => join(folder, name));
    const report = { success: true, testResults: [file('passed', 'passed')] };
    for (const path of [one, other]) writeFileSync(path ?? '', JSON.stringify(report));
    expect(counted(one ?? '', other ?? '').lines).toEqual(['4 passed, 0 failed']);
    expect(counted(one ?? '', join(folder, 'nothing.json')).status).toBe(1);
  });

  it('names and counts what failed', () => {
    const report = { success: false, testResults: [file('passed', 'failed')] };
    expect(count(report)).toEqual({ lines: ['failed: a test that failed', '1 passed, 1 failed'], status: 1 });
  });

  it.each(['pending', 'skipped', 'todo'])('counts a test that was %s as failed', (status) => {
    const { lines, status: code } = count({ success: true, testResults: [file('passed', status)] });
    expect(lines.at(-1)).toBe('1 passed, 1 failed');
    expect(code).toBe(1);
  });

  it('counts a file that could not be loaded', () => {
    const broken = { ...file(), status: 'failed', message: 'Cannot find module\nat …' };
    const { lines, status } = count({ success: false, testResults: [file('passed'), broken] });
    expect(lines).toEqual(['not loaded: one.test.ts: Cannot find module', '1 passed, 1 failed']);
    expect(status).toBe(1);
  });

  it('is no success when the run failed outside of every test, found none, or left no report', () => {
    expect(count({ success: false, testResults: [file('passed')] }).lines.at(-1)).toBe('1 passed, 1 failed');
    expect(count({ success: true, testResults: [] }).lines.at(-1)).toBe('0 passed, 1 failed');
    expect(count('{').status).toBe(1);
    expect(counted(join(folder, 'nothing.json')).lines.at(-1)).toBe('0 passed, 1 failed');
  });

  it('is true of a report that vitest itself wrote', () => {
    const out = join(folder, 'real.json');
    writeFileSync(
      join(folder, 'real.test.js'),
      "test('good', () => {}); test('bad', () => { throw new Error('bad'); }); test.skip('left out', () => {});",
    );
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    spawnSync(process.execPath, [vitest, 'run', '--globals', '--reporter=json', `--outputFile=${out}`], {
      cwd: folder,
    });
    expect(counted(out)).toEqual({
      lines: ['failed: bad', 'skipped: left out', '1 passed, 2 failed'],
      status: 1,
    });
  });
});

describe('the checks', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

  it('are a script that the shell can read, and run only scripts that exist', () => {
    const script = readFileSync(join(root, '.ci/run'), 'utf8');
    const syntax = spawnSync('bash', ['-n', join(root, '.ci/run')], { encoding: 'utf8' });
    expect(syntax.stderr).toBe('');
    expect(script).toMatch(/^set -euo pipefail$/m);
    const run = [...script.matchAll(/npm run --silent ([\w-]+)/g)].map((match) => match[1] ?? '');
    expect(run.length).toBeGreaterThan(3);
    expect(run.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(scripts.test).toMatch(/vitest run$/);
  });
});
