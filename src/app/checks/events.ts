import type { StateSeen } from './broker-seen.ts';
import { checkCallback } from './callback.ts';
import { type Check, type Finding, note, well, wrong } from './finding.ts';
import { isRunning, isWaiting } from './world.ts';

const TITLE = 'Events';

const ON_THE_PORTAL =
  'the Event Callback URL on the developer portal has to be the one that the page of the bridge shows, letter by letter';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** How many requests were refused that may have been events of Sonos; from outside, all that were refused. */
const refusedOf = ({ callback }: StateSeen): number => callback.bad_signatures ?? callback.rejected;

/** Why none has come although the way is open. */
function ofSilence(state: StateSeen): Finding {
  const { held, wanted } = state.subscriptions;
  if (held === 0) {
    return wrong(
      TITLE,
      `none has come: Sonos holds none of ${counted(wanted, 'subscription', 'subscriptions')}`,
      `Sonos takes no subscription without an Event Callback URL: ${ON_THE_PORTAL}.`,
    );
  }
  const refused = refusedOf(state);
  if (refused > 0) {
    return wrong(
      TITLE,
      `none has come that could be taken; ${counted(refused, 'request was', 'requests were')} refused`,
      'Most likely key and secret of the bridge are not those of the integration that posts here: compare both with the developer portal, and look for another integration with this Event Callback URL. The log of the bridge says why each was refused.',
    );
  }
  return note(
    TITLE,
    'none has come yet, and nothing speaks against it',
    `Change a volume in the Sonos app. If none comes then, ${ON_THE_PORTAL}.`,
  );
}

/** The same, where relays bring them. */
function ofSilentRelays({ callback }: StateSeen): Finding {
  if (callback.rejected > 0) {
    return wrong(
      TITLE,
      `none has come that could be believed; ${counted(callback.rejected, 'message of relays was', 'messages of relays were')} refused`,
      'Give relays and bridge the same sonos.client_id and sonos.client_secret, and clocks that agree. The log of the bridge says why each was refused.',
    );
  }
  return note(
    TITLE,
    'none has come by the relays yet',
    'Change a volume in the Sonos app. If none comes then, the Event Callback URL on the developer portal has to lead to the relays; their log says what they passed on.',
  );
}

/** Whether an event of Sonos really arrived; when not, why. */
export const checkEvents: Check = async (world) => {
  if (isWaiting(world)) return note(TITLE, 'not looked at: the key of the integration is missing');
  if (!isRunning(world)) return note(TITLE, 'not looked at: no bridge runs');
  const { state } = await world.broker();
  if (state === null) return note(TITLE, 'not looked at: the running bridge did not tell over MQTT');
  const { last_event_at: last } = state.callback;
  if (last !== null) return well(TITLE, `the last one, rightly signed, came at ${last}`);
  if (state.account.status !== 'linked') {
    return note(TITLE, 'none has come: no account is linked', 'They follow when it is.');
  }
  const { relay: isRelayed, public_url: publicUrl } = world.config.callback;
  if (publicUrl === undefined && !isRelayed) {
    return note(
      TITLE,
      'none has come: no public address is set',
      'Set callback.public_url, by the page or in the settings. Until then the bridge asks Sonos for what has changed.',
    );
  }
  const callback = await checkCallback(world);
  if (callback.verdict === 'wrong') {
    return wrong(
      TITLE,
      `none has come: the callback cannot be reached (${callback.seen})`,
      callback.advice ?? 'See the check of the callback.',
    );
  }
  return isRelayed && state.subscriptions.held > 0 ? ofSilentRelays(state) : ofSilence(state);
};
