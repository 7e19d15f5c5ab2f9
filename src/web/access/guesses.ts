import { isIPv6 } from 'node:net';
import type { Clock } from '../../bridge/ports.ts';

/** Slows the guessing of a password down, for each address and for all together. */
export interface Guesses {
  /** Milliseconds until this address may try; 0 when it may now. */
  waitMs(address: string): number;
  /** Counts a wrong try, but not the very guess that this address made last; answers who has to wait from now on. */
  wrong(address: string, fingerprint: string): 'nobody' | 'this_address' | 'everybody';
  /** Whether this is the very guess that this address made last, and that was wrong. */
  isLast(address: string, fingerprint: string): boolean;
  /** Takes note that this address knows the password. Its wrong tries are not forgiven: a proxy brings everybody's. */
  right(address: string): void;
  /** How many addresses are remembered; bounded. */
  size(): number;
}

interface Rule {
  /** So many wrong tries cost nothing. */
  readonly free: number;
  readonly longestMs: number;
}

interface Tries {
  readonly count: number;
  /** Both by `Clock.elapsed`. */
  readonly until: number;
  readonly last: number;
  readonly fingerprint: string;
}

const EACH: Rule = { free: 5, longestMs: 300_000 };
const ALL: Rule = { free: 50, longestMs: 60_000 };
const FIRST_WAIT_MS = 1_000;
const FORGET_MS = 3_600_000;
const MOST_RECORDS = 1_000;
const MOST_KNOWN = 100;
const FRESH: Tries = { count: 0, until: 0, last: 0, fingerprint: '' };

/** Four leading groups of an IPv6 address, since whoever has one has that whole network; IPv4 as it is. */
function networkOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [front = '', back] = bare.split('::');
  const before = front === '' ? [] : front.split(':');
  const after = back === undefined || back === '' ? [] : back.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

function next(record: Tries, rule: Rule, now: number, fingerprint: string): Tries {
  const count = record.count + 1;
  const doublings = count - rule.free;
  const wait = doublings < 0 ? 0 : Math.min(rule.longestMs, FIRST_WAIT_MS * 2 ** Math.min(doublings, 20));
  return { count, until: now + wait, last: now, fingerprint };
}

/** Puts a key at the end, and lets the one go that has waited longest when there are too many. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > most && !oldest.done) map.delete(oldest.value);
}

/**
 * Creates an empty memory. Five wrong tries of one address are free and fifty of all together; each further one
 * doubles the wait, from a second to five minutes for the address and to one minute for all. An hour without a wrong
 * try makes good. An address that knew the password does not wait for the others.
 */
export function createGuesses(clock: Clock): Guesses {
  const records = new Map<string, Tries>();
  const known = new Map<string, true>();
  let all = FRESH;

  const current = (record: Tries | undefined): Tries =>
    record === undefined || clock.elapsed() - record.last > FORGET_MS ? FRESH : record;

  return {
    waitMs: (address) => {
      const network = networkOf(address);
      const own = current(records.get(network)).until;
      const until = known.has(network) ? own : Math.max(own, current(all).until);
      return Math.max(0, until - clock.elapsed());
    },
    wrong: (address, fingerprint) => {
      const network = networkOf(address);
      const record = current(records.get(network));
      // A browser or a scraper that repeats one old password learns nothing by it, and locks nobody out.
      if (record.fingerprint === fingerprint) return 'nobody';
      const counted = next(record, EACH, clock.elapsed(), fingerprint);
      remember(records, network, counted, MOST_RECORDS);
      all = next(current(all), ALL, clock.elapsed(), '');
      if (all.count === ALL.free) return 'everybody';
      return counted.count === EACH.free ? 'this_address' : 'nobody';
    },
    isLast: (address, fingerprint) => current(records.get(networkOf(address))).fingerprint === fingerprint,
    right: (address) => remember(known, networkOf(address), true, MOST_KNOWN),
    size: () => records.size + known.size,
  };
}
