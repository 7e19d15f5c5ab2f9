import { BRIDGE_COMMANDS } from '../../../src/bridge/bridge-commands.ts';
import { roomCommands } from '../../../src/bridge/namespaces/index.ts';
import { OWN_COMMANDS } from '../../../src/bridge/own-commands.ts';
import { readPayload, readSetPayload } from '../../../src/bridge/payload.ts';
import type { Misread, Raw } from '../../../src/bridge/readers.ts';
import type { Result } from '../../../src/bridge/result.ts';
import { topicsOf } from '../../../src/mqtt/topics.ts';
import { channelOf, shippedChannels } from '../../support/shipped-contract.ts';

/** What is wrong with an example; empty when nothing is. */
export type Faults = readonly string[];

const topics = topicsOf('sonos');

type Read = (raw: Raw) => Result<unknown, Misread>;

/** The reader of every command of a room. */
const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ...[...roomCommands].map(([name, { value }]) => [name, value.read] as const),
  ...Object.entries(OWN_COMMANDS).map(([name, { value }]) => [name, value.read] as const),
]);

function wishFaults(command: string, raw: Raw): Faults {
  const read = readers.get(command);
  if (read === undefined) return [`there is no command "${command}"`];
  const value = read(raw);
  return value.ok ? [] : [`${command}: ${value.error.message} ${value.error.advice}`];
}

/** What the bridge would say against a message to one of its command topics, at once and whatever the house. */
export function commandFaults(topic: string, payload: string): Faults {
  const address = topics.read(topic);
  if (address === null) return [`"${topic}" is no topic for a command`];
  const bytes = new TextEncoder().encode(payload);
  if (address.kind === 'room' && address.command === null) {
    const several = readSetPayload(bytes);
    return several.ok
      ? several.value.commands.flatMap(({ command, raw }) => wishFaults(command, raw))
      : [several.error];
  }
  const one = readPayload(bytes);
  if (!one.ok) return [one.error];
  if (address.kind === 'room') return wishFaults(address.command ?? '', one.value.raw);
  return Object.hasOwn(BRIDGE_COMMANDS, address.command) ? [] : [`the bridge has no "${address.command}"`];
}

/** Topics that are not ours, and that our documents speak of all the same. */
const ELSEWHERE = /^(homeassistant|house|zigbee2mqtt|\$SYS)\//;

/** Whether a topic is one of the contract's, or somebody else's. */
export const topicFaults = (topic: string): Faults =>
  ELSEWHERE.test(topic) || (topic.startsWith('sonos/') && channelOf(topic.slice('sonos/'.length)) !== null)
    ? []
    : [`"${topic}" is no topic of the contract`];

function covers(filter: readonly string[], address: readonly string[]): boolean {
  const [first, ...rest] = filter;
  if (first === '#') return true;
  const [level, ...below] = address;
  if (first === undefined || level === undefined) return first === level;
  return (first === '+' || level.startsWith('{') || first === level) && covers(rest, below);
}

/** Whether a filter matches a topic of the contract. */
export function filterFaults(filter: string): Faults {
  if (ELSEWHERE.test(filter)) return [];
  const levels = filter.split('/');
  const isMeant = shippedChannels.some(({ address }) => covers(levels, ['sonos', ...address.split('/')]));
  return isMeant ? [] : [`nothing of the contract is at "${filter}"`];
}
