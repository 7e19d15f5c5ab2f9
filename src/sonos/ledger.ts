import type { AccountRecord, AccountsRecord } from './account-record.ts';

/**
 * One durable value. `save` takes the new value at once, so that `value` is it from then on, and resolves when it is durable;
 * it rejects when the disk refused, in which case the value is kept in memory and tried again by the document itself.
 */
export interface Document<T> {
  readonly value: T;
  save(value: T): Promise<void>;
}

/** Where values go that must never be shown. */
export interface Secrets {
  add(value: string): void;
  forget(value: string): void;
}

/** A replaced access token is good for another day, and a call in flight may still fail with it. */
const REMEMBERED = 32;

/** The accounts on disk, with every token in them known as a secret. */
export interface Ledger {
  all(): readonly AccountRecord[];
  get(id: string): AccountRecord | undefined;
  /** Takes new accounts at once; true when they are durable, false when the disk refused and they are only in memory. */
  put(accounts: readonly AccountRecord[]): Promise<boolean>;
  /** The same for one of them, when it is still there. */
  change(id: string, edit: (account: AccountRecord) => AccountRecord): Promise<boolean>;
}

/** Opens the ledger on a document. */
export function createLedger(document: Document<AccountsRecord>, secrets: Secrets): Ledger {
  let retired: string[] = [];
  for (const value of tokensOf(document.value.accounts)) secrets.add(value);

  async function put(accounts: readonly AccountRecord[]): Promise<boolean> {
    const before = tokensOf(document.value.accounts);
    const after = tokensOf(accounts);
    // Once each: what is added more often than it is forgotten would be kept for ever.
    for (const value of after) if (!before.has(value)) secrets.add(value);
    retired = [...retired, ...before].filter((value) => !after.has(value));
    for (const value of retired.splice(0, retired.length - REMEMBERED)) secrets.forget(value);
    try {
      await document.save({ accounts });
      return true;
    } catch {
      return false;
    }
  }

  return {
    all: () => document.value.accounts,
    get: (id) => document.value.accounts.find((one) => one.id === id),
    put,
    change: (id, edit) => put(document.value.accounts.map((one) => (one.id === id ? edit(one) : one))),
  };
}

function tokensOf(accounts: readonly AccountRecord[]): ReadonlySet<string> {
  const values = accounts.flatMap((one) => [
    one.access_token,
    one.refresh_token,
    one.previous_refresh_token ?? '',
  ]);
  return new Set(values.filter((value) => value !== ''));
}
