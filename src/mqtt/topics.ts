import { BRIDGE_COMMANDS } from '../bridge/bridge-commands.ts';
import { attributes, namespaces } from '../bridge/namespaces/index.ts';

/** What a command topic addresses. */
export type Address =
  | { readonly kind: 'bridge'; readonly command: string }
  /** `command` is null for `set` with several. */
  | {
      readonly kind: 'room';
      readonly household: string;
      readonly room: string;
      readonly command: string | null;
    };

/** The topics of a base topic, as the contract names them (§1). */
export interface Topics {
  readonly base: string;
  readonly availability: string;
  readonly bridgeState: string;
  readonly bridgePresets: string;
  readonly bridgeLog: string;
  readonly bridgeReply: string;
  /** `sonos/bridge/set/refresh`. */
  bridgeCommand(command: string): string;
  /** What to subscribe to for commands; no two of them match the same topic. */
  readonly commandFilters: readonly string[];
  /** `sonos/home`, or `sonos/home/favorites`. */
  household(alias: string, topic?: string): string;
  /** `sonos/home/kitchen`, or `sonos/home/kitchen/volume`. */
  room(alias: string, room: string, topic?: string): string;
  /** What a command topic addresses; null for any other topic. */
  read(topic: string): Address | null;
  /** Every retained topic that can stand below an address (`home/kitchen`, `home`) of a room or household. */
  retainedBelow(address: string): string[];
}

/** Commands to the bridge whose names have more than one level, such as `preset/save`. */
const deepBridgeCommands = Object.keys(BRIDGE_COMMANDS).filter((name) => name.includes('/'));

const householdTopics = namespaces.flatMap((row) => Object.keys(row.topics));

/** The topics below a base such as `sonos`. */
export function topicsOf(base: string): Topics {
  const below = (...levels: readonly string[]): string =>
    [base, ...levels.filter((level) => level !== '')].join('/');
  return {
    base,
    availability: below('bridge', 'availability'),
    bridgeState: below('bridge', 'state'),
    bridgePresets: below('bridge', 'presets'),
    bridgeLog: below('bridge', 'log'),
    bridgeReply: below('bridge', 'reply'),
    bridgeCommand: (command) => below('bridge', 'set', command),
    commandFilters: [
      below('bridge', 'set', '+'),
      ...deepBridgeCommands.map((command) => below('bridge', 'set', command)),
      below('+', '+', 'set'),
      below('+', '+', 'set', '+'),
    ],
    household: (alias, topic = '') => below(alias, topic),
    room: (alias, room, topic = '') => below(alias, room, topic),
    read(topic) {
      if (!topic.startsWith(`${base}/`)) return null;
      const levels = topic.slice(base.length + 1).split('/');
      const [household = '', room = '', set, command] = levels;
      const bridgeCommand = levels.slice(2).join('/');
      if (household === 'bridge' && room === 'set')
        return levels.length === 3 || deepBridgeCommands.includes(bridgeCommand)
          ? { kind: 'bridge', command: bridgeCommand }
          : null;
      if (set !== 'set' || levels.length > 4 || household === 'bridge') return null;
      return { kind: 'room', household, room, command: command ?? null };
    },
    retainedBelow(address) {
      const isRoom = address.includes('/');
      const topics = isRoom ? ['', 'availability', ...attributes.keys()] : householdTopics;
      return topics.map((topic) => below(address, topic));
    },
  };
}
