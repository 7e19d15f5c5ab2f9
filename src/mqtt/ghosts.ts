import { z } from 'zod';
import { readJson } from '../bridge/read-json.ts';
import type { Household } from '../bridge/state.ts';
import type { KeptMessage } from './look.ts';
import type { Topics } from './topics.ts';

const household = z.strictObject({ id: z.string(), name: z.string().nullable(), rooms: z.array(z.string()) });
const room = z.looseObject({
  ...{ id: z.string(), name: z.string(), online: z.boolean(), stale: z.boolean() },
  capabilities: z.array(z.string()),
});
const device = z.looseObject({
  origin: z.looseObject({ name: z.literal('sonos-mqtt-bridge') }),
  availability: z.array(z.looseObject({ topic: z.string() })),
});

/** Where to look for what an earlier bridge with the same base topic has left. */
export const ghostFilters = (topics: Topics, prefix: string): readonly string[] => [
  `${topics.base}/+`,
  `${topics.base}/+/+`,
  `${prefix}/device/+/config`,
];

/**
 * The topics among those that the broker keeps which are ours by what they hold, and belong to no room or household that
 * anybody knows: the data folder was lost, or the disk refused when they went. What others keep there is left alone.
 */
export function ghostsAmong(
  kept: readonly KeptMessage[],
  topics: Topics,
  households: readonly Household[],
  isWanted: (topic: string) => boolean,
): readonly string[] {
  const known = new Set(
    households.flatMap(({ alias, rooms }) => [
      alias,
      ...[...rooms.values()].map(({ address }) => `${alias}/${address}`),
    ]),
  );
  return kept.flatMap(({ topic, payload }) => {
    if (!topic.startsWith(`${topics.base}/`)) {
      const ours = readJson(device, payload)?.availability[0]?.topic === topics.availability;
      return ours && !isWanted(topic) ? [topic] : [];
    }
    const address = topic.slice(topics.base.length + 1);
    if (known.has(address) || isWanted(topic)) return [];
    const isOurs = readJson<unknown>(address.includes('/') ? room : household, payload) !== null;
    return isOurs ? topics.retainedBelow(address) : [];
  });
}
