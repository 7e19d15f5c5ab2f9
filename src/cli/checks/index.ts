import { checkHouseholds, checkToken } from './account.ts';
import { checkBroker } from './broker.ts';
import { checkCallback } from './callback.ts';
import { checkDataFolder } from './data-folder.ts';
import type { Check } from './finding.ts';
import { checkPage } from './page.ts';
import { checkSettings } from './settings.ts';
import { checkApi, checkLoginServer } from './sonos.ts';
import { checkClips, checkSpeech } from './speech.ts';
import { checkSubscriptions } from './subscriptions.ts';

/** Every check, in the order in which one thing needs the other. */
export const checks: readonly Check[] = [
  ...[checkSettings, checkDataFolder],
  ...[checkLoginServer, checkApi, checkToken, checkHouseholds],
  ...[checkBroker, checkPage, checkCallback, checkSubscriptions, checkSpeech, checkClips],
];
