import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from './context.ts';
import { isAddon } from './home-assistant-addon.ts';

const EXAMPLE = fileURLToPath(new URL('../../config/config.example.yaml', import.meta.url));

/** What to do when nothing is set up yet; `missing` are names of settings, `page` is where the page is. */
export function firstSteps(context: Context, missing: readonly string[], page: string): string {
  const portal =
    'It leads you to https://developer.sonos.com, where you make an integration, and asks for its key and secret.';
  const steps = isAddon(context)
    ? [
        'Open the page of the bridge: Settings, Add-ons, this add-on, Open Web UI.',
        portal,
        'Then link your Sonos account there. No restart is needed.',
        'Rather by options? client_id, client_secret and redirect_uri stand among the options of this add-on.',
      ]
    : [
        'See it first: npx sonos-mqtt-bridge demo (in a checkout: npm run demo) plays a simulated household.',
        `Open the page of the bridge: ${page}`,
        portal,
        'Then link your Sonos account there. No restart is needed.',
        `Rather by a file? Copy ${EXAMPLE} to ${join(context.cwd, 'config/config.yaml')}; what stands there wins over the page.`,
        'Give it your broker as mqtt.url, or leave that out: then a broker runs inside, on 127.0.0.1:1883.',
        'Something does not work? sonos-mqtt-bridge doctor says what and why.',
      ];
  return `The bridge is not set up yet; missing: ${missing.join(', ')}.

${steps.map((step, index) => ` ${index + 1}. ${step}`).join('\n')}`;
}
