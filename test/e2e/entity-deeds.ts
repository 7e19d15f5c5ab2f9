import type { Entity } from '../support/home-assistant/entity.ts';
import { told } from '../support/home-assistant/entity.ts';
import type { Action } from '../support/home-assistant/service-calls.ts';

/** What is called at Sonos for each command that an entity can stand for. */
export const CALLS: Readonly<Record<string, RegExp>> = {
  play: /^POST .*\/groups\/.*\/playback\/play$/,
  pause: /^POST .*\/groups\/.*\/playback\/pause$/,
  toggle: /^POST .*\/groups\/.*\/playback\/togglePlayPause$/,
  next: /^POST .*\/groups\/.*\/playback\/skipToNextTrack$/,
  previous: /^POST .*\/groups\/.*\/playback\/skipToPreviousTrack$/,
  seek: /^POST .*\/groups\/.*\/playback\/seek$/,
  volume: /^POST .*\/players\/.*\/playerVolume$/,
  mute: /^POST .*\/players\/.*\/playerVolume\/mute$/,
  group_volume: /^POST .*\/groups\/.*\/groupVolume$/,
  group_mute: /^POST .*\/groups\/.*\/groupVolume\/mute$/,
  shuffle: /^POST .*\/groups\/.*\/playback\/playMode$/,
  repeat: /^POST .*\/groups\/.*\/playback\/playMode$/,
  crossfade: /^POST .*\/groups\/.*\/playback\/playMode$/,
  favorite: /^POST .*\/groups\/.*\/favorites$/,
  playlist: /^POST .*\/groups\/.*\/playlists$/,
  group: /^POST .*\/groups\/.*\/groups\/setGroupMembers$/,
  join: /^POST .*\/groups\/.*\/groups\/modifyGroupMembers$/,
  leave: /^POST .*\/groups\/.*\/groups\/modifyGroupMembers$/,
  announce: /^POST .*\/players\/.*\/audioClip$/,
  clip: /^POST .*\/players\/.*\/audioClip$/,
  stream: /^POST .*\/playbackSessions?\/.*\/loadStreamUrl$/,
  line_in: /^POST .*\/groups\/.*\/playback\/lineIn$/,
  tv: /^POST .*\/players\/.*\/homeTheater$/,
  night_mode: /^POST .*\/players\/.*\/homeTheater\/options$/,
  dialog: /^POST .*\/players\/.*\/homeTheater\/options$/,
  tv_power: /^POST .*\/players\/.*\/homeTheater\/tvPowerState$/,
  mono: /^POST .*\/players\/.*\/settings\/player$/,
  volume_limit: /^POST .*\/players\/.*\/settings\/player$/,
  refresh: /^GET .*\/households\/.*\/groups$/,
  resubscribe: /^POST .*\/subscription$/,
};

/** What a command is at its topic: the address, and the names of the commands, of which `set` takes several. */
export function commandsAt(topic: string, payload: string) {
  const [, address = '', command] = /^(.*)\/set(?:\/([^/]+))?$/.exec(topic) ?? [];
  return { address, commands: command === undefined ? Object.keys(JSON.parse(payload)) : [command] };
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function another({ spec, state }: Entity): number {
  const { min = 1, max = 100, step = 1 } = spec;
  const value = Number.isFinite(Number(state)) ? Number(state) : Number(min);
  const far = Number(step) * 5;
  return value + far <= Number(max) ? value + far : value - far;
}

/** Something that a person would do with an entity, and that changes something. */
export function actionFor(entity: Entity): Action | null {
  switch (entity.platform) {
    case 'button':
      return { call: 'press' };
    case 'number':
      return { call: 'set_value', value: another(entity) };
    case 'switch':
      return { call: entity.state === 'on' ? 'turn_off' : 'turn_on' };
    case 'select': {
      const option = list(entity.spec.options).find((each) => each !== entity.state);
      return option === undefined ? null : { call: 'select_option', option };
    }
    case 'text':
      return { call: 'set_value', value: `"Tea" & it's <hot> – ready, 20 €\\` };
    case 'notify':
      return { call: 'send_message', message: `The "door" & it's <open>, {{ 1 + 1 }}\nat 20:15.` };
    case 'siren': {
      const [tone] = list(entity.spec.available_tones);
      return { call: 'turn_on', volume_level: 0.3, ...(tone === undefined ? {} : { tone }) };
    }
    default:
      return null;
  }
}

/** What the entity is to show afterwards; null when it shows nothing of the kind. */
export function stateAfterAction(entity: Entity, action: Action): string | null {
  // A siren is on for as long as it sounds, which is over before one looks.
  if (told(entity.spec, 'state_topic') === null || entity.platform === 'siren') return null;
  switch (action.call) {
    case 'set_value':
      return String(action.value);
    case 'select_option':
      return action.option;
    case 'turn_on':
      return 'on';
    case 'turn_off':
      return 'off';
    default:
      return null;
  }
}

const parsed = (payload: string): unknown => {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
};

/** Whether a message says, letter by letter, what somebody wanted to be said; true where nothing was. */
export function isSaid(entity: Entity, action: Action, payload: string): boolean {
  const words =
    action.call === 'send_message' ? action.message : action.call === 'set_value' ? action.value : null;
  if (words === null || entity.platform === 'number' || payload === words) return true;
  const body = parsed(payload);
  return typeof body === 'object' && body !== null && Object.values(body).includes(words);
}
