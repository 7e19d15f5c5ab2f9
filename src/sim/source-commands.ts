import type { Household } from './household.ts';
import type { FavoriteSpec, QueueSource, Source } from './model.ts';
import type { PlayModes } from './playback-types.ts';
import { isCapable, type Player } from './player.ts';
import { commandFailed, invalidParameter, type Refusal } from './refusal.ts';
import type { Group } from './topology.ts';
import type { QueueAction } from './transport.ts';

/** How a favorite or playlist is loaded. */
export interface Loading {
  readonly action: QueueAction;
  readonly play: boolean;
  readonly playModes?: Partial<PlayModes>;
}

/** Radio ignores `action` and `playModes`. */
export function loadSource(group: Group, source: Source, loading: Loading): Refusal | null {
  if (source.kind !== 'queue') {
    group.transport.load(source, loading.play);
    return null;
  }
  enqueue(group, source, loading);
  return loading.playModes === undefined ? null : group.transport.setModes(loading.playModes);
}

function enqueue(group: Group, source: QueueSource, loading: Loading): void {
  if (loading.action === 'REPLACE') group.transport.load(source, loading.play);
  else group.transport.enqueue(source, loading.action, loading.play);
}

/** Loads a favorite as asked; some never begin to play by themselves. */
export function loadFavorite(group: Group, favorite: FavoriteSpec, loading: Loading): Refusal | null {
  const play = loading.play && favorite.ignoresPlayOnCompletion !== true;
  return loadSource(group, favorite.source, { ...loading, play });
}

/** The device is one of the household with a line-in socket. */
export function loadLineIn(
  home: Household,
  group: Group,
  deviceId: string | undefined,
  play: boolean,
): Refusal | null {
  const id = deviceId ?? group.coordinatorId;
  const player = home.player(id, true);
  if (!player?.online) return invalidParameter(`Unknown device: ${id}.`);
  if (!isCapable(player, 'LINE_IN')) return commandFailed('This player has no line-in.');
  const container = { name: `${player.name} Line-In`, type: 'linein' };
  group.transport.load({ kind: 'line_in', container, programme: [], deviceId: id }, play);
  return null;
}

const TV_SILENT = {
  numGroundChannels: 0,
  numLFEChannels: 0,
  numHeightChannels: 0,
  streamDescription: 'Silence',
};
const TV_SURROUND = {
  numGroundChannels: 5,
  numLFEChannels: 1,
  numHeightChannels: 0,
  streamDescription: 'Dolby Digital Surround',
};

/** The TV input as a source; silent when nothing comes from the set. */
export const tvContainer = (sounding: boolean) => ({
  name: 'TV Audio',
  type: 'linein.homeTheater.hdmi',
  id: { objectId: 'homeTheater-input' },
  htInputFormat: sounding ? TV_SURROUND : TV_SILENT,
});

/** Switches the player's group to TV. */
export function loadTv(home: Household, player: Player): void {
  const container = tvContainer(player.theater.tvPower === 'ON');
  home.groupOf(player).transport.load({ kind: 'tv', container, programme: [], deviceId: player.id }, true);
}
