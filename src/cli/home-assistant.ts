import { isAbsolute, join, relative } from 'node:path';
import { visitBroker } from '../app/broker-visit.ts';
import { accessOf } from '../app/checks/broker-seen.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { Config } from '../config/schema.ts';
import { adviceFor } from '../mqtt/connection-failure.ts';
import { systemClock, systemRandom } from '../system.ts';
import { type Command, type Context, DONE, FAILED, readSettings, WRONG_USAGE } from './context.ts';
import { BLUEPRINTS, filesFor } from './home-assistant-files/files.ts';
import { type FileHouse, houseOf, isWhole } from './home-assistant-files/house.ts';
import { BESIDE, type Written, writeFiles } from './home-assistant-files/write.ts';
import { printable } from './text.ts';

const FOLDER = 'examples/home-assistant';

/** Takes `--out FOLDER` out of the flags; the others are settings. */
function takeOut(argv: readonly string[]): Result<{ readonly out: string; readonly rest: string[] }, string> {
  const rest = [...argv];
  const at = rest.findIndex((word) => word === '--out' || word.startsWith('--out='));
  if (at === -1) return ok({ out: FOLDER, rest });
  const [flag = '', value] = rest.slice(at, at + 2);
  const isJoined = flag.includes('=');
  const out = isJoined ? flag.slice('--out='.length) : (value ?? '');
  if (out === '' || (!isJoined && out.startsWith('--')))
    return err('--out wants a folder, such as --out /config/sonos.');
  rest.splice(at, isJoined ? 1 : 2);
  return ok({ out, rest });
}

/** Kept messages follow the subscription at once; when nothing has come for so long, there is nothing. */
const NOTHING_MS = 1_500;
const AT_MOST_MS = 5_000;
const LOOK_EVERY_MS = 20;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    systemClock.after(milliseconds, resolve);
  });

async function readHouse(config: Config): Promise<Result<FileHouse, string>> {
  const base = config.mqtt.base_topic;
  const texts = new Map<string, string>();
  const decoder = new TextDecoder();
  const visit = await visitBroker({
    ...accessOf(config),
    clientId: `sonos-mqtt-bridge-files-${systemRandom.id().slice(0, 6)}`,
    filters: [`${base}/+`, `${base}/+/+`],
    clock: systemClock,
    onMessage: ({ topic, payload }) => void texts.set(topic, decoder.decode(payload)),
  });
  if (!visit.ok) {
    const embedded = 'The embedded broker is only there while the bridge runs: start it first.';
    const advice = config.mqtt.url === undefined ? embedded : adviceFor(visit.error);
    return err(`No connection to the broker: ${visit.error.seen}. ${advice}`);
  }
  try {
    const start = systemClock.elapsed();
    const isOver = (): boolean => systemClock.elapsed() - start > (texts.size > 0 ? AT_MOST_MS : NOTHING_MS);
    while (!isWhole(base, texts) && !isOver()) await pause(LOOK_EVERY_MS);
  } finally {
    await visit.value.close();
  }
  const { refused } = visit.value;
  if (refused.length > 0)
    return err(
      `The broker does not let us read ${refused.join(', ')}. Allow the user of the settings to read ${base}/#.`,
    );
  const house = houseOf(base, texts);
  if (house.households.length > 0) return ok(house);
  return err(
    texts.size === 0
      ? `Nothing is kept under ${base}/. Is the bridge running, with the same mqtt.url and mqtt.base_topic?`
      : `No room is known under ${base}/ yet. Link the Sonos account ("sonos-mqtt-bridge login"), and wait until the bridge shows its rooms.`,
  );
}

const WORDS: Readonly<Record<Written['how'], string>> = {
  written: 'written',
  unchanged: 'as it was',
  beside: `yours, left alone; the new one is beside it as ${BESIDE}`,
  left: `yours, left alone, and so is the ${BESIDE} beside it`,
};

function tell(context: Context, config: Config, folder: string, written: readonly Written[]): void {
  const shown = relative(context.cwd, folder);
  context.say(`In ${printable(shown.startsWith('..') ? folder : shown || '.')}:\n`);
  for (const { path, how } of written) context.say(`  ${path}: ${WORDS[how]}`);
  if (!config.home_assistant.discovery)
    context.say('\nhome_assistant.discovery is off; without it the entities in these files do not exist.');
  context.say(`
Next, in Home Assistant:
  1. Copy the folder to /config/sonos, and name the files in configuration.yaml:

       homeassistant:
         packages:
           sonos_media_players: !include sonos/media-players.yaml
           sonos_scripts: !include sonos/scripts.yaml
       lovelace:
         dashboards:
           sonos-rooms: { mode: yaml, title: Sonos, icon: mdi:speaker-multiple, filename: sonos/dashboard.yaml }

  2. Copy ${BLUEPRINTS} to /config/${BLUEPRINTS}.
  3. Check the configuration and restart. The players are called media_player.…_player, the scripts script.…;
     blueprints are under Settings > Automations > Blueprints.`);
}

/** Writes media players, scripts, a dashboard and blueprints for the rooms that the broker knows. */
export const homeAssistant: Command = async (context) => {
  const flags = takeOut(context.argv);
  if (!flags.ok) {
    context.complain(flags.error);
    return WRONG_USAGE;
  }
  const settings = await readSettings(context, flags.value.rest);
  if (settings === null) return WRONG_USAGE;
  const house = await readHouse(settings.config);
  if (!house.ok) {
    context.complain(house.error);
    return FAILED;
  }
  const { out } = flags.value;
  const folder = isAbsolute(out) ? out : join(context.cwd, out);
  try {
    tell(context, settings.config, folder, await writeFiles(folder, filesFor(house.value)));
    return DONE;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.complain(`The files could not be written: ${printable(why)}. Give another folder with --out.`);
    return FAILED;
  }
};
