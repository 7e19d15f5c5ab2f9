import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RecordedRun, readRecord } from '../../../src/app/replay/read-record.ts';
import { replay, settingsOf } from '../../../src/app/replay/replay.ts';

function recording(change: (line: string) => string | null = (line) => line): RecordedRun {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/recordings/regrouping.jsonl'), 'utf8');
  const read = readRecord(
    text
      .split('\n')
      .flatMap((line) => change(line) ?? [])
      .join('\n'),
  );
  const run = read.ok ? read.value[0] : undefined;
  if (run === undefined) throw new Error(JSON.stringify(read));
  return run;
}

async function played(run: RecordedRun, until?: number) {
  const config = settingsOf(run);
  if (!config.ok) throw new Error(config.error);
  return replay(run, config.value, until);
}

describe('a replay', () => {
  it('comes to the same every time', async () => {
    const [one, other] = [await played(recording()), await played(recording())];
    expect(one.messages).toEqual(other.messages);
    expect([one.differences, [...one.missing], one.unused]).toEqual([[], [], 0]);
  });

  it('stops when it is told to, and compares until then', async () => {
    const whole = await played(recording());
    const half = await played(recording(), 6_000);
    expect(half.isCut).toBe(true);
    expect(half.differences).toEqual([]);
    expect(half.messages.every(({ t }) => t <= 6_000)).toBe(true);
    expect(half.messages.length).toBeLessThan(whole.messages.length);
  });

  it('tells of calls to which the record has no answer', async () => {
    const isIt = (line: string): boolean => /"line":"call".*"path":"[^"]*\/playerVolume"/.test(line);
    const { missing, topics } = await played(recording((line) => (isIt(line) ? null : line)));
    expect([...missing.keys()].some((name) => name.endsWith('/playerVolume'))).toBe(true);
    expect(topics.size).toBeGreaterThan(0);
  });

  it('finds the topic that another event makes another', async () => {
    const { differences } = await played(
      recording((line) =>
        line.includes('"line":"event"')
          ? line.replace(
              /"_objectType":"playerVolume","volume":12/,
              '"_objectType":"playerVolume","volume":13',
            )
          : line,
      ),
    );
    expect(differences.map(({ topic }) => topic.replace(/.*\//, ''))).toContain('volume');
    expect(differences.find(({ topic }) => topic.endsWith('/volume'))).toMatchObject({
      recorded: '12',
      replayed: '13',
    });
  });

  it('says what is wrong with the settings of a header', () => {
    const run = recording();
    const other = { ...run, header: { ...run.header, settings: { poll_seconds: 'often' } } };
    expect(settingsOf(other)).toMatchObject({ ok: false, error: expect.stringContaining('poll_seconds') });
  });
});
