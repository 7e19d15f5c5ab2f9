import type { CloudQueue } from './cloud-queue.ts';
import type { JsonObject } from './model.ts';

/** An app's hold on a group (documentation namespace "playbackSession"). */
export interface Session {
  /** `<groupId>@<number>`. */
  readonly id: string;
  readonly appId: string;
  readonly appContext: string;
  readonly accountId: string;
  readonly customData?: string;
  suspended: boolean;
  /** The cloud queue that it plays. */
  queue?: CloudQueue;
}

/** Sonos' sessionStatus: the answer to a create or join. */
export const sessionStatusBody = (session: Session, created: boolean): JsonObject => ({
  _objectType: 'sessionStatus',
  sessionCreated: created,
  sessionId: session.id,
  sessionState: 'SESSION_STATE_CONNECTED',
  ...(session.customData === undefined ? {} : { customData: session.customData }),
});

/** Sonos' sessionInfo event. */
export const sessionInfoBody = (session: Session): JsonObject => ({
  _objectType: 'sessionInfo',
  suspended: session.suspended,
});

/** Sonos' sessionError event. */
export const sessionErrorBody = (errorCode: string, reason: string): JsonObject => ({
  _objectType: 'sessionError',
  errorCode,
  reason,
});
