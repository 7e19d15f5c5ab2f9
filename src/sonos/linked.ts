import type { Cancel, Clock, Log, Random } from '../bridge/ports.ts';
import { Grant } from './grant.ts';
import type { Ledger } from './ledger.ts';
import type { OAuth } from './oauth.ts';

/** How it stands with the link to Sonos. `unreachable` passes by itself, `needs_login` and `unlinked` need a person. */
export type AccountStatus = 'unlinked' | 'linked' | 'needs_login' | 'unreachable';

/** One linked account, without its secrets. Times are wall time in milliseconds. */
export interface AccountView {
  readonly id: string;
  readonly status: Exclude<AccountStatus, 'unlinked'>;
  readonly households: readonly string[];
  readonly tokenExpiresAt: number;
  readonly linkedAt: number;
}

/** The worst status of all accounts, and the earliest end of an access token, wall time in milliseconds. */
export interface LinkStatus {
  readonly status: AccountStatus;
  readonly tokenExpiresAt: number | null;
}

/** What the linked accounts need. */
export interface LinkedOptions {
  readonly ledger: Ledger;
  readonly oauth: OAuth;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** An account got a new token from a refresh. */
  readonly refreshed: (accountId: string) => void;
}

/** The accounts of the ledger, each with the life of its tokens, and what may be shown of them. */
export class Linked {
  readonly #options: LinkedOptions;
  readonly #grants = new Map<string, Grant>();
  readonly #listeners = new Set<() => void>();
  #started = false;
  #shown = '';

  constructor(options: LinkedOptions) {
    this.#options = options;
    this.follow();
  }

  start(): void {
    this.#started = true;
    for (const grant of this.#grants.values()) grant.start();
  }

  stop(): void {
    this.#started = false;
    for (const grant of this.#grants.values()) grant.stop();
  }

  /** No refresh is begun any more; settles when none is under way either. */
  async close(): Promise<void> {
    await Promise.all([...this.#grants.values()].map((grant) => grant.close()));
  }

  grant(accountId: string | null): Grant | undefined {
    return this.#grants.get(accountId ?? '');
  }

  /** Gives every account in the ledger its grant, and ends those of the others. */
  follow(): void {
    const { ledger, oauth, clock, random, log } = this.#options;
    for (const { id } of ledger.all()) {
      if (this.#grants.has(id)) continue;
      const changed = () => this.changed();
      const refreshed = () => this.#options.refreshed(id);
      const grant = new Grant({ id, ledger, oauth, clock, random, log, changed, refreshed });
      this.#grants.set(id, grant);
      if (this.#started) grant.start();
    }
    for (const [id, grant] of this.#grants) {
      if (ledger.get(id) !== undefined) continue;
      grant.stop();
      this.#grants.delete(id);
    }
    this.changed();
  }

  list(): readonly AccountView[] {
    return this.#options.ledger.all().map((one) => {
      const reachable = this.grant(one.id)?.unreachable === true ? 'unreachable' : 'linked';
      return {
        id: one.id,
        status: one.status === 'needs_login' ? 'needs_login' : reachable,
        households: one.households,
        tokenExpiresAt: one.expires_at,
        linkedAt: one.linked_at,
      };
    });
  }

  status(): LinkStatus {
    const views = this.list();
    if (views.length === 0) return { status: 'unlinked', tokenExpiresAt: null };
    const has = (status: AccountStatus) => views.some((view) => view.status === status);
    const worst = (['needs_login', 'unreachable'] as const).find(has) ?? 'linked';
    return { status: worst, tokenExpiresAt: Math.min(...views.map((view) => view.tokenExpiresAt)) };
  }

  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells the listeners when `list` shows something new. */
  changed(): void {
    const shown = JSON.stringify(this.list());
    if (shown === this.#shown) return;
    this.#shown = shown;
    for (const listener of [...this.#listeners]) listener();
  }
}
