import { CHIMES } from '../../speech/chimes.ts';
import { scriptOf } from './entities.ts';
import type { FileHouse, FileHousehold, FileRoom } from './house.ts';
import { indented, inline, quote } from './yaml.ts';

const options = (rooms: readonly FileRoom[]): string =>
  rooms.map(({ name, address }) => `- { label: ${quote(name)}, value: ${quote(address)} }`).join('\n');

/** A field of a script as Home Assistant shows it to people. */
interface Field {
  readonly name: string;
  readonly description: string;
  readonly isRequired?: true;
  readonly example?: string;
  readonly selector: string;
}

function fieldText(key: string, { name, description, isRequired, example, selector }: Field): string {
  return `${key}:
  name: ${quote(name)}
  description: ${quote(description)}
${isRequired === true ? '  required: true\n' : ''}${example === undefined ? '' : `  example: ${quote(example)}\n`}  selector:
${indented(selector, 4)}`;
}

const oneRoom = (rooms: readonly FileRoom[]): string => `select:\n  options:\n${indented(options(rooms), 4)}`;
const someRooms = (rooms: readonly FileRoom[]): string =>
  `select:\n  multiple: true\n  options:\n${indented(options(rooms), 4)}`;
const PERCENT = 'number: { min: 0, max: 100, unit_of_measurement: "%" }';
const YES_OR_NO = 'boolean:';

interface Script {
  readonly id: string;
  readonly alias: string;
  readonly description: string;
  readonly icon: string;
  readonly mode: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly sequence: string;
}

const scriptText = ({ id, alias, description, icon, mode, fields, sequence }: Script): string => `${id}:
  alias: ${quote(alias)}
  description: ${quote(description)}
  icon: ${icon}
  mode: ${mode}
  max: 20
  fields:
${indented(
  Object.entries(fields)
    .map(([key, field]) => fieldText(key, field))
    .join('\n'),
  4,
)}
  sequence:
${indented(sequence, 4)}
`;

interface Maker {
  readonly house: FileHouse;
  readonly household: FileHousehold;
  /** The household's topic. */
  readonly topic: string;
  /** Behind an alias, where there is more than one household. */
  readonly where: string;
}

function announceRooms({ house, household, topic, where }: Maker): Script {
  const able = household.rooms.filter(({ canAnnounce }) => canAnnounce);
  return {
    id: scriptOf(house, household, 'announce', 'rooms'),
    alias: `Say something in some rooms${where}`,
    description: 'Spoken over the music, which goes on by itself. Rooms begin together.',
    icon: 'mdi:bullhorn',
    mode: 'parallel',
    fields: {
      message: {
        ...{ name: 'Message', description: 'What is said.', isRequired: true, example: 'Dinner is ready' },
        selector: 'text: { multiline: true }',
      },
      rooms: { name: 'Rooms', description: 'None is all of them.', selector: someRooms(able) },
      volume: { name: 'Volume', description: 'For this announcement only.', selector: PERCENT },
      chime: {
        ...{ name: 'Chime', description: 'Ahead of the message; one of your own by its name.' },
        selector: `select:\n  custom_value: true\n  options: ${inline([...CHIMES.keys()])}`,
      },
      urgent: {
        ...{ name: 'Urgent', description: 'Goes ahead of what waits, and may be heard in quiet hours.' },
        selector: YES_OR_NO,
      },
    },
    sequence: `- action: mqtt.publish
  data:
    topic: >-
      ${topic}/{{ ([rooms] if rooms is string else rooms | default([], true) | list + ["all"]) | first }}/set/announce
    qos: 1
    payload: >-
      {{ dict({
        "text": message | string,
        "rooms": [] if rooms is string else (rooms | default([], true) | list)[1:],
        "priority": "high" if urgent | default(false, true) else "normal"
      }, **dict(
        {"volume": volume | int} if volume | default(none) is not none else {},
        **({"before": chime} if chime | default("", true) else {})
      )) | to_json }}`,
  };
}

function groupRooms({ house, household, topic, where }: Maker): Script {
  return {
    id: scriptOf(house, household, 'group', 'rooms'),
    alias: `Group rooms${where}`,
    description: 'The group becomes exactly these rooms; what the first one plays goes on in all of them.',
    icon: 'mdi:speaker-multiple',
    mode: 'queued',
    fields: {
      room: {
        ...{ name: 'Room', description: 'The room whose music goes on.', isRequired: true },
        selector: oneRoom(household.rooms),
      },
      others: {
        ...{ name: 'With', description: 'The other rooms; none leaves the room on its own.' },
        selector: someRooms(household.rooms),
      },
    },
    sequence: `- action: mqtt.publish
  data:
    topic: ${topic}/{{ room }}/set/group
    qos: 1
    payload: >-
      {{ {"value": [others] if others is string else others | default([], true) | list} | to_json }}`,
  };
}

function playFavorite({ house, household, topic, where }: Maker): Script {
  return {
    id: scriptOf(house, household, 'play', 'favorite'),
    alias: `Play a favorite${where}`,
    description: 'Loads one of the Sonos favorites in a room and its group.',
    icon: 'mdi:star',
    mode: 'queued',
    fields: {
      room: {
        ...{ name: 'Room', description: 'Where it plays.', isRequired: true },
        selector: oneRoom(household.rooms),
      },
      favorite: {
        ...{ name: 'Favorite', description: 'By its name; the beginning will do.', isRequired: true },
        selector: `select:\n  custom_value: true\n  options: ${inline(household.favorites)}`,
      },
      volume: { name: 'Volume', description: "The room's, set before it begins.", selector: PERCENT },
      shuffle: { name: 'Shuffle', description: 'In any order.', selector: YES_OR_NO },
    },
    sequence: `- action: mqtt.publish
  data:
    topic: ${topic}/{{ room }}/set
    qos: 1
    payload: >-
      {{ dict({"volume": volume | int} if volume | default(none) is not none else {}, **{
        "favorite": dict({"value": favorite | string},
          **({"shuffle": shuffle} if shuffle | default(none) is not none else {}))
      }) | to_json }}`,
  };
}

function playMedia({ house, household, topic, where }: Maker): Script {
  return {
    id: scriptOf(house, household, 'play', 'media'),
    alias: `Play or announce media${where}`,
    description:
      'What the media players use: an http address is announced, anything else is the name of a favorite or playlist.',
    icon: 'mdi:play-box',
    mode: 'queued',
    fields: {
      room: {
        ...{ name: 'Room', description: 'Where it is heard.', isRequired: true },
        selector: oneRoom(household.rooms),
      },
      media_content_type: {
        ...{ name: 'Type', description: 'playlist for a Sonos playlist, otherwise music.' },
        selector: 'text:',
      },
      media_content_id: {
        ...{ name: 'Media', description: 'An address or a name.', isRequired: true },
        selector: 'text:',
      },
    },
    sequence: `- if: '{{ (media_content_id | string).startswith("media-source:") }}'
  then:
    - stop: >-
        A universal media player gets no address for this media. Say texts with notify.send_message,
        and give sounds by their http address.
      error: true
- action: mqtt.publish
  data:
    topic: ${topic}/{{ room }}/set
    qos: 1
    payload: >-
      {% set media = media_content_id | string %}
      {% if media.lower().startswith(("http://", "https://")) %}{{ {"announce": {"url": media}} | to_json }}
      {% elif media_content_type | default("", true) == "playlist" %}{{ {"playlist": media} | to_json }}
      {% else %}{{ {"favorite": media} | to_json }}{% endif %}`,
  };
}

/** A package with scripts for each household: to announce, to group, and to play what is saved at Sonos. */
export function scripts(house: FileHouse): string {
  const texts = house.households.flatMap((household) => {
    const where = house.households.length > 1 ? ` (${household.name})` : '';
    const maker = { house, household, where, topic: house.topics.household(household.alias) };
    const able = household.rooms.some(({ canAnnounce }) => canAnnounce);
    return [
      ...(able ? [announceRooms(maker)] : []),
      groupRooms(maker),
      ...(household.favorites.length > 0 ? [playFavorite(maker)] : []),
      playMedia(maker),
    ].map((script) => indented(scriptText(script), 2));
  });
  return `# Scripts for the house: a package of Home Assistant. README.md beside it says how to use it.
script:
${texts.join('\n')}`;
}
