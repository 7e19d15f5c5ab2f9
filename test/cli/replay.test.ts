import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeOut } from '../../src/cli/record.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import { createPerson } from './house.ts';

const recording = join(import.meta.dirname, '../fixtures/recordings/favorite.jsonl');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const person = createPerson({ argv, cwd: folder });
  return { code: await replayCommand(person.context), told: person.told(), complaints: person.complaints() };
}

describe('sonos-mqtt-bridge replay', () => {
  it('shows the topics at the end, and says that they are those of the record', async () => {
    const { code, told, complaints } = await run(recording);
    expect([code, complaints]).toEqual([0, 'The topics are those of the record.']);
    expect(told).toMatch(/^sonos\/home\/room-[a-z]+\/volume \d+$/m);
  });

  it('shows each change with its time, and what was answered', async () => {
    const { code, told } = await run(recording, '--timeline');
    expect(code).toBe(0);
    expect(told).toMatch(/^ +\d+\.\d{3} = sonos\/home\/room-[a-z]+\/volume \d+$/m);
    expect(told).toMatch(/^ +\d+\.\d{3} ! sonos\/home\/room-[a-z]+\/reply .*"status":"failed"/m);
  });

  it('shows both as JSON', async () => {
    const topics = JSON.parse((await run(recording, '--json')).told.replace(/\n?The topics are.*$/, ''));
    expect(topics['sonos/home/room-d/availability']).toBe('online');
    const [first] = (await run(recording, '--json', '--timeline')).told.split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ retained: true, topic: 'sonos/home' });
  });

  it('stops where it is told to: after seconds, or at a time', async () => {
    expect((await run(recording, '--until', '0')).told).not.toContain('room-d');
    expect((await run(recording, '--until', '2001-01-01T00:00:00Z')).told).not.toContain('room-d');
    expect((await run(recording, '--until', '9')).complaints).toContain('The record is not whole');
  });

  it.each([
    [[], 2, /wants one file/],
    [['a', 'b'], 2, /wants one file/],
    [['x', '--topics', '--timeline'], 2, /do not go together/],
    [['x', '--run', '0'], 2, /--run wants a number from 1/],
    [['x', '--loud'], 2, /Unknown option '--loud'/],
    [[recording, '--until', 'noon'], 2, /--until wants seconds/],
    [[recording, '--run', '7'], 1, /there is no run 7/],
    [['nowhere.jsonl'], 1, /nowhere\.jsonl could not be read \(ENOENT\)/],
  ])('says what is wrong with %j', async (argv, expected, words) => {
    const { code, complaints } = await run(...argv);
    expect(code).toBe(expected);
    expect(complaints).toMatch(words);
  });

  it('names file and line of what it cannot read', async () => {
    await writeFile(join(folder, 'mine.jsonl'), 'nonsense\n{}\n');
    const { code, complaints } = await run('mine.jsonl');
    expect(code).toBe(1);
    expect(complaints).toMatch(/^mine\.jsonl:1: expected a line of JSON/);
  });
});

describe('sonos-mqtt-bridge record', () => {
  it('takes --out out of the flags, in both spellings', () => {
    expect(takeOut(['--out', 'x', '--web.port', '1'])).toMatchObject({
      value: { out: 'x', rest: ['--web.port', '1'] },
    });
    expect(takeOut(['--out=x'])).toMatchObject({ value: { out: 'x', rest: [] } });
    expect(takeOut(['--a'])).toMatchObject({ value: { out: null, rest: ['--a'] } });
    expect(takeOut(['--out'])).toMatchObject({ ok: false });
    expect(takeOut(['--out', '--web.port'])).toMatchObject({ ok: false });
  });
});
