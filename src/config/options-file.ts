import { resolve } from 'node:path';
import { convertText } from './convert.ts';
import type { SettingsDocument } from './document.ts';
import { fileTrouble, type Gathered, type Given, type ReadFile } from './given.ts';
import { childOf, expectedAt, isSection, keys, type Node, nameOf, tree } from './keys.ts';
import { adviceForKey, type ConfigMistake, describeFound, shownName } from './mistakes.ts';

/** The variable that names the options file. */
export const OPTIONS_FILE = 'BRIDGE_OPTIONS_FILE';

type Found = Given | ConfigMistake;

const isGiven = (found: Found): found is Given => 'value' in found;
const isMistake = (found: Found): found is ConfigMistake => !isGiven(found);

function one(value: unknown, path: readonly string[], node: Node, where: string): Found {
  const name = nameOf(path);
  const key = keys.find((candidate) => candidate.name === name);
  if (key === undefined) {
    return { where, key: name, found: describeFound(value, node), expected: expectedAt(node) };
  }
  // A form may give text for what is a number, a choice or a list.
  if (typeof value !== 'string') return { key, value, where };
  const converted = convertText(value, key);
  if (converted.ok) return { key, value: converted.value, where };
  return { where, key: name, found: 'text that is no JSON (not shown)', expected: converted.error };
}

function* walk(
  value: unknown,
  node: Node,
  path: readonly string[],
  locate: SettingsDocument['locate'],
): Generator<Found> {
  // What a person leaves empty in a form.
  if (value === null || value === '') return;
  if (!isSection(node) || typeof value !== 'object' || Array.isArray(value)) {
    yield one(value, path, node, locate(path));
    return;
  }
  for (const [step, inner] of Object.entries(value)) {
    const child = childOf(node, step);
    if (child !== null) yield* walk(inner, child, [...path, step], locate);
    else {
      yield {
        where: locate([...path, step]),
        key: nameOf([...path, shownName(step)]),
        found: 'a key that does not exist',
        expected: adviceForKey(path, step, nameOf(path)),
      };
    }
  }
}

/**
 * Gathers what the options file gives, which is how Home Assistant hands over the options of an add-on: JSON with the keys
 * of the settings file. Nothing when no variable names one.
 */
export async function readOptionsFile(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  readFile: ReadFile,
): Promise<Gathered> {
  const file = env[OPTIONS_FILE];
  if (!file) return { given: [], mistakes: [] };
  let text: string;
  try {
    text = await readFile(resolve(cwd, file));
  } catch (error) {
    const mistake = { where: OPTIONS_FILE, key: null, found: fileTrouble(error) };
    return { given: [], mistakes: [{ ...mistake, expected: 'the path of a file with settings in JSON' }] };
  }
  // JSON is YAML, and this parser knows the lines.
  const { readDocument } = await import('./document.ts');
  const { document, mistakes } = readDocument(text, file);
  if (document === null) return { given: [], mistakes };
  const found = [...walk(document.data, tree, [], document.locate)];
  return {
    given: found.filter(isGiven),
    mistakes: found.filter(isMistake),
  };
}
