import type { TargetKind } from './namespaces/define.ts';

/** The path of a household, below the API's base URL; ids are percent-encoded (docs.sonos.com, "Control"). */
export const householdPath = (id: string): string => `/households/${encodeURIComponent(id)}`;

/** The path of a group. */
export const groupPath = (id: string): string => `/groups/${encodeURIComponent(id)}`;

/** The path of a player. */
export const playerPath = (id: string): string => `/players/${encodeURIComponent(id)}`;

/** The path of a playback session. */
export const sessionPath = (id: string): string => `/playbackSessions/${encodeURIComponent(id)}`;

const PREFIX = {
  household: householdPath,
  group: groupPath,
  player: playerPath,
  session: sessionPath,
} as const;

/** Where a namespace of a target is subscribed (POST) and unsubscribed (DELETE) (docs.sonos.com, "Subscribe"). */
export const subscriptionPath = (
  kind: Exclude<TargetKind, 'account'>,
  target: string,
  namespace: string,
): string => `${PREFIX[kind](target)}/${namespace}/subscription`;
