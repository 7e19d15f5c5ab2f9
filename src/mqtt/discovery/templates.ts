import type { Json } from '../../bridge/sonos.ts';

/** A value as Jinja writes it. */
export function literal(value: Json): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${literal(each)}`);
  return `{${entries.join(', ')}}`;
}

/** The value at a path of a JSON payload; `none` where a step is missing, as when the topic was cleared. */
export const at = (path: string): string =>
  path
    .split('.')
    .reduce(
      (here, step, depth) => `${depth === 0 ? here : `(${here} or {})`}.get(${JSON.stringify(step)})`,
      '(value_json | default({}))',
    );

/** Shows an expression. */
export const show = (expression: string): string => `{{ ${expression} }}`;

/** A value as it is: `True`, `23`, `None` for null, which numbers, switches and selects take for unknown. */
export const stateOf = (path: string): string => show(at(path));

/** A text that fits into a state, which has 255 characters at most; `None`, which is unknown, for none. */
export const textOf = (path: string): string => show(`${at(path)}[:255] if ${at(path)} else none`);

/** The text when it is one of the options; `None` otherwise, for others are errors in Home Assistant's log. */
export function optionOf(path: string, options: readonly string[]): string {
  // What a template shows has no space around it, and so options have none.
  const text = `(${at(path)} or "") | trim`;
  return show(`${text} if ${text} in ${literal([...options])} else none`);
}

/** What a map makes of a value; `None` for what it does not know. */
export const mapped = (map: { readonly [key: string]: Json }, expression: string): string =>
  show(`${literal(map)}.get(${expression})`);

/** What is chosen or typed, as the value of a JSON object: it may look like JSON itself. */
export const CHOSEN = show('{"value": value} | tojson');
