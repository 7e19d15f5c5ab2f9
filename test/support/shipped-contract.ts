import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { z } from 'zod';

// The contract as it is shipped, in docs: read from the files, and with nothing of the bridge's own code.

const docs = new URL('../../docs/', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, docs), 'utf8'));

const reference = z.object({ $ref: z.string() });

const documentSchema = z.object({
  channels: z.record(
    z.string(),
    z.object({
      address: z.string(),
      parameters: z.record(z.string(), reference),
      messages: z.record(z.string(), reference),
    }),
  ),
  operations: z.record(
    z.string(),
    z.object({
      action: z.enum(['send', 'receive']),
      channel: reference,
      bindings: z.object({ mqtt: z.object({ qos: z.int(), retain: z.boolean() }) }),
    }),
  ),
  components: z.object({
    messages: z.record(z.string(), z.object({ contentType: z.string(), payload: reference })),
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
  }),
});

/** The AsyncAPI document, as far as these checks need it. */
export const shippedDocument = documentSchema.parse(read('asyncapi.json'));

const nameIn = ({ $ref }: z.output<typeof reference>): string => $ref.split('/').at(-1) ?? '';

/** A channel of the document. */
export interface Channel {
  readonly name: string;
  /** Below the base topic, with `{household}` and `{room}`. */
  readonly address: string;
  readonly action: 'send' | 'receive';
  readonly isRetained: boolean;
  readonly isText: boolean;
  /** The schema of its message, which is also the name of its file. */
  readonly schema: string;
}

const { channels, operations, components } = shippedDocument;

/** Every channel, each with its one message and its one operation. */
export const shippedChannels: readonly Channel[] = Object.entries(channels).map(([name, channel]) => {
  const [operation, ...others] = Object.values(operations).filter((each) => nameIn(each.channel) === name);
  const [message, ...more] = Object.values(channel.messages).map((each) => components.messages[nameIn(each)]);
  if (operation === undefined || message === undefined || others.length + more.length > 0)
    throw new Error(`The channel ${name} has not one operation and one message.`);
  return {
    name,
    address: channel.address.replace('{base}/', ''),
    action: operation.action,
    isRetained: operation.bindings.mqtt.retain,
    isText: message.contentType === 'text/plain',
    schema: nameIn(message.payload),
  };
});

const isParameter = (level: string): boolean => level.startsWith('{');

const fits = (address: string, levels: readonly string[]): boolean => {
  const own = address.split('/');
  return own.length === levels.length && own.every((level, i) => isParameter(level) || level === levels[i]);
};

const fixedLevels = ({ address }: Channel): number =>
  address.split('/').filter((level) => !isParameter(level)).length;

const mostExactFirst = shippedChannels.toSorted((a, b) => fixedLevels(b) - fixedLevels(a));

/** The channel whose address fits a topic below the base topic, the most exact one; null when none does. */
export function channelOf(topic: string): Channel | null {
  const levels = topic.split('/');
  return (
    mostExactFirst.find(
      // An alias is never the word that the bridge has for itself.
      ({ address }) => fits(address, levels) && (levels[0] !== 'bridge' || !address.startsWith('{')),
    ) ?? null
  );
}

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
ajv.addFormat('date-time', (text) => z.iso.datetime({ offset: true }).safeParse(text).success);
ajv.addFormat('uri', (text) => URL.canParse(text));

const compiled = new Map<string, ValidateFunction>();

/** Checks values against a schema file in `docs/schemas`. */
export function shippedSchema(name: string): ValidateFunction {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const made = ajv.compile(z.record(z.string(), z.unknown()).parse(read(`schemas/${name}.schema.json`)));
  compiled.set(name, made);
  return made;
}

/** What a shipped schema says against a value; null when nothing. */
export function shippedFault(schema: string, value: unknown): string | null {
  const check = shippedSchema(schema);
  return check(value) ? null : `${schema}.schema.json: ${ajv.errorsText(check.errors)}`;
}

/** What the shipped contract says against a payload at a channel; null when nothing. */
export function payloadFault({ isText, schema }: Channel, payload: string): string | null {
  if (isText) return shippedFault(schema, payload);
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return 'is no JSON';
  }
  return shippedFault(schema, value);
}
