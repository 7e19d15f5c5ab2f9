import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { differencesOf } from '../../src/app/replay/compare.ts';
import { readRecord } from '../../src/app/replay/read-record.ts';
import { replay, settingsOf } from '../../src/app/replay/replay.ts';

const folder = join(import.meta.dirname, '../fixtures/recordings');
const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

const corrected = z.record(z.string(), z.json());

/** What the topics should hold, as a developer wrote it down beside the record; null when the record itself says it. */
function correctionOf(file: string): ReadonlyMap<string, unknown> | null {
  const beside = join(folder, file.replace(/\.jsonl$/, '.topics.json'));
  if (!existsSync(beside)) return null;
  return new Map(Object.entries(corrected.parse(JSON.parse(readFileSync(beside, 'utf8')))));
}

describe('a recording in test/fixtures/recordings', () => {
  it('is there', () => {
    expect(files.length).toBeGreaterThanOrEqual(2);
  });

  it.each(files)('%s ends with the topics that it should', async (file) => {
    const runs = readRecord(readFileSync(join(folder, file), 'utf8'));
    if (!runs.ok) throw new Error(JSON.stringify(runs.error));
    const run = runs.value.at(-1);
    const config = run && settingsOf(run);
    if (run === undefined || config?.ok !== true) throw new Error(JSON.stringify(config));
    const replayed = await replay(run, config.value);
    const correction = correctionOf(file);
    const differences =
      correction === null
        ? replayed.differences
        : differencesOf(correction, replayed.topics, () => 0).filter(({ topic }) => correction.has(topic));
    expect(replayed.topics.size).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  });
});
