import type { Json } from '../../bridge/sonos.ts';
import type { Household, Room } from '../../bridge/state.ts';
import type { Identity } from '../discovery/identity.ts';
import type { Topics } from '../topics.ts';
import { playerTopics } from './player-topics.ts';

/** What the payloads are made with. */
export interface PlayerOptions {
  readonly topics: Topics;
  readonly identity: Identity;
}

/**
 * What the custom integration `mqtt_media_player` learns of a room: flat, with long keys, one plain-text topic for
 * each attribute. What the contract has in that shape already is named where it stands; the album's picture is left
 * out, since the integration wants its bytes and the bridge only knows its address.
 */
export function playerConfig(
  { topics, identity }: PlayerOptions,
  household: Household,
  room: Room,
): { readonly [key: string]: Json } {
  const { shown, translated, contract } = playerTopics(topics, household, room);
  const name = room.name || room.address;
  return {
    name,
    // By the same identifier the integration finds the device that discovery made.
    device: { identifiers: [identity.room(room)], name, manufacturer: 'Sonos' },
    // It takes one topic. The bridge's is the one that tells of its death; a room that is away is `off`.
    availability: {
      topic: topics.availability,
      payload_available: 'online',
      payload_not_available: 'offline',
    },
    state_state_topic: shown('state'),
    state_title_topic: contract('title'),
    state_artist_topic: contract('artist'),
    state_album_topic: contract('album'),
    state_source_topic: contract('source'),
    state_duration_topic: shown('duration'),
    state_position_topic: shown('position'),
    state_volume_topic: shown('volume'),
    state_mute_topic: shown('mute'),
    state_mediatype_topic: shown('mediatype'),
    command_play_topic: contract('set/play'),
    command_play_payload: 'Play',
    command_pause_topic: contract('set/pause'),
    command_pause_payload: 'Pause',
    command_playpause_topic: contract('set/toggle'),
    command_playpause_payload: 'PlayPause',
    command_next_topic: contract('set/next'),
    command_next_payload: 'Next',
    command_previous_topic: contract('set/previous'),
    command_previous_payload: 'Previous',
    command_seek_topic: contract('set/seek'),
    command_volume_topic: translated('volume'),
    command_mute_topic: translated('mute'),
    command_playmedia_topic: translated('play_media'),
  };
}
