import { resolve } from 'node:path';
import { convertText } from './convert.ts';
import { fileTrouble, type Gathered, type Given, type ReadFile } from './given.ts';
import { type Key, keys } from './keys.ts';
import { adviceForVariable, type ConfigMistake } from './mistakes.ts';
import { OPTIONS_FILE } from './options-file.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Text = { readonly text: string; readonly where: string };

/** An empty variable counts as absent: `${NAME:-}` in a compose file makes those. */
const givenBy = (env: Environment, variable: string): string | undefined => env[variable] || undefined;

async function textFor(
  key: Key,
  env: Environment,
  cwd: string,
  readFile: ReadFile,
): Promise<Text | ConfigMistake | null> {
  const fileVariable = `${key.variable}_FILE`;
  const text = givenBy(env, key.variable);
  const file = givenBy(env, fileVariable);
  if (file === undefined) return text === undefined ? null : { text, where: key.variable };
  const mistake = { where: fileVariable, key: key.name };
  if (text !== undefined) {
    return { ...mistake, found: `${key.variable} as well`, expected: 'only one of the two' };
  }
  try {
    const content = await readFile(resolve(cwd, file));
    return { text: content.replace(/\r?\n$/, ''), where: fileVariable };
  } catch (error) {
    // The value is not repeated: whoever mistook the variable put the secret itself there.
    return { ...mistake, found: fileTrouble(error), expected: 'the path of a file that holds the value' };
  }
}

function unknownVariables(env: Environment): ConfigMistake[] {
  const known = new Set([OPTIONS_FILE, ...keys.flatMap(({ variable }) => [variable, `${variable}_FILE`])]);
  return Object.keys(env)
    .filter((variable) => variable.startsWith('BRIDGE_') && !known.has(variable))
    .map((variable) => ({
      where: variable,
      key: null,
      found: 'a variable that names no setting',
      expected: adviceForVariable(variable),
    }));
}

/** Gathers what the `BRIDGE_…` variables give, reading the files that the `…_FILE` ones name. */
export async function readEnvironment(env: Environment, cwd: string, readFile: ReadFile): Promise<Gathered> {
  const given: Given[] = [];
  const mistakes = unknownVariables(env);
  for (const key of keys) {
    const text = await textFor(key, env, cwd, readFile);
    if (text === null) continue;
    if ('found' in text) {
      mistakes.push(text);
      continue;
    }
    const value = convertText(text.text, key);
    if (value.ok) given.push({ key, value: value.value, where: text.where });
    else {
      const mistake = { where: text.where, key: key.name, found: 'text that is no JSON (not shown)' };
      mistakes.push({ ...mistake, expected: value.error });
    }
  }
  return { given, mistakes };
}
