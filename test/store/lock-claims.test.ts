import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import type { LockRecord } from '../../src/store/holder.ts';
import { takeLock, whoHolds } from '../../src/store/lock.ts';
import type { Processes } from '../../src/store/processes.ts';
import { openSign } from '../../src/store/sign.ts';
import { systemRandom } from '../../src/system.ts';
import { createTestClock, temporaryFolder } from './support.ts';

const DEAD = 13;
const processes: Processes = {
  pid: 42,
  boot: 'this start',
  space: 'pid:[1]',
  look: (pid) => (pid === DEAD ? 'gone' : { started: null }),
};

const recordOf = (token: string, pid: number): string => {
  const record: LockRecord = {
    token,
    pid,
    started: null,
    boot: processes.boot,
    space: processes.space,
    signed: false,
    since: '2026-11-20T08:00:00.000Z',
  };
  return JSON.stringify(record);
};
const dead = recordOf('late', DEAD);
const other = recordOf('other', 7);

/** Makes a folder with the given files. */
function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const take = (folder: string, disk: Disk = systemDisk) =>
  takeLock({ folder, disk, processes, clock: createTestClock(), random: systemRandom });

describe('a lock that nobody living holds', () => {
  it.each([
    ['a dead one’s', { lock: dead, 'lock.late.next': other }],
    ['a torn one', { lock: 'torn', 'lock.unreadable-0.next': other }],
    [
      'a torn one with a torn claim',
      { lock: 'torn', 'lock.unreadable-0.next': 'torn', 'lock.unreadable-1.next': other },
    ],
    [
      'a dead one’s with a dead claim',
      { lock: dead, 'lock.late.next': recordOf('later', DEAD), 'lock.later.next': other },
    ],
  ])('(%s) is left to the starter that is just replacing it', async (_, files) => {
    const folder = folderWith(files);
    expect(await take(folder)).toMatchObject({ ok: false, error: { pid: 7 } });
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(files.lock);
    expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  });

  it('is told of when somebody’s copies of it claim each other without end', async () => {
    const folder = folderWith({ lock: dead, 'lock.late.next': dead });
    await expect(take(folder)).rejects.toThrow(/remove the files lock\.\*\.next/);
    expect(readdirSync(folder).sort()).toEqual(['lock', 'lock.late.next']);
  });
});

describe('a lock that goes away while a starter looks at it', () => {
  /** The machine's disk; the lock goes at the first look, and another has it just before our next step onto its name. */
  function contested(folder: string, goes: 'link' | 'claim'): Disk {
    const lock = join(folder, 'lock');
    let isGone = false;
    const go = () => {
      rmSync(lock);
      isGone = true;
    };
    const comes = (to: string) => {
      if (isGone && to === lock) writeFileSync(lock, other);
    };
    return {
      ...systemDisk,
      link: async (from, to) => {
        comes(to);
        try {
          await systemDisk.link(from, to);
        } finally {
          if (!isGone && (goes === 'link') === (to === lock)) go();
        }
      },
      rename: async (from, to) => {
        comes(to);
        await systemDisk.rename(from, to);
      },
    };
  }

  it.each([
    ['given back by its living holder', recordOf('before', 7), 'link'],
    ['torn, and removed by hand', 'torn', 'claim'],
  ] as const)('(%s) is not taken from who has it next', async (_, before, goes) => {
    const folder = folderWith({ lock: before });
    expect(await take(folder, contested(folder, goes))).toMatchObject({ ok: false, error: { pid: 7 } });
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(other);
    expect(readdirSync(folder)).toEqual(['lock']);
  });
});

describe('tidying', () => {
  it('removes what killed starters left, and nothing that a living one is about to use', async () => {
    const folder = folderWith({
      'lock.late.tmp': dead,
      'lock.torn.tmp': 'half a rec',
      'lock.later.next': dead,
      'lock.killed.sock': '',
      'lock.other.tmp': other,
      'lock.others.next': other,
    });
    const sign = await openSign(join(folder, 'lock.other.sock'));
    const lock = await take(folder);
    const own = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')).token;
    expect(readdirSync(folder).sort()).toEqual(
      ['lock', `lock.${own}.sock`, 'lock.other.sock', 'lock.other.tmp', 'lock.others.next'].sort(),
    );
    if (lock.ok) await lock.value.release();
    await sign?.close();
    expect(await whoHolds(folder, systemDisk, processes)).toBeNull();
  });

  it('touches nothing whose name is only like ours', async () => {
    const names = ['clock.a.tmp', 'lock.a.tmp.old', 'lock.tmp', 'lockXa.tmp', 'lock.a.txt'];
    const folder = folderWith(Object.fromEntries(names.map((name) => [name, 'mine'])));
    const lock = await take(folder);
    if (lock.ok) await lock.value.release();
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });
});
