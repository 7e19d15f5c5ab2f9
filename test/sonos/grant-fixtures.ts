import type { AccountRecord, AccountsRecord } from '../../src/sonos/account-record.ts';
import { Grant } from '../../src/sonos/grant.ts';
import { createLedger } from '../../src/sonos/ledger.ts';
import { fakeLogin } from './fake-login.ts';
import { fakeClock, fakeDocument, fakeLog, fakeRandom, fakeSecrets } from './fakes.ts';

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** The tokens of one account, which the login server has just given out, and all that they touch. */
export async function grantWith({
  leftMs = 24 * HOUR,
  ...more
}: Partial<AccountRecord> & { leftMs?: number } = {}) {
  const clock = fakeClock();
  const log = fakeLog();
  const gate = { held: Promise.resolve() };
  const login = fakeLogin('rotating', () => gate.held);
  await login.oauth.exchange('code');
  const record: AccountRecord = {
    id: 'a',
    refresh_token: 'refresh-1',
    access_token: 'access-1',
    expires_at: clock.now() + leftMs,
    households: ['Sonos_home'],
    status: 'linked',
    linked_at: 0,
    ...more,
  };
  const document = fakeDocument<AccountsRecord>({ accounts: [record] });
  let saves = 0;
  const counted = {
    get value() {
      return document.value;
    },
    save(value: AccountsRecord) {
      saves += 1;
      return document.save(value);
    },
  };
  const ledger = createLedger(counted, fakeSecrets());
  const told = { changed: 0, refreshed: 0 };
  const grant = new Grant({
    ...{ id: 'a', ledger, oauth: login.oauth, clock, random: fakeRandom(), log },
    changed: () => {
      told.changed += 1;
    },
    refreshed: () => {
      told.refreshed += 1;
    },
  });
  /** The login server answers only when it is let go. */
  const hold = (): (() => void) => {
    let release = (): void => {};
    gate.held = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      gate.held = Promise.resolve();
      release();
    };
  };
  const account = () => ledger.get('a');
  const refreshes = () => login.state.refreshes.length;
  return { grant, clock, log, login, ledger, document, told, hold, account, refreshes, saves: () => saves };
}
