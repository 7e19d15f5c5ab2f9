import { CHIMES } from '../../speech/chimes.ts';
import type { FileHouse } from './house.ts';
import { inline, quote } from './yaml.ts';

/** The household that a blueprint speaks of unless the person says another one. */
const usualTopic = ({ topics, households }: FileHouse): string =>
  topics.household(households[0]?.alias ?? 'home');

const doorbell = (house: FileHouse): string => `blueprint:
  name: The doorbell rings in all rooms (Sonos)
  description: >-
    Rings in every room that can announce, over the music, ahead of what waits. In a room that quiet hours of the bridge
    keep silent it is heard only where they let high priority through.
  domain: automation
  author: sonos-mqtt-bridge
  input:
    doorbell:
      name: Doorbell
      description: A binary sensor, an event or a button; every press counts.
      selector:
        entity:
          filter:
            - domain: [binary_sensor, event, input_button, button]
    chime:
      name: Chime
      description: One of the bridge's, or one of your own by its name.
      default: doorbell
      selector:
        select:
          custom_value: true
          options: ${inline([...CHIMES.keys()])}
    message:
      name: Message
      description: What is said after the chime; nothing for the chime alone.
      default: ""
      selector:
        text:
    volume:
      name: Volume
      default: 40
      selector:
        number: { min: 0, max: 100, unit_of_measurement: "%" }
    topic:
      name: The household's topic
      description: The base topic and the household's address.
      default: ${quote(usualTopic(house))}
      selector:
        text:
mode: single
max_exceeded: silent
triggers:
  - trigger: state
    entity_id: !input doorbell
conditions:
  # Not when it comes back after a restart, and not when a binary sensor ends.
  - condition: template
    value_template: >-
      {{ trigger.from_state is not none and trigger.from_state.state != "unavailable"
        and trigger.to_state is not none
        and trigger.to_state.state not in ["off", "unavailable", "unknown"]
        and trigger.to_state.state != trigger.from_state.state }}
actions:
  - variables:
      chime: !input chime
      message: !input message
      volume: !input volume
      topic: !input topic
  - action: mqtt.publish
    data:
      topic: "{{ topic }}/all/set/announce"
      qos: 1
      payload: >-
        {{ dict({"priority": "high", "volume": volume | int,
          "expires_at": (now() + timedelta(seconds=30)).isoformat()
        }, **({"text": message | string, "before": chime} if message else {"chime": chime})) | to_json }}
  # Whoever rings without end is heard every five seconds.
  - delay: { seconds: 5 }
`;

const morning = (): string => `blueprint:
  name: Morning radio (Sonos)
  description: >-
    Plays a favorite quietly in the morning and makes it louder, step by step. Whoever turns the volume ends that.
  domain: automation
  author: sonos-mqtt-bridge
  input:
    time:
      name: When
      default: "06:30:00"
      selector:
        time:
    days:
      name: On which days
      default: [mon, tue, wed, thu, fri]
      selector:
        select:
          multiple: true
          options:
            - { label: Monday, value: mon }
            - { label: Tuesday, value: tue }
            - { label: Wednesday, value: wed }
            - { label: Thursday, value: thu }
            - { label: Friday, value: fri }
            - { label: Saturday, value: sat }
            - { label: Sunday, value: sun }
    list:
      name: The room's list of favorites
      description: Its entity "Favorite", such as select.sonos_kitchen_favorite.
      selector:
        entity:
          filter:
            - { domain: select, integration: mqtt }
    favorite:
      name: Favorite
      description: Its name, as the list has it.
      selector:
        text:
    volume:
      name: The room's volume
      description: Its entity "Volume", such as number.sonos_kitchen_volume.
      selector:
        entity:
          filter:
            - { domain: number, integration: mqtt }
    softest:
      name: Volume at the beginning
      default: 5
      selector:
        number: { min: 0, max: 100, unit_of_measurement: "%" }
    loudest:
      name: Volume at the end
      default: 20
      selector:
        number: { min: 0, max: 100, unit_of_measurement: "%" }
    minutes:
      name: Minutes until then
      default: 10
      selector:
        number: { min: 1, max: 60, unit_of_measurement: min }
mode: single
max_exceeded: silent
triggers:
  - trigger: time
    at: !input time
conditions:
  - condition: time
    weekday: !input days
actions:
  - variables:
      number: !input volume
      softest: !input softest
      loudest: !input loudest
      minutes: !input minutes
      steps: "{{ [(loudest - softest) | abs | int, 1] | max }}"
  - action: number.set_value
    target: { entity_id: !input volume }
    data: { value: !input softest }
  - action: select.select_option
    target: { entity_id: !input list }
    data: { option: !input favorite }
  - repeat:
      while:
        - condition: template
          value_template: >-
            {{ repeat.index <= steps and (repeat.index == 1 or
              (states(number) | float(-9) - (softest + (loudest - softest) * (repeat.index - 1) / steps)) | abs < 2) }}
      sequence:
        - delay: { seconds: "{{ [(minutes * 60 / steps) | round - 5, 1] | max }}" }
        # Whoever turned it meanwhile is left in peace.
        - condition: template
          value_template: >-
            {{ (states(number) | float(-9) - (softest + (loudest - softest) * (repeat.index - 1) / steps)) | abs < 2 }}
        - action: number.set_value
          target: { entity_id: !input volume }
          data:
            value: "{{ (softest + (loudest - softest) * repeat.index / steps) | round }}"
        # Until the new volume has come back.
        - delay: { seconds: 5 }
`;

const quiet = (): string => `blueprint:
  name: Quiet at night (Sonos)
  description: >-
    At night no room is louder than you say: louder rooms are turned down when the night begins, and whenever somebody
    turns one up. Announcements have volumes of their own: "announcements.quiet_hours" in the bridge's settings is for
    them; this cancels those that still wait when the night begins.
  domain: automation
  author: sonos-mqtt-bridge
  input:
    begins:
      name: The night begins
      default: "22:00:00"
      selector:
        time:
    ends:
      name: The night ends
      default: "06:30:00"
      selector:
        time:
    volumes:
      name: Rooms
      description: Their entities "Volume", such as number.sonos_bedroom_volume.
      selector:
        entity:
          multiple: true
          filter:
            - { domain: number, integration: mqtt }
    most:
      name: The highest volume
      default: 15
      selector:
        number: { min: 0, max: 100, unit_of_measurement: "%" }
    cancels:
      name: Cancel what waits
      description: Entities "Cancel announcements", such as button.sonos_bedroom_cancel; none cancels nothing.
      default: []
      selector:
        entity:
          multiple: true
          filter:
            - { domain: button, integration: mqtt }
mode: queued
max: 20
max_exceeded: silent
triggers:
  - trigger: time
    at: !input begins
    id: begins
  - trigger: state
    entity_id: !input volumes
    id: turned
conditions:
  - condition: time
    after: !input begins
    before: !input ends
actions:
  - variables:
      volumes: !input volumes
      most: !input most
      cancels: !input cancels
  - repeat:
      for_each: "{{ volumes }}"
      sequence:
        - if: "{{ states(repeat.item) | float(0) > most }}"
          then:
            - action: number.set_value
              target: { entity_id: "{{ repeat.item }}" }
              data: { value: "{{ most }}" }
  - if: '{{ trigger.id == "begins" and cancels | length > 0 }}'
    then:
      - action: button.press
        target: { entity_id: !input cancels }
`;

/** Blueprints for automations, by the names of their files. */
export const blueprints = (house: FileHouse): Readonly<Record<string, string>> => ({
  'doorbell-to-all-rooms.yaml': doorbell(house),
  'morning-radio.yaml': morning(),
  'quiet-at-night.yaml': quiet(),
});
