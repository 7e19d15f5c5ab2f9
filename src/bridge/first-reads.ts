import { SNAPSHOT_WAIT_MS } from './doubts.ts';
import type { ReadBackPorts } from './read-back.ts';
import { isDenied } from './reads.ts';
import type { SonosError } from './sonos.ts';
import type { Household } from './state.ts';
import type { Subscriptions } from './subscriptions.ts';
import { type WantedSnapshot, wanted } from './wanted.ts';

const RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 300_000;
/** A player that has none of it may have it after an update. */
const LONGEST_DENIED_MS = 86_400_000;
/** An event that overtakes a read may say no more than that there is something to read. */
const OVERTAKEN_MS = 1_000;

/** What they are made of; `isSilent` answers whether no events arrive. */
interface Options extends Pick<ReadBackPorts, 'clock' | 'reads' | 'heardAt'> {
  readonly subscriptions: Pick<Subscriptions, 'heldSince' | 'neverAsked'>;
  readonly isSilent: () => boolean;
}

/** Reads what one household still lacks: what no event brought after subscribing, and what a read failed to bring. */
export class FirstReads {
  readonly #options: Options;
  /** Reads that did not bring it: when they may be tried again (`Clock.elapsed`). */
  readonly #notBefore = new Map<string, { readonly at: number; readonly failures: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** What lacks and is to be read by then (`Clock.elapsed`). */
  due(household: Household, until: number): WantedSnapshot[] {
    const { isSilent, subscriptions } = this.#options;
    const lacking = wanted(household).snapshots;
    const keys = new Set(lacking.map((read) => read.key));
    for (const key of this.#notBefore.keys()) if (!keys.has(key)) this.#notBefore.delete(key);
    // What is about to be subscribed comes by itself, unless that fails.
    const comes = new Set(isSilent() ? [] : subscriptions.neverAsked());
    return lacking.filter((read) => !comes.has(read.key) && this.#readAt(read.key) <= until);
  }

  /** When the first of them is to be read; infinite when nothing lacks. */
  dueAt(household: Household): number {
    return Math.min(...this.due(household, Number.POSITIVE_INFINITY).map(({ key }) => this.#readAt(key)));
  }

  /** Reads one; what went wrong, or null. */
  async read(household: string, read: WantedSnapshot): Promise<SonosError | null> {
    const { clock, reads } = this.#options;
    const outcome = await reads.read(household, read, 'housekeeping');
    const failures = (this.#notBefore.get(read.key)?.failures ?? 0) + (outcome.ok ? 0 : 1);
    const isOvertaken = outcome.ok && outcome.value === 'overtaken';
    const isRefused = !outcome.ok && isDenied(read, outcome.error);
    const longest = isRefused ? LONGEST_DENIED_MS : LONGEST_RETRY_MS;
    const backOff = Math.min(longest, RETRY_MS * 2 ** Math.max(0, failures - 1));
    const pause = isOvertaken ? OVERTAKEN_MS : backOff;
    this.#notBefore.set(read.key, { at: clock.elapsed() + pause, failures });
    return outcome.ok ? null : outcome.error;
  }

  /** What Sonos refused or did not answer is asked for again at once. */
  tryAgain(): void {
    this.#notBefore.clear();
  }

  /** At once while no events arrive, else when none came after subscribing. */
  #readAt(key: string): number {
    const { subscriptions, heardAt, isSilent } = this.#options;
    const since = subscriptions.heldSince(key);
    const isAwaited = since !== null && (heardAt(key) ?? Number.NEGATIVE_INFINITY) < since;
    const patience = isAwaited && !isSilent() ? since + SNAPSHOT_WAIT_MS : 0;
    return Math.max(patience, this.#notBefore.get(key)?.at ?? 0);
  }
}
