import { stringify } from 'yaml';
import { expectedAt, isSection, type Key, keys, type Node, tree } from './keys.ts';

const INTRODUCTION = `# Settings

<!-- Generated from the settings' schema in src/config; \`npm run generate\` writes it anew. -->

Settings come from four places, and a later one wins:

1. a YAML file: \`config/config.yaml\` if there is one, or the one that \`--config FILE\` names, which must exist.
   [config.example.yaml](../config/config.example.yaml) shows every setting; editors check it with
   [schema.json](../config/schema.json).
2. a JSON file that the variable \`BRIDGE_OPTIONS_FILE\` names, with the same keys: how Home Assistant hands over the
   options of the add-on. What is empty there counts as absent, and lists and maps may also be text with JSON in it.
3. variables of the environment: \`BRIDGE_\` and the path in capitals, joined by \`_\`. \`sonos.client_id\` is
   \`BRIDGE_SONOS_CLIENT_ID\`. With \`_FILE\` appended, the value is read from the file it names, without the line
   break at its end (for container secrets). Lists and maps are written as JSON. An empty variable counts as absent.
4. flags: \`--broker.port 1884\` or \`--broker.port=1884\`. Lists and maps are written as JSON. Other people on the
   machine can see flags, so secrets belong in the file or the environment.

A list or a map is replaced as a whole, not merged. A key, a variable that starts with \`BRIDGE_\` or a flag that does
not exist is a mistake, and so is a wrong value: the bridge then does not start, exits with code 2 and prints one line
per mistake: where it is, what was found, what is expected.

\`sonos-mqtt-bridge config\` prints the settings in force and where each came from. Secrets, marked 🔒 below, are
masked there and never reach the log.
`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function defaultOf(node: Node): string {
  return node.default === undefined ? '–' : `\`${JSON.stringify(node.default)}\``;
}

function row(name: string, node: Node): string {
  const lock = node.secret === true ? ' 🔒' : '';
  return `| \`${name}\`${lock} | ${defaultOf(node)} | ${cell(node.description ?? '')} | ${cell(expectedAt(node))} |`;
}

/** The rows of a setting, and of what stands in the elements of a list or a map. */
function rows(name: string, node: Node): string[] {
  const element = node.items ?? node.additionalProperties;
  const fields = typeof element === 'object' && !Array.isArray(element) ? (element.properties ?? {}) : {};
  const step = node.items === undefined ? '.<id>' : '[]';
  const below = Object.entries(fields).flatMap(([field, child]) =>
    typeof child === 'object' ? [row(`${name}${step}.${field}`, child)] : [],
  );
  return [row(name, node), ...below];
}

function sections(): Map<string, readonly Key[]> {
  const found = new Map<string, readonly Key[]>();
  for (const key of keys) {
    const section = key.path.length === 1 ? 'general' : (key.path[0] ?? '');
    found.set(section, [...(found.get(section) ?? []), key]);
  }
  return found;
}

/** The reference page of the settings, `docs/configuration.md`. */
export function renderConfigPage(): string {
  const tables = [...sections()].map(([section, members]) =>
    [
      `\n## ${section}\n`,
      '| key | default | meaning | value |',
      '|---|---|---|---|',
      ...members.flatMap(({ name, node }) => rows(name, node)),
    ].join('\n'),
  );
  return `${INTRODUCTION}${tables.join('\n')}\n`;
}

/** The words of our own in the tree, said as JSON Schema says them. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([word, inner]): (readonly [string, unknown])[] => {
    if (word === 'expected') return [['$comment', inner]];
    if (word === 'secret') return [['writeOnly', inner]];
    if (word === 'example') return [['examples', [inner]]];
    return [[word, plain(inner)]];
  });
  return Object.fromEntries(entries);
}

/** Sections may be null, which is what a heading is in YAML when everything below it is commented out. */
function withEmptySections(node: Node): Record<string, unknown> {
  const properties = Object.entries(node.properties ?? {}).map(([step, child]) => {
    const section = typeof child === 'object' && isSection(child);
    return [step, section ? { ...withEmptySections(child), type: ['object', 'null'] } : child] as const;
  });
  return { ...node, properties: Object.fromEntries(properties) };
}

/** The settings as JSON Schema draft 7, for editors: `config/schema.json`. */
export function configJsonSchema(): unknown {
  return plain({ title: 'Settings of sonos-mqtt-bridge', ...withEmptySections(tree) });
}

/** A setting as a commented line or lines that become YAML when the `#` goes. */
function commented(step: string, node: Node, indent: string): string[] {
  const yaml = stringify({ [step]: node.example ?? node.default }, { lineWidth: 0 });
  return yaml
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^ */, (spaces) => `${indent}${spaces}#`));
}

function exampleOf(node: Node, indent: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([step, child]) => {
    if (typeof child !== 'object') return [];
    if (isSection(child)) return ['', `${indent}${step}:`, ...exampleOf(child, `${indent}  `)];
    return [`${indent}# ${child.description ?? ''}`, ...commented(step, child, indent)];
  });
}

/** The example file, `config/config.example.yaml`: every setting with its meaning and its default, or an example. */
export function renderConfigExample(): string {
  return [
    '# yaml-language-server: $schema=./schema.json',
    "# Generated from the settings' schema in src/config; `npm run generate` writes it anew.",
    '# Copy it to config.yaml and take away the # in front of what you want to change.',
    '# What is shown is the default; for settings without one, or with an empty one, it is an example.',
    '',
    ...exampleOf(tree, ''),
    '',
  ].join('\n');
}
