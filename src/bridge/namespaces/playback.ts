import { z } from 'zod';
import { maybe, sonosId, sonosNumber } from '../lenient.ts';
import { groupPath } from '../paths.ts';
import { defineNamespace, on, roomPart } from './define.ts';
import { lineIn } from './line-in.ts';
import type { Playback } from './playback-slice.ts';
import { transport } from './transport.ts';

const maybeTrue = maybe(z.boolean());

/** The body of a `playbackStatus` event or read (docs.sonos.com, "playback"). */
const playbackStatusBody = z.object({
  playbackState: z.string(),
  positionMillis: maybe(sonosNumber),
  itemId: maybe(sonosId),
  playModes: maybe(
    z.object({ repeat: maybeTrue, repeatOne: maybeTrue, shuffle: maybeTrue, crossfade: maybeTrue }),
  ),
  availablePlaybackActions: maybe(z.record(z.string(), z.unknown())),
});

/** The body of a `playbackError` event; it may lack everything but the code (docs.sonos.com, "playback objects"). */
const playbackErrorBody = z.object({
  errorCode: z.string(),
  reason: maybe(z.string()),
  trackName: maybe(z.string()),
});

const STATES: ReadonlyMap<string, NonNullable<Playback['state']>> = new Map([
  ['PLAYBACK_STATE_PLAYING', 'playing'],
  ['PLAYBACK_STATE_PAUSED', 'paused'],
  ['PLAYBACK_STATE_IDLE', 'idle'],
  ['PLAYBACK_STATE_BUFFERING', 'buffering'],
]);

/** Our word for an action, and Sonos' flags of which any one allows it. There is no stop: pausing does it. */
const ACTIONS = [
  ['play', ['canPlay']],
  ['pause', ['canPause', 'canStop']],
  ['next', ['canSkip']],
  ['previous', ['canSkipToPrevious', 'canSkipBack']],
  ['seek', ['canSeek']],
  ['shuffle', ['canShuffle']],
  ['repeat', ['canRepeat']],
  ['repeat_one', ['canRepeatOne']],
  ['crossfade', ['canCrossfade']],
] as const;

/** Events do not come as time passes, so a position is only news when the clock would not have brought it there. */
const POSITION_TOLERANCE_S = 2;

/** Where the clock has brought a position that was told earlier: seconds. */
function positionAt(told: NonNullable<Playback['position']>, state: Playback['state'], at: number): number {
  const passed = state === 'playing' ? Math.max(0, at - told.at) / 1000 : 0;
  return told.seconds + passed;
}

function positionOf(
  body: z.output<typeof playbackStatusBody>,
  state: Playback['state'],
  earlier: Playback | null,
  at: number,
): Playback['position'] {
  if (body.positionMillis === null) return null;
  const told = { seconds: body.positionMillis / 1000, at };
  if (earlier?.position == null || earlier.state !== state || earlier.itemId !== body.itemId) return told;
  const expected = positionAt(earlier.position, state, at);
  return Math.abs(expected - told.seconds) <= POSITION_TOLERANCE_S ? earlier.position : told;
}

type Modes = z.output<typeof playbackStatusBody>['playModes'];

/** Sonos has two flags for one word. What an event leaves out stays as it was. */
function repeatOf(modes: Modes, earlier: Playback | null): Playback['modes']['repeat'] {
  if (modes?.repeatOne) return 'one';
  if (modes?.repeat) return 'all';
  const isSilent = modes === null || (modes.repeat === null && modes.repeatOne === null);
  return isSilent ? (earlier?.modes.repeat ?? null) : 'off';
}

function rememberStatus(
  body: z.output<typeof playbackStatusBody>,
  earlier: Playback | null,
  at: number,
): Playback {
  const state = STATES.get(body.playbackState) ?? null;
  const modes = body.playModes;
  const allowed = body.availablePlaybackActions;
  const tries = state === 'playing' || state === 'buffering';
  return {
    state,
    itemId: body.itemId,
    position: positionOf(body, state, earlier, at),
    modes: {
      shuffle: modes?.shuffle ?? earlier?.modes.shuffle ?? null,
      crossfade: modes?.crossfade ?? earlier?.modes.crossfade ?? null,
      repeat: repeatOf(modes, earlier),
    },
    actions:
      allowed === null
        ? (earlier?.actions ?? null)
        : ACTIONS.flatMap(([word, flags]) => (flags.some((flag) => allowed[flag] === true) ? [word] : [])),
    error: tries ? null : (earlier?.error ?? null),
  };
}

const playbackErrorHappening = z
  .object({
    event_type: z.literal('playback_error'),
    code: z.string().describe("Sonos' word for it."),
    reason: z.string().nullable(),
    track: z.string().nullable(),
  })
  .describe("The room's group cannot play, or stopped playing, for a reason.")
  .meta({
    examples: [
      { event_type: 'playback_error', code: 'ERROR_CANT_REACH_SERVER', reason: null, track: 'Kettle Song' },
    ],
  });

const trouble = (body: z.output<typeof playbackErrorBody>): z.output<typeof playbackErrorHappening>[] => [
  { event_type: 'playback_error', code: body.errorCode, reason: body.reason, track: body.trackName },
];

const REPEATS = ['off', 'all', 'one'] as const;

const roomSchema = z.object({
  state: z.enum(['playing', 'paused', 'idle', 'buffering']).nullable(),
  position: z
    .object({ seconds: z.number(), at: z.iso.datetime().describe('When it was there.') })
    .nullable()
    .describe('What the last event said; told again only when it is not where the clock has brought it.'),
  play_modes: z
    .object({
      shuffle: z.boolean().nullable(),
      repeat: z.enum(REPEATS).nullable(),
      crossfade: z.boolean().nullable(),
    })
    .nullable(),
  actions: z.array(z.string()).nullable().describe('What the source allows now.'),
});

/** Whether a group plays, where in the track it is, and how it goes on (docs.sonos.com, "playback"). */
export const playback = defineNamespace<Playback>({
  name: 'playback',
  target: 'group',
  events: {
    playbackStatus: on<Playback, typeof playbackStatusBody>(playbackStatusBody, rememberStatus),
    playbackError: on<Playback, typeof playbackErrorBody>(
      playbackErrorBody,
      ({ errorCode: code, reason }, earlier, at) => earlier && { ...earlier, error: { code, reason, at } },
      trouble,
    ),
  },
  snapshot: { path: (id) => `${groupPath(id)}/playback`, type: 'playbackStatus' },
  room: roomPart(roomSchema, (slice) => ({
    state: slice?.state ?? null,
    position: slice?.position
      ? { seconds: slice.position.seconds, at: new Date(slice.position.at).toISOString() }
      : null,
    play_modes: slice && { ...slice.modes },
    actions: slice?.actions ? [...slice.actions] : null,
  })),
  attributes: {
    state: 'state',
    shuffle: 'play_modes.shuffle',
    repeat: 'play_modes.repeat',
    crossfade: 'play_modes.crossfade',
  },
  commands: { ...transport, line_in: lineIn },
  happenings: { playback_error: playbackErrorHappening },
  entities: {
    state: {
      platform: 'sensor',
      name: 'State',
      icon: 'mdi:speaker',
      state: 'state',
      options: roomSchema.shape.state.unwrap().options,
    },
    play: { platform: 'button', name: 'Play', icon: 'mdi:play', command: 'play' },
    pause: { platform: 'button', name: 'Pause', icon: 'mdi:pause', command: 'pause' },
    toggle: { platform: 'button', name: 'Play or pause', icon: 'mdi:play-pause', command: 'toggle' },
    next: { platform: 'button', name: 'Next', icon: 'mdi:skip-next', command: 'next' },
    previous: { platform: 'button', name: 'Previous', icon: 'mdi:skip-previous', command: 'previous' },
    shuffle: {
      platform: 'switch',
      name: 'Shuffle',
      icon: 'mdi:shuffle-variant',
      state: 'play_modes.shuffle',
      command: 'shuffle',
    },
    repeat: {
      platform: 'select',
      name: 'Repeat',
      icon: 'mdi:repeat',
      options: () => REPEATS,
      state: 'play_modes.repeat',
      command: 'repeat',
    },
    crossfade: {
      platform: 'switch',
      name: 'Crossfade',
      icon: 'mdi:shuffle',
      category: 'config',
      state: 'play_modes.crossfade',
      command: 'crossfade',
    },
  },
});
