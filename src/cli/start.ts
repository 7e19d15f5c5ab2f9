import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, AppRefused, startApp } from '../app/app.ts';
import { keyOf } from '../app/sonos-side.ts';
import type { Config } from '../config/schema.ts';
import { readBrokerAddress } from '../mqtt/broker-address.ts';
import { systemClock } from '../system.ts';
import { type Command, type Context, DONE, FAILED, openLog, readSettings, WRONG_USAGE } from './context.ts';
import { isAddon, readAddonSettings } from './home-assistant-addon.ts';
import { collectStartGarbage } from './start-garbage.ts';
import { openSystemd } from './systemd-notify.ts';

const EXAMPLE = fileURLToPath(new URL('../../config/config.example.yaml', import.meta.url));

/** What to do next when nothing is set up yet. */
function firstSteps({ sonos }: Config, context: Context): string {
  const missing = (['client_id', 'client_secret', 'redirect_uri'] as const).filter(
    (key) => sonos[key] === undefined,
  );
  const portal = [
    'At https://developer.sonos.com make an integration. It gives you a key and a secret.',
    'There, set a redirect URI: https://<your name>/oauth/callback, or http://localhost:8788/oauth/callback to begin with.',
    'There, set the Event Callback URL when you have a public address: the page of the bridge shows it.',
  ];
  const steps = isAddon(context)
    ? [
        ...portal,
        'Fill in client_id, client_secret and redirect_uri among the options of this add-on.',
        'Start it again, and open its page in Home Assistant to link your Sonos account.',
      ]
    : [
        'See it first: npx sonos-mqtt-bridge demo (in a checkout: npm run demo) plays a simulated household.',
        ...portal,
        `Copy ${EXAMPLE} to ${join(context.cwd, 'config/config.yaml')}; fill in client_id, client_secret, redirect_uri.`,
        'Give it your broker as mqtt.url, or leave that out: then a broker runs inside, on 127.0.0.1:1883.',
        'Start it again, and open http://127.0.0.1:8788 to link your Sonos account.',
        'Something does not work? sonos-mqtt-bridge doctor says what and why.',
      ];
  return `The bridge is not set up yet; missing: ${missing.map((key) => `sonos.${key}`).join(', ')}.

${steps.map((step, index) => ` ${index + 1}. ${step}`).join('\n')}`;
}

function announce({ log }: ReturnType<typeof openLog>, app: App, config: Config): void {
  const { broker } = app.mqtt;
  const address = readBrokerAddress(config.mqtt.url ?? '');
  log.log.info('The bridge runs.', {
    mqtt:
      broker === null
        ? address.ok && address.value.shown
        : `embedded broker on ${config.broker.host}:${broker.port}`,
    public_port: app.publicPort,
    page:
      config.home_assistant.ingress_from === undefined
        ? app.loginUrl.replace(/\/login$/, '/')
        : 'in Home Assistant',
  });
  if (app.sonos.accounts.status().status === 'unlinked') {
    log.log.warn('No Sonos account is linked yet. Open the page, or run "sonos-mqtt-bridge login".', {
      ...(config.home_assistant.ingress_from === undefined ? { login: app.loginUrl } : {}),
    });
  }
}

/** How the house is, for `systemctl status`. */
function statusOf({ mqtt, state }: App): string {
  const { account, subscriptions } = state();
  const broker = mqtt.link.status.connected ? 'connected' : 'not connected';
  return `MQTT ${broker}; Sonos account ${account.status}; ${subscriptions.held} of ${subscriptions.wanted} subscriptions.`;
}

async function run(context: Context, config: Config): Promise<number> {
  const key = keyOf(config);
  if (key === null) {
    context.say(firstSteps(config, context));
    return WRONG_USAGE;
  }
  const opened = openLog(context, config);
  try {
    const app = await startApp({ config, key, ...opened });
    announce(opened, app, config);
    const { log } = opened.log;
    const systemd = openSystemd({ env: context.env, clock: systemClock, log, status: () => statusOf(app) });
    void systemd?.ready();
    const leaveGarbage = collectStartGarbage({ clock: systemClock });
    const signal = await context.untilSignal;
    leaveGarbage();
    log.info('The bridge ends.', { signal });
    await Promise.all([app.stop(), systemd?.stopping()]);
    return DONE;
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error;
    opened.log.log.error(error.message);
    return FAILED;
  } finally {
    await opened.log.close();
  }
}

/** The daemon. */
export const start: Command = async (context) => {
  const settings = isAddon(context) ? await readAddonSettings(context) : await readSettings(context);
  return settings === null ? WRONG_USAGE : run(context, settings.config);
};
