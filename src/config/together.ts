import type { z } from 'zod';
import { isLoopback, readUrl } from './formats.ts';
import type { Config } from './schema.ts';

/** A mistake that only shows when settings are looked at together; `at` is the setting to look at first. */
interface Clash {
  readonly at: readonly (string | number)[];
  readonly found: string;
  readonly expected: string;
}

function twice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

/** Routers treat `/Path/` and `/path` alike, so they are alike here too. */
function samePath(one: string, other: string): boolean {
  const plain = (path: string) => path.toLowerCase().replace(/\/+$/, '');
  return plain(one) === plain(other);
}

function* sonosClashes({ sonos, callback }: Config): Generator<Clash> {
  if (sonos.client_id !== undefined && sonos.client_secret === undefined) {
    yield {
      at: ['sonos', 'client_id'],
      found: 'a key without its secret',
      expected: 'sonos.client_secret as well; the developer portal shows both on the same page',
    };
  }
  if (sonos.client_secret !== undefined && sonos.client_id === undefined) {
    yield {
      at: ['sonos', 'client_secret'],
      found: 'a secret without its key',
      expected: 'sonos.client_id as well; the developer portal shows both on the same page',
    };
  }
  const redirect = sonos.redirect_uri === undefined ? null : readUrl(sonos.redirect_uri);
  if (redirect !== null && callback.path !== undefined && samePath(redirect.pathname, callback.path)) {
    yield {
      at: ['callback', 'path'],
      found: 'the path of sonos.redirect_uri',
      expected: 'another path; events and the login redirect arrive at the same listener',
    };
  }
  const aliases = Object.values(sonos.households).flatMap((household) => household.alias ?? []);
  const alias = twice(aliases);
  if (alias !== undefined) {
    yield {
      at: ['sonos', 'households'],
      found: `the alias "${alias}" twice`,
      expected: 'a different alias for every household',
    };
  }
}

function* brokerClashes({ mqtt, broker }: Config): Generator<Clash> {
  const scheme = mqtt.url === undefined ? null : (readUrl(mqtt.url)?.protocol ?? null);
  if ((mqtt.tls.cert === undefined) !== (mqtt.tls.key === undefined)) {
    const given = mqtt.tls.cert === undefined ? 'key' : 'cert';
    yield {
      at: ['mqtt', 'tls', given],
      found: given === 'key' ? 'a key without its certificate' : 'a certificate without its key',
      expected: 'both mqtt.tls.cert and mqtt.tls.key, or neither',
    };
  }
  const tls = (['ca', 'cert', 'key'] as const).find((name) => mqtt.tls[name] !== undefined);
  if (tls !== undefined && (scheme === 'mqtt:' || scheme === 'ws:')) {
    yield {
      at: ['mqtt', 'tls', tls],
      found: `a file for TLS, but mqtt.url starts with ${scheme}// and would not be encrypted`,
      expected: `an mqtt.url that starts with ${scheme === 'ws:' ? 'wss' : 'mqtts'}://`,
    };
  }
  if (mqtt.url === undefined && !isLoopback(broker.host) && (broker.users ?? []).length === 0) {
    yield {
      at: ['broker', 'host'],
      found: `"${broker.host}", which others can reach, and no broker.users`,
      expected: 'broker.users with at least one user, or 127.0.0.1',
    };
  }
  const name = twice((broker.users ?? []).map((user) => user.username));
  if (name !== undefined) {
    yield {
      at: ['broker', 'users'],
      found: `the username "${name}" twice`,
      expected: 'a different username for every user',
    };
  }
}

function* webClashes({ web, home_assistant }: Config): Generator<Clash> {
  const isGuarded = web.password !== undefined || home_assistant.ingress_from !== undefined;
  if (!isGuarded && !isLoopback(web.host)) {
    yield {
      at: ['web', 'host'],
      found: `"${web.host}", which others can reach, and no web.password`,
      expected: 'web.password as well, or 127.0.0.1',
    };
  }
}

function* queueClashes({ queue, callback }: Config): Generator<Clash> {
  if (queue.listener === 'public' && callback.public_url === undefined) {
    yield {
      at: ['queue', 'listener'],
      found: '"public" without callback.public_url',
      expected: 'callback.public_url as well, under which players reach the public listener',
    };
  }
}

/** A word in braces that is none of those that are replaced: a slip, which would be sent as it stands there. */
const SLIP = /\{(?!(?:text|language|voice|speed)\})[A-Za-z_]{1,16}\}/;

function* speechClashes({ speech: { providers, home_assistant, http } }: Config): Generator<Clash> {
  const needs = {
    home_assistant: { key: 'token', isThere: home_assistant.token !== undefined },
    http: { key: 'url', isThere: http.url !== undefined },
  } as const;
  for (const provider of ['home_assistant', 'http'] as const) {
    const { key, isThere } = needs[provider];
    if (isThere || !providers.includes(provider)) continue;
    yield {
      at: ['speech', 'providers'],
      found: `"${provider}" without speech.${provider}.${key}`,
      expected: `speech.${provider}.${key} as well`,
    };
  }
  const slip = SLIP.exec(http.url ?? '')?.[0];
  if (slip !== undefined) {
    yield {
      at: ['speech', 'http', 'url'],
      found: `"${slip}"`,
      expected: '{text}, {language}, {voice} or {speed} in braces',
    };
  }
}

function* announcementClashes({ announcements }: Config): Generator<Clash> {
  const { volume, volumes, max_volume } = announcements;
  const most = { expected: `at most ${max_volume}` };
  if (volume !== undefined && volume > max_volume) {
    const found = `${volume}, above announcements.max_volume`;
    yield { at: ['announcements', 'volume'], found, ...most };
  }
  for (const [room, own] of Object.entries(volumes)) {
    const found = `${own} for "${room}", above announcements.max_volume`;
    if (own > max_volume) yield { at: ['announcements', 'volumes'], found, ...most };
  }
}

function* ceilingClashes({ volume }: Config): Generator<Clash> {
  for (const [index, { from, to }] of volume.ceilings.entries()) {
    if ((from === undefined) === (to === undefined)) continue;
    const given = from === undefined ? 'to' : 'from';
    yield {
      at: ['volume', 'ceilings', index, given],
      found: `${given} alone`,
      expected: 'both from and to, or neither',
    };
  }
}

function* compatClashes({ compat, sonos }: Config): Generator<Clash> {
  const taken = ['status', 'connected'];
  const alias = Object.values(sonos.households).find((household) => taken.includes(household.alias ?? ''));
  if (compat.sonos2mqtt && alias !== undefined) {
    yield {
      at: ['sonos', 'households'],
      found: `the alias "${alias.alias}", a topic of compat.sonos2mqtt`,
      expected: 'another alias',
    };
  }
}

function* relayClashes({ callback, relay, mqtt, queue }: Config): Generator<Clash> {
  if (callback.relay && queue.listener === 'public') {
    const found = '"public", but with callback.relay no public listener is opened';
    yield { at: ['queue', 'listener'], found, expected: '"clip"' };
  }
  if (relay.topic !== undefined && `${relay.topic}/`.startsWith(`${mqtt.base_topic}/`)) {
    const expected = 'a topic that is not below mqtt.base_topic, which everybody in the house may read';
    yield { at: ['relay', 'topic'], found: `"${relay.topic}"`, expected };
  }
  if (callback.path !== undefined && samePath(callback.path, relay.health_path)) {
    const expected = 'another path, since events arrive at that one';
    yield { at: ['relay', 'health_path'], found: 'the path of the event callback', expected };
  }
}

function* homeAssistantClashes({ home_assistant, mqtt }: Config): Generator<Clash> {
  for (const key of ['prefix', 'status_topic'] as const) {
    const isBelow = `${home_assistant[key]}/`.startsWith(`${mqtt.base_topic}/`);
    const expected = 'a topic that is not below mqtt.base_topic, where rooms and commands are';
    if (isBelow) yield { at: ['home_assistant', key], found: `"${home_assistant[key]}"`, expected };
  }
}

/** Adds an issue for every clash between settings; its `params` carry what was `found` and what is `expected`. */
export function checkTogether(config: Config, context: z.RefinementCtx): void {
  const all = [
    ...[sonosClashes, brokerClashes, webClashes, relayClashes, ceilingClashes],
    ...[compatClashes, homeAssistantClashes, speechClashes, announcementClashes, queueClashes],
  ];
  for (const clashes of all) {
    for (const { at, found, expected } of clashes(config)) {
      context.addIssue({ code: 'custom', path: [...at], params: { found, expected } });
    }
  }
}
