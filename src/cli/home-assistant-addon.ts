import { z } from 'zod';
import { createReach, type Reach } from '../app/checks/reach.ts';
import { readJson } from '../bridge/read-json.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { OPTIONS_FILE } from '../config/options-file.ts';
import { systemClock } from '../system.ts';
import { type Context, readSettings, type Settings } from './context.ts';

// As an add-on of Home Assistant, the bridge takes its options from a file and its broker from the Supervisor.

/** Where the Supervisor is, and how patiently it is asked. */
export interface SupervisorAddress {
  readonly url: string;
  readonly tries: number;
  readonly pauseMs: number;
  readonly answerWithinMs: number;
}

// After a start of the machine the broker's add-on may take a while to offer its service.
const SUPERVISOR: SupervisorAddress = {
  url: 'http://supervisor',
  tries: 6,
  pauseMs: 5_000,
  answerWithinMs: 5_000,
};

const answered = z.object({
  data: z.object({
    host: z.string().regex(/^[\w.:-]{1,253}$/),
    port: z.int().min(1).max(65_535),
    ssl: z.boolean().default(false),
    username: z.string().optional(),
    password: z.string().optional(),
  }),
});

type Service = z.output<typeof answered>['data'];

const ADVICE = 'Or use a broker of your own: set mqtt.url among the options.';

/** Whether the bridge runs as an add-on of Home Assistant: its Supervisor says so, and gives it options. */
export const isAddon = ({ env }: Pick<Context, 'env'>): boolean =>
  Boolean(env.SUPERVISOR_TOKEN) && Boolean(env[OPTIONS_FILE]);

/** Asks once; the error says whether asking again may help. */
async function ask(
  reach: Reach,
  url: string,
  token: string,
): Promise<Result<Service, { readonly message: string; readonly isFinal: boolean }>> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await reach({ url: `${url}/services/mqtt`, headers });
  if (!answer.ok) {
    const message = `The Supervisor of Home Assistant could not be asked for its MQTT broker (${answer.error}). Restart the add-on, or Home Assistant.`;
    return err({ message, isFinal: false });
  }
  const { status, text } = answer.value;
  if (status === 401 || status === 403) {
    const message = `The Supervisor of Home Assistant does not tell this add-on its MQTT broker (HTTP ${status}). The manifest of the add-on has to say "services: [mqtt:want]"; install it again.`;
    return err({ message, isFinal: true });
  }
  if (status === 400 || status === 404) {
    const message =
      'Home Assistant has no MQTT broker to offer. Install the add-on "Mosquitto broker" and start it.';
    return err({ message, isFinal: false });
  }
  const service = status === 200 ? readJson(answered, text) : null;
  if (service !== null) return ok(service.data);
  const message = `The Supervisor of Home Assistant gave an answer about its MQTT broker that was not understood (HTTP ${status}).`;
  return err({ message, isFinal: false });
}

async function askPatiently(
  token: string,
  { url, tries, pauseMs, answerWithinMs }: SupervisorAddress,
): Promise<Result<Service, string>> {
  const reach = createReach(systemClock, answerWithinMs);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(reach, url, token);
    if (answer.ok) return answer;
    if (answer.error.isFinal || attempt >= tries) return err(answer.error.message);
    await new Promise<void>((resolve) => systemClock.after(pauseMs, resolve));
  }
}

/** The service as settings: what belongs together wins together. */
function variablesOf({ host, port, ssl, username, password }: Service): Record<string, string> {
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    BRIDGE_MQTT_URL: `${ssl ? 'mqtts' : 'mqtt'}://${name}:${port}`,
    BRIDGE_MQTT_USERNAME: username ?? '',
    BRIDGE_MQTT_PASSWORD: password ?? '',
  };
}

/**
 * Reads the settings of an add-on: the options, and Home Assistant's MQTT broker when they name none. What hinders is told,
 * and null returned. There is no embedded broker here, since nobody outside the container could reach it.
 */
export async function readAddonSettings(
  context: Context,
  supervisor: SupervisorAddress = SUPERVISOR,
): Promise<Settings | null> {
  const token = context.env.SUPERVISOR_TOKEN ?? '';
  context.secrets.add(token);
  const own = await readSettings(context);
  if (own === null || own.config.mqtt.url !== undefined) return own;
  const service = await askPatiently(token, supervisor);
  if (service.ok) {
    return readSettings({ ...context, env: { ...context.env, ...variablesOf(service.value) } });
  }
  context.complain(`${service.error} ${ADVICE}`);
  return null;
}
