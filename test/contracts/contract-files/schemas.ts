import { z } from 'zod';
import { type Message, messages } from '../../../src/bridge/contract/payloads.ts';

/** A JSON Schema of draft 7. */
export type JsonSchema = { readonly [word: string]: unknown };

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** Without what nobody wants to read, as that every integer can be told exactly. */
function shortened({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  // The settings' words for what is right are no words of JSON Schema.
  delete jsonSchema.expected;
  // What the format says already.
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

const orEmpty = (schema: JsonSchema): JsonSchema =>
  Array.isArray(schema.enum)
    ? { ...schema, enum: [...schema.enum, ''] }
    : { anyOf: [{ ...schema }, { type: 'string', const: '' }] };

/** The schema of a value, without a name. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...bare } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io,
    override: shortened,
  });
  return bare;
}

/** The schema of a message's payload. JSON is meant as it was parsed, plain text as a string. */
function payloadSchema(message: Message): JsonSchema {
  const schema = jsonSchemaOf(message.schema, message.kind === 'command' ? 'input' : 'output');
  return {
    title: message.title,
    description: message.description,
    ...(message.isEmptyUnknown ? orEmpty(schema) : schema),
  };
}

/** Every payload's schema, by its name; messages that hold the same share one. */
export const payloadSchemas: ReadonlyMap<string, JsonSchema> = new Map(
  messages.map((message) => [message.name, payloadSchema(message)]),
);

/** The files under `docs/schemas`, by name. */
export const schemaFiles: ReadonlyMap<string, JsonSchema> = new Map(
  [...payloadSchemas].map(([name, schema]) => [
    `${name}.schema.json`,
    { $schema: DRAFT, $id: `urn:sonos-mqtt-bridge:${name}`, ...schema },
  ]),
);
