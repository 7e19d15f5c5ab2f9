import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSecret, type Node, tree } from '../../src/config/keys.ts';
import { type Canary, type Leak, searcherFor } from '../support/canaries.ts';

/** Signs that JSON, URLs, forms, HTML, shells, regular expressions and base64 treat in their own ways. */
const SIGNS = '/"+\\%41<&>=\'~$^.*(){}[]|?';

/** A secret of that kind as it may be at worst: visible ASCII. */
export const canary = (kind: string): string =>
  `${randomBytes(9).toString('base64url')}-${kind}-${SIGNS}${randomBytes(3).toString('hex')}`;

/** The same with what people put into passwords: spaces, letters beyond ASCII. */
const password = (kind: string): string => `${canary(kind)} pässwörd ✓ ${randomBytes(3).toString('hex')}`;

const plain = (): string => randomBytes(16).toString('base64url');

/** What every secret setting is set to, by its name; a list of users has two. */
export const secretSettings = {
  'sonos.client_secret': [canary('client')],
  'callback.path': [`/${plain()}/events/${plain()}`],
  'mqtt.password': [password('mqtt')],
  'broker.users[].password': [password('user-one'), password('user-two')],
  'web.password': [password('web')],
  'speech.openai.key': [canary('openai')],
  'speech.home_assistant.token': [canary('home')],
  'speech.http.authorization': [`Bearer ${canary('speech')}`],
} as const;

/** The secret settings that the schema knows. */
export function secretsOfSchema(node: Node = tree, path = ''): string[] {
  if (isSecret(node)) return [path];
  const below = Object.entries(node.properties ?? {}).map(
    ([name, child]) => [`${path}${path === '' ? '' : '.'}${name}`, child] as const,
  );
  return [
    ...below,
    [`${path}[]`, node.items] as const,
    [`${path}{}`, node.additionalProperties] as const,
  ].flatMap(([name, child]) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? secretsOfSchema(child as Node, name)
      : [],
  );
}

/** Everything that the house said, by where it said it. */
export class Spy {
  readonly #said: { readonly where: string; readonly text: string }[] = [];
  readonly #lasting = new Map<string, Canary>();
  readonly #fleeting = new Map<string, Canary>();

  /** From now on this is a secret that the house keeps. */
  knows(name: string, value: string): string {
    this.#lasting.set(value, { name, value });
    return value;
  }

  /** From now on this is a secret, but one that is good for once or for minutes, and that nobody keeps in mind. */
  knowsForNow(name: string, value: string): string {
    this.#fleeting.set(value, { name, value });
    return value;
  }

  /** Those that the house keeps. */
  get lasting(): readonly Canary[] {
    return [...this.#lasting.values()];
  }

  get canaries(): readonly Canary[] {
    return [...this.#lasting.values(), ...this.#fleeting.values()];
  }

  heard(where: string, text: string): void {
    this.#said.push({ where, text });
  }

  /** How many characters were heard there. */
  length(where: string): number {
    return this.#said.filter((each) => each.where === where).reduce((sum, { text }) => sum + text.length, 0);
  }

  get places(): string[] {
    return [...new Set(this.#said.map(({ where }) => where))];
  }

  /** Every secret in everything that was heard; `isMeant` says which of them belong there. */
  leaks(isMeant: (where: string, leak: Leak) => boolean = () => false): (Leak & { where: string })[] {
    const search = searcherFor(this.canaries);
    return this.places.flatMap((where) => {
      const all = this.#said.filter((each) => each.where === where).map(({ text }) => text);
      return search(all.join('\n')).flatMap((leak) => (isMeant(where, leak) ? [] : [{ where, ...leak }]));
    });
  }
}

/** The files of a folder, with what is in them and who may read them. */
export const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name);
    const { mode } = statSync(path);
    return statSync(path).isFile() ? [{ name, mode: mode & 0o777, text: readFileSync(path, 'latin1') }] : [];
  });
