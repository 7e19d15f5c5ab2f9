import { AppRefused } from '../app/refused.ts';
import { type Missing, needsOf, type Relay, type RelayNeeds, startRelay } from '../app/relay.ts';
import { relayTopicsOf } from '../app/relay-ground.ts';
import type { Config } from '../config/schema.ts';
import { readBrokerAddress } from '../mqtt/broker-address.ts';
import { systemClock, systemRandom } from '../system.ts';
import { type Command, type Context, DONE, FAILED, openLog, readSettings, WRONG_USAGE } from './context.ts';
import { openSystemd } from './systemd-notify.ts';

function statusOf({ link, listener }: Relay): string {
  const { accepted } = listener.counters();
  const broker = link.status.connected ? 'connected' : 'not connected';
  return `MQTT ${broker}; ${accepted} events passed on, ${listener.turnedAway()} turned away.`;
}

async function run(context: Context, config: Config, needs: RelayNeeds): Promise<number> {
  const { log: output } = openLog(context, config);
  const { log } = output;
  try {
    const relay = await startRelay({
      ...{ config, needs, log: output },
      ...{ clock: systemClock, random: systemRandom },
    });
    const status = () => statusOf(relay);
    const systemd = openSystemd({ env: context.env, clock: systemClock, log, status });
    const broker = readBrokerAddress(needs.brokerUrl);
    log.info('The relay runs.', {
      public_port: relay.port,
      mqtt: broker.ok && broker.value.shown,
      topic: relayTopicsOf(config).filter,
    });
    void systemd?.ready();
    const signal = await context.untilSignal;
    log.info('The relay ends.', { signal, status: status() });
    await Promise.all([relay.stop(), systemd?.stopping()]);
    return DONE;
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error;
    log.error(error.message);
    return FAILED;
  } finally {
    await output.close();
  }
}

const lineOf = ({ setting, because }: Missing): string => `  ${setting}: ${because}.`;

const isComplete = (needs: RelayNeeds | readonly Missing[]): needs is RelayNeeds => !Array.isArray(needs);

/** A receiver of events that keeps nothing: it checks their signature and puts them on the broker. */
export const relay: Command = async (context) => {
  const settings = await readSettings(context);
  if (settings === null) return WRONG_USAGE;
  const needs = needsOf(settings.config);
  if (isComplete(needs)) return run(context, settings.config, needs);
  context.complain(
    `A relay cannot do without these settings; give it those of the bridge:\n${needs.map(lineOf).join('\n')}`,
  );
  return WRONG_USAGE;
};
