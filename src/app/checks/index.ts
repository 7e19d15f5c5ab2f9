import type { FindingView } from '../../web/api/messages.ts';
import { checkHouseholds, checkToken } from './account.ts';
import { checkBroker } from './broker.ts';
import { checkCallback } from './callback.ts';
import { checkDataFolder } from './data-folder.ts';
import { checkEvents } from './events.ts';
import type { NamedCheck } from './finding.ts';
import { checkPage } from './page.ts';
import { checkSettings } from './settings.ts';
import { checkApi, checkLoginServer } from './sonos.ts';
import { checkClips, checkSpeech } from './speech.ts';
import { checkSubscriptions } from './subscriptions.ts';
import type { World } from './world.ts';

/** Every check, in the order in which one thing needs the other. */
export const checks: readonly NamedCheck[] = [
  { name: 'settings', look: checkSettings },
  { name: 'data-folder', look: checkDataFolder },
  { name: 'login-server', look: checkLoginServer },
  { name: 'api', look: checkApi },
  { name: 'token', look: checkToken },
  { name: 'households', look: checkHouseholds },
  { name: 'broker', look: checkBroker },
  { name: 'page', look: checkPage },
  { name: 'callback', look: checkCallback },
  { name: 'subscriptions', look: checkSubscriptions },
  { name: 'events', look: checkEvents },
  { name: 'speech', look: checkSpeech },
  { name: 'clips', look: checkClips },
];

const BEFORE_SETUP = new Set(['settings', 'data-folder', 'login-server', 'api', 'speech']);

/** Those that can be made while there is no key. */
export const checksBeforeSetup: readonly NamedCheck[] = checks.filter(({ name }) => BEFORE_SETUP.has(name));

/** Makes checks one after the other, as long as somebody wants to know. */
export async function* examine(
  world: World,
  wanted: readonly NamedCheck[],
  isOver: () => boolean,
): AsyncGenerator<FindingView, void, undefined> {
  for (const { name, look } of wanted) {
    if (isOver()) return;
    yield { check: name, ...(await look(world)) };
  }
}
