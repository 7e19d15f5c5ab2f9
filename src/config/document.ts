import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { ConfigMistake } from './mistakes.ts';

/** A YAML file as plain data that remembers its lines. */
export interface SettingsDocument {
  /** What the file says; null when it is empty. Not yet checked. */
  readonly data: unknown;
  /** `config/config.yaml:12`: the line of the value at a path, or of what is nearest around it. */
  locate(path: readonly PropertyKey[]): string;
}

/** What the parser's codes mean to a person; its own messages quote the text, which may be a secret. */
const FAULTS: Readonly<Record<string, readonly [found: string, expected: string]>> = {
  DUPLICATE_KEY: ['a key that stands there already', 'every key once'],
  TAB_AS_INDENT: ['a tab at the start of a line', 'spaces'],
  BAD_INDENT: ['a line that is indented wrongly', 'the same indentation for all keys of a section'],
  MISSING_CHAR: ['a missing quote, comma, colon or bracket', 'one more of them'],
  TAG_RESOLVE_FAILED: ['a value that starts with !, which YAML takes for a tag', 'quotes around the value'],
  BAD_ALIAS: ['a value that starts with *, which YAML takes for an alias', 'quotes around the value'],
  BAD_SCALAR_START: ['a value that starts with a sign YAML keeps for itself', 'quotes around the value'],
  MULTIPLE_DOCS: ['a second document after ---', 'one document'],
  NON_STRING_KEY: ['a key that is no text', 'text'],
};

function fault(code: string): readonly [found: string, expected: string] {
  return (
    FAULTS[code] ?? [`something that is no YAML (${code})`, 'YAML; a value with special signs needs quotes']
  );
}

/** Reads the text of a settings file; `name` is how the file is called in messages. */
export function readDocument(
  text: string,
  name: string,
): { readonly document: SettingsDocument | null; readonly mistakes: readonly ConfigMistake[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // With `silent`, the parser would also keep quiet about a second document.
    logLevel: 'error',
    stringKeys: true,
    version: '1.2',
  });
  const at = (offset: number) => `${name}:${lines.linePos(offset).line}`;
  const mistakes: ConfigMistake[] = [...document.errors, ...document.warnings].map(({ code, pos }) => {
    const [found, expected] = fault(code);
    return { where: at(pos[0]), key: null, found, expected };
  });
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const [found, expected] = fault('BAD_ALIAS');
      mistakes.push({ where: at(startOf(alias) ?? 0), key: null, found, expected });
    },
  });
  if (mistakes.length > 0) return { document: null, mistakes };

  const resolved = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
  const locate = (path: readonly PropertyKey[]): string => {
    let node: unknown = resolved(document.contents);
    let offset = startOf(document.contents) ?? 0;
    for (const step of path) {
      const pair = pairAt(node, step);
      if (pair === null) break;
      offset = startOf(pair.key) ?? startOf(pair.value) ?? offset;
      node = resolved(pair.value);
    }
    return at(offset);
  };
  try {
    return { document: { data: document.toJS({ maxAliasCount: 100 }), locate }, mistakes: [] };
  } catch {
    // Thrown when a few lines stand for a million values.
    const [found, expected] = ['aliases that cannot be followed', 'the values themselves'];
    return { document: null, mistakes: [{ where: name, key: null, found, expected }] };
  }
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function pairAt(node: unknown, step: PropertyKey): { readonly key: unknown; readonly value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair === undefined ? null : { key: pair.key, value: pair.value };
  }
  if (!isSeq(node) || typeof step !== 'number') return null;
  const value = node.items[step];
  return value === undefined ? null : { key: null, value };
}
