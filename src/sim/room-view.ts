import type { Clip } from './clip.ts';
import type { Household } from './household.ts';
import { groupVolumeBody } from './household-bodies.ts';
import type { Source, Track } from './model.ts';
import type { PlayModes } from './playback-types.ts';
import type { Player } from './player.ts';

/** A room as a test or a person wants to see it. */
export interface RoomView {
  readonly id: string;
  readonly name: string;
  readonly household: string;
  readonly online: boolean;
  readonly volume: number;
  readonly muted: boolean;
  readonly fixed: boolean;
  /** Null while unplugged. */
  readonly groupId: string | null;
  readonly coordinator: string | null;
  readonly members: readonly string[];
  readonly groupVolume: number | null;
  readonly state: string | null;
  readonly positionMillis: number | null;
  readonly source: Source | null;
  readonly track: Track | null;
  readonly modes: PlayModes | null;
  readonly clips: readonly Readonly<Clip>[];
  readonly ducking: boolean;
  readonly theater: Readonly<Player['theater']>;
  readonly settings: Readonly<Player['settings']>;
}

/** The room as it is now. */
export function viewRoom(home: Household, player: Player): RoomView {
  const group = home.topology.groupOf(player.id);
  const transport = group?.transport;
  const { id, name, online, volume, muted, fixed } = player;
  const named = (playerId: string): string => home.player(playerId)?.name ?? playerId;
  return {
    id,
    name,
    household: home.id,
    online,
    volume,
    muted,
    fixed,
    groupId: group?.id ?? null,
    coordinator: group === undefined ? null : named(group.coordinatorId),
    members: group?.playerIds.map(named).sort() ?? [],
    groupVolume: group === undefined ? null : Number(groupVolumeBody(home, group).volume),
    state: transport?.state ?? null,
    positionMillis: transport?.position() ?? null,
    source: transport?.source ?? null,
    track: transport?.track() ?? transport?.moment()?.track ?? null,
    modes: transport?.modes ?? null,
    clips: player.clips.all(),
    ducking: player.ducking !== null,
    theater: player.theater,
    settings: player.settings,
  };
}
