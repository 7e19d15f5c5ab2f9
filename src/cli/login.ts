import { addressOf } from '../app/address-of.ts';
import { asOwner, holderText, lookAtFolder } from '../app/data-folder.ts';
import { keptIn, withKept } from '../app/integration.ts';
import { createQuietLog } from '../app/quiet-log.ts';
import { type Key, keyOf, openSonosSide } from '../app/sonos-side.ts';
import { configSecrets } from '../config/config-secrets.ts';
import type { Config } from '../config/schema.ts';
import type { Accounts, LoginDone, LoginError } from '../sonos/accounts.ts';
import { openStore, StoreError } from '../store/store.ts';
import { systemClock, systemRandom } from '../system.ts';
import { openInBrowser } from './browser.ts';
import { type Command, type Context, DONE, FAILED, readSettings, WRONG_USAGE } from './context.ts';
import { type Paint, paintFor } from './paint.ts';

const TRIES = 3;

/** After these the login that was begun is still good, so only the paste has to be made again. */
const STILL_OPEN: ReadonlySet<LoginError['reason']> = new Set(['unreadable', 'wrong_address']);

interface Desk {
  readonly context: Context;
  readonly accounts: Accounts;
  readonly redirectUri: string;
  readonly paint: Paint;
}

function begin({ context, accounts, redirectUri, paint }: Desk): void {
  const { url } = accounts.startLogin();
  context.say(`
 1. Open this address, and log in with the account of your Sonos system:

    ${paint.bold(url)}

 2. Allow the access. The browser then goes to an address that begins with
    ${redirectUri}
    It may say that the page cannot be reached; that does not matter.

 3. Copy the whole address from the browser's address bar, and paste it here.
`);
  openInBrowser(context, url);
}

function congratulate({ context, paint }: Desk, { households, known }: LoginDone): void {
  const sign = paint.good('✓');
  const what = known ? 'The account was linked before; its access is renewed.' : 'The account is linked.';
  const list =
    households.length === 0
      ? ' Sonos has not told its households yet; the bridge asks for them when it runs.'
      : households.map((id) => `   ${id}`).join('\n');
  context.say(`\n ${sign} ${what}${households.length === 0 ? '' : ' Its households:'}\n${list}`);
}

async function converse(desk: Desk): Promise<number> {
  const { context, accounts, paint } = desk;
  const interrupted = context.untilSignal.then(() => null);
  begin(desk);
  for (let left = TRIES - 1; left >= 0; left -= 1) {
    const pasted = await Promise.race([context.ask(' The address: '), interrupted]);
    if (pasted === null) {
      context.complain('\nThe login was not finished; nothing has changed.');
      return FAILED;
    }
    const done = await accounts.finishLogin(pasted);
    if (done.ok) {
      congratulate(desk, done.value);
      return DONE;
    }
    context.complain(` ${paint.bad('✗')} ${done.error.message}`);
    if (left > 0 && !STILL_OPEN.has(done.error.reason)) begin(desk);
  }
  context.complain(`The login was given up after ${TRIES} tries; nothing has changed. Start it again.`);
  return FAILED;
}

/** Why the data folder cannot be used for a login; null when it can. */
async function obstacle({ data_dir, web }: Config): Promise<string | null> {
  const seen = await lookAtFolder(data_dir);
  switch (seen.kind) {
    case 'held':
      return `A bridge is running already (${holderText(seen.holder)}) and has the data folder ${data_dir}. Log in at its page: ${addressOf('http', web.host, web.port)}/login`;
    case 'foreign':
      return `The data folder ${data_dir} belongs to another user, and what this login saves would be closed to the bridge. ${asOwner(seen.owner)}`;
    default:
      return null;
  }
}

async function logIn(context: Context, config: Config, key: Key): Promise<number> {
  const { secrets } = context;
  const log = createQuietLog(secrets, (message) => context.complain(` ${message}`));
  const parts = { config, key, secrets, log, clock: systemClock, random: systemRandom };
  const opened = await openStore({ ...parts, folder: config.data_dir, log: log.child('store') });
  if (!opened.ok) {
    context.complain(opened.error.message);
    return FAILED;
  }
  const store = opened.value;
  try {
    const sonos = await openSonosSide({ ...parts, store });
    try {
      const { accounts } = sonos;
      return await converse({ context, accounts, redirectUri: key.redirectUri, paint: paintFor(context) });
    } finally {
      await sonos.stop();
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    context.complain(error.message);
    return FAILED;
  } finally {
    await store.close();
  }
}

/** Links the account from a terminal: prints the address of the login, takes the address that the browser ends at. */
export const login: Command = async (context) => {
  const settings = await readSettings(context);
  if (settings === null) return WRONG_USAGE;
  const { config } = withKept(settings, await keptIn(settings.config.data_dir));
  for (const secret of configSecrets(config)) context.secrets.add(secret);
  const key = keyOf(config);
  if (key === null) {
    context.complain(
      'A login needs the key of an integration. Start "sonos-mqtt-bridge" without a command and open its page, which asks for it; or set sonos.client_id, sonos.client_secret and sonos.redirect_uri.',
    );
    return WRONG_USAGE;
  }
  const hindered = await obstacle(config);
  if (hindered === null) return logIn(context, config, key);
  context.complain(hindered);
  return FAILED;
};
