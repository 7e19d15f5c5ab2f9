import type { AccountView } from '../../sonos/linked.ts';
import type { KnownAccounts } from '../middle.ts';
import type { LineOf } from '../record/lines.ts';

/** The accounts as the record tells of them. */
export class RecordedAccounts implements KnownAccounts {
  #accounts: readonly AccountView[] = [];
  #listeners: (() => void)[] = [];

  /** They are others now. */
  become({ accounts }: LineOf<'accounts'>): void {
    this.#accounts = accounts.map((account) => ({ ...account, tokenExpiresAt: 0, linkedAt: 0 }));
    for (const listener of this.#listeners) listener();
  }

  accountOf(household: string): string | null {
    return this.#accounts.find(({ households }) => households.includes(household))?.id ?? null;
  }

  households(): readonly string[] {
    return this.#accounts.flatMap(({ households }) => households);
  }

  list(): readonly AccountView[] {
    return this.#accounts;
  }

  status(): ReturnType<KnownAccounts['status']> {
    const worst = (['needs_login', 'unreachable', 'linked'] as const).find((status) =>
      this.#accounts.some((account) => account.status === status),
    );
    return { status: worst ?? 'unlinked', tokenExpiresAt: null };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
    };
  }
}
