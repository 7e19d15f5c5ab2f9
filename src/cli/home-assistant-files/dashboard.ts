import { entitiesOf, PLAYER_KEY } from './entities.ts';
import type { FileHouse, FileHousehold, FileRoom } from './house.ts';
import { indented, quote } from './yaml.ts';

/** A tap does it; on its own, a tile would only show more. */
const TAP = 'vertical: true, tap_action: { action: toggle }';

function roomCard(house: FileHouse, household: FileHousehold, room: FileRoom): string {
  const entity = entitiesOf(house, household, room);
  const row = (id: string, name: string): string => `- { entity: ${id}, name: ${name} }\n`;
  const announcing = room.canAnnounce
    ? `${row(entity('text', 'say'), 'Say')}${row(entity('siren', 'chime'), 'Chime')}`
    : '';
  const choosing =
    (household.favorites.length > 0 ? row(entity('select', 'favorite'), 'Favorite') : '') +
    (household.playlists.length > 0 ? row(entity('select', 'playlist'), 'Playlist') : '');
  return `- type: vertical-stack
  title: ${quote(room.name)}
  cards:
    - type: media-control
      entity: ${entity('media_player', PLAYER_KEY)}
    - type: horizontal-stack
      cards:
        # Only while there is a cover.
        - type: conditional
          conditions:
            - { condition: state, entity: ${entity('image', 'cover')}, state_not: unavailable }
          card:
            type: picture-entity
            entity: ${entity('image', 'cover')}
            show_name: false
            show_state: false
        - type: entities
          entities:
${indented(
  row(entity('sensor', 'title'), 'Title') +
    row(entity('sensor', 'artist'), 'Artist') +
    row(entity('sensor', 'playing_from'), 'From'),
  12,
)}    - type: tile
      entity: ${entity('number', 'volume')}
      name: Volume
      features:
        - { type: numeric-input, style: slider }
    - type: grid
      columns: 3
      square: false
      cards:
        - { type: tile, entity: ${entity('switch', 'mute')}, name: Mute, ${TAP} }
        - { type: tile, entity: ${entity('switch', 'shuffle')}, name: Shuffle, ${TAP} }
        - { type: tile, entity: ${entity('button', 'leave')}, name: Alone, ${TAP} }
    - type: entities
      entities:
${indented(choosing + row(entity('select', 'join'), 'Plays with') + announcing, 8)}`;
}

function view(house: FileHouse, household: FileHousehold): string {
  const cards = household.rooms.map((room) => roomCard(house, household, room));
  return `- title: ${quote(house.households.length > 1 ? household.name : 'Sonos')}
  path: ${household.alias}
  icon: mdi:speaker-multiple
  cards:
${indented(cards.join(''), 4)}`;
}

/** A dashboard with a view for each household, of cards that every Home Assistant has. */
export const dashboard = (
  house: FileHouse,
): string => `# A dashboard in YAML. README.md beside it says how to use it; a room's card can also be pasted into another dashboard.
title: Sonos
views:
${indented(house.households.map((household) => view(house, household)).join(''), 2)}`;
