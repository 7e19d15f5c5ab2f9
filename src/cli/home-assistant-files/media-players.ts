import { entitiesOf, PLAYER_KEY, scriptOf } from './entities.ts';
import type { FileHouse, FileHousehold, FileRoom } from './house.ts';
import { indented, quote } from './yaml.ts';

const press = (entity: string): string => `{ action: button.press, target: { entity_id: ${entity} } }`;

/** Volume steps are the bridge's own: they count from what the room has now, and add up. */
const step = (topic: string, by: string): string =>
  `{ action: mqtt.publish, data: { topic: ${topic}, qos: 1, payload: ${quote(by)} } }`;

function commands(house: FileHouse, household: FileHousehold, room: FileRoom): string {
  const entity = entitiesOf(house, household, room);
  const topic = house.topics.room(household.alias, room.address);
  const source = `select_source:
  action: select.select_option
  target: { entity_id: ${entity('select', 'favorite')} }
  data: { option: "{{ source }}" }
`;
  return `media_play: ${press(entity('button', 'play'))}
media_pause: ${press(entity('button', 'pause'))}
media_play_pause: ${press(entity('button', 'toggle'))}
media_next_track: ${press(entity('button', 'next'))}
media_previous_track: ${press(entity('button', 'previous'))}
volume_up: ${step(quote(`${topic}/set/volume`), '+5')}
volume_down: ${step(quote(`${topic}/set/volume`), '-5')}
volume_set:
  action: number.set_value
  target: { entity_id: ${entity('number', 'volume')} }
  data: { value: "{{ (volume_level * 100) | round }}" }
volume_mute:
  action: 'switch.turn_{{ "on" if is_volume_muted else "off" }}'
  target: { entity_id: ${entity('switch', 'mute')} }
shuffle_set:
  action: 'switch.turn_{{ "on" if shuffle else "off" }}'
  target: { entity_id: ${entity('switch', 'shuffle')} }
repeat_set:
  action: select.select_option
  target: { entity_id: ${entity('select', 'repeat')} }
  data: { option: "{{ repeat }}" }
${household.favorites.length === 0 ? '' : source}play_media:
  action: script.${scriptOf(house, household, 'play', 'media')}
  data:
    room: ${quote(room.address)}
    media_content_type: "{{ media_content_type }}"
    media_content_id: "{{ media_content_id }}"`;
}

function player(house: FileHouse, household: FileHousehold, room: FileRoom): string {
  const entity = entitiesOf(house, household, room);
  const state = entity('sensor', 'state');
  const [, id = ''] = entity('media_player', PLAYER_KEY).split('.');
  const sources =
    household.favorites.length === 0 ? '' : `\n    source_list: ${entity('select', 'favorite')}|options`;
  return `- platform: universal
  # The name gives the entity id; people see the one under "customize".
  name: ${id}
  unique_id: ${quote(`${house.identity.room(room)}_${PLAYER_KEY}`)}
  device_class: speaker
  attributes:
    state: ${state}
    volume_level: ${state}|volume_level
    is_volume_muted: ${state}|is_volume_muted
    shuffle: ${state}|shuffle
    repeat: ${state}|repeat
    source: ${state}|source${sources}
  commands:
${indented(commands(house, household, room), 4)}
`;
}

/** Several households may have rooms of the same name. */
const shownName = ({ households }: FileHouse, household: FileHousehold, room: FileRoom): string =>
  households.length > 1 ? `${household.name} ${room.name}` : room.name;

/** A package with a media player for each room, put together from the entities that discovery makes. */
export function mediaPlayers(house: FileHouse): string {
  const rooms = house.households.flatMap((household) => household.rooms.map((room) => ({ household, room })));
  const customized = rooms.map(({ household, room }) => {
    const entity = entitiesOf(house, household, room)('media_player', PLAYER_KEY);
    return `    ${entity}: { friendly_name: ${quote(shownName(house, household, room))} }`;
  });
  return `# A media player for every room: a package of Home Assistant. README.md beside it says how to use it.
homeassistant:
  customize:
${customized.join('\n')}

media_player:
${rooms.map(({ household, room }) => indented(player(house, household, room), 2)).join('\n')}`;
}
