import { convertText } from './convert.ts';
import type { Gathered, Given } from './given.ts';
import { keys } from './keys.ts';
import { adviceForFlag, type ConfigMistake, shownName } from './mistakes.ts';

/** What the command line gives; `config` is the file that `--config` names. */
interface Flags extends Gathered {
  readonly config: string | null;
}

type Flag = { readonly name: string; readonly value: string | null };

/** Splits arguments into flags; an argument that belongs to none becomes its position, for it may be a secret. */
function* split(argv: readonly string[]): Generator<Flag | number> {
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (!argument.startsWith('--')) {
      yield index + 1;
      continue;
    }
    const equals = argument.indexOf('=');
    const next = argv[index + 1];
    if (equals !== -1) yield { name: argument.slice(2, equals), value: argument.slice(equals + 1) };
    else if (next === undefined || next.startsWith('--')) yield { name: argument.slice(2), value: null };
    else {
      yield { name: argument.slice(2), value: next };
      index += 1;
    }
  }
}

function readFlag({ name, value }: Flag): Given | ConfigMistake {
  const key = keys.find((candidate) => candidate.name === name);
  const where = `--${key === undefined ? shownName(name) : name}`;
  if (key === undefined) {
    return { where, key: null, found: 'a flag that does not exist', expected: adviceForFlag(name) };
  }
  if (value === null) {
    return { where, key: name, found: 'no value', expected: `${where} VALUE, or ${where}=VALUE` };
  }
  const converted = convertText(value, key);
  if (converted.ok) return { key, value: converted.value, where };
  return { where, key: name, found: 'text that is no JSON (not shown)', expected: converted.error };
}

/** Gathers what the flags give: `--broker.port 1884` or `--broker.port=1884`. A later one wins. */
export function readFlags(argv: readonly string[]): Flags {
  const given: Given[] = [];
  const mistakes: ConfigMistake[] = [];
  let config: string | null = null;
  for (const flag of split(argv)) {
    if (typeof flag === 'number') {
      const expected = 'flags such as --broker.port 1884';
      mistakes.push({
        where: `argument ${flag}`,
        key: null,
        found: 'a word that belongs to no flag',
        expected,
      });
    } else if (flag.name === 'config' && flag.value) {
      config = flag.value;
    } else if (flag.name === 'config') {
      mistakes.push({ where: '--config', key: null, found: 'no value', expected: '--config FILE' });
    } else {
      const read = readFlag(flag);
      if ('found' in read) mistakes.push(read);
      else given.push(read);
    }
  }
  return { given, mistakes, config };
}
