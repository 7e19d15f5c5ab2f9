import { readUrl } from './formats.ts';
import { mapSecrets, tree } from './keys.ts';
import type { Config } from './schema.ts';

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
