import { flagAt, numberAt, textAt } from '../../bridge/familiar-words.ts';
import { roomPicture } from '../../bridge/room-picture.ts';
import type { Household, Room, RoomPicture } from '../../bridge/state.ts';
import type { FurtherPicture } from '../further-picture.ts';
import { type PlayerOptions, playerConfig } from './config.ts';
import { playerTopics, type Shown } from './player-topics.ts';

/** The words that every version of the integration knows. */
const STATES: Readonly<Record<string, string>> = {
  playing: 'playing',
  buffering: 'playing',
  paused: 'paused',
  idle: 'idle',
};

function stateOf(picture: RoomPicture): string | null {
  if (picture.online !== true) return 'off';
  return STATES[textAt(picture, 'state') ?? ''] ?? null;
}

const muteOf = (muted: boolean | null): string | null => (muted === null ? null : muted ? 'mute' : 'unmute');

/**
 * Positions as the integration reads them: whole seconds, and Home Assistant counts on from the moment at which one
 * comes. So a new one must come also when it is the same second as the last one, as at the start of every track:
 * they are written with and without a plus by turns.
 */
class Positions {
  readonly #last = new Map<string, { readonly at: string; readonly sign: '' | '+' }>();

  write(key: string, picture: RoomPicture): string {
    const seconds = numberAt(picture, 'position.seconds');
    const at = textAt(picture, 'position.at');
    if (seconds === null || at === null) return '';
    const last = this.#last.get(key);
    const sign = last === undefined || last.at === at ? (last?.sign ?? '') : last.sign === '' ? '+' : '';
    this.#last.set(key, { at, sign });
    return `${sign}${Math.floor(seconds)}`;
  }
}

/** What the topics of a room hold. One of which nothing is known is left out where empty text would be an error. */
function shownOf(picture: RoomPicture, position: string): Readonly<Record<Shown, string | null>> {
  const volume = numberAt(picture, 'volume');
  return {
    state: stateOf(picture),
    volume: volume === null ? null : String(volume / 100),
    mute: muteOf(flagAt(picture, 'muted')),
    // With nothing, some versions keep the track before.
    duration: String(Math.round(numberAt(picture, 'track.duration') ?? 0)),
    position,
    mediatype: textAt(picture, 'source.kind') === 'tv' ? 'video' : 'music',
  };
}

/** A media player for each room, as the custom integration `mqtt_media_player` finds it under the discovery prefix. */
export function createMediaPlayerPicture(
  options: PlayerOptions & { readonly prefix: string },
): FurtherPicture {
  const { topics, identity, prefix } = options;
  const positions = new Positions();

  function* drawn(household: Household, room: Room): Generator<readonly [string, string]> {
    const picture = roomPicture(household, room);
    if (picture === null) return;
    const config = JSON.stringify(playerConfig(options, household, room));
    yield [`${prefix}/media_player/${identity.room(room)}/config`, config];
    const { shown } = playerTopics(topics, household, room);
    const position = positions.write(room.playerId, picture);
    for (const [what, text] of Object.entries(shownOf(picture, position)) as [Shown, string | null][])
      if (text !== null) yield [shown(what), text];
  }

  return {
    name: 'mqtt_media_player',
    delayMs: 0,
    grounds: ({ alias, rooms, topology, own, groups, players }) => [
      alias,
      rooms,
      topology,
      own,
      groups,
      players,
    ],
    draw: (household) =>
      new Map([...household.rooms.values()].flatMap((room) => [...drawn(household, room)])),
  };
}
