import type { CommandSpec } from '../command-spec.ts';
import { audioClip } from './audio-clip.ts';
import type { Namespace } from './define.ts';
import { deviceInfo } from './device-info.ts';
import { favorites } from './favorites.ts';
import { global } from './global.ts';
import { groupVolume } from './group-volume.ts';
import { groups } from './groups.ts';
import { homeTheater } from './home-theater.ts';
import { households } from './households.ts';
import { playback } from './playback.ts';
import { playbackMetadata } from './playback-metadata.ts';
import { playbackSession } from './playback-session.ts';
import { playerSettings } from './player-settings.ts';
import { playerVolume } from './player-volume.ts';
import { playlists } from './playlists.ts';
import { roomTimers } from './room-timers.ts';

/** The table: every namespace that the bridge knows. A new one is a file of its own and its name here. */
const ROWS = [
  households,
  groups,
  playback,
  playerVolume,
  groupVolume,
  playbackMetadata,
  playbackSession,
  favorites,
  playlists,
  audioClip,
  homeTheater,
  playerSettings,
  deviceInfo,
  global,
  roomTimers,
] as const;

// A row's functions are only ever given the slice that the same row remembered, so its type matters to no one else.
const erased = (row: (typeof ROWS)[number]): Namespace => row as unknown as Namespace;

/** The rows in the order in which their parts stand in a room's state. */
export const namespaces: readonly Namespace[] = ROWS.map(erased);

const byName: ReadonlyMap<string, Namespace> = new Map(namespaces.map((row) => [row.name, row] as const));

/** The row of a namespace, also for a name that came from outside; null when there is none. */
export const namespaceOf = (name: string): Namespace | null => byName.get(name) ?? null;

/** Every command of a room, by its name in the topic. */
export const roomCommands: ReadonlyMap<string, CommandSpec> = new Map(
  namespaces.flatMap((row) => Object.entries(row.commands)),
);

/** Every attribute topic of a room: where in the room's state its value stands. */
export const attributes: ReadonlyMap<string, string> = new Map(
  namespaces.flatMap((row) => Object.entries(row.attributes)),
);
