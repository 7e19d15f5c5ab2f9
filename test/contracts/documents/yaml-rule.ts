import { parse } from 'yaml';
import { z } from 'zod';
import { settings } from '../../../src/config/schema.ts';
import { commandFaults, type Faults, filterFaults, topicFaults } from './messages.ts';

/** Top-level words of Home Assistant's configuration that our examples use. */
const HOME_ASSISTANT =
  /^(alias|automation|binary_sensor|condition|conditions|actions|fields|homeassistant|icon|input_\w+|light|lovelace|max|max_exceeded|media_player|mode|mqtt|notify|rest_command|scene|script|sensor|sequence|shell_command|switch|template|triggers|timer|universal|use_blueprint|variables|views|cards|type|title|entities|entity|blueprint)$/;

/** YAML of other programs, known by what it has at the top, and why it is not looked into. */
const OTHERS: readonly (readonly [keys: readonly string[], because: string])[] = [
  [['tunnel', 'ingress'], 'cloudflared reads it, and needs an account at Cloudflare'],
  [['services'], 'docker compose reads it; the compose file of the project has its own test'],
];

type Map = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Map =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTemplate = (text: string): boolean => /\{[{%]/.test(text);

/** A topic in which templates fill some levels; one at the beginning is that of a household. */
const filled = (topic: string): string =>
  topic.replace(/^\{\{.*?\}\}/, 'sonos/home').replace(/\{\{.*?\}\}/g, 'kitchen');

function topicAt(key: string, topic: string): Faults {
  // The name of a variable that holds one.
  if (!topic.includes('/')) return [];
  // Triggers may listen to many topics at once.
  return /[+#]/.test(topic)
    ? filterFaults(topic)
    : topicFaults(filled(topic)).map((fault) => `${key}: ${fault}`);
}

/** The payloads that a map sends to a topic of ours. */
function sentBy(map: Map): (readonly [topic: string, payload: string])[] {
  const topic = map.command_topic ?? map.topic;
  if (typeof topic !== 'string' || !/^(sonos\/|\{\{).*\/set(\/|$)/.test(topic)) return [];
  const sent = Object.entries(map).filter(([key]) => /^payload(_(?!available|not_available)\w+)?$/.test(key));
  return sent
    .map(([, payload]) => [filled(topic), String(payload)] as const)
    .filter(([, payload]) => !isTemplate(payload));
}

function walk(value: unknown): Faults {
  if (Array.isArray(value)) return value.flatMap(walk);
  if (!isMap(value)) return [];
  const own = Object.entries(value).flatMap(([key, inner]) =>
    /(^|_)topic$/.test(key) && typeof inner === 'string' ? topicAt(key, inner) : walk(inner),
  );
  return [...own, ...sentBy(value).flatMap(([topic, payload]) => commandFaults(topic, payload))];
}

/** Values stand in for what only a reader has. */
const readable = (text: string): string => text.replaceAll('…', 'x');

function settingsFaults(value: unknown): Faults {
  const read = settings.safeParse(value);
  return read.success ? [] : [`as settings: ${z.prettifyError(read.error)}`];
}

/** What is wrong with a block of YAML: it is settings of ours, a part of Home Assistant's configuration, or named above. */
export function yamlFaults(text: string): Faults {
  let value: unknown;
  try {
    // Home Assistant's own tags, as `!secret`, stand for text.
    value = parse(readable(text), { logLevel: 'silent' });
  } catch (error) {
    return [String(error)];
  }
  const maps = (Array.isArray(value) ? value : [value]).filter(isMap);
  if (maps.length === 0) return ['is no map'];
  const keys = maps.flatMap((map) => Object.keys(map));
  if (OTHERS.some(([words]) => words.every((word) => keys.includes(word)))) return [];
  if (keys.every((key) => Object.hasOwn(settings.shape, key)) && !Array.isArray(maps[0]?.mqtt)) {
    const asSettings = settingsFaults(value);
    if (asSettings.length === 0 || !keys.every((key) => key === 'mqtt')) return asSettings;
    return isMap(maps[0]?.mqtt) && Object.values(maps[0].mqtt).some(isMap) ? walk(value) : asSettings;
  }
  const strange = keys.filter((key) => !HOME_ASSISTANT.test(key));
  return [...strange.map((key) => `neither our settings nor Home Assistant has "${key}"`), ...walk(value)];
}
