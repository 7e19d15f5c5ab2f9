import {
  clockText,
  flagAt,
  numberAt,
  playMode,
  positionToldAt,
  textAt,
  transportState,
} from '../../bridge/familiar-words.ts';
import { valueAt } from '../../bridge/same.ts';
import type { Json } from '../../bridge/sonos.ts';
import type { Household, Room, RoomPicture } from '../../bridge/state.ts';

type Part = { readonly [key: string]: Json };

/** Without what is not known: that project leaves such a key out, too. */
const known = (part: Part): Part =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null));

const orNull = (part: Part): Part | null => (Object.keys(part).length === 0 ? null : part);

const onOff = (value: boolean | null): string | null => (value === null ? null : value ? 'On' : 'Off');

/** A track as that project writes it. */
function trackOf(picture: RoomPicture, at: string): Part | null {
  const duration = numberAt(picture, `${at}.duration`);
  return orNull(
    known({
      Album: textAt(picture, `${at}.album`),
      Artist: textAt(picture, `${at}.artist`),
      AlbumArtUri: textAt(picture, `${at}.image`),
      Title: textAt(picture, `${at}.title`),
      Duration: duration === null ? null : clockText(duration, 1),
    }),
  );
}

const containerOf = (picture: RoomPicture): Part | null =>
  orNull(known({ Title: textAt(picture, 'source.name'), AlbumArtUri: textAt(picture, 'source.image') }));

/** Where the track was when Sonos last told, and when that was: it stands still until it tells again. */
function positionOf(picture: RoomPicture): Part | null {
  const seconds = numberAt(picture, 'position.seconds');
  const at = positionToldAt(picture);
  const plays = ['playing', 'buffering'].includes(textAt(picture, 'state') ?? '');
  return seconds === null || at === null || !plays
    ? null
    : { Position: clockText(seconds, 1), LastUpdate: at };
}

const roomAt = (household: Household, address: Json): Room | null =>
  [...household.rooms.values()].find((room) => room.address === address) ?? null;

/** Those who play together, the coordinator first; null for one alone. */
function membersOf(household: Household, picture: RoomPicture, coordinator: Room | null): Json {
  const members = valueAt(picture, 'group.members');
  const rooms = (Array.isArray(members) ? members : []).flatMap((each) => roomAt(household, each) ?? []);
  if (rooms.length < 2) return null;
  const rank = ({ playerId }: Room): string => (playerId === coordinator?.playerId ? '' : playerId);
  return rooms
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map(({ playerId, name }) => ({ Uuid: playerId, Name: name }));
}

/** A room in that project's shape: everything that the cloud knows of what stands in it there. */
export function shapeOf(household: Household, room: Room, picture: RoomPicture): Part {
  const coordinator = roomAt(household, valueAt(picture, 'group.coordinator'));
  const repeat = textAt(picture, 'play_modes.repeat');
  const volume = numberAt(picture, 'volume');
  const muted = flagAt(picture, 'muted');
  return {
    uuid: room.playerId,
    name: room.name,
    ...known({
      groupName: textAt(picture, 'group.name'),
      coordinatorUuid: coordinator?.playerId ?? null,
      members: membersOf(household, picture, coordinator),
      currentTrack: trackOf(picture, 'track'),
      enqueuedMetadata: containerOf(picture),
      nextTrack: trackOf(picture, 'next'),
      transportState: transportState(picture),
      playmode: playMode(picture),
      repeat: repeat === null ? null : repeat === 'all',
      shuffle: flagAt(picture, 'play_modes.shuffle'),
      crossfade: onOff(flagAt(picture, 'play_modes.crossfade')),
      alarmRunning: picture.source === null ? null : textAt(picture, 'source.kind') === 'alarm',
      volume: volume === null ? null : { Master: volume },
      mute: muted === null ? null : { Master: muted },
      position: positionOf(picture),
    }),
  };
}

const plain = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** Single values of a shape, by the end of their topic; empty where nothing is known. */
export const distinctOf = (shape: Part): Readonly<Record<string, string>> => ({
  group: plain(shape.groupName),
  coordinator: plain(shape.coordinatorUuid),
  state: plain(shape.transportState),
  track: plain(shape.currentTrack),
  muted: plain(valueAt(shape, 'mute.Master')),
  volume: plain(valueAt(shape, 'volume.Master')),
});
