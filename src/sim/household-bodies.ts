import type { Home } from './home.ts';
import { versionChangedBody } from './library.ts';
import type { JsonObject, SonosSays } from './model.ts';
import { metadataBody } from './playback-bodies.ts';
import { playerBody, playerVolumeBody } from './player.ts';
import { sessionInfoBody } from './sessions.ts';
import type { Group } from './topology.ts';
import { average } from './volumes.ts';

/** The coordinator's name and how many more, e.g. `Kitchen + 2`. */
export function groupName(household: Home, group: Group): string {
  const name = household.player(group.coordinatorId)?.name ?? '';
  return group.playerIds.length > 1 ? `${name} + ${group.playerIds.length - 1}` : name;
}

/** Sonos' group object; only answers to getGroups carry `playbackState`. */
export function groupBody(household: Home, group: Group, kind: 'event' | 'answer' | 'info'): JsonObject {
  const others = group.playerIds.filter((id) => id !== group.coordinatorId);
  return {
    _objectType: 'group',
    id: group.id,
    name: groupName(household, group),
    coordinatorId: group.coordinatorId,
    ...(kind === 'answer' ? { playbackState: group.transport.state } : {}),
    // Recorded answers and events order the members differently, and so does this one.
    playerIds: kind === 'answer' ? [...others, group.coordinatorId] : [group.coordinatorId, ...others],
  };
}

/** Sonos' groups object. Events turn all orders round, as recorded ones do. */
export function groupsBody(household: Home, kind: 'event' | 'answer', withDevices: boolean): JsonObject {
  const online = household.players().filter((player) => player.online);
  const hidden = household.ports.knobs.partialGroups ? online.at(-1)?.id : undefined;
  const players = online
    .filter((player) => player.id !== hidden)
    .map((player) => playerBody(player, withDevices));
  const groups = household.topology
    .all()
    .filter((group) => group.coordinatorId !== hidden)
    .map((group) => groupBody(household, group, kind));
  const partial = hidden !== undefined;
  if (kind === 'answer') return { _objectType: 'groups', groups, players, partial };
  return { _objectType: 'groups', groups: groups.reverse(), players: players.reverse(), partial };
}

/** Sonos' groupVolume object: average, all muted, all fixed; fixed members do not count among others. */
export function groupVolumeBody(household: Home, group: Group): JsonObject {
  const members = household.members(group);
  const variable = members.filter((member) => !member.fixed);
  const counted = variable.length > 0 ? variable : members;
  return {
    _objectType: 'groupVolume',
    volume: average(counted.map((member) => member.volume)),
    muted: counted.length > 0 && counted.every((member) => member.muted),
    fixed: variable.length === 0,
  };
}

const ofHousehold = (household: Home, namespace: string, type: string, body: JsonObject): SonosSays => ({
  household: household.id,
  namespace,
  type,
  targetType: 'householdId',
  target: household.id,
  body,
});

function groupSnapshot(household: Home, namespace: string, group: Group): SonosSays | null {
  const base = { household: household.id, namespace, targetType: 'groupId', target: group.id } as const;
  if (namespace === 'playback') return { ...base, type: 'playbackStatus', body: household.statusBody(group) };
  if (namespace === 'playbackMetadata') {
    return { ...base, type: 'metadataStatus', body: metadataBody(group.transport) };
  }
  if (namespace === 'groupVolume')
    return { ...base, type: 'groupVolume', body: groupVolumeBody(household, group) };
  return null;
}

/** What a new subscriber is told at once: the target's present state; null when the target is no more. */
export function snapshot(household: Home, namespace: string, target: string): SonosSays | null {
  if (target === household.id) {
    if (namespace === 'groups')
      return ofHousehold(household, namespace, 'groups', groupsBody(household, 'event', true));
    if (namespace !== 'favorites' && namespace !== 'playlists') return null;
    const { version } = household[namespace];
    return ofHousehold(household, namespace, 'versionChanged', versionChangedBody(version));
  }
  const group = household.group(target);
  if (group !== undefined) return groupSnapshot(household, namespace, group);
  const player = household.player(target);
  if (player?.online) {
    const base = { household: household.id, namespace, targetType: 'playerId', target } as const;
    if (namespace === 'playerVolume')
      return { ...base, type: 'playerVolume', body: playerVolumeBody(player) };
    if (namespace === 'audioClip')
      return { ...base, type: 'audioClipStatus', body: player.clips.statusBody() };
  }
  const session = household.topology.all().find((held) => held.session?.id === target)?.session;
  if (session === undefined || session === null) return null;
  const base = { household: household.id, namespace, targetType: 'sessionId', target } as const;
  return { ...base, type: 'sessionInfo', body: sessionInfoBody(session) };
}
