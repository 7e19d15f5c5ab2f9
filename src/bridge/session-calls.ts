import { z } from 'zod';
import { APP_ID } from './clip.ts';
import { type CommandError, commandError } from './command-error.ts';
import type { Plan, Told } from './command-spec.ts';
import { groupPath, sessionPath } from './paths.ts';
import { err, ok, type Result } from './result.ts';
import { groupAt } from './seat-group.ts';
import { type SessionPurpose, sessionOn } from './session.ts';
import type { Json } from './sonos.ts';
import type { Seat } from './state.ts';

/** Only who joins a session is asked for its context, and nobody joins ours. */
const APP_CONTEXT = 'bridge';

/** What Sonos answers to `createSession`. */
const sessionStatusBody = z.object({ sessionId: z.string().min(1).max(128) });

const about = (target: string, type: string, body: Json = {}): Told => ({
  ...{ namespace: 'playbackSession', type, target },
  body,
});

/** Our session is over, and nobody took it over. */
export const sessionGone = (id: string): Told => about(id, 'gone');

/** For a call that chooses another source on the room's group: a session of ours that ends by it was ended by us. */
export function leavingSession({ group, household }: Seat): Pick<Plan, 'first'> {
  const id = group === null ? null : sessionOn(household.sessions, group.id);
  return id === null ? {} : { first: about(id, 'left') };
}

/** What becomes of a session: the call to it. */
type Then = (sessionId: string) => Plan;

const idIn = (answer: unknown): string | null => sessionStatusBody.safeParse(answer).data?.sessionId ?? null;

const nameless = commandError(
  'sonos_error',
  'Sonos began a playback session without naming it.',
  'Try again in a moment.',
);

/**
 * Takes the room's group over with a new session, whoever had it, and goes on with a call to it. What Sonos says of an earlier
 * session of ours on the group is then no news, so it is forgotten before.
 */
export function createSession(seat: Seat, purpose: SessionPurpose, then: Then): Result<Plan, CommandError> {
  const group = groupAt(seat);
  if (!group.ok) return group;
  const { id: groupId } = group.value;
  const earlier = sessionOn(seat.household.sessions, groupId);
  return ok({
    method: 'POST',
    path: `${groupPath(groupId)}/playbackSession`,
    body: { appId: APP_ID, appContext: APP_CONTEXT },
    ...(earlier === null ? {} : { first: sessionGone(earlier) }),
    tells: (answer) => {
      const id = idIn(answer);
      return id === null ? null : about(id, 'began', { group: groupId, purpose });
    },
    next: (answer) => {
      const id = idIn(answer);
      return id === null ? err(nameless) : ok(then(id));
    },
  });
}

/** A call to our session on the room's group, to a new one when there is none. */
export function inSession(seat: Seat, purpose: SessionPurpose, then: Then): Result<Plan, CommandError> {
  const id = seat.group === null ? null : sessionOn(seat.household.sessions, seat.group.id);
  return id === null ? createSession(seat, purpose, then) : ok(then(id));
}

type Body = { readonly [key: string]: Json | undefined };

/** A call to a session; what is undefined is left out, since Sonos wants it absent rather than null. */
function call(id: string, command: string, fields: Body = {}): Plan {
  const body = Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  return {
    method: 'POST',
    path: `${sessionPath(id)}/playbackSession/${command}`,
    ...(Object.keys(body).length === 0 ? {} : { body }),
    gone: sessionGone(id),
  };
}

const loaded = (id: string, purpose: SessionPurpose): Pick<Plan, 'tells'> => ({
  tells: () => about(id, 'loaded', { purpose }),
});

/** A live stream, as `loadStreamUrl` takes it. */
export interface StreamLoad {
  /** At most 1024 characters. */
  readonly url: string;
  /** What the room shows as its source; at most 100 characters. */
  readonly name: string;
  readonly image: string | null;
  /** By which the playback tells that it is this stream; at most 128 characters. */
  readonly itemId: string;
}

/** Plays a live stream. A dead address is taken all the same: a `playbackError` event tells (docs.sonos.com, "loadStreamUrl"). */
export const loadStream = (id: string, { url, name, image, itemId }: StreamLoad): Plan => ({
  ...call(id, 'loadStreamUrl', {
    ...{ streamUrl: url, playOnCompletion: true, itemId },
    stationMetadata: { name, type: 'station', ...(image === null ? {} : { imageUrl: image }) },
  }),
  ...loaded(id, 'stream'),
});

/** Where in a cloud queue to begin or to go; what is absent is left to Sonos. */
export interface QueuePlace {
  /** Empty for the beginning. */
  readonly itemId?: string;
  readonly queueVersion?: string;
  readonly positionMillis?: number;
  readonly playOnCompletion?: boolean;
  /** The track as a player can show it before it has asked the queue; only together with `itemId`. */
  readonly trackMetadata?: { readonly [key: string]: Json };
}

/** A cloud queue, as `loadCloudQueue` takes it. */
export interface QueueLoad extends QueuePlace {
  /** Ends in the version of the cloud queue API, as in `/v2.3/`; at most 1024 characters. */
  readonly queueBaseUrl: string;
  /** Sent by players as their Authorization header; at most 5120 characters. */
  readonly httpAuthorization?: string;
  readonly useHttpAuthorizationForMedia?: boolean;
}

/** Has the group play a cloud queue. */
export const loadCloudQueue = (id: string, queue: QueueLoad): Plan => ({
  ...call(id, 'loadCloudQueue', { ...queue }),
  ...loaded(id, 'queue'),
});

/** Has the group ask the cloud queue for what changed. */
export const refreshCloudQueue = (id: string): Plan => call(id, 'refreshCloudQueue');

/** Goes to an item of the cloud queue. */
export const skipToItem = (id: string, place: QueuePlace & { readonly itemId: string }): Plan =>
  call(id, 'skipToItem', { ...place });

/** Goes to a place in the item that plays. */
export const seekInItem = (id: string, itemId: string, positionMillis: number): Plan =>
  call(id, 'seek', { itemId, positionMillis });

/** Ends the music of the session and keeps the hold on the group, until somebody plays something there. */
export const suspend = (id: string, queueVersion?: string): Plan => call(id, 'suspend', { queueVersion });
