// A process of its own: node token-child.js <data folder> <url of the server> <household> <life | rounds | call> [how many].
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../src/bridge/ports.ts';
import type { AccountsRecord } from '../../src/sonos/account-record.ts';
import type { Document } from '../../src/sonos/accounts.ts';
import { StoreError } from '../../src/store/store.ts';
import { laterClock, openTokenHouse } from './token-house.ts';

/** What the child says, one JSON to a line. */
export type Said =
  | { readonly is: 'step'; readonly step: string; readonly ended: string }
  /** A save has begun; the saves of one run count from 1. */
  | { readonly is: 'saving'; readonly n: number; readonly value: AccountsRecord }
  | { readonly is: 'saved'; readonly n: number }
  | { readonly is: 'refused'; readonly n: number; readonly reason: string; readonly code: string | null }
  | { readonly is: 'log'; readonly level: string; readonly message: string }
  /** A round has ended, and the child waits for a line on its standard input. */
  | { readonly is: 'round'; readonly ended: string; readonly trouble: string | null }
  | { readonly is: 'stopped'; readonly why: string };

// Not through the stream, which may still hold it when the process is killed.
const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`);

const [folder = '', url = '', household = '', task, rounds = '0'] = process.argv.slice(2);
const clock = laterClock();
const level = (name: string) => (message: string) => say({ is: 'log', level: name, message });
const log: Log = { debug: () => {}, info: level('info'), warn: level('warn'), error: level('error') };

/** Names that can be told beforehand, for strace to follow. */
let ids = 0;
const random = {
  id: () => {
    ids += 1;
    return `id-${ids}`;
  },
  fraction: () => 0.5,
};

let saves = 0;
let under = 0;
const watch = (document: Document<AccountsRecord>): Document<AccountsRecord> => ({
  get value() {
    return document.value;
  },
  save: async (value) => {
    saves += 1;
    under += 1;
    const n = saves;
    say({ is: 'saving', n, value });
    try {
      await document.save(value);
      say({ is: 'saved', n });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      say({ is: 'refused', n, reason: error.reason, code: error.code });
      throw error;
    } finally {
      under -= 1;
    }
  },
});

const fetchOf = globalThis.fetch;
globalThis.fetch = async (...request) => {
  under += 1;
  try {
    return await fetchOf(...request);
  } finally {
    under -= 1;
  }
};

/** Nothing is saved or asked any more, also not behind the back of the step that caused it. */
async function quiet(): Promise<void> {
  for (let still = 0; still < 3; still += 1) {
    await wait(1);
    if (under > 0) still = -1;
  }
}

const world = (what: string) => fetch(`${url}/world/${what}`, { method: 'POST', body: household });

try {
  const house = await openTokenHouse({ folder, url, household, log, clock, random, watch });
  const step = async (name: string, work: () => Promise<string>): Promise<void> => {
    const ended = await work();
    await quiet();
    say({ is: 'step', step: name, ended });
  };
  const nextDay = async (): Promise<string> => {
    clock.sleep(1.05);
    return house.call();
  };

  if (task === 'life') {
    await step('login', house.login);
    await step('call', house.call);
    await step('refresh', nextDay);
    await step('refresh again', nextDay);
    await world('expire');
    await step('refused token', house.call);
    await step('login again', house.login);
    await step('refresh the new login', nextDay);
    await world('revoke');
    await step('lost login', nextDay);
    await step('login after that', house.login);
    await step('unlink', async () => {
      const id = house.accounts.accountOf(household);
      return id !== null && (await house.accounts.unlink(id)) ? 'ok' : 'unknown';
    });
  }

  if (task === 'rounds') {
    const lines = createInterface({ input: process.stdin });
    const told = lines[Symbol.asyncIterator]();
    await step('login', house.login);
    for (let round = 0; round < Number(rounds); round += 1) {
      const ended = await nextDay();
      await quiet();
      say({ is: 'round', ended, trouble: house.store.trouble?.error.reason ?? null });
      await told.next();
    }
    lines.close();
  }
  if (task === 'call') await step('call', house.call);
  await house.close();
  say({ is: 'stopped', why: 'done' });
} catch (error) {
  say({ is: 'stopped', why: error instanceof Error ? error.message : String(error) });
  // The house may be open still, and its timers would keep the process.
  process.exit(3);
}
