import * as fs from 'node:fs/promises';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { err, ok, type Result } from '../bridge/result.ts';
import type { SettingsDocument } from './document.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readFlags } from './flags.ts';
import { fileTrouble, type Given, isAbsence, type ReadFile } from './given.ts';
import {
  childOf,
  expectedAt,
  isSection,
  type Key,
  keyAround,
  keys,
  mapSecrets,
  type Node,
  nameOf,
  nodeAt,
  tree,
} from './keys.ts';
import { adviceForKey, type ConfigMistake, describeFound, shownName } from './mistakes.ts';
import { readOptionsFile } from './options-file.ts';
import { type Config, settings } from './schema.ts';
import { checkTogether } from './together.ts';

const DEFAULT_FILE = 'config/config.yaml';
const configSchema = settings.superRefine(checkTogether);

/** Where every setting in force came from, by name: `config/config.yaml:12`, `BRIDGE_WEB_PORT`, `--web.port`, `default`. */
export type Sources = ReadonlyMap<string, string>;

/** Where settings are looked for. */
interface ConfigOrigin {
  /** The flags, without the program and the command in front. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** The folder that file names start from. */
  readonly cwd: string;
  /** Rejects as `fs.readFile` does; the disk unless given. */
  readonly readFile?: ReadFile;
}

type Tree = Record<string, unknown>;

interface Raw {
  /** Everything that was given, one on top of the other. Not yet checked. */
  readonly data: unknown;
  readonly document: SettingsDocument | null;
  /** Of the settings that the options file, a variable or a flag gave. */
  readonly overrides: ReadonlyMap<string, string>;
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A section whose keys are all commented out is null in YAML, and means an empty one. */
function withoutEmptySections(value: unknown, node: Node): unknown {
  if (!isSection(node)) return value;
  if (value === null) return {};
  if (!isTree(value)) return value;
  const entries = Object.entries(value).map(([step, child]) => {
    const below = childOf(node, step);
    return [step, below === null ? child : withoutEmptySections(child, below)];
  });
  return Object.fromEntries(entries);
}

/** The same data with one value put in; a section that is no map stays, for the schema to complain about. */
function put(data: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (!isTree(data)) return data;
  return { ...data, [step]: put(Object.hasOwn(data, step) ? data[step] : {}, rest, value) };
}

/** The value at a path; undefined when there is none. */
function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
    return holds ? Reflect.get(value, step) : undefined;
  }, data);
}

function placeOf({ document, overrides }: Raw, path: readonly PropertyKey[]): string {
  const key = keyAround(path);
  const override = key === null ? undefined : overrides.get(key.name);
  return override ?? document?.locate(path) ?? 'the settings';
}

function mistakesOf(issue: z.core.$ZodIssue, raw: Raw): ConfigMistake[] {
  const { path } = issue;
  const where = placeOf(raw, path);
  const key = path.length === 0 ? null : nameOf(path);
  const node = nodeAt(path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({
      where: placeOf(raw, [...path, name]),
      key: nameOf([...path, shownName(name)]),
      found: 'a key that does not exist',
      expected: adviceForKey(path, name, nameOf(path)),
    }));
  }
  if (issue.code === 'custom' && typeof issue.params?.found === 'string') {
    return [{ where, key, found: issue.params.found, expected: String(issue.params.expected) }];
  }
  if (issue.code === 'invalid_key') {
    return [
      { where, key: nameOf(path.slice(0, -1)), found: 'a name with control characters', expected: 'text' },
    ];
  }
  const expected = node === null ? issue.message : expectedAt(node);
  return [{ where, key, found: describeFound(valueAt(raw.data, path), node), expected }];
}

/** The first issue of every place: the ones after it say the same in other words. */
function firstOfEachPlace(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const seen = new Set<string>();
  return issues.filter(({ path, code }) => {
    const place = code === 'unrecognized_keys' ? `${nameOf(path)} unknown` : nameOf(path);
    return !seen.has(place) && seen.add(place);
  });
}

/** Whether settings clash, which means little while some of them are unreadable. */
const isClash = (issue: z.core.$ZodIssue) => issue.code === 'custom' && issue.params?.found !== undefined;

async function readSettingsFile(
  file: string | null,
  cwd: string,
  readFile: ReadFile,
): Promise<{ readonly document: SettingsDocument | null; readonly mistakes: readonly ConfigMistake[] }> {
  const name = file ?? DEFAULT_FILE;
  let text: string;
  try {
    text = await readFile(resolve(cwd, name));
  } catch (error) {
    if (file === null && isAbsence(error)) return { document: null, mistakes: [] };
    const where = file === null ? name : `--config ${name}`;
    const expected = 'a settings file in YAML';
    return { document: null, mistakes: [{ where, key: null, found: fileTrouble(error), expected }] };
  }
  // The parser is loaded only when there is a file.
  return (await import('./document.ts')).readDocument(text, name);
}

/** Without what stands where secrets belong: one that was written in two places may be repeated for the wrong one. */
function withoutSecrets(mistakes: readonly ConfigMistake[], data: unknown): ConfigMistake[] {
  const secrets: string[] = [];
  mapSecrets(data, tree, (secret) => {
    if (typeof secret === 'string' && secret.length > 5) secrets.push(secret);
    return secret;
  });
  const clean = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
  return mistakes.map(({ where, key, found, expected }) => ({
    where: clean(where),
    key: key === null ? null : clean(key),
    found: clean(found),
    expected,
  }));
}

/** What is wrong with times that are written as cron expressions; the parser is loaded only when there are some. */
async function cronMistakes({ schedules }: Config, raw: Raw): Promise<ConfigMistake[]> {
  if (schedules.length === 0) return [];
  const { readCron } = await import('./cron.ts');
  return schedules.flatMap(({ cron }, index) => {
    const read = readCron(cron);
    const path = ['schedules', index, 'cron'];
    const node = nodeAt(path);
    if (read.ok || node === null) return [];
    const found = `${describeFound(cron, node)} (${read.error})`;
    return [{ where: placeOf(raw, path), key: nameOf(path), found, expected: expectedAt(node) }];
  });
}

function sourcesOf(config: Config, raw: Raw): Sources {
  const source = ({ name, path }: Key): string => {
    const override = raw.overrides.get(name);
    if (override !== undefined) return override;
    if (raw.document !== null && valueAt(raw.data, path) !== undefined) return raw.document.locate(path);
    return valueAt(config, path) === undefined ? 'not set' : 'default';
  };
  return new Map(keys.map((key) => [key.name, source(key)]));
}

/**
 * Reads the settings: the file, then the options file, the environment and the flags; later wins. The file is `config/config.yaml`
 * when there is one, or what `--config` names, which must exist. The error holds every mistake that was found.
 */
export async function readConfig(
  origin: ConfigOrigin,
): Promise<Result<{ readonly config: Config; readonly sources: Sources }, readonly ConfigMistake[]>> {
  const { readFile = (path) => fs.readFile(path, 'utf8') } = origin;
  const flags = readFlags(origin.argv);
  const environment = await readEnvironment(origin.env, origin.cwd, readFile);
  const file = await readSettingsFile(flags.config, origin.cwd, readFile);
  const options = await readOptionsFile(origin.env, origin.cwd, readFile);
  const mistakes = [...file.mistakes, ...options.mistakes, ...environment.mistakes, ...flags.mistakes];
  // Without the file, what it says would be missed everywhere else.
  if (file.mistakes.length > 0) return err(mistakes);

  const given: readonly Given[] = [...options.given, ...environment.given, ...flags.given];
  const raw: Raw = {
    document: file.document,
    overrides: new Map(given.map(({ key, where }) => [key.name, where])),
    data: given.reduce<unknown>(
      (data, { key, value }) => put(data, key.path, value),
      withoutEmptySections(file.document?.data ?? null, tree),
    ),
  };
  const parsed = configSchema.safeParse(raw.data);
  const issues = parsed.success ? [] : firstOfEachPlace(parsed.error.issues);
  const telling = mistakes.length === 0 ? issues : issues.filter((issue) => !isClash(issue));
  mistakes.push(...telling.flatMap((issue) => mistakesOf(issue, raw)));
  if (parsed.success) mistakes.push(...(await cronMistakes(parsed.data, raw)));
  if (!parsed.success || mistakes.length > 0) return err(withoutSecrets(mistakes, raw.data));
  return ok({ config: parsed.data, sources: sourcesOf(parsed.data, raw) });
}
