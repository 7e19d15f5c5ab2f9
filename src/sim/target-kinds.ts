import type { CloudPorts } from './cloud-ports.ts';
import type { Household } from './household.ts';
import type { Account, JsonObject, SonosSays } from './model.ts';
import { isCapable, type Player } from './player.ts';
import { globalError, invalidObjectId, type Refusal } from './refusal.ts';
import { audioClipRoutes } from './routes/audio-clip.ts';
import { groupGroupsRoutes, householdGroupsRoutes } from './routes/groups.ts';
import { libraryRoutes, loadingRoutes } from './routes/library.ts';
import { playbackRoutes } from './routes/playback.ts';
import type { Routes } from './routes/route.ts';
import { groupSessionRoutes, type HeldSession, sessionRoutes } from './routes/session.ts';
import { homeTheaterRoutes, settingsRoutes } from './routes/theater.ts';
import { groupVolumeRoutes, playerVolumeRoutes } from './routes/volume.ts';
import type { Group } from './topology.ts';

/** A call whose path was taken apart. */
export interface ParsedCall {
  readonly account: Account;
  readonly method: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: JsonObject;
}

/** A target found, and where. */
export interface Found<Target> {
  readonly home: Household;
  readonly target: Target;
}

/** One kind of target: how it is found, what it can be told, what of it can be subscribed. */
export interface Kind<Target> {
  readonly find: (id: string, call: ParsedCall) => Found<Target> | Refusal;
  readonly routes: Routes<Target>;
  readonly subscribable: readonly string[];
  readonly targetType: SonosSays['targetType'];
  /** What else stands in the way, e.g. a missing capability. */
  readonly refuse: (target: Target, namespace: string) => Refusal | null;
}

const HOUSEHOLD_ROUTES = { ...householdGroupsRoutes, ...libraryRoutes };
const GROUP_ROUTES: Routes<Group> = {
  ...groupGroupsRoutes,
  ...groupVolumeRoutes,
  ...playbackRoutes,
  ...loadingRoutes,
  ...groupSessionRoutes,
};
const PLAYER_ROUTES: Routes<Player> = {
  ...playerVolumeRoutes,
  ...audioClipRoutes,
  ...homeTheaterRoutes,
  ...settingsRoutes,
};

const NEEDS: Readonly<Record<string, string>> = { audioClip: 'AUDIO_CLIP', homeTheater: 'HT_PLAYBACK' };
/** What a group id looks like. */
export const GROUP_ID = /^RINCON_[0-9A-F]{12}01400:\d+$/;

/** No such namespace on this target. */
export const unsupported = (namespace: string): Refusal =>
  globalError(404, 'ERROR_UNSUPPORTED_NAMESPACE', `v1:${namespace}:1 namespace is not supported.`);

/** The id was right once. */
function gone(ports: CloudPorts, home: Household, groupId: string): Refusal {
  const { deadGroupStatus } = ports.knobs;
  if (deadGroupStatus === 410)
    return { status: 410, type: 'globalError', body: { errorCode: 'ERROR_RESOURCE_GONE' } };
  const creator = home.player(groupId.split(':')[0] ?? '');
  const group = creator === undefined ? undefined : home.topology.groupOf(creator.id);
  const moved = deadGroupStatus === 499 && group !== undefined;
  const where = moved
    ? { groupStatus: 'GROUP_STATUS_MOVED', playerId: group.coordinatorId }
    : { groupStatus: 'GROUP_STATUS_GONE' };
  return {
    status: deadGroupStatus,
    type: 'groupCoordinatorChanged',
    body: { _objectType: 'groupCoordinatorChanged', ...where },
  };
}

const notYours = globalError(403, 'ERROR_NO_PERMISSION', 'The household does not belong to this account.');
const unreachable = globalError(503, 'ERROR_DEVICE_UNAVAILABLE', 'The player does not answer.');

/** Households. */
export function householdKind({ world }: CloudPorts): Kind<Household> {
  return {
    find: (id, { account }) => {
      const home = world.households().find((household) => household.id === id);
      if (home === undefined) return invalidObjectId('No such household.');
      return account.households.includes(id) ? { home, target: home } : notYours;
    },
    routes: HOUSEHOLD_ROUTES,
    subscribable: ['groups', 'favorites', 'playlists'],
    targetType: 'householdId',
    refuse: () => null,
  };
}

/** Groups: those that were and are no more are answered as the knob says. */
export function groupKind(ports: CloudPorts): Kind<Group> {
  return {
    find: (id, { account }) => {
      if (!GROUP_ID.test(id)) return invalidObjectId('No group id.');
      const homes = ports.world.households();
      const home = homes.find((household) => household.knewGroup(id));
      if (home !== undefined && !account.households.includes(home.id)) return notYours;
      const target = home?.group(id);
      if (home !== undefined && target !== undefined) return { home, target };
      return gone(ports, home ?? ports.world.household(), id);
    },
    routes: GROUP_ROUTES,
    subscribable: ['playback', 'playbackMetadata', 'groupVolume'],
    targetType: 'groupId',
    refuse: (group) => {
      const home = ports.world.households().find((household) => household.group(group.id) === group);
      return home?.player(group.coordinatorId)?.reachable === false ? unreachable : null;
    },
  };
}

/** Players; clips may also go to a single box of a pair, of which no status can be subscribed. */
export function playerKind({ world }: CloudPorts): Kind<Player> {
  return {
    find: (id, { account, parts }) => {
      const orDevice = parts[2] === 'audioClip' && parts[3] !== 'subscription';
      const home = world.households().find((household) => household.player(id, orDevice) !== undefined);
      const target = home?.player(id, orDevice);
      if (home === undefined || target === undefined) return invalidObjectId('No such player.');
      if (!account.households.includes(home.id)) return notYours;
      if (!target.online) return globalError(410, 'ERROR_RESOURCE_GONE');
      return { home, target };
    },
    routes: PLAYER_ROUTES,
    subscribable: ['playerVolume', 'audioClip'],
    targetType: 'playerId',
    refuse: (player, namespace) => {
      if (!player.reachable) return unreachable;
      if (player.model.lacks?.includes(namespace)) return unsupported(namespace);
      const capability = NEEDS[namespace];
      return capability === undefined || isCapable(player, capability) ? null : unsupported(namespace);
    },
  };
}

/** Playback sessions. */
export function sessionKind({ world }: CloudPorts): Kind<HeldSession> {
  return {
    find: (id, { account }) => {
      for (const home of world.households()) {
        const group = home.topology.all().find(({ session }) => session?.id === id);
        if (group?.session) {
          return account.households.includes(home.id)
            ? { home, target: { group, session: group.session } }
            : notYours;
        }
      }
      return globalError(410, 'ERROR_RESOURCE_GONE');
    },
    routes: sessionRoutes,
    subscribable: ['playbackSession'],
    targetType: 'sessionId',
    refuse: () => null,
  };
}
