import type { Home, HouseholdListener } from './home.ts';
import { groupName, groupsBody, groupVolumeBody } from './household-bodies.ts';
import { versionChangedBody } from './library.ts';
import type { JsonObject, SonosSays } from './model.ts';
import { type Player, playerVolumeBody, websocketUrl } from './player.ts';
import type { Session } from './sessions.ts';
import type { Group, GroupFate } from './topology.ts';

/** How a household tells what changed, in the events of the documentation page "Events". */
export class Voice {
  readonly #home: Home;
  readonly #listener: HouseholdListener;
  /** The group volumes told last, so that the same is not told twice. */
  readonly #shownVolumes = new Map<string, string>();

  constructor(home: Home, listener: HouseholdListener) {
    this.#home = home;
    this.#listener = listener;
  }

  /** The player's volume, and its group's when that changes with it. */
  volume(player: Player): void {
    const event = { namespace: 'playerVolume', type: 'playerVolume', targetType: 'playerId' } as const;
    this.#say({ ...event, target: player.id, body: playerVolumeBody(player) });
    const group = this.#home.topology.groupOf(player.id);
    if (group !== undefined) this.groupVolume(group);
  }

  /** The group's volume when it is another one than the last told. */
  groupVolume(group: Group): void {
    const body = groupVolumeBody(this.#home, group);
    const shown = JSON.stringify(body);
    if (this.#shownVolumes.get(group.id) === shown) return;
    this.#shownVolumes.set(group.id, shown);
    this.ofGroup(group, 'groupVolume', 'groupVolume', body);
  }

  version(namespace: 'favorites' | 'playlists'): void {
    const body = versionChangedBody(this.#home[namespace].version);
    this.#ofHousehold(namespace, 'versionChanged', body);
  }

  groups(): void {
    this.#ofHousehold('groups', 'groups', groupsBody(this.#home, 'event', true));
  }

  clips(playerId: string): void {
    const body = this.#home.player(playerId)?.clips.statusBody() ?? {};
    this.#say({
      namespace: 'audioClip',
      type: 'audioClipStatus',
      targetType: 'playerId',
      target: playerId,
      body,
    });
  }

  ofGroup({ id }: Group, namespace: string, type: string, body: JsonObject): void {
    this.#say({ namespace, type, targetType: 'groupId', target: id, body });
  }

  ofSession({ id }: Session, type: string, body: JsonObject): void {
    this.#say({ namespace: 'playbackSession', type, targetType: 'sessionId', target: id, body });
  }

  /** What became of a group: groupCoordinatorChanged in namespace `global`. */
  fate({ id, fate }: GroupFate): void {
    const group = this.#home.group(id);
    if (group === undefined) this.#shownVolumes.delete(id);
    const leader = this.#home.player(group?.coordinatorId ?? '');
    const body = {
      _objectType: 'groupCoordinatorChanged',
      groupStatus: `GROUP_STATUS_${fate}`,
      ...(group === undefined ? {} : { groupName: groupName(this.#home, group) }),
      ...(leader === undefined || fate !== 'MOVED'
        ? {}
        : { playerId: leader.id, websocketUrl: websocketUrl(leader) }),
    };
    this.#say({
      namespace: 'global',
      type: 'groupCoordinatorChanged',
      targetType: 'groupId',
      target: id,
      body,
    });
  }

  #ofHousehold(namespace: string, type: string, body: JsonObject): void {
    this.#say({ namespace, type, targetType: 'householdId', target: this.#home.id, body });
  }

  #say(says: Omit<SonosSays, 'household'>): void {
    this.#listener.says({ household: this.#home.id, ...says });
  }
}
