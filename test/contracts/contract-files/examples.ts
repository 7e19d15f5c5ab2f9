import type { CommandWords } from '../../../src/bridge/contract/payloads.ts';
import { type JsonSchema, jsonSchemaOf } from './schemas.ts';

/** Values that a schema without examples of its own surely means. */
function derived(schema: JsonSchema): unknown[] {
  if (Array.isArray(schema.enum)) return schema.enum;
  if (schema.type === 'boolean') return [true];
  if (typeof schema.minimum === 'number') return [schema.minimum];
  const [first] = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  return first === undefined ? [] : derived(first);
}

/** Values of a command as examples: those that its reader gives, or else what its schema means. */
export function exampleValues({ value }: CommandWords): unknown[] {
  const given = value.schema.meta()?.examples;
  return Array.isArray(given) ? given : derived(jsonSchemaOf(value.schema, 'input'));
}

/** A value as a payload: text stands for itself, everything else is JSON. */
export const payloadOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
