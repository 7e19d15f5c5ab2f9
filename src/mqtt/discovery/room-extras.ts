import { ANNOUNCEMENT_STATUSES } from '../../bridge/announcement-statuses.ts';
import { namespaces } from '../../bridge/namespaces/index.ts';
import type { Component, Subject } from './component.ts';
import { at, literal, show } from './templates.ts';

/** The steps of it that automations begin with. */
const TRIGGERS = ['playing', 'done', 'failed'] as const;

const only = (condition: string, text: string): string => `{% if ${condition} %}{{ ${text} }}{% endif %}`;
const is = (eventType: string): string => `${at('event_type')} == ${literal(eventType)}`;

/** What happens in a room that is no announcement. */
const HAPPENINGS = namespaces.flatMap((row) => Object.keys(row.happenings));

const announcementEvent = ({ topic }: Subject): Component => ({
  platform: 'event',
  name: 'Announcement',
  icon: 'mdi:bullhorn-variant',
  state_topic: topic('event'),
  // Each step of an announcement's life is an event type of its own, for automations to choose from.
  value_template: only(is('announcement'), 'dict(value_json, event_type=value_json.status) | tojson'),
  event_types: [...ANNOUNCEMENT_STATUSES],
});

const otherEvent = ({ topic }: Subject): Component => ({
  platform: 'event',
  name: 'Event',
  icon: 'mdi:alert-circle-outline',
  entity_category: 'diagnostic',
  state_topic: topic('event'),
  value_template: only(`${at('event_type')} in ${literal(HAPPENINGS)}`, 'value'),
  event_types: [...HAPPENINGS],
});

const SIREN_ON =
  '{"announce": dict({"chime": tone | default(CHIME, true)}, **({"volume": (volume_level * 100) | round | int} if volume_level is number else {}))}';

function siren({ topic }: Subject, chimes: readonly string[]): Component {
  const [first = ''] = chimes;
  return {
    platform: 'siren',
    name: 'Chime',
    icon: 'mdi:bell-ring',
    command_topic: topic('set'),
    command_template: show(`${SIREN_ON.replace('CHIME', literal(first))} | tojson`),
    command_off_template: show('{"cancel": none} | tojson'),
    state_topic: topic(),
    state_value_template: show(`"ON" if ${at('announcing')} else "OFF"`),
    available_tones: [...chimes],
    support_duration: false,
    support_volume_set: true,
  };
}

const connected = ({ topic, availability }: Subject): Component => ({
  platform: 'binary_sensor',
  name: 'Connected',
  device_class: 'connectivity',
  entity_category: 'diagnostic',
  state_topic: topic('availability'),
  payload_on: 'online',
  payload_off: 'offline',
  // It says so itself when the room is away.
  availability: availability.slice(0, 1),
  availability_mode: 'all',
});

const trigger = ({ topic }: Subject, subtype: string, type: string, template: string): Component => ({
  platform: 'device_automation',
  automation_type: 'trigger',
  type,
  subtype,
  topic: topic('event'),
  value_template: template,
  payload: type,
});

/** The attributes that media players made from a room's entities show, in Home Assistant's words. */
export const PLAYER_ATTRIBUTES = show(
  `{${[
    `"volume_level": ${at('volume')} / 100 if ${at('volume')} is number else none`,
    `"is_volume_muted": ${at('muted')}`,
    `"media_title": ${at('track.title')}`,
    `"media_artist": ${at('track.artist')}`,
    `"media_album_name": ${at('track.album')}`,
    `"media_duration": ${at('track.duration')}`,
    `"media_position": ${at('position.seconds')}`,
    `"media_position_updated_at": ${at('position.at')}`,
    `"media_image_url": ${at('track.image')}`,
    `"source": ${at('source.name')}`,
    `"shuffle": ${at('play_modes.shuffle')}`,
    `"repeat": ${at('play_modes.repeat')}`,
    `"group_members": ${at('group.members')}`,
  ].join(', ')}} | tojson`,
);

/** What a room's device has beside the entities of the table: events, triggers, the chimes, and whether it is there. */
export function roomExtras(subject: Subject, chimes: readonly string[]): Record<string, Component> {
  const { capabilities } = subject.picture;
  const canAnnounce = Array.isArray(capabilities) && capabilities.includes('audio_clip');
  const lives = TRIGGERS.map(
    (step) =>
      [
        `announcement_${step}`,
        trigger(subject, 'announcement', step, only(is('announcement'), at('status'))),
      ] as const,
  );
  return {
    ...(canAnnounce
      ? {
          announcement: announcementEvent(subject),
          ...(chimes.length === 0 ? {} : { chime: siren(subject, chimes) }),
          ...Object.fromEntries(lives),
        }
      : {}),
    happening: otherEvent(subject),
    playback_error: trigger(
      subject,
      'playback',
      'playback_error',
      only(is('playback_error'), at('event_type')),
    ),
    connected: connected(subject),
  };
}
