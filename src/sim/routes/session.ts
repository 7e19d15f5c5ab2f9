import { z } from 'zod';
import { CloudQueue } from '../cloud-queue.ts';
import type { Household } from '../household.ts';
import type { LiveSource } from '../model.ts';
import { optionalFlag, optionalObject, optionalText, optionalWhole, text } from '../parameters.ts';
import { SOFTWARE } from '../player.ts';
import { QueueWire } from '../queue-wire.ts';
import { globalError, invalidParameter, playbackRefusal } from '../refusal.ts';
import { type Session, sessionInfoBody, sessionStatusBody } from '../sessions.ts';
import type { Group } from '../topology.ts';
import { acknowledge, answer, type GroupRoutes, type Reply, type Routes, withParameters } from './route.ts';

/** A session and the group it holds. */
export interface HeldSession {
  readonly session: Session;
  readonly group: Group;
}

const app = z.object({
  appId: text(127),
  appContext: text(127),
  accountId: optionalText(13),
  // Longer is cut, not refused.
  customData: optionalText(Number.MAX_SAFE_INTEGER),
});

const LONGEST_CUSTOM_DATA = 1023;
const LONGEST_APP = 255;

function begin(home: Household, group: Group, wanted: z.output<typeof app>): Reply {
  const { appId, appContext, accountId = '', customData } = wanted;
  if (Buffer.byteLength(appId + appContext) >= LONGEST_APP)
    return invalidParameter('appId and appContext are too long.');
  home.evict(group, 'Another user joined the session.');
  const data = customData === undefined ? {} : { customData: customData.slice(0, LONGEST_CUSTOM_DATA) };
  const id = `${group.id}@${home.ports.chance.integer(1, 4_294_967_295)}`;
  group.session = { id, appId, appContext, accountId, suspended: false, ...data };
  return answer('sessionStatus', sessionStatusBody(group.session, true));
}

/** Joins a session of the same app and context; null when there is none. */
function joinOwn(group: Group, { appId, appContext }: z.output<typeof app>): Reply | null {
  const { session } = group;
  if (session?.appId !== appId || session.appContext !== appContext) return null;
  return answer('sessionStatus', sessionStatusBody(session, false));
}

/** Documentation namespace "playbackSession", commands to a group. */
export const groupSessionRoutes: GroupRoutes = {
  'POST playbackSession': withParameters(app, ({ home, target }, wanted) => begin(home, target, wanted)),
  'POST playbackSession/join': withParameters(
    app,
    ({ target }, wanted) =>
      joinOwn(target, wanted) ??
      globalError(499, target.session === null ? 'ERROR_SESSION_JOIN_FAILED' : 'ERROR_SESSION_IN_PROGRESS'),
  ),
  'POST playbackSession/joinOrCreate': withParameters(
    app,
    ({ home, target }, wanted) => joinOwn(target, wanted) ?? begin(home, target, wanted),
  ),
};

const streamSchema = z.object({
  streamUrl: text(1024),
  playOnCompletion: optionalFlag,
  itemId: optionalText(128),
  stationMetadata: optionalObject(z.object({ name: optionalText(100), imageUrl: optionalText(1024) })),
});

const hostOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).hostname : null);

function stream(
  { session }: HeldSession,
  wanted: z.output<typeof streamSchema>,
  itemId: string,
): LiveSource | null {
  const { streamUrl, stationMetadata } = wanted;
  const host = hostOf(streamUrl);
  if (host === null) return null;
  const imageUrl = stationMetadata?.imageUrl;
  return {
    kind: 'stream',
    container: {
      name: stationMetadata?.name ?? host,
      type: 'station',
      id: { objectId: '-1' },
      ...(imageUrl === undefined ? {} : { imageUrl }),
    },
    programme: [{ streamInfo: '' }],
    itemId: wanted.itemId ?? itemId,
    session: { clientId: session.appId, isSuspended: false, accountId: session.accountId },
    // A dead address is taken with 200 and fails when it should sound; `.invalid` never resolves (RFC 6761).
    broken: host.endsWith('.invalid'),
  };
}

/** Tells the session's subscriber whether it rests. */
function suspend(home: Household, { session }: HeldSession, suspended: boolean): void {
  if (session.suspended === suspended) return;
  session.suspended = suspended;
  home.voice.ofSession(session, 'sessionInfo', sessionInfoBody(session));
}

/** A cloud queue is fetched by the player from the app's server, which this house cannot reach. */
const unreachableQueue: Reply = playbackRefusal(
  'ERROR_CLOUD_QUEUE_SERVER',
  'The cloud queue server was not reached.',
);

const itemSchema = z.object({
  // An empty one is the beginning of the queue.
  itemId: z.string().max(128),
  queueVersion: optionalText(64),
  positionMillis: optionalWhole(0, Number.MAX_SAFE_INTEGER),
  playOnCompletion: optionalFlag,
});

const queueSchema = itemSchema.extend({
  itemId: optionalText(128),
  // A cloud queue version stands at its end.
  queueBaseUrl: text(1024).refine((url) => /\/v\d+(\.\d+)?\/$/.test(url)),
  httpAuthorization: optionalText(5120),
  useHttpAuthorizationForMedia: optionalFlag,
});

/** Taken at once; what comes of it is told by events. */
function loadQueue(
  home: Household,
  { session, group }: HeldSession,
  wanted: z.output<typeof queueSchema>,
): Reply {
  const { clock, knobs, chance, playerFetch } = home.ports;
  if (playerFetch === undefined) return unreachableQueue;
  session.queue?.stop();
  const { queueBaseUrl: baseUrl, httpAuthorization: authorization, itemId = '' } = wanted;
  const deviceId = group.coordinatorId;
  const wire = new QueueWire({
    ...{ clock, playerFetch, baseUrl, authorization, groupId: group.id, deviceId, software: SOFTWARE },
  });
  session.queue = new CloudQueue({
    ...{ clock, knobs, wire, id: chance.text(12) },
    transport: () => group.transport,
    session: { clientId: session.appId, isSuspended: false, accountId: session.accountId },
  });
  session.queue.start({
    itemId,
    play: wanted.playOnCompletion ?? false,
    positionMillis: wanted.positionMillis ?? 0,
  });
  suspend(home, { session, group }, false);
  return acknowledge();
}

/** Documentation namespace "playbackSession", commands to a session. */
export const sessionRoutes: Routes<HeldSession> = {
  'DELETE playbackSession': ({ target }) => {
    target.group.session = null;
    return acknowledge();
  },
  'POST playbackSession/loadStreamUrl': withParameters(streamSchema, ({ home, target }, wanted) => {
    const source = stream(target, wanted, Buffer.from(home.ports.chance.text(20)).toString('base64'));
    if (source === null) return invalidParameter('Invalid value:[1].streamUrl');
    target.group.transport.load(source, wanted.playOnCompletion ?? false);
    suspend(home, target, false);
    return acknowledge();
  }),
  'POST playbackSession/loadCloudQueue': withParameters(queueSchema, ({ home, target }, wanted) =>
    loadQueue(home, target, wanted),
  ),
  'POST playbackSession/refreshCloudQueue': ({ target }) => {
    if (target.session.queue === undefined) return unreachableQueue;
    target.session.queue.refresh();
    return acknowledge();
  },
  'POST playbackSession/skipToItem': withParameters(itemSchema, ({ target }, wanted) => {
    if (target.session.queue === undefined) return unreachableQueue;
    const { itemId, positionMillis = 0, playOnCompletion: play = false } = wanted;
    target.session.queue.skipTo({ itemId, positionMillis, play });
    return acknowledge();
  }),
  'POST playbackSession/seek': withParameters(
    z.object({ itemId: optionalText(128), positionMillis: optionalWhole(0, Number.MAX_SAFE_INTEGER) }),
    () => playbackRefusal('ERROR_DISALLOWED_BY_POLICY'),
  ),
  'POST playbackSession/suspend': ({ home, target }) => {
    const { session, group } = target;
    // The window is cleared, and nothing is the current item.
    if (session.queue === undefined) group.transport.pause();
    else group.transport.empty({ name: home.player(group.coordinatorId)?.name ?? '', type: 'item' });
    delete session.queue;
    suspend(home, target, true);
    return acknowledge();
  },
};
