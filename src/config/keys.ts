import { z } from 'zod';
import { settings } from './schema.ts';

/** One place in the tree of settings, as JSON Schema (draft 7) with what the setting says about itself. */
export type Node = z.core.JSONSchema.BaseSchema;

/** How the text of a variable or a flag becomes a value. */
type Kind = 'text' | 'number' | 'boolean' | 'choice' | 'json';

/** One setting that a file, a variable or a flag can give. */
export interface Key {
  readonly path: readonly string[];
  /** `sonos.client_id`; the flag is the same with `--` in front. */
  readonly name: string;
  /** `BRIDGE_SONOS_CLIENT_ID` */
  readonly variable: string;
  readonly kind: Kind;
  readonly node: Node;
  /** Undefined when the setting has none. */
  readonly default: unknown;
  readonly meaning: string;
}

/** The whole tree of settings as JSON Schema, with the extra words `secret`, `expected` and `example`. */
export const tree: Node = z.toJSONSchema(settings, { io: 'input', target: 'draft-7' });

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** A section holds other settings; a map such as the households is one setting. */
export function isSection(node: Node): boolean {
  return node.properties !== undefined;
}

/** What may stand in a place below this one: a named setting, any element of a list, any value of a map. */
export function childOf(node: Node, step: PropertyKey): Node | null {
  const properties = node.properties;
  if (properties !== undefined) {
    const child = typeof step === 'string' && Object.hasOwn(properties, step) ? properties[step] : null;
    return isNode(child) ? child : null;
  }
  const child = typeof step === 'number' ? node.items : node.additionalProperties;
  return isNode(child) && !Array.isArray(child) ? child : null;
}

/** The place at a path; null when there is none. */
export function nodeAt(path: readonly PropertyKey[]): Node | null {
  return path.reduce<Node | null>((node, step) => (node === null ? null : childOf(node, step)), tree);
}

/** Whether the value at this place must not be shown. */
export function isSecret(node: Node): boolean {
  return node.secret === true;
}

/** Whether a secret may stand at this place or anywhere below. */
export function holdsSecret(node: Node): boolean {
  if (isSecret(node)) return true;
  const below = [...Object.values(node.properties ?? {}), node.items, node.additionalProperties];
  return below.some((child) => isNode(child) && !Array.isArray(child) && holdsSecret(child));
}

/** The same value with every secret in it handed to `change`; a value that the schema does not know is left out. */
export function mapSecrets(value: unknown, node: Node, change: (secret: unknown) => unknown): unknown {
  if (isSecret(node)) return change(value);
  if (Array.isArray(value)) {
    return value.map((element, index) => {
      const child = childOf(node, index);
      return child === null ? null : mapSecrets(element, child, change);
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([step, element]) => {
    const child = childOf(node, step);
    return child === null ? [] : [[step, mapSecrets(element, child, change)] as const];
  });
  return Object.fromEntries(entries);
}

function kindOf(node: Node): Kind {
  if (node.enum !== undefined) return 'choice';
  if (node.type === 'integer' || node.type === 'number') return 'number';
  if (node.type === 'array' || node.type === 'object') return 'json';
  return node.type === 'boolean' ? 'boolean' : 'text';
}

function* keysBelow(node: Node, path: readonly string[]): Generator<Key> {
  for (const [step, child] of Object.entries(node.properties ?? {})) {
    if (!isNode(child)) continue;
    const here = [...path, step];
    if (isSection(child)) yield* keysBelow(child, here);
    else {
      yield {
        path: here,
        name: here.join('.'),
        variable: `BRIDGE_${here.join('_').toUpperCase()}`,
        kind: kindOf(child),
        node: child,
        default: child.default,
        meaning: child.description ?? '',
      };
    }
  }
}

/** Every setting, in the order of the page. */
export const keys: readonly Key[] = [...keysBelow(tree, [])];

/** The setting at this path or around it: `broker.users` for `broker.users[0].password`; null for a section. */
export function keyAround(path: readonly PropertyKey[]): Key | null {
  return keys.find((key) => key.path.every((step, index) => step === path[index])) ?? null;
}

/** A path as people write it: `broker.users[0].password`. */
export function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('');
}

/** What a right value at this place is, in words. */
export function expectedAt(node: Node): string {
  if (typeof node.expected === 'string') return node.expected;
  if (node.enum !== undefined) return listed(node.enum.map(String));
  const { minimum, maximum } = node;
  if (node.type === 'integer' && minimum !== undefined && maximum !== undefined) {
    return `a whole number from ${minimum} to ${maximum}`;
  }
  if (node.type === 'number')
    return minimum === undefined ? 'a number above 0' : `a number, ${minimum} or more`;
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'object') return 'a map of settings';
  return 'text';
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
