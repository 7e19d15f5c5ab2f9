import { metadataAt, playbackAt } from '../namespaces/playback-slice.ts';
import { playerVolume } from '../namespaces/player-volume.ts';
import { type Household, type Room, type Seat, seatOf } from '../state.ts';
import type { Group } from '../topology.ts';
import { contentAt, type LoadedAt } from './content.ts';
import { identityOf } from './loads.ts';
import {
  contentWordOf,
  type Music,
  type Preset,
  type RoomSettings,
  type Together,
  togetherOf,
} from './preset.ts';
import type { Lost } from './preset-record.ts';

/** What was found, and what the Control API gives no way to bring back. */
export interface Captured {
  readonly preset: Preset;
  readonly lost: readonly Lost[];
}

/** What a room is called in what is kept: an address reads well, a player id outlives a new name. */
export type Naming = (room: Room) => string;

function settingsOf({ household, player }: Seat): RoomSettings {
  const { volume = null, muted = null } = playerVolume.slice(household.players.get(player.id)) ?? {};
  const isFixed = playerVolume.slice(household.players.get(player.id))?.fixed === true;
  return {
    ...(volume === null || isFixed ? {} : { volume }),
    ...(muted === null || isFixed ? {} : { muted }),
  };
}

/** The play modes of a queue; a station and an input have none. */
function modesAt(seat: Seat): Music {
  const { shuffle = null, repeat = null, crossfade = null } = playbackAt(seat)?.modes ?? {};
  if (metadataAt(seat)?.source.kind !== 'queue') return {};
  return {
    ...(shuffle === null ? {} : { shuffle }),
    ...(repeat === null ? {} : { repeat }),
    ...(crossfade === null ? {} : { crossfade }),
  };
}

function playAt(seat: Seat): Music {
  const state = playbackAt(seat)?.state ?? null;
  return state === null ? {} : { play: state === 'playing' || state === 'buffering' };
}

function musicAt(seat: Seat, loadedAt: LoadedAt, name: Naming): Music {
  const content = contentAt(seat, loadedAt) ?? {};
  const word = contentWordOf(content);
  if (word === 'tv') return { tv: name(seat.room) };
  const hasModes = word === null || word === 'favorite' || word === 'playlist';
  return { ...content, ...(hasModes ? modesAt(seat) : {}), ...playAt(seat) };
}

/** What cannot be brought back of what a group plays; null when everything can, or nothing is loaded. */
function lostAt(seat: Seat, music: Music, members: readonly string[]): Lost | null {
  const metadata = metadataAt(seat);
  const group = { lead: seat.player.id, rooms: [...members] };
  if (metadata === null) return { ...group, what: 'music', name: null, shown: null };
  const { kind, name } = metadata.source;
  if (kind === 'none') return null;
  if (contentWordOf(music) === null) return { ...group, what: 'music', name, shown: identityOf(metadata) };
  return kind === 'queue' ? { ...group, what: 'position', name, shown: null } : null;
}

/** The seat of the player that leads, and those of the others; nobody when none of them is known. */
function seatsOf(household: Household, { coordinatorId, playerIds }: Group): Seat[] {
  const ids = [coordinatorId, ...playerIds.filter((id) => id !== coordinatorId)];
  return ids.flatMap((id) => seatOf(household, id) ?? []);
}

/** How some rooms are, and the groups in which they play, as a preset that brings it back. */
export function captured(
  household: Household,
  rooms: readonly Room[],
  loadedAt: LoadedAt,
  name: Naming,
): Captured {
  const groups: Together[] = [];
  const lost: Lost[] = [];
  const wanted = new Set(rooms.map(({ playerId }) => playerId));
  for (const group of household.topology?.groups.values() ?? []) {
    const seats = seatsOf(household, group);
    const [lead] = seats;
    if (lead === undefined || !seats.some(({ player }) => wanted.has(player.id))) continue;
    const music = musicAt(lead, loadedAt, name);
    const members = seats.map(({ room }) => name(room));
    const missing = lostAt(lead, music, members);
    groups.push({ rooms: members, ...music });
    if (missing !== null) lost.push(missing);
  }
  const settings = rooms.flatMap((room) => {
    const seat = seatOf(household, room.playerId);
    return seat === null ? [] : [[name(room), settingsOf(seat)] as const];
  });
  return { preset: { rooms: Object.fromEntries(settings), groups }, lost };
}

/** Whether music that the bridge cannot load is there by itself. */
function isThere(household: Household, { lead, shown }: Lost): boolean {
  const seat = seatOf(household, lead);
  const metadata = seat && metadataAt(seat);
  return metadata !== null && identityOf(metadata) === shown;
}

/**
 * What can be brought back now: where music that the bridge cannot load is gone, nothing else must play in its place.
 */
export function restorable(
  household: Household,
  { preset, lost }: Pick<Captured, 'preset' | 'lost'>,
): Captured {
  const gone = lost.filter((each) => each.what === 'music' && !isThere(household, each));
  const isGone = (group: Together): boolean => gone.some(({ rooms }) => rooms[0] === group.rooms[0]);
  const groups = togetherOf(preset).map((group): Together => {
    if (!isGone(group)) return group;
    return { rooms: group.rooms, ...(group.play === false ? { play: false } : {}) };
  });
  return {
    preset: { ...preset, groups },
    lost: lost.filter((each) => each.what === 'position' || gone.includes(each)),
  };
}
