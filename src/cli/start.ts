import { type App, AppRefused, startApp } from '../app/app.ts';
import { keyOf } from '../app/sonos-side.ts';
import type { Config } from '../config/schema.ts';
import { readBrokerAddress } from '../mqtt/broker-address.ts';
import { type Command, type Context, DONE, FAILED, openLog, readSettings, WRONG_USAGE } from './context.ts';

/** What to do next when nothing is set up yet. */
function firstSteps({ sonos }: Config): string {
  const missing = (['client_id', 'client_secret', 'redirect_uri'] as const).filter(
    (key) => sonos[key] === undefined,
  );
  return `The bridge is not set up yet; missing: ${missing.map((key) => `sonos.${key}`).join(', ')}.

 1. See it first: npm run demo (or: sonos-mqtt-bridge demo) plays a simulated household.
 2. At https://developer.sonos.com make an integration. It gives you a key and a secret.
 3. There, set a redirect URI: https://<your name>/oauth/callback, or http://localhost:8788/oauth/callback to begin with.
 4. There, set the Event Callback URL when you have a public address: the bridge shows its path (step 7).
 5. Copy config/config.example.yaml to config/config.yaml; fill in client_id, client_secret, redirect_uri.
 6. Give it your broker as mqtt.url, or leave that out: then a broker runs inside, on 127.0.0.1:1883.
 7. Start it again, and open http://127.0.0.1:8788 to link your Sonos account.
 8. Something does not work? sonos-mqtt-bridge doctor says what and why.`;
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
    page: app.loginUrl.replace(/\/login$/, '/'),
  });
  if (app.sonos.accounts.status().status === 'unlinked') {
    log.log.warn('No Sonos account is linked yet. Open the login page, or run "sonos-mqtt-bridge login".', {
      login: app.loginUrl,
    });
  }
}

async function run(context: Context, config: Config): Promise<number> {
  const key = keyOf(config);
  if (key === null) {
    context.say(firstSteps(config));
    return WRONG_USAGE;
  }
  const opened = openLog(context, config);
  try {
    const app = await startApp({ config, key, ...opened });
    announce(opened, app, config);
    const signal = await context.untilSignal;
    opened.log.log.info('The bridge ends.', { signal });
    await app.stop();
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
  const settings = await readSettings(context);
  return settings === null ? WRONG_USAGE : run(context, settings.config);
};
