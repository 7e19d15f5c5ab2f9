import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { z } from 'zod';
import { attributes, namespaces } from '../../src/bridge/namespaces/index.ts';
import { channelOf, payloadFault } from '../support/shipped-contract.ts';
import { eventually, Observer, type Seen } from './house.ts';

// What the contract promises of every message, held against what an observer really saw: the files that are shipped, and
// beside them a second statement by hand, so that a mistake in the product's own schemas does not hide in them.

const time = z.iso.datetime();
const count = z.int().min(0);
const word = z.string().min(1);

const presets = z.strictObject({
  items: z.array(
    z.strictObject({
      name: z.string(),
      household: z.string().nullable(),
      from: z.enum(['settings', 'saved']),
    }),
  ),
});

const bridgeState = z.object({
  version: word,
  started_at: time,
  mqtt_protocol: z.union([z.literal(4), z.literal(5), z.null()]),
  account: z.object({
    status: z.enum(['unlinked', 'linked', 'needs_login', 'unreachable']),
    login_url: z.url().nullable(),
    token_expires_at: time.nullable(),
  }),
  callback: z.object({ last_event_at: time.nullable(), accepted: count, rejected: count }),
  subscriptions: z.object({ wanted: count, held: count, oldest_age_hours: z.number().nullable() }),
  reconcile: z.object({ last_at: time.nullable(), corrections: count }),
  requests: z.object({ budget_per_minute: count, used_last_minute: count }),
});

const sonosSaid = z.object({
  status: z.int().nullable(),
  error_code: z.string().nullable(),
  reason: z.string().nullable(),
});

const failure = z.object({
  code: z.enum([
    ...(['invalid_payload', 'unknown_command', 'unknown_room', 'unknown_favorite'] as const),
    ...(['unknown_playlist', 'ambiguous_name', 'not_capable', 'not_linked', 'rate_limited'] as const),
    ...(['expired', 'retained', 'blocked', 'sonos_error', 'timeout', 'internal'] as const),
  ]),
  message: word,
  advice: word.optional(),
  rule: z.enum(['quiet_hours', 'tv', 'repeat']).optional(),
  sonos: sonosSaid.optional(),
});

const reply = z
  .object({
    id: word,
    command: z.string(),
    room: z.string().optional(),
    status: z.enum(['accepted', 'confirmed', 'failed', 'unconfirmed']),
    elapsed_ms: count,
    superseded_by: word.optional(),
    result: z.record(z.string(), z.json()).optional(),
    error: failure.optional(),
  })
  .refine(({ status, error }) => (status === 'failed') === (error !== undefined), 'error only with failed');

const happening = z.discriminatedUnion('event_type', [
  z.object({
    event_type: z.literal('playback_error'),
    code: word,
    reason: z.string().nullable(),
    track: z.string().nullable(),
  }),
  z.object({
    event_type: z.literal('session_evicted'),
    purpose: z.enum(['stream', 'queue']),
    code: word,
    reason: z.string().nullable(),
  }),
  z.object({
    event_type: z.literal('clip'),
    id: word,
    name: z.string().nullable(),
    app_id: z.string().nullable(),
    status: z.string().nullable(),
    error_code: z.string().nullable(),
  }),
  z
    .object({
      event_type: z.literal('announcement'),
      id: word,
      status: z.enum([
        ...(['queued', 'sent', 'playing', 'done', 'interrupted', 'dismissed', 'failed'] as const),
        ...(['expired', 'cancelled'] as const),
      ]),
      priority: z.enum(['normal', 'high']),
      provider: z.string().nullable(),
      error: failure.optional(),
    })
    .refine(
      ({ status, error }) =>
        (error !== undefined) === ['dismissed', 'failed', 'expired', 'cancelled'].includes(status),
      'an error when it was not heard',
    ),
  z
    .object({
      event_type: z.literal('timer'),
      kind: z.enum(['sleep', 'wake']),
      id: word,
      outcome: z.enum(['started', 'done', 'interrupted', 'failed', 'missed']),
      error: failure.optional(),
    })
    .refine(
      ({ outcome, error }) => (outcome === 'failed') === (error !== undefined),
      'an error when it failed',
    ),
  z.object({
    event_type: z.literal('queue_item'),
    ...{ id: word, title: z.string().nullable(), position: count, items: count },
  }),
  z.object({
    event_type: z.literal('queue_played'),
    ...{ id: word, title: z.string().nullable(), final: z.boolean() },
    seconds: z.number().min(0).nullable(),
    error: z.object({ type: z.string().nullable(), status: z.number().nullable() }).nullable(),
  }),
  z.object({ event_type: z.literal('queue_ended'), items: count }),
]);

const logLine = z.looseObject({ level: z.enum(['warn', 'error', 'fatal']), message: word });

const householdTopics = new Set(namespaces.flatMap((row) => Object.keys(row.topics)));

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const RESERVED_ROOMS = ['all', 'groups', 'favorites', 'playlists', 'set', 'reply', 'event', 'availability'];
const RESERVED_ALIASES = ['bridge', 'set', 'get', 'cmd'];

const flag = /^(true|false)$/;
const percent = /^(\d|[1-9]\d|100)$/;
const slugs = /^[a-z0-9-]+(,[a-z0-9-]+)*$/;
const anything = /^.+$/su;

/** What each attribute's topic may hold beside nothing (§2). */
const ATTRIBUTE_TEXTS: Readonly<Record<string, RegExp>> = {
  state: /^(playing|paused|idle|buffering)$/,
  volume: percent,
  muted: flag,
  group: slugs,
  members: slugs,
  group_volume: percent,
  group_muted: flag,
  title: anything,
  artist: anything,
  album: anything,
  image: anything,
  duration: /^\d+(\.\d+)?$/,
  source: anything,
  source_kind: /^(tv|airplay|line_in|none|alarm|spotify_connect|stream|radio|queue|other)$/,
  shuffle: flag,
  repeat: /^(off|all|one)$/,
  crossfade: flag,
  night_mode: flag,
  dialog: flag,
  volume_limit: /^([1-9]\d?|100)$/,
  volume_mode: /^(variable|fixed|pass_through)$/,
  mono: flag,
};

type Fault = string | null;

function jsonFault(schema: z.ZodType, payload: string): Fault {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return 'is no JSON';
  }
  const read = schema.safeParse(value);
  if (!read.success) return z.prettifyError(read.error);
  return isDeepStrictEqual(read.data, value) ? null : 'has more in it than the contract names';
}

const textFault = (pattern: RegExp | undefined, payload: string): Fault =>
  pattern?.test(payload) ? null : `is not ${pattern}`;

/** What rows draw is told by their own schemas, which are the shipped ones. */
const shippedOnly = (): Fault => null;

type Rule = { readonly isState: boolean; readonly fault: (payload: string) => Fault } | null;

const state = (fault: (payload: string) => Fault): Rule => ({
  isState: true,
  fault: (payload) => (payload === '' ? null : fault(payload)),
});
const once = (schema: z.ZodType): Rule => ({
  isState: false,
  fault: (payload) => jsonFault(schema, payload),
});
const availability = state((payload) => textFault(/^(online|offline)$/, payload));
const command: Rule = { isState: false, fault: () => null };

function ruleOfBridge(levels: readonly string[]): Rule {
  const [name, word, ...rest] = levels;
  if (name === 'set' && word !== undefined && rest.length <= 1) return command;
  if (word !== undefined) return null;
  if (name === 'availability') return availability;
  if (name === 'state') return state((payload) => jsonFault(bridgeState, payload));
  if (name === 'presets') return state((payload) => jsonFault(presets, payload));
  if (name === 'log') return once(logLine);
  return name === 'reply' ? once(reply) : null;
}

/** Rooms that a sender made up are answered at their own address, so an answer's address says nothing. */
function ruleOfRoom(address: string, levels: readonly string[]): Rule {
  const [name, ...rest] = levels;
  if (name === 'set' && rest.length <= 1) return command;
  if (name === 'reply' && rest.length === 0) return once(reply);
  if (rest.length > 0 || !SLUG.test(address) || address.length > 48 || RESERVED_ROOMS.includes(address))
    return null;
  if (name === undefined) return state(shippedOnly);
  if (name === 'availability') return availability;
  if (name === 'event') return once(happening);
  if (!attributes.has(name)) return null;
  return state((payload) => textFault(ATTRIBUTE_TEXTS[name], payload));
}

/** What the contract says of a topic; null when it names no such topic. */
function ruleOf(topic: string, base: string): Rule {
  if (!topic.startsWith(`${base}/`)) return null;
  const [household = '', second, ...rest] = topic.slice(base.length + 1).split('/');
  if (household === 'bridge') return ruleOfBridge(second === undefined ? [] : [second, ...rest]);
  const isHouseholds = rest.length === 0 && householdTopics.has(second ?? '');
  if (!SLUG.test(household) || RESERVED_ALIASES.includes(household)) {
    return rest[0] === 'set' || rest[0] === 'reply' ? ruleOfRoom(second ?? '', rest) : null;
  }
  if (isHouseholds) return state(shippedOnly);
  return ruleOfRoom(second ?? '', rest);
}

/** What the shipped files say against a message that we sent. */
function shippedFaultOf(topic: string, payload: string, { isState }: NonNullable<Rule>): Fault {
  const channel = channelOf(topic);
  if (channel?.action !== 'send') return 'has no channel in docs/asyncapi.json on which the bridge sends';
  if (channel.isRetained !== isState)
    return `is retained otherwise than ${channel.name} in docs/asyncapi.json`;
  // State that has lost its meaning is cleared.
  return isState && payload === '' ? null : payloadFault(channel, payload);
}

function faultOf(
  { topic, payload, retain }: Seen,
  { base, seesFlags }: Pick<Observer, 'base' | 'seesFlags'>,
): Fault {
  const rule = ruleOf(topic, base);
  if (rule === null) return 'is no topic of the contract';
  if (rule === command) return null;
  if (retain && !rule.isState) return 'was retained, and is no state';
  if (seesFlags && !retain && rule.isState) return 'is state, and was not retained';
  return rule.fault(payload) ?? shippedFaultOf(topic.slice(base.length + 1), payload, rule);
}

/** Holds every message that an observer saw below the base topic against the contract. */
export function expectContract(observer: Pick<Observer, 'base' | 'messages' | 'seesFlags'>): void {
  const ours = observer.messages.filter(({ topic }) => topic.startsWith(`${observer.base}/`));
  expect(ours.length).toBeGreaterThan(0);
  const faults = ours.flatMap((seen) => {
    const fault = faultOf(seen, observer);
    return fault === null ? [] : [`${seen.topic} ${fault}: ${JSON.stringify(seen.payload.slice(0, 300))}`];
  });
  expect(faults).toEqual([]);
}

const isState = (topic: string, base: string): boolean => ruleOf(topic, base)?.isState === true;

/** Attributes say what their room's state says. */
function expectAttributes(observer: Observer): void {
  for (const [topic, payload] of observer.topics) {
    const levels = topic.split('/');
    if (levels.length !== 3 || ruleOf(topic, observer.base) === null || levels[1] === 'bridge') continue;
    if (householdTopics.has(levels[2] ?? '')) continue;
    const whole: unknown = JSON.parse(payload);
    for (const [name, path] of attributes) {
      const value = path.split('.').reduce<unknown>((at, key) => Object(at)[key], whole) ?? '';
      const shown = Array.isArray(value) ? value.join(',') : String(value);
      expect([topic, name, observer.topics.get(`${topic}/${name}`) ?? '']).toEqual([
        topic,
        name,
        Buffer.from(shown).toString(),
      ]);
    }
  }
}

/**
 * The end of a suite: every message was as the contract says, and what the broker keeps for one who comes later is
 * the state that was told, all of it and nothing else.
 */
export async function expectContractKept(observer: Observer, port: number): Promise<void> {
  const { base } = observer;
  const late = await Observer.connect(
    port,
    { clientId: `late-${process.pid}-${Math.random()}` },
    `${base}/#`,
  );
  const told = (who: Observer): Record<string, string> =>
    Object.fromEntries([...who.topics].filter(([topic]) => isState(topic, base)).sort());
  try {
    await eventually(
      () => (isDeepStrictEqual(told(late), told(observer)) ? true : undefined),
      'the broker to keep what was told',
      () => [told(late), told(observer)],
    );
    expect(late.messages.filter(({ topic, retain }) => retain && !isState(topic, base))).toEqual([]);
  } finally {
    await late.end();
  }
  expectAttributes(observer);
  expectContract(observer);
}
