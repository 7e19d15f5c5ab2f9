import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { differencesOf } from '../../src/app/replay/compare.ts';
import { readRecord } from '../../src/app/replay/read-record.ts';
import { replay, settingsOf } from '../../src/app/replay/replay.ts';
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';
import { linkInBrowser, openPlace, type Place, type Program, run } from './daemon.ts';
import { eventually, isPassing, Observer } from './house.ts';

beforeAll(() => builtProgram(), 150_000);

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const isOfTheHouse = (topic: string): boolean => topic.startsWith('sonos/home') && !isPassing(topic);

/** What the broker holds of the household. */
const held = (observer: Observer): Map<string, string> =>
  new Map([...observer.topics].filter(([topic]) => isOfTheHouse(topic)));

interface Lived {
  readonly place: Place;
  readonly program: Program;
  readonly observer: Observer;
  readonly file: string;
}

/** A bridge that records, linked to a household whose events flow. */
async function live(record: Readonly<Record<string, unknown>>): Promise<Lived> {
  const port = await freePort();
  const place = await openPlace({ broker: { port }, record });
  ends.push(() => place.leave());
  const file = join(place.folder, 'records/house.jsonl');
  const program = await run(['record', '--out', file, '--config', place.file]);
  ends.push(async () => {
    program.child.kill('SIGKILL');
    await program.end;
  });
  const { public_port } = await program.runs();
  const { callback_secret } = z.object({ callback_secret: z.string() }).parse(place.kept('generated'));
  place.sonos.registerCallback(`http://127.0.0.1:${public_port}/sonos/events/${callback_secret}`);
  await linkInBrowser(place.page);
  const observer = await Observer.connect(port);
  ends.push(() => observer.end());
  await observer.until(
    ({ topic, payload }) => topic === 'sonos/home/office/volume' && payload !== '',
    'a volume',
  );
  await observer.until(({ topic }) => topic === 'sonos/home/favorites', 'favorites');
  return { place, program, observer, file };
}

/** What happens in the house: commands, people, a regrouping, refusals. */
async function day({ place, observer }: Lived): Promise<void> {
  await observer.command('sonos/home/office/set/volume', '31');
  await observer.command('sonos/home/bedroom/set/join', 'living-room');
  place.sonos.world.rename('Terrace', 'Bath & <script> "Küche" +/#');
  await observer.until(({ topic }) => topic === 'sonos/home/bath-script-kuche', 'the renamed room');
  await observer.command('sonos/home/kitchen/set/favorite', 'Lark Jazz');
  await observer.command('sonos/home/office/set/favorite', 'Nothing of That Name');
  place.sonos.world.setVolume('Office', 44);
  await observer.holds('sonos/home/office/volume', '44');
}

async function replayed(file: string) {
  const runs = readRecord(readFileSync(file, 'utf8'));
  if (!runs.ok) throw new Error(JSON.stringify(runs.error));
  const last = runs.value.at(-1);
  const config = last && settingsOf(last);
  if (last === undefined || config?.ok !== true) throw new Error(JSON.stringify(config));
  return { run: last, ...(await replay(last, config.value)) };
}

describe('a record of the real bridge', () => {
  it('is replayed to the same topics that the broker held', async () => {
    const lived = await live({ names: true });
    await day(lived);
    const topics = held(lived.observer);
    expect((await lived.program.stop('SIGTERM')).code).toBe(0);

    const told = await run(['replay', lived.file, '--json']);
    expect((await told.end).code).toBe(0);
    expect(told.stderr).toContain('The topics are those of the record.');
    const shown = new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(told.stdout))));
    // Names are kept, ids are not.
    expect([...shown.keys()].sort()).toEqual([...topics.keys()].sort());
    const attributes = new Map([...topics].filter(([, payload]) => !/^[[{]|^https?:/.test(payload)));
    const differences = differencesOf(attributes, shown, () => 0).filter(({ topic }) =>
      attributes.has(topic),
    );
    expect(differences).toEqual([]);
    expect(attributes.size).toBeGreaterThan(60);
    expect(statSync(lived.file).mode & 0o777).toBe(0o600);
    expect(statSync(join(lived.file, '..')).mode & 0o777).toBe(0o700);
  });

  it('has no names, ids and addresses in it unless they are asked for, and tells of a topic that is another', async () => {
    const lived = await live({});
    await day(lived);
    const ids = lived.place.sonos.world.rooms().map(({ id }) => id);
    await lived.program.stop('SIGTERM');
    const text = readFileSync(lived.file, 'utf8');
    for (const id of ids) expect(text).not.toContain(id.slice(7, 19));
    expect(text).not.toMatch(/Kitchen|living-room|Lark|<script>|bath-script|Küche|Nothing of/i);

    const lines = text.trimEnd().split('\n');
    const spoiled = lines.map((line) => {
      const isIt = /"line":"publish".*\/volume","payload":"44"/.test(line);
      return isIt ? line.replace('"44"', '"45"') : line;
    });
    writeFileSync(lived.file, `${spoiled.join('\n')}\n`);
    const told = await run(['replay', lived.file]);
    expect((await told.end).code).toBe(1);
    expect(told.stderr).toMatch(/1 topics are not those.*\/volume\n\s+recorded 45\n\s+replayed 44/s);
  });

  it('survives kill -9 in the middle, and a further run beside it', async () => {
    const lived = await live({});
    const { observer, program, file } = lived;
    const busy = (async () => {
      for (let volume = 1; !program.hasEnded; volume += 1) {
        // The broker dies with the bridge, and answers nobody then.
        void observer.send('sonos/home/office/set/volume', String(volume % 50)).catch(() => {});
        lived.place.sonos.world.setVolume('Kitchen', volume % 50);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await program.stop('SIGKILL');
    await busy;
    // As a crash of the machine leaves it.
    writeFileSync(file, readFileSync(file).subarray(0, -25));
    const cut = await replayed(file);
    expect(cut.run.isTorn).toBe(true);
    expect(cut.isCut).toBe(true);
    expect(cut.differences).toEqual([]);
    expect(cut.topics.size).toBeGreaterThan(60);

    const again = await run(['record', '--out', file, '--config', lived.place.file]);
    ends.push(async () => {
      again.child.kill('SIGKILL');
      await again.end;
    });
    await again.runs();
    await eventually(
      () => (readFileSync(file, 'utf8').split('"line":"record"').length === 3 ? true : undefined),
      'a second run',
      () => readFileSync(file, 'utf8').slice(-300),
    );
    await again.stop('SIGTERM');
    const both = readRecord(readFileSync(file, 'utf8'));
    expect(both.ok && both.value.map(({ isTorn }) => isTorn)).toEqual([true, false]);
  });

  it('ends at its size, with one warning, and the house goes on', async () => {
    const lived = await live({ max_megabytes: 0.03 });
    await day(lived);
    await lived.program.stop('SIGTERM');
    expect(lived.program.said.match(/The record has reached its size/g)).toHaveLength(1);
    const { size } = statSync(lived.file);
    // The line that did not fit may be a long one.
    expect(size).toBeGreaterThan(15_000);
    expect(size).toBeLessThan(30_500);
    const { run: full, differences } = await replayed(lived.file);
    expect(full.lines.at(-1)).toMatchObject({ line: 'end', because: 'full' });
    expect(differences).toEqual([]);
  });
});
