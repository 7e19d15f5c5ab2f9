import { householdsBody } from '../../bridge/namespaces/households.ts';
import type { SonosSide } from '../sonos-side.ts';
import type { BrokerSeen } from './broker-seen.ts';
import { type Check, type Finding, note, well, wrong } from './finding.ts';
import { isRunning, isWaiting, type World } from './world.ts';

const TITLE = 'Token';
const HOUR_MS = 3_600_000;
const LOG_IN = 'Open the login page of the bridge, or run "sonos-mqtt-bridge login" while no bridge runs.';

function left(until: number, now: number): string {
  const hours = (until - now) / HOUR_MS;
  if (hours <= 0) return 'has ended';
  return hours < 1
    ? `is good for ${Math.ceil(hours * 60)} minutes`
    : `is good for ${Math.round(hours)} hours`;
}

function ofRunning({ clock }: World, { state }: BrokerSeen): Finding {
  if (state === null) {
    return note(
      TITLE,
      'not looked at: the running bridge has it, and did not tell over MQTT',
      'See the checks of broker and page.',
    );
  }
  const { status, login_url, token_expires_at } = state.account;
  const ends = token_expires_at === null ? NaN : Date.parse(token_expires_at);
  switch (status) {
    case 'linked':
      return well(
        TITLE,
        `linked; the access token ${Number.isNaN(ends) ? 'is in force' : left(ends, clock.now())}, and the running bridge refreshes it`,
      );
    case 'unreachable':
      return wrong(
        TITLE,
        'linked, but the running bridge cannot reach Sonos',
        'It keeps trying. See the checks of the Sonos servers, and the log of the bridge.',
      );
    default:
      return wrong(
        TITLE,
        status === 'unlinked' ? 'no Sonos account is linked' : 'Sonos asks for a new login',
        `Open ${login_url ?? 'the login page of the bridge'}.`,
      );
  }
}

/** Asks for a new token for one household; null when that works, else what is wrong. */
async function refresh({ accounts }: SonosSide, household: string): Promise<string | null> {
  const before = accounts.status().tokenExpiresAt;
  const token = await accounts.token(household);
  if (!token.ok) return token.error;
  // One that had ended was refreshed on the way.
  if (accounts.status().tokenExpiresAt !== before) return null;
  const replaced = await accounts.forceRefresh(household, token.value);
  return replaced.ok ? null : replaced.error;
}

async function ofOurs({ clock }: World, sonos: SonosSide): Promise<Finding> {
  const { accounts } = sonos;
  const views = accounts.list();
  if (views.length === 0) return wrong(TITLE, 'no Sonos account is linked', LOG_IN);
  if (views.some(({ status }) => status === 'needs_login')) {
    return wrong(TITLE, 'Sonos asks for a new login', LOG_IN);
  }
  for (const { households } of views) {
    const [household] = households;
    const problem = household === undefined ? null : await refresh(sonos, household);
    if (problem === 'needs_login') return wrong(TITLE, 'Sonos does not accept the login any more', LOG_IN);
    if (problem !== null) {
      return wrong(
        TITLE,
        'the access token cannot be refreshed at the moment',
        'Check sonos.client_id and sonos.client_secret against the developer portal, and see the check of the Sonos login; then try again.',
      );
    }
  }
  const ends = accounts.status().tokenExpiresAt ?? 0;
  return well(TITLE, `linked; a refresh works, and the new access token ${left(ends, clock.now())}`);
}

/** Whether an account is linked and its token can be refreshed. Behind a running bridge nothing is refreshed. */
export const checkToken: Check = async (world) => {
  if (world.key === null) return note(TITLE, 'not looked at: the key of the integration is missing');
  if (isRunning(world)) return ofRunning(world, await world.broker());
  if (world.sonos !== null) return ofOurs(world, world.sonos);
  if (world.folder.kind === 'absent') return wrong(TITLE, 'no Sonos account is linked', LOG_IN);
  return note(TITLE, 'not looked at: the data folder cannot be used');
};

const rooms = (count: number): string => `${count} room${count === 1 ? '' : 's'}`;

async function listed({ send }: SonosSide, household: string): Promise<string[] | null> {
  const answer = await send({
    ...{ method: 'GET', path: '/households', priority: 'command', repeatable: true },
    household,
  });
  const body = answer.ok ? householdsBody.safeParse(answer.value) : null;
  if (!body?.success) return null;
  return body.data.households.items.map(({ id, name }) => (name === null ? id : `${id} (${name})`));
}

async function askSonos(sonos: SonosSide): Promise<Finding> {
  const title = 'Households';
  const first = sonos.accounts.list().flatMap(({ households }) => households[0] ?? []);
  if (first.length === 0) return note(title, 'not looked at: no account is linked');
  const answers = await Promise.all(first.map((household) => listed(sonos, household)));
  if (answers.includes(null)) {
    return wrong(
      title,
      'Sonos did not tell the households',
      'See the checks of token and Sonos API; then try again.',
    );
  }
  const names = answers.flatMap((answer) => answer ?? []);
  if (names.length > 0) return well(title, names.join(', '));
  return wrong(
    title,
    'the account has none',
    'Log in with the account that the speakers are registered to in the Sonos app.',
  );
}

/** Which households the account has. */
export const checkHouseholds: Check = async (world) => {
  const title = 'Households';
  if (isWaiting(world)) return note(title, 'not looked at: the key of the integration is missing');
  if (!isRunning(world)) {
    return world.sonos === null ? note(title, 'not looked at: no account is linked') : askSonos(world.sonos);
  }
  const { households } = await world.broker();
  if (households.length === 0) return note(title, 'not looked at: the running bridge shows none over MQTT');
  return well(title, households.map(({ alias, rooms: count }) => `${alias} (${rooms(count)})`).join(', '));
};
