import { err, ok, type Result } from '../bridge/result.ts';
import { expectedAt, type Key } from './keys.ts';

const NUMBER = /^-?\d+(\.\d+)?$/;

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/**
 * The value that the text of a variable, a file or a flag stands for, by the kind of the setting. Text that is no
 * number or no choice stays text, so that the schema says what is wrong with it; the error is what is expected.
 */
export function convertText(
  text: string,
  { kind, node }: Pick<Key, 'kind' | 'node'>,
): Result<unknown, string> {
  if (kind === 'number') return ok(NUMBER.test(text) ? Number(text) : text);
  if (kind === 'boolean') return ok(text === 'true' ? true : text === 'false' ? false : text);
  if (kind === 'choice') return ok((node.enum ?? []).find((choice) => String(choice) === text) ?? text);
  if (kind === 'text') return ok(text);
  const json = parsed(text);
  return json === null ? err(`${expectedAt(node)}, written as JSON`) : ok(json.value);
}
