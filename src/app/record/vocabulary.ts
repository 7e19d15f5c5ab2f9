import { z } from 'zod';
import { messages } from '../../bridge/contract/payloads.ts';
import { attributes, namespaces, roomCommands } from '../../bridge/namespaces/index.ts';
import { OWN_COMMANDS } from '../../bridge/own-commands.ts';
import { RESERVED_HOUSEHOLDS, RESERVED_ROOMS } from '../../bridge/rooms.ts';

/** Collects the words that a JSON Schema allows as values. */
function collect(node: unknown, words: Set<string>): void {
  if (Array.isArray(node)) for (const each of node) collect(each, words);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'const' && typeof value === 'string') words.add(value);
    else if (key === 'enum' && Array.isArray(value)) {
      for (const each of value) if (typeof each === 'string') words.add(each);
    } else if (key !== 'examples' && key !== 'default') collect(value, words);
  }
}

/** The words that the contract itself knows, in lower case: they stand in every house, and tell nothing of one. */
export function publicWords(): ReadonlySet<string> {
  const words = new Set([
    ...RESERVED_HOUSEHOLDS,
    ...RESERVED_ROOMS,
    ...['home', 'on', 'off', 'true', 'false', 'toggle', 'null'],
    ...[...attributes.keys(), ...roomCommands.keys(), ...Object.keys(OWN_COMMANDS)],
    ...namespaces.flatMap((row) => Object.keys(row.topics)),
    ...messages.flatMap(({ address }) => address.split('/')),
  ]);
  for (const { schema } of messages)
    for (const io of ['input', 'output'] as const)
      collect(z.toJSONSchema(schema, { io, unrepresentable: 'any' }), words);
  return new Set([...words].map((word) => word.toLowerCase()));
}
