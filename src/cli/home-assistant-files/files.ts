import { createHash } from 'node:crypto';
import { blueprints } from './blueprints.ts';
import { dashboard } from './dashboard.ts';
import type { FileHouse } from './house.ts';
import { mediaPlayers } from './media-players.ts';
import { scripts } from './scripts.ts';

/** Where Home Assistant looks for blueprints of automations, below its folder. */
export const BLUEPRINTS = 'blueprints/automation/sonos-mqtt-bridge';

const MARK = /^# Written by "sonos-mqtt-bridge home-assistant" \(sha256 ([0-9a-f]{64})\)\.[^\n]*\n/;

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const marked = (text: string): string =>
  `# Written by "sonos-mqtt-bridge home-assistant" (sha256 ${sumOf(text)}). A file that you change is left alone.\n${text}`;

/** Whether a file is as the bridge wrote it. */
export function isAsWritten(text: string): boolean {
  const [line, sum] = MARK.exec(text) ?? [];
  return line !== undefined && sumOf(text.slice(line.length)) === sum;
}

/** The files for a house, by their paths. The same house gives the same files. */
export const filesFor = (house: FileHouse): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({
      'media-players.yaml': mediaPlayers(house),
      'scripts.yaml': scripts(house),
      'dashboard.yaml': dashboard(house),
      ...Object.fromEntries(
        Object.entries(blueprints(house)).map(([name, text]) => [`${BLUEPRINTS}/${name}`, text]),
      ),
    }).map(([path, text]) => [path, marked(text)]),
  );
