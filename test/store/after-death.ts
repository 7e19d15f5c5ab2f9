import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type AccountsRecord, accountsSchema, emptyAccounts } from '../../src/sonos/account-record.ts';
import { createTestLog, type TestLog } from './support.ts';
import type { Said } from './token-child.ts';
import { laterClock, openTokenHouse, type TokenHouse } from './token-house.ts';
import type { TokenServer } from './token-server.ts';

/** A copy of the accounts, read with nothing of ours but the schema; fails when it is torn. */
function copyOf(folder: string, name: string): AccountsRecord | null {
  const path = join(folder, name);
  if (!existsSync(path)) return null;
  const { $sha256, ...content } = JSON.parse(readFileSync(path, 'utf8'));
  expect($sha256).toMatch(/^[0-9a-f]{64}$/);
  return accountsSchema.parse(content);
}

/** What lies on the disk, after checking it against what the run said: nothing torn, nothing acknowledged lost. */
export function checkedDisk(folder: string, said: readonly Said[]): AccountsRecord {
  const begun = said.flatMap((each) => (each.is === 'saving' ? [each.value] : []));
  const saved = Math.max(0, ...said.flatMap((each) => (each.is === 'saved' ? [each.n] : [])));
  const current = copyOf(folder, 'accounts.json');
  const good = copyOf(folder, 'accounts.json.good');
  if (current === null) expect(saved, 'what was saved is there').toBe(0);
  else expect(begun.slice(Math.max(0, saved - 1)), 'what was saved, or newer').toContainEqual(current);
  if (good !== null) expect(begun, 'the good copy is an earlier save').toContainEqual(good);
  if (good !== null) expect(current, 'no good copy without a document').not.toBeNull();
  return current ?? emptyAccounts;
}

/** How a next start fared with what a killed run had left. */
export interface Aftermath {
  readonly outcome: 'recovered' | 'nothing linked' | 'needed a login before' | 'needs a login now';
  /** The newest refresh token was not accepted, and the one before it was. */
  readonly neededPrevious: boolean;
}

function foretell({ accounts }: AccountsRecord, server: TokenServer): Aftermath {
  // A fresh login whose households were not learnt takes the place of what the household had.
  const account = accounts.find(({ households }) => households.length === 0) ?? accounts[0];
  if (account === undefined) return { outcome: 'nothing linked', neededPrevious: false };
  if (account.status === 'needs_login') return { outcome: 'needed a login before', neededPrevious: false };
  const { refresh_token: newest, previous_refresh_token: before } = account;
  const neededPrevious = !server.accepts(newest) && before !== undefined && server.accepts(before);
  const isRecovered = server.accepts(newest) || neededPrevious;
  return { outcome: isRecovered ? 'recovered' : 'needs a login now', neededPrevious };
}

/** The house is locked out: however often it is used, the server is asked only so often; and a login lets it in again. */
async function lockedOut(house: TokenHouse, server: TokenServer, household: string, requests: number) {
  const before = server.asked(household).length;
  for (let call = 0; call < 5; call += 1) expect(await house.call()).toBe('login_needed');
  expect(server.asked(household).length - before, 'requests with a login that has ended').toBe(requests);
  expect(await house.login()).toBe('ok');
  expect(await house.call()).toBe('ok');
}

async function live(
  house: TokenHouse,
  server: TokenServer,
  household: string,
  expected: Aftermath,
  log: TestLog,
) {
  const { accounts } = house;
  if (accounts.list().some(({ households }) => households.length === 0)) {
    accounts.start();
    const joined = () => expect(accounts.list().map((one) => one.households)).toEqual([[household]]);
    await vi.waitFor(joined, { timeout: 10_000 });
  }
  switch (expected.outcome) {
    case 'recovered':
      expect(await house.call()).toBe('ok');
      expect(accounts.status().status).toBe('linked');
      break;
    case 'nothing linked':
      expect(accounts.status().status).toBe('unlinked');
      await lockedOut(house, server, household, 0);
      break;
    case 'needed a login before':
      await lockedOut(house, server, household, 0);
      break;
    case 'needs a login now':
      // Once with what it has, and once more with the token before, or with the same.
      await lockedOut(house, server, household, 2);
  }
  const complaints =
    expected.outcome === 'needs a login now' ? [expect.stringContaining('log in again')] : [];
  expect(log.at('error'), expected.outcome).toEqual(complaints);
}

/** Starts again, a month later, on what a killed run left; checks that all is as well as the server lets it be. */
export async function nextStart(
  server: TokenServer,
  folder: string,
  household: string,
  said: readonly Said[],
): Promise<Aftermath> {
  const disk = checkedDisk(folder, said);
  server.crash(household);
  const expected = foretell(disk, server);
  const log = createTestLog();
  const house = await openTokenHouse({
    ...{ folder, url: server.url, household, log },
    clock: laterClock(30),
  });
  try {
    await live(house, server, household, expected, log);
  } finally {
    await house.close();
  }
  // What errors while reading made the run keep aside may stay; nothing else does.
  const ours = /^accounts\.(?:json(?:\.good)?|broken-.*\.json)$/;
  expect(readdirSync(folder).filter((name) => !ours.test(name))).toEqual([]);
  expect(JSON.stringify(log.lines)).not.toMatch(/(?:refresh|access)-Sonos/);
  return expected;
}
