import { type Check, note, well, wrong } from './finding.ts';
import { isRunning, isWaiting } from './world.ts';

const TITLE = 'Subscriptions';

/** Whether Sonos holds all that the running bridge wants to hear of. */
export const checkSubscriptions: Check = async (world) => {
  if (!isRunning(world)) return note(TITLE, 'not looked at: no bridge runs');
  if (isWaiting(world)) return note(TITLE, 'not looked at: the bridge waits for its set-up');
  const { state } = await world.broker();
  if (state === null) return note(TITLE, 'not looked at: the running bridge did not tell over MQTT');
  const { held, wanted } = state.subscriptions;
  const seen = `Sonos holds ${held} of ${wanted}`;
  if (wanted > 0 && held === wanted) return well(TITLE, seen);
  if (state.account.status !== 'linked') return wrong(TITLE, seen, 'They follow when the account is linked.');
  if (held === 0) {
    return wrong(
      TITLE,
      seen,
      'Register the Event Callback URL on the developer portal: Sonos takes no subscription without one. The log of the bridge says what Sonos answered.',
    );
  }
  return wrong(
    TITLE,
    seen,
    'The bridge asks for the others again and again; if they are still missing in a minute, its log says why.',
  );
};
