import { Document, isNode } from 'yaml';
import { type Key, keys, mapSecrets, tree } from './keys.ts';
import type { Sources } from './read.ts';
import type { Config } from './schema.ts';

const MASK = '••••';

/** A broker may be reached by WebSocket under an address with a token in its query. */
function withoutQuery({ mqtt, ...config }: Config): Config {
  const [address, query] = mqtt.url?.split('?') ?? [];
  return query === undefined || address === undefined
    ? { ...config, mqtt }
    : { ...config, mqtt: { ...mqtt, url: `${address}?${MASK}` } };
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
  const shown = reveal ? config : mapSecrets(withoutQuery(config), tree, () => MASK);
  const document = new Document(shown);
  for (const key of keys) annotate(document, key, sources.get(key.name) ?? 'unknown');
  const unset = keys
    .filter(({ name }) => sources.get(name) === 'not set')
    .map(({ name }) => `# ${name}: not set\n`);
  return `${document.toString({ lineWidth: 0 })}${unset.join('')}`;
}
