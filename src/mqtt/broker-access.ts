import { createHash, timingSafeEqual } from 'node:crypto';

/** Somebody who may use the embedded broker. */
export interface BrokerUser {
  readonly username: string;
  readonly password: string;
  /** Topic filters this user may publish to; absent means commands and everything outside the base topic. */
  readonly publish?: readonly string[] | undefined;
  /** Topic filters this user may subscribe to, whole or in part; absent means `#`. */
  readonly subscribe?: readonly string[] | undefined;
}

/** Who a client turned out to be. `publish` is null where the rule for everybody applies. */
export interface Identity {
  /** The user's name; null for an anonymous client. */
  readonly name: string | null;
  /** True for the bridge's own client alone. */
  readonly internal: boolean;
  readonly publish: readonly string[] | null;
  readonly subscribe: readonly string[];
}

/** Why a publish was turned down. */
export type PublishRefusal = 'broken_topic' | 'reserved_topic' | 'not_allowed' | 'retained_command';

/**
 * What becomes of a publish. `swallow` acknowledges it and forwards it to nobody: an empty retained message on
 * a command topic means "clear", and a subscriber could not tell it from a command without a payload.
 */
export type PublishVerdict = 'allow' | 'swallow' | PublishRefusal;

/** What a rule needs to know of a publish; a last will is one too. */
export interface PublishAttempt {
  readonly topic: string;
  readonly retain: boolean;
  readonly empty: boolean;
}

/** Who may do what on the embedded broker. */
export interface BrokerAccess {
  /** Who the credentials belong to, or null when they open nothing. Passwords are compared in constant time. */
  identify(username: string | undefined, password: Uint8Array | undefined): Identity | null;
  /** What becomes of a publish. */
  publish(identity: Identity, attempt: PublishAttempt): PublishVerdict;
  /** Whether every topic the filter could match is open to this client. */
  subscribe(identity: Identity, filter: string): boolean;
}

/** The longest topic or filter the embedded broker takes, in bytes; the bridge's own stay below 200. */
export const LONGEST_TOPIC_BYTES = 1024;

/** The most levels of a topic or filter that the embedded broker takes; the bridge's own have five. */
export const MOST_TOPIC_LEVELS = 32;

// Control characters and U+FFFD (what ill-formed UTF-8 decodes to): MQTT 3.1.1 §1.5.3 lets a receiver close the
// connection over them, and libmosquitto does, so one hostile publish would throw its subscribers out.
const UNFIT = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\uFFFD]/u;

/** Whether a text from the wire was well-formed and is free of control characters. */
export const isCleanText = (text: string): boolean => !UNFIT.test(text);

const isFit = (text: string): boolean =>
  text.length > 0 &&
  isCleanText(text) &&
  Buffer.byteLength(text) <= LONGEST_TOPIC_BYTES &&
  text.split('/').length <= MOST_TOPIC_LEVELS;

/** Whether a filter can match more than one topic. */
export const hasWildcard = (filter: string): boolean => /[+#]/.test(filter);

/** Whether this can be the topic of a message (MQTT 3.1.1 §4.7): no wildcard, no control character, not empty. */
export const isTopicName = (text: string): boolean => isFit(text) && !hasWildcard(text);

/** Whether this is a well-formed topic filter (MQTT 3.1.1 §4.7.1): wildcards fill a level, `#` only the last. */
export function isTopicFilter(text: string): boolean {
  if (!isFit(text)) return false;
  const levels = text.split('/');
  return levels.every((level, at) =>
    level === '#' ? at === levels.length - 1 : level === '+' || !/[+#]/.test(level),
  );
}

/**
 * Whether every topic that `wanted` matches is matched by `allowed` too. A topic name is the filter that matches
 * only itself, so this also answers whether a filter matches a topic. MQTT 3.1.1 §4.7: `#` includes its parent
 * level, and a wildcard in the first level matches no topic that begins with `$`.
 */
export function covers(allowed: string, wanted: string): boolean {
  if (allowed === wanted) return true;
  if (!hasWildcard(allowed)) return false;
  const open = allowed.split('/');
  // No topic is empty, so `#` means the same as `+/#`, and `/#` as `/+/#`; only these compare level by level.
  const asked = (wanted === '#' || wanted === '/#' ? wanted.replace('#', '+/#') : wanted).split('/');
  if (wanted.startsWith('$') && (open[0] === '#' || open[0] === '+')) return false;
  for (let at = 0; at < open.length; at += 1) {
    const level = open[at];
    const other = asked[at];
    if (level === '#') return true;
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return asked.length === open.length;
}

/** The filters that match every command topic below a base topic, and nothing else. */
export const commandFilters = (baseTopic: string): readonly string[] => [
  `${baseTopic}/+/+/set/#`,
  `${baseTopic}/bridge/set/#`,
];

const EVERYTHING: readonly string[] = ['#'];
const ANONYMOUS: Identity = { name: null, internal: false, publish: null, subscribe: EVERYTHING };

const digest = (secret: string | Uint8Array): Buffer => createHash('sha256').update(secret).digest();

interface Account {
  readonly identity: Identity;
  readonly secret: Buffer;
}

function readAccounts(settings: AccessSettings): Map<string, Account> {
  const accounts = new Map<string, Account>();
  for (const { username, password, publish, subscribe } of settings.users) {
    const identity: Identity = {
      name: username,
      internal: false,
      publish: publish ?? null,
      subscribe: subscribe ?? EVERYTHING,
    };
    accounts.set(username, { identity, secret: digest(password) });
  }
  const { username, password } = settings.internal;
  const identity: Identity = { name: username, internal: true, publish: EVERYTHING, subscribe: EVERYTHING };
  return accounts.set(username, { identity, secret: digest(password) });
}

/** What the rules are made of. */
export interface AccessSettings {
  readonly users: readonly BrokerUser[];
  readonly baseTopic: string;
  /** Filters of further topics below the base topic that take commands, as a familiar door does; absent means none. */
  readonly furtherCommands?: readonly string[] | undefined;
  /** The bridge's own credentials. They win over a user of the same name. */
  readonly internal: { readonly username: string; readonly password: string };
}

/**
 * The embedded broker's rules. Without users everybody is let in as nobody in particular; with users only they
 * and the bridge are. An empty password opens nothing. Topics that begin with `$` are the broker's: nobody
 * publishes there, and only a filter that spells out the first level subscribes there.
 */
export function createBrokerAccess(settings: AccessSettings): BrokerAccess {
  const accounts = readAccounts(settings);
  const open = settings.users.length === 0;
  const commands = [...commandFilters(settings.baseTopic), ...(settings.furtherCommands ?? [])];
  const ownTree = `${settings.baseTopic}/#`;
  const stranger = digest('');

  const isCommand = (topic: string): boolean => commands.some((filter) => covers(filter, topic));
  const mayPublish = (identity: Identity, topic: string): boolean =>
    identity.publish === null
      ? isCommand(topic) || !covers(ownTree, topic)
      : identity.publish.some((filter) => covers(filter, topic));

  return {
    identify(username, password) {
      const account = username === undefined ? undefined : accounts.get(username);
      if (account === undefined && open) return ANONYMOUS;
      // An unknown name costs the same time as a wrong password.
      const same = timingSafeEqual(account?.secret ?? stranger, digest(password ?? ''));
      const given = password !== undefined && password.length > 0;
      return account !== undefined && same && given ? account.identity : null;
    },
    publish(identity, { topic, retain, empty }) {
      if (!isTopicName(topic)) return 'broken_topic';
      if (topic.startsWith('$')) return 'reserved_topic';
      if (!mayPublish(identity, topic)) return 'not_allowed';
      if (identity.internal || !retain || !isCommand(topic)) return 'allow';
      return empty ? 'swallow' : 'retained_command';
    },
    subscribe(identity, filter) {
      return isTopicFilter(filter) && identity.subscribe.some((allowed) => covers(allowed, filter));
    },
  };
}
