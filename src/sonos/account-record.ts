import { z } from 'zod';
import { tokenSchema } from './oauth-answer.ts';

/** Wall time, milliseconds, as far as dates go: what is beyond was never written by us, and cannot be shown. */
const moment = z.number().min(-8.64e15).max(8.64e15);

const accountSchema = z.object({
  id: z.string().min(1),
  refresh_token: tokenSchema,
  /** The one before, until the newer has been seen to work. */
  previous_refresh_token: tokenSchema.optional(),
  access_token: tokenSchema,
  expires_at: moment,
  /** Empty until Sonos has been asked. */
  households: z.array(z.string().min(1)).readonly(),
  status: z.enum(['linked', 'needs_login']),
  /** Of the last login. */
  linked_at: moment,
});

/** The durable record of all linked accounts, as the store reads it. */
export const accountsSchema = z.object({ accounts: z.array(accountSchema).readonly() });

/** One linked account with its tokens. */
export type AccountRecord = Readonly<z.infer<typeof accountSchema>>;

/** All linked accounts. */
export type AccountsRecord = Readonly<z.infer<typeof accountsSchema>>;

/** What is on disk before the first login. */
export const emptyAccounts: AccountsRecord = { accounts: [] };

/** Which record a login ended up in. */
export interface Settled {
  readonly accounts: readonly AccountRecord[];
  readonly id: string;
  /** True when an account that was linked before got the new tokens. */
  readonly known: boolean;
}

/**
 * Joins a fresh login with what is known, now that its households are. Accounts have no name of their own, so an account
 * that shares a household counts as the same: it keeps its id and gets the new tokens. Afterwards no household belongs to
 * two accounts.
 */
export function settleLogin(
  accounts: readonly AccountRecord[],
  freshId: string,
  households: readonly string[],
): Settled {
  const fresh = accounts.find(({ id }) => id === freshId);
  if (fresh === undefined) return { accounts, id: freshId, known: false };
  const same = accounts.find(
    (one) => one.id !== freshId && one.households.some((id) => households.includes(id)),
  );
  const id = same?.id ?? freshId;
  const joined = { ...fresh, id, households: [...households] };
  const others = accounts.flatMap((one) => {
    if (one.id === freshId || one.id === id) return [];
    const left = one.households.filter((household) => !households.includes(household));
    // A record that is still waiting for its first answer has none to lose.
    return left.length === 0 && one.households.length > 0 ? [] : [{ ...one, households: left }];
  });
  return { accounts: [...others, joined], id, known: same !== undefined };
}

/**
 * The households of an account as Sonos now lists them, without those that another account serves. An empty list is not
 * believed: losing a home by one odd answer would be worse than keeping one that is gone.
 */
export function updateHouseholds(
  accounts: readonly AccountRecord[],
  id: string,
  listed: readonly string[],
): readonly AccountRecord[] {
  const taken = new Set(accounts.filter((one) => one.id !== id).flatMap((one) => one.households));
  const own = listed.filter((household) => !taken.has(household));
  if (own.length === 0) return accounts;
  return accounts.map((one) => (one.id === id ? { ...one, households: own } : one));
}
