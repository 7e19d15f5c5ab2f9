import { addressOf } from '../app/address-of.ts';
import { type App, startApp } from '../app/app.ts';
import { AppRefused } from '../app/refused.ts';
import type { Key } from '../app/sonos-side.ts';
import type { Config } from '../config/schema.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { systemClock } from '../system.ts';
import type { HeardSound } from './demo-spread.ts';

/** What the house of the demo is built from. */
export interface DemoHouseOptions {
  /** With free ports; what it says of Sonos is replaced by the simulated one. */
  readonly config: Config;
  readonly simulatorPort: number;
  /** A folder that is the demo's alone. */
  readonly folder: string;
  readonly log: LogOutput;
  readonly secrets: Secrets;
  /** A simulated speaker begins to play a sound, or ends. */
  readonly onSound: (heard: HeardSound) => void;
}

/** A simulated Sonos household and the real bridge, linked. */
export interface DemoHouse {
  readonly app: App;
  /** Of the simulated Sonos. */
  readonly simulatorUrl: string;
  stop(): Promise<void>;
}

type Simulated = ReturnType<typeof import('../sim/index.ts')['createSimulatedSonos']>;

/** Logs in as a browser would, whose person says yes. */
async function link({ sonos }: App): Promise<void> {
  const { url } = sonos.accounts.startLogin();
  const answer = await fetch(`${url}&auto=1`, { redirect: 'manual' });
  await answer.body?.cancel();
  const done = await sonos.accounts.finishLogin(answer.headers.get('location') ?? '');
  if (!done.ok)
    throw new AppRefused(`The demo could not be linked to its simulated Sonos: ${done.error.message}`);
}

async function simulate(
  key: Key,
  port: number,
  onClip: DemoHouseOptions['onSound'],
): Promise<{ sonos: Simulated; url: string; apiUrl: string }> {
  const { createSimulatedSonos } = await import('../sim/index.ts');
  const { clientId, clientSecret, redirectUri } = key;
  const sonos = createSimulatedSonos({
    ...{ clientId, clientSecret, port, clock: systemClock },
    // Every demo is another day.
    seed: Math.floor(Math.random() * 1_000_000),
    redirectUris: [redirectUri],
    onClip,
    knobs: { fetchClips: true },
  });
  return { sonos, ...(await sonos.start()) };
}

/** Opens the house. Throws `AppRefused` when it cannot be, after closing what was opened. */
export async function openDemoHouse(options: DemoHouseOptions): Promise<DemoHouse> {
  const { config, folder, log, secrets } = options;
  const { host, port } = config.callback;
  const key: Key = {
    clientId: config.sonos.client_id ?? 'demo-client',
    clientSecret: config.sonos.client_secret ?? 'demo-secret',
    redirectUri: `${addressOf('http', host, port)}/oauth/callback`,
  };
  const { sonos, url, apiUrl } = await simulate(key, options.simulatorPort, options.onSound);
  let app: App | null = null;
  const stop = async (): Promise<void> => {
    sonos.life.stop();
    await app?.stop();
    await sonos.stop();
  };
  try {
    // Somebody is at home already when the curtain rises.
    sonos.world.tvOn('Living Room');
    sonos.life.start();
    app = await startApp({
      ...{ key, log, secrets },
      config: {
        ...config,
        data_dir: folder,
        sonos: { ...config.sonos, api_url: apiUrl, login_url: url, redirect_uri: key.redirectUri },
        callback: { ...config.callback, public_url: addressOf('http', host, port) },
      },
    });
    if (app.publicPort !== null) {
      sonos.registerCallback(`${addressOf('http', host, app.publicPort)}${app.callbackPath}`);
    }
    await link(app);
  } catch (error) {
    await stop();
    throw error;
  }
  return { app, simulatorUrl: url, stop };
}
