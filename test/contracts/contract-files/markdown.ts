import type { JsonSchema } from './schemas.ts';

/** A cell of a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** A table of Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n');

/** A block of code. */
export const block = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** JSON for people: short objects on one line. */
export function shownJson(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value)
    .replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (part) => (part.startsWith('"') ? part : `${part} `))
    .trimEnd();
  if (flat.length + indent.length <= 100 || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((each) => shownJson(each, inner))
    : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${shownJson(each, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.map((line) => `${inner}${line}`).join(',\n')}\n${indent}${close}`;
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

const schemas = (value: unknown): JsonSchema[] => (Array.isArray(value) ? value.filter(isSchema) : []);

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function numberWords({ type, minimum, maximum }: JsonSchema): string {
  const name = type === 'integer' ? 'integer' : 'number';
  if (minimum === undefined) return name;
  return maximum === undefined ? `${name}, at least ${minimum}` : `${name}, ${minimum} to ${maximum}`;
}

/** The words for the patterns that the contract has. */
const PATTERNS: Readonly<Record<string, string>> = {
  '^(\\d|[1-9]\\d|100)$': '0 to 100',
  '^-?\\d+(\\.\\d+)?(e[+-]\\d+)?$': 'number',
  '^[^,]+(,[^,]+)*$': 'list, separated by commas',
};

function stringWords({ format, pattern, enum: words, const: only }: JsonSchema): string {
  if (Array.isArray(words))
    return words
      .filter((word) => word !== '')
      .map(code)
      .join(', ');
  if (only !== undefined) return only === '' ? 'empty' : code(only);
  if (format === 'date-time') return 'time (ISO 8601, UTC)';
  if (format === 'uri') return 'URL';
  return (typeof pattern === 'string' && PATTERNS[pattern]) || 'text';
}

/** What may stand at a place, in words. */
export function valueWords(schema: JsonSchema): string {
  const options = schemas(schema.anyOf);
  if (options.length > 0) return [...new Set(options.map(valueWords))].join(' or ');
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => valueWords({ ...schema, type })).join(' or ');
  }
  if (schema.type === 'null') return '`null`';
  if (schema.type === 'array')
    return `list of ${isSchema(schema.items) ? valueWords(schema.items) : 'anything'}`;
  if (schema.type === 'integer' || schema.type === 'number') {
    return schema.const === undefined ? numberWords(schema) : code(schema.const);
  }
  if (schema.type === 'string') return stringWords(schema);
  return schema.type === 'boolean' ? '`true` or `false`' : String(schema.type ?? 'anything');
}

function absence(schema: JsonSchema, isOptional: boolean): string {
  if (schema.default !== undefined) return `; ${code(schema.default)} when absent`;
  return isOptional ? '; may be absent' : '';
}

/** One field of an object, and those below it. */
function fieldRows(name: string, schema: JsonSchema, isOptional: boolean): string[][] {
  const meaning = typeof schema.description === 'string' ? schema.description : '';
  const words = `${valueWords(schema)}${absence(schema, isOptional)}`;
  const own = [`\`${name}\``, words, meaning];
  const below = [schema, ...schemas(schema.anyOf)].flatMap((each) => [
    ...fields(each, `${name}.`),
    ...(isSchema(each.items) ? fields(each.items, `${name}[].`) : []),
  ]);
  return [own, ...below];
}

/** The fields of an object: name, value, meaning. */
export function fields(schema: JsonSchema, prefix = ''): string[][] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(isSchema(schema.properties) ? schema.properties : {}).flatMap(([key, inner]) =>
    isSchema(inner) ? fieldRows(`${prefix}${key}`, inner, !required.includes(key)) : [],
  );
}

/** The table of an object's fields. */
export const fieldTable = (schema: JsonSchema): string =>
  table(['field', 'value', 'meaning'], fields(schema));
