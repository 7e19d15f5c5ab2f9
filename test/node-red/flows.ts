import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const folder = join(import.meta.dirname, '../../examples/node-red');

const nodes = z.array(z.looseObject({ id: z.string(), type: z.string() }));
type Node = z.output<typeof nodes>[number];

/** The examples, by the names of their files. */
export const FLOWS = [
  'announce-on-event',
  'command-with-reply',
  'doorbell',
  'favorite-by-time',
  'state-table',
] as const;
export type FlowName = (typeof FLOWS)[number];

/** A flow as it is shipped. */
const shipped = (name: FlowName): Node[] =>
  nodes.parse(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));

/** Flows that somebody imported one after another: what they share, their broker, is there once. */
export function imported(names: readonly FlowName[]): Node[] {
  const all = new Map<string, Node>();
  for (const node of names.flatMap(shipped)) {
    const before = all.get(node.id);
    if (before !== undefined && !isDeepStrictEqual(before, node))
      throw new Error(`${node.id} is not the same in all flows`);
    all.set(node.id, node);
  }
  return [...all.values()];
}

/** What a person sets at the broker's node after the import. */
export interface BrokerSettings {
  readonly broker: string;
  readonly port: string;
  readonly protocolVersion?: '5';
}

/** The flows with these settings at the broker's node. */
export const withBroker = (flow: readonly Node[], settings: BrokerSettings): Node[] =>
  flow.map((node) => (node.type === 'mqtt-broker' ? { ...node, ...settings } : node));

/** Where two flows differ: `id.property` of each, and the ids of nodes that only one has. */
export function differences(one: readonly Node[], other: readonly Node[]): string[] {
  const others = new Map(other.map((node) => [node.id, node]));
  const missing = other.filter(({ id }) => !one.some((node) => node.id === id)).map(({ id }) => id);
  return [
    ...missing,
    ...one.flatMap((node) => {
      const twin = others.get(node.id);
      if (twin === undefined) return [node.id];
      return [...new Set([...Object.keys(node), ...Object.keys(twin)])]
        .filter((key) => !isDeepStrictEqual(node[key], twin[key]))
        .map((key) => `${node.id}.${key}`);
    }),
  ];
}
