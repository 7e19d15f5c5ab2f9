import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import { checksPart, type Examine } from '../../../src/web/api/checks.ts';
import type { FindingView } from '../../../src/web/api/messages.ts';
import { openHouse } from '../house.ts';

const finding = (check: string): FindingView => ({
  ...{ check, title: check, verdict: 'well', seen: 'as it should be', advice: null },
});

/** Checks that wait for a word before each finding. */
function slowChecks() {
  const waiting: (() => void)[] = [];
  const runs: { made: number; isAborted: boolean }[] = [];
  const examine: Examine = async function* (signal) {
    const run = { made: 0, isAborted: false };
    runs.push(run);
    for (const name of ['one', 'two', 'three']) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => {
          run.isAborted = true;
          resolve();
        });
      });
      if (signal.aborted) return;
      run.made += 1;
      yield finding(name);
    }
  };
  return { examine, runs, next: () => waiting.shift()?.() };
}

const open = (examine: Examine) => openHouse({ password: null, api: [checksPart(examine)] });

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error('It did not happen.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Lets the checks go on until something is so. */
const pushing = (slow: ReturnType<typeof slowChecks>, isSo: () => boolean): Promise<void> =>
  until(() => {
    slow.next();
    return isSo();
  });

describe('the checks of the page', () => {
  it('are answered one line each, as they end', async () => {
    const slow = slowChecks();
    const { port } = await open(slow.examine);
    const lines: string[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: '/api/checks' }, (response) => {
        expect(response.headers['content-type']).toContain('application/x-ndjson');
        response.on('data', (piece: Buffer) => lines.push(piece.toString()));
        response.on('end', resolve);
      }).on('error', reject);
    });
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      await until(() => slow.runs.length === 1);
      await pushing(slow, () => lines.length > index);
      expect(JSON.parse(lines[index] ?? '')).toEqual(finding(name));
    }
    await ended;
    expect(lines.join('').endsWith('\n')).toBe(true);
  });

  it('are made for one reader at a time; a second one is told to wait', async () => {
    const slow = slowChecks();
    const house = await open(slow.examine);
    const first = house.ask('/api/checks');
    await until(() => slow.runs.length === 1);
    const second = await house.ask('/api/checks');
    expect([second.status, second.headers['retry-after']]).toEqual([429, '5']);
    expect(JSON.parse(second.text)).toMatchObject({
      error: { code: 'checks_running', advice: expect.any(String) },
    });
    await pushing(slow, () => slow.runs[0]?.made === 3);
    expect((await first).status).toBe(200);
    expect(slow.runs).toHaveLength(1);
    // Now there is room again.
    const third = house.ask('/api/checks');
    await pushing(slow, () => slow.runs[1]?.made === 3);
    expect((await third).text.trimEnd().split('\n')).toHaveLength(3);
  });

  it('end when their reader goes away, who may come again at once', async () => {
    const slow = slowChecks();
    const house = await open(slow.examine);
    const reader = get({ host: '127.0.0.1', port: house.port, path: '/api/checks' });
    reader.on('error', () => {});
    await until(() => slow.runs.length === 1);
    reader.destroy();
    await until(() => slow.runs[0]?.isAborted === true);
    const again = house.ask('/api/checks');
    await pushing(slow, () => slow.runs[1]?.made === 3);
    expect((await again).status).toBe(200);
    expect(slow.runs[0]?.made).toBe(0);
  });

  it('are not made for who asks for the headers alone, or in another way', async () => {
    const slow = slowChecks();
    const house = await open(slow.examine);
    expect((await house.ask('/api/checks', { method: 'HEAD' })).status).toBe(200);
    expect((await house.ask('/api/checks', { method: 'POST' })).status).toBe(405);
    expect(slow.runs).toEqual([]);
  });

  it('that fail cut the answer off, and leave room for the next', async () => {
    let runs = 0;
    const house = await open(async function* () {
      runs += 1;
      yield finding('one');
      if (runs === 1) throw new Error('a bug');
    });
    await expect(house.ask('/api/checks')).rejects.toThrow();
    expect(house.log.lines.map(({ level }) => level)).toEqual(['error']);
    expect((await house.ask('/api/checks')).status).toBe(200);
  });
});
