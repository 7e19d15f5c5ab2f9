import { type CommandError, commandError } from './command-error.ts';

/** Something that older bridges do over the local network, and Sonos' cloud does not offer. */
export interface CloudLimit {
  readonly why: string;
  /** What to use instead. */
  readonly instead: string;
}

/** What the cloud cannot do, by subject. */
export const CLOUD_LIMITS = {
  queue: {
    why: "Sonos' cloud neither shows the queue nor lets one choose in it or empty it.",
    instead:
      'Load a favorite or a Sonos playlist, which may be appended; or play a "queue" of your own files.',
  },
  uri: {
    why: "Sonos' cloud plays no address of the local protocol.",
    instead: 'Use "stream" for a live stream, "queue" for files, or "announce" with a url for a short sound.',
  },
  search: {
    why: "Sonos' cloud searches neither music services nor a library.",
    instead: 'Save what you want as a Sonos favorite or playlist, and load it by name.',
  },
  timer: {
    why: "Sonos' cloud has no sleep timer; the bridge has one of its own.",
    instead: 'Send minutes to the command "sleep" of the room.',
  },
  alarms: {
    why: "Sonos' cloud neither shows nor changes alarms.",
    instead: 'Use the Sonos app, or "wake" and the schedules of the bridge.',
  },
  tone: {
    why: "Sonos' cloud has no tone, balance, sub or surround settings.",
    instead: 'Set them in the Sonos app; "night_mode" and "dialog" can be set here.',
  },
  hardware: {
    why: "Sonos' cloud switches neither the light nor the buttons of a speaker.",
    instead: 'Use the Sonos app.',
  },
  local: {
    why: "Calls of the speakers' local protocol do not exist in Sonos' cloud.",
    instead: "Use the bridge's commands; see its documentation.",
  },
  presets: {
    why: 'The bridge reads no preset files.',
    instead: 'Give the state a name in the setting "presets", and send that name to "bridge/set/preset".',
  },
  delays: {
    why: 'The bridge keeps no timers for single commands.',
    instead: 'Use "sleep", or a schedule; or let what calls the bridge wait, and call then.',
  },
  locks: {
    why: 'The bridge does not hold volumes by setting them back.',
    instead: 'Set "volume_limit", or "volume.ceilings" in the settings.',
  },
  events: {
    why: 'There is no stream of events at this address.',
    instead: 'Subscribe to the rooms over MQTT.',
  },
  settings: {
    why: 'The log is set in the settings only.',
    instead: 'Set log.level, and restart the bridge.',
  },
} as const satisfies Readonly<Record<string, CloudLimit>>;

/** The answer to one who asks for it. */
export const limitError = (word: string, { why, instead }: CloudLimit): CommandError =>
  commandError('not_capable', `"${word}" is not possible: ${why}`, instead);
