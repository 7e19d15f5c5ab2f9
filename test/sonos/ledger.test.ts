import { expect, it } from 'vitest';
import type { AccountsRecord } from '../../src/sonos/account-record.ts';
import { createLedger } from '../../src/sonos/ledger.ts';
import { fakeDocument, fakeSecrets } from './fakes.ts';

const account = {
  id: 'a',
  refresh_token: 'refresh-1',
  access_token: 'access-1',
  expires_at: 0,
  households: [],
  status: 'linked' as const,
  linked_at: 0,
};

it('the ledger says whether the disk took the accounts, and has them in any case', async () => {
  const document = fakeDocument<AccountsRecord>({ accounts: [] });
  const ledger = createLedger(document, fakeSecrets());
  expect(await ledger.put([account])).toBe(true);
  document.disk.refuses = true;
  expect(await ledger.change('a', (one) => ({ ...one, access_token: 'access-2' }))).toBe(false);
  expect(ledger.get('a')?.access_token).toBe('access-2');
  expect(document.disk.value.accounts).toEqual([account]);
});
