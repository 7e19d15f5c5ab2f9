import { Document, isNode } from 'yaml';
import { readUrl } from './formats.ts';
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

/**
 * Every secret among the settings, for the log's filter: also the pair that signs the requests for a token, as it is
 * and percent-encoded, since it travels as one base64 text (RFC 6749 §2.3.1), and the query of the broker's address.
 * Each in both forms that Unicode has for letters such as é.
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
  const query = readUrl(config.mqtt.url ?? '')?.searchParams;
  for (const text of query === undefined ? [] : [String(query), ...query.values()]) secrets.add(text);
  for (const secret of [...secrets]) for (const form of ['NFC', 'NFD']) secrets.add(secret.normalize(form));
  return [...secrets];
}
