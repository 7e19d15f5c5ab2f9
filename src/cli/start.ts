import type { App } from '../app/app.ts';
import { live, type Phase } from '../app/life.ts';
import type { Reception } from '../app/reception.ts';
import { AppRefused } from '../app/refused.ts';
import { relayTopicsOf } from '../app/relay-ground.ts';
import type { Config } from '../config/schema.ts';
import { readBrokerAddress } from '../mqtt/broker-address.ts';
import { systemClock } from '../system.ts';
import {
  type Command,
  type Context,
  DONE,
  FAILED,
  openLog,
  readSettings,
  type Settings,
  WRONG_USAGE,
} from './context.ts';
import { isAddon, readAddonSettings } from './home-assistant-addon.ts';
import { collectStartGarbage } from './start-garbage.ts';
import { openSystemd } from './systemd-notify.ts';

const IN_HOME_ASSISTANT = 'in Home Assistant';

function announce({ log }: ReturnType<typeof openLog>, app: App, config: Config): void {
  const { broker } = app.mqtt;
  const address = readBrokerAddress(config.mqtt.url ?? '');
  log.log.info('The bridge runs.', {
    mqtt:
      broker === null
        ? address.ok && address.value.shown
        : `embedded broker on ${config.broker.host}:${broker.port}`,
    ...(app.publicPort === null
      ? { events_from: relayTopicsOf(config).filter }
      : { public_port: app.publicPort }),
    page:
      config.home_assistant.ingress_from === undefined
        ? app.loginUrl.replace(/\/login$/, '/')
        : IN_HOME_ASSISTANT,
  });
  if (app.sonos.accounts.status().status === 'unlinked') {
    log.log.warn('No Sonos account is linked yet. Open the page, or run "sonos-mqtt-bridge login".', {
      ...(config.home_assistant.ingress_from === undefined ? { login: app.loginUrl } : {}),
    });
  }
}

function invite({ log }: ReturnType<typeof openLog>, { page }: Reception, config: Config): void {
  const isOutside = config.home_assistant.ingress_from === undefined;
  log.log.warn('The bridge is not set up yet. Its page leads through the set-up.', {
    page: isOutside ? page : IN_HOME_ASSISTANT,
  });
}

/** How the house is, for `systemctl status`. */
function statusOf(phase: Phase): string {
  if (phase.kind === 'reception') return `Not set up yet: open ${phase.reception.page}`;
  const { mqtt, state } = phase.app;
  const { account, subscriptions } = state();
  const broker = mqtt.link.status.connected ? 'connected' : 'not connected';
  return `MQTT ${broker}; Sonos account ${account.status}; ${subscriptions.held} of ${subscriptions.wanted} subscriptions.`;
}

/** Tells the person, systemd and the garbage collector of what is open. */
function createCompany(context: Context, config: Config, opened: ReturnType<typeof openLog>) {
  const { log } = opened.log;
  let phase: Phase | null = null;
  let isInvited = false;
  let leaveGarbage = (): void => {};
  let stopping: Promise<void> | undefined;
  const status = (): string => (phase === null ? '' : statusOf(phase));
  const systemd = openSystemd({ env: context.env, clock: systemClock, log, status });
  return {
    opened(next: Phase): void {
      const isFirst = phase === null;
      phase = next;
      if (isFirst) void systemd?.ready();
      leaveGarbage();
      leaveGarbage = collectStartGarbage({ clock: systemClock });
      if (next.kind === 'house') announce(opened, next.app, config);
      else invite(opened, next.reception, config);
      if (next.kind === 'house' || isInvited) return;
      isInvited = true;
      const { missing, page } = next.reception;
      // Loaded by those who need it.
      void import('./first-steps.ts').then(({ firstSteps }) =>
        context.say(firstSteps(context, missing, page)),
      );
    },
    ends(signal: string): void {
      leaveGarbage();
      log.info('The bridge ends.', { signal });
      stopping = systemd?.stopping();
    },
    left: () => stopping,
  };
}

async function run(context: Context, { config, sources }: Settings): Promise<number> {
  const opened = openLog(context, config);
  const company = createCompany(context, config, opened);
  try {
    await live({
      ...{ ...opened, given: { config, sources }, isAddon: isAddon(context), opened: company.opened },
      untilEnd: context.untilSignal.then(company.ends),
    });
    await company.left();
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
  return settings === null ? WRONG_USAGE : run(context, settings);
};
