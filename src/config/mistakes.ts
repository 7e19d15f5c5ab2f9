import { nearest } from '../bridge/nearest.ts';
import { holdsSecret, keys, type Node, nodeAt } from './keys.ts';

/** Something wrong with the settings. No part of it holds a secret's value. */
export interface ConfigMistake {
  /** `config/config.yaml:12`, the name of a variable, or a flag. */
  readonly where: string;
  /** `broker.port`; null when it is not about one setting. */
  readonly key: string | null;
  readonly found: string;
  readonly expected: string;
}

/** One line per mistake: where it is, what was found, what is expected. */
export function describeMistakes(mistakes: readonly ConfigMistake[]): string {
  return mistakes
    .map(({ where, key, found, expected }) => {
      const subject = key === null || where === `--${key}` ? where : `${where}: ${key}`;
      return `${subject}: found ${found}; expected ${expected}`;
    })
    .join('\n');
}

/** A value in words, short, on one line, and never when it may be or hold a secret. */
export function describeFound(value: unknown, node: Node | null): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const hidden = node === null || holdsSecret(node) || !isShowable(String(value));
  if (typeof value !== 'string')
    return hidden ? `a ${typeof value} (not shown)` : `the ${typeof value} ${value}`;
  if (value === '') return 'empty text';
  return hidden ? 'text (not shown)' : `"${value}"`;
}

const LONGEST = 80;
const LONGEST_WORD = 20;

/**
 * Whether a text that is wrong where it stands may be repeated. A secret may have been put there by mistake: keys, tokens
 * and most passwords have long words, mix letters with digits, or have signs that no address and no name has.
 */
function isShowable(text: string): boolean {
  if (text.length > LONGEST || /[^\p{L}\p{N} ._:/+#$,[\]-]|\p{N}{6}|-----/u.test(text)) return false;
  const words = text.match(/[\p{L}\p{N}_-]{8,}/gu) ?? [];
  return words.every((word) => word.length <= LONGEST_WORD && !/\p{L}.*\p{N}|\p{N}.*\p{L}/u.test(word));
}

/** The name of a setting or flag that does not exist; three dots when it may be a secret that slipped in there. */
export const shownName = (name: string): string => (isShowable(name) && !/[ :]/.test(name) ? name : '…');

function last(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** What to write instead of a setting that does not exist, at the place where it was found. */
export function adviceForKey(parent: readonly PropertyKey[], name: string, prefix: string): string {
  const full = prefix === '' ? name : `${prefix}.${name}`;
  const siblings = Object.keys(nodeAt(parent)?.properties ?? {});
  const sibling = nearest(name, siblings);
  if (sibling !== null)
    return `a known key; the nearest is ${prefix === '' ? sibling : `${prefix}.${sibling}`}`;
  const known = keys.map((key) => key.name);
  const elsewhere = nearest(full, known) ?? namedAlike(name, known);
  if (elsewhere !== null) return `a known key; the nearest is ${elsewhere}`;
  return `a known key; here there ${siblings.length === 1 ? 'is' : 'are'} ${siblings.join(', ')}`;
}

function namedAlike(name: string, known: readonly string[]): string | null {
  // Anything is near to a name of one or two letters.
  const alike = last(name).length < 3 ? null : nearest(last(name), known.map(last));
  return alike === null ? null : (known.find((candidate) => last(candidate) === alike) ?? null);
}

/** What to write instead of a variable that does not exist. */
export function adviceForVariable(variable: string): string {
  const suffix = variable.endsWith('_FILE') ? '_FILE' : '';
  const bare = variable.slice(0, variable.length - suffix.length);
  const near = nearest(
    bare,
    keys.map((key) => key.variable),
  );
  if (near !== null) return `a known variable; the nearest is ${near}${suffix}`;
  const alike = keys.find((key) => bare.endsWith(`_${last(key.name).toUpperCase()}`));
  if (alike !== undefined) return `a known variable; the nearest is ${alike.variable}${suffix}`;
  return 'a known variable: BRIDGE_ and the path of a setting, such as BRIDGE_SONOS_CLIENT_ID';
}

/** What to write instead of a flag that does not exist; without the dashes. */
export function adviceForFlag(flag: string): string {
  const known = [...keys.map((key) => key.name), 'config'];
  const near = nearest(flag, known) ?? namedAlike(flag, known);
  if (near !== null) return `a known flag; the nearest is --${near}`;
  return 'a known flag: --config, or -- and the path of a setting, such as --broker.port';
}
