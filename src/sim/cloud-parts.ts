import type { Clock } from '../bridge/ports.ts';
import type { FetchClip, HeardClip } from './clip.ts';
import { createCloud } from './cloud.ts';
import { Faults } from './faults.ts';
import { createDiary } from './heard.ts';
import { jsonResponse, type SimRequest, type SimResponse } from './http.ts';
import { defaultKnobs, type Knobs } from './knobs.ts';
import { createLife } from './life.ts';
import { createLogin } from './login.ts';
import type { Account, HouseholdSpec, SonosSays } from './model.ts';
import type { PlayerFetch } from './player-fetch.ts';
import type { Post } from './push.ts';
import { Quota } from './quota.ts';
import { createChance } from './random.ts';
import { livingHousehold, oneAccount } from './scenario.ts';
import { Subscriptions } from './subscriptions.ts';
import { Tokens } from './tokens.ts';
import { World } from './world.ts';

/** What a simulated cloud is made of; everything has a default but time and network. */
export interface SimulatedCloudOptions {
  readonly clock: Clock;
  readonly post: Post;
  readonly fetchClip?: FetchClip;
  /** By which players get cloud queues and what is in them; without it, no queue server can be reached. */
  readonly playerFetch?: PlayerFetch;
  /** Told when a clip begins to sound and when it is silent again; must not itself act on the house. */
  readonly onClip?: (heard: HeardClip) => void;
  /** The same seed tells the same story; 1 when absent. */
  readonly seed?: number;
  readonly households?: readonly HouseholdSpec[];
  /** One account that owns everything, when absent. */
  readonly accounts?: readonly Account[];
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** As on the developer portal; any address is right when absent. */
  readonly redirectUris?: readonly string[];
  readonly callbackUrl?: string;
  readonly knobs?: Partial<Knobs>;
}

/** A request that came in. Credentials and tokens are not in it. */
export interface LoggedRequest {
  readonly method: string;
  /** With the prefix `/control/api/v1` or `/login/v3/oauth`; of a login only the path. */
  readonly path: string;
  /** As sent; empty for the login. */
  readonly body: string;
  readonly status: number;
  readonly fate: SimResponse['fate'];
  /** Wall time, milliseconds. */
  readonly at: number;
  /** Whose token it carried; null for an invalid one and for the login. */
  readonly account: string | null;
}

/** Where the Control API begins. */
export const API_PREFIX = '/control/api/v1';
/** Where the login begins. */
const LOGIN_PREFIX = '/login/v3/oauth';
const LOGGED = 10_000;

/** The parts, before they know each other. */
export function createParts(options: SimulatedCloudOptions) {
  const { clock, seed = 1, households = [livingHousehold()] } = options;
  const knobs: Knobs = { ...defaultKnobs(), ...options.knobs };
  // Each part has a chance of its own, so that a further event does not change how music is shuffled.
  const chance = (part: number) => createChance(seed * 31 + part);
  const fetchClip = options.fetchClip === undefined ? {} : { fetchClip: options.fetchClip };
  const playerFetch = options.playerFetch === undefined ? {} : { playerFetch: options.playerFetch };
  const world = new World(households, { clock, chance: chance(1), knobs, ...fetchClip, ...playerFetch });
  return {
    clock,
    seed,
    knobs,
    world,
    accounts: options.accounts ?? [oneAccount(households)],
    clientId: options.clientId ?? '00000000-aaaa-bbbb-cccc-000000000000',
    clientSecret: options.clientSecret ?? '11111111-dddd-eeee-ffff-111111111111',
    tokens: new Tokens(clock, chance(2), knobs),
    subscriptions: new Subscriptions(clock, knobs),
    redirectUris: options.redirectUris ?? [],
    faults: new Faults(),
    pushChance: chance(3),
    life: createLife(world, clock, chance(4)),
    callback: { url: options.callbackUrl ?? null },
    snapshots: { pending: 0 },
    diary: createDiary(options.onClip),
  };
}

/** See `createParts`. */
export type Parts = ReturnType<typeof createParts>;

/** Who is told what: subscribers, and of a group's fate whoever subscribed anything of it. */
export function connect(parts: Parts, send: (says: SonosSays) => void): () => void {
  const { subscriptions, world } = parts;
  return world.listen({
    says: (says) => {
      if (says.namespace !== 'global') {
        if (subscriptions.has(says)) send(says);
        return;
      }
      if (subscriptions.hasGroup(says.household, says.target)) send(says);
      if (says.body.groupStatus !== 'GROUP_STATUS_UPDATED')
        subscriptions.dropTarget(says.household, says.target);
    },
    lost: (household, playerId) => subscriptions.dropTarget(household, playerId),
    sounds: (clip) => parts.diary.note(clip),
  });
}

/** The present state follows a subscription at once. */
function tellSnapshot(parts: Parts, send: (says: SonosSays) => void, key: [string, string, string]): void {
  if (!parts.knobs.snapshotOnSubscribe) return;
  parts.snapshots.pending += 1;
  parts.clock.after(0, () => {
    parts.snapshots.pending -= 1;
    const says = parts.world.snapshot(...key);
    if (says !== null && parts.subscriptions.has(says)) send(says);
  });
}

/** Login and Control API behind one door. */
export function createHandle(
  parts: Parts,
  send: (says: SonosSays) => void,
): (request: SimRequest) => SimResponse {
  const { accounts, clientId, clientSecret, clock, knobs, subscriptions, tokens, world } = parts;
  const login = createLogin({
    knobs,
    tokens,
    accounts,
    clientId,
    clientSecret,
    redirectUris: parts.redirectUris,
  });
  const cloud = createCloud({
    world,
    knobs,
    quota: new Quota(clock, knobs),
    subscriptions,
    accountOf: (token) => tokens.accountOf(token),
    hasCallback: () => parts.callback.url !== null,
    subscribed: (...key) => tellSnapshot(parts, send, key),
  });
  return (request) => {
    if (request.path.startsWith(LOGIN_PREFIX)) return login(request);
    if (!request.path.startsWith(`${API_PREFIX}/`)) return jsonResponse(404, { error: 'not_found' });
    return cloud({ ...request, path: request.path.slice(API_PREFIX.length) });
  };
}

/** Writes the request down, without credentials. */
export function log(
  parts: Parts,
  requests: LoggedRequest[],
  request: SimRequest,
  response: SimResponse,
): void {
  const isLogin = request.path.startsWith(LOGIN_PREFIX);
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  requests.push({
    method: request.method,
    path: isLogin ? (request.path.split('?')[0] ?? '') : request.path,
    body: isLogin ? '' : request.body,
    status: response.status,
    fate: response.fate,
    at: parts.clock.now(),
    account: token === undefined ? null : (parts.tokens.accountOf(token)?.id ?? null),
  });
  if (requests.length > LOGGED) requests.shift();
}

/** The account, or the first one; throws when there is no such. */
export function accountNamed(parts: Parts, id: string | undefined): Account {
  const account = id === undefined ? parts.accounts[0] : parts.accounts.find((each) => each.id === id);
  if (account === undefined) throw new Error(`There is no account ${id}.`);
  return account;
}
