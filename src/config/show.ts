import { Document, isNode } from 'yaml';
import { childOf, isSecret, type Key, keys, type Node, tree } from './keys.ts';
import type { Sources } from './read.ts';
import type { Config } from './schema.ts';

const MASK = '••••';

/** The same value with every secret in it handed to `change`; a value that the schema does not know is left out. */
function mapSecrets(value: unknown, node: Node, change: (secret: unknown) => unknown): unknown {
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

function annotate(document: Document, { path, name }: Key, source: string): void {
  const node = document.getIn(path, true);
  if (!isNode(node)) return;
  // Beside a value; above the first element of a list or a map.
  if (typeof document.getIn(path) === 'object') node.commentBefore = ` ${name}: ${source}`;
  else node.comment = ` ${source}`;
}

/** The settings in force as YAML, each with where it came from; secrets and the callback path masked unless `reveal`. */
export function maskedConfig(
  config: Config,
  { reveal, sources }: { reveal: boolean; sources: Sources },
): string {
  const shown = reveal ? config : mapSecrets(config, tree, () => MASK);
  const document = new Document(shown);
  for (const key of keys) annotate(document, key, sources.get(key.name) ?? 'unknown');
  const unset = keys
    .filter(({ name }) => sources.get(name) === 'not set')
    .map(({ name }) => `# ${name}: not set\n`);
  return `${document.toString({ lineWidth: 0 })}${unset.join('')}`;
}

/**
 * Every secret among the settings, for the log's filter: also the pair that signs the requests for a token, as it is
 * and percent-encoded, since it travels as one base64 text (RFC 6749 §2.3.1).
 */
export function configSecrets(config: Config): string[] {
  const secrets = new Set<string>();
  mapSecrets(config, tree, (secret) => {
    if (typeof secret === 'string') secrets.add(secret);
    return secret;
  });
  const { client_id, client_secret } = config.sonos;
  if (client_id !== undefined && client_secret !== undefined) {
    secrets.add(`${client_id}:${client_secret}`);
    secrets.add(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`);
  }
  return [...secrets];
}
