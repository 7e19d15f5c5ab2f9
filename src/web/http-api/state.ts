import {
  clockText,
  flagAt,
  numberAt,
  positionToldAt,
  textAt,
  transportState,
} from '../../bridge/familiar-words.ts';
import { roomPicture } from '../../bridge/room-picture.ts';
import type { Json } from '../../bridge/sonos.ts';
import { type Household, type Room, type RoomPicture, seatOf } from '../../bridge/state.ts';
import type { Group } from '../../bridge/topology.ts';

type Part = { readonly [key: string]: Json };

const LINE_IN = new Set(['line_in', 'tv', 'airplay']);
const RADIO = new Set(['radio', 'stream']);

function typeOf(picture: RoomPicture): string {
  const kind = textAt(picture, 'source.kind') ?? '';
  if (LINE_IN.has(kind)) return 'line_in';
  return RADIO.has(kind) ? 'radio' : 'track';
}

/** A track as that project writes it: what is not known is empty. */
const trackOf = (picture: RoomPicture, at: string): Part => ({
  artist: textAt(picture, `${at}.artist`) ?? '',
  title: textAt(picture, `${at}.title`) ?? '',
  album: textAt(picture, `${at}.album`) ?? '',
  albumArtUri: textAt(picture, `${at}.image`) ?? '',
  duration: Math.round(numberAt(picture, `${at}.duration`) ?? 0),
});

function currentOf(picture: RoomPicture): Part {
  const type = typeOf(picture);
  const track = trackOf(picture, 'track');
  return {
    ...track,
    type,
    stationName: type === 'radio' ? (textAt(picture, 'source.name') ?? '') : '',
    absoluteAlbumArtUri: track.albumArtUri ?? '',
  };
}

/** Where the track is by now: what the last event said, and the time since. */
function elapsedOf(picture: RoomPicture, now: number): number {
  const seconds = numberAt(picture, 'position.seconds') ?? 0;
  const at = positionToldAt(picture);
  const passed = textAt(picture, 'state') === 'playing' && at !== null ? (now - at) / 1000 : 0;
  const end = numberAt(picture, 'track.duration') ?? Number.POSITIVE_INFINITY;
  return Math.floor(Math.max(0, Math.min(seconds + Math.max(0, passed), end)));
}

/** A room's state in that project's shape, without what the cloud does not know: tone, queue and the address of a track. */
export function stateOf(picture: RoomPicture, now: number): Part {
  const elapsed = elapsedOf(picture, now);
  const repeat = textAt(picture, 'play_modes.repeat') ?? 'off';
  return {
    volume: numberAt(picture, 'volume'),
    mute: flagAt(picture, 'muted'),
    currentTrack: currentOf(picture),
    nextTrack: trackOf(picture, 'next'),
    elapsedTime: elapsed,
    elapsedTimeFormatted: clockText(elapsed, 2),
    playbackState: transportState(picture) ?? 'STOPPED',
    playMode: {
      repeat: repeat === 'off' ? 'none' : repeat,
      shuffle: flagAt(picture, 'play_modes.shuffle') ?? false,
      crossfade: flagAt(picture, 'play_modes.crossfade') ?? false,
    },
  };
}

function playerOf(household: Household, room: Room, group: Group, now: number): Part {
  const picture = roomPicture(household, room) ?? {};
  return {
    uuid: room.playerId,
    roomName: room.name,
    coordinator: group.coordinatorId,
    state: stateOf(picture, now),
    groupState: { volume: numberAt(picture, 'group.volume'), mute: flagAt(picture, 'group.muted') },
  };
}

/** Who plays with whom, and what, in that project's shape. */
export function zonesOf(household: Household, now: number): readonly Part[] {
  return [...(household.topology?.groups.values() ?? [])].flatMap((group) => {
    const members = group.playerIds
      .flatMap((id) => seatOf(household, id)?.room ?? [])
      .map((room) => playerOf(household, room, group, now));
    const coordinator = members.find(({ uuid }) => uuid === group.coordinatorId);
    return coordinator === undefined ? [] : [{ uuid: group.coordinatorId, coordinator, members }];
  });
}
