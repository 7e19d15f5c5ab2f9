// A device payload with every platform that the check knows, written after Home Assistant's documentation.

/** The topic that the example belongs to. */
export const EXAMPLE_TOPIC = 'homeassistant/device/speaker_A0B0C0/config';

const set = (command: string): string => `house/speaker/set/${command}`;

/** A fresh copy of the example, to be changed. */
export function example() {
  return {
    device: {
      identifiers: ['speaker_A0B0C0'],
      name: 'Kitchen',
      manufacturer: 'Example',
      model: 'One',
      suggested_area: 'Kitchen',
      configuration_url: 'http://192.0.2.7:8788/',
    },
    origin: { name: 'example', sw_version: '1.0.0', support_url: 'https://example.org/docs' },
    availability: [{ topic: 'house/availability' }, { topic: 'house/speaker/availability' }],
    availability_mode: 'all',
    components: {
      state: {
        platform: 'sensor',
        unique_id: 'A0B0C0_state',
        default_entity_id: 'sensor.kitchen_state',
        name: null,
        icon: 'mdi:speaker',
        state_topic: 'house/speaker',
        value_template: "{{ value_json.state or 'None' }}",
        device_class: 'enum',
        options: ['playing', 'paused', 'idle'],
        json_attributes_topic: 'house/speaker',
        json_attributes_template: '{{ value_json.track | to_json }}',
      },
      there: {
        platform: 'binary_sensor',
        unique_id: 'A0B0C0_there',
        name: 'Connected',
        state_topic: 'house/speaker/availability',
        payload_on: 'online',
        payload_off: 'offline',
        device_class: 'connectivity',
        entity_category: 'diagnostic',
      },
      volume: {
        platform: 'number',
        unique_id: 'A0B0C0_volume',
        default_entity_id: 'number.kitchen_volume',
        name: 'Volume',
        command_topic: set('volume'),
        state_topic: 'house/speaker/volume',
        value_template: "{{ value or 'None' }}",
        min: 0,
        max: 100,
        step: 1,
        mode: 'slider',
        unit_of_measurement: '%',
      },
      mute: {
        platform: 'switch',
        unique_id: 'A0B0C0_mute',
        name: 'Mute',
        command_topic: set('mute'),
        state_topic: 'house/speaker/muted',
        payload_on: 'true',
        payload_off: 'false',
      },
      play: { platform: 'button', unique_id: 'A0B0C0_play', name: 'Play', command_topic: set('play') },
      favorite: {
        platform: 'select',
        unique_id: 'A0B0C0_favorite',
        name: 'Favorite',
        command_topic: set('favorite'),
        command_template: '{{ {"value": value} | to_json }}',
        options: ['Jazz', 'Küche "am" Morgen'],
      },
      say: {
        platform: 'text',
        unique_id: 'A0B0C0_say',
        name: 'Say',
        command_topic: set('announce'),
        min: 1,
        max: 255,
        mode: 'text',
      },
      tell: { platform: 'notify', unique_id: 'A0B0C0_tell', name: 'Tell', command_topic: set('announce') },
      happened: {
        platform: 'event',
        unique_id: 'A0B0C0_happened',
        name: 'Event',
        state_topic: 'house/speaker/event',
        event_types: ['announcement', 'clip'],
      },
      cover: {
        platform: 'image',
        unique_id: 'A0B0C0_cover',
        name: 'Cover',
        url_topic: 'house/speaker/image',
      },
      chime: {
        platform: 'siren',
        unique_id: 'A0B0C0_chime',
        name: 'Chime',
        command_topic: set('clip'),
        available_tones: ['door bell', 'alarm'],
        support_duration: false,
      },
      trigger: {
        platform: 'device_automation',
        automation_type: 'trigger',
        type: 'announcement',
        subtype: 'done',
        topic: 'house/speaker/event',
        value_template: '{{ value_json.status }}',
        payload: 'done',
      },
    },
  };
}
