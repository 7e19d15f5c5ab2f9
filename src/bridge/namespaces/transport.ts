import type { CommandError } from '../command-error.ts';
import type { CommandSpec, Plan, Witness } from '../command-spec.ts';
import { defineCommand } from '../command-spec.ts';
import { type Amount, boolean, nothing, oneOf, seconds } from '../readers.ts';
import { ok, type Result } from '../result.ts';
import { groupPathOf } from '../seat-group.ts';
import type { Json } from '../sonos.ts';
import type { Seat } from '../state.ts';
import { metadataAt, type Playback, playbackAt } from './playback-slice.ts';

const post = (
  seat: Seat,
  command: string,
  body?: { readonly [key: string]: Json },
): Result<Plan, CommandError> => {
  const path = groupPathOf(seat);
  return path.ok
    ? ok({
        method: 'POST',
        path: `${path.value}/playback/${command}`,
        ...(body === undefined ? {} : { body }),
      })
    : path;
};

const common = { aim: 'group', reads: ['playback'] } as const;

const stateIs =
  (...states: readonly NonNullable<Playback['state']>[]) =>
  ({ now }: Witness<null>) => {
    const state = playbackAt(now)?.state ?? null;
    return state !== null && states.includes(state) ? 'seen' : 'not_yet';
  };

/** More than the clock would have moved it between two looks. */
const JUMP_S = 2;

function jumped({ before, now, at }: Witness<unknown>): boolean {
  const [earlier, later] = [playbackAt(before), playbackAt(now)];
  if (earlier?.position == null || later?.position == null || earlier.position === later.position)
    return false;
  const passed = earlier.state === 'playing' ? (later.position.at - earlier.position.at) / 1000 : 0;
  return (
    at >= later.position.at && Math.abs(later.position.seconds - (earlier.position.seconds + passed)) > JUMP_S
  );
}

/** Without knowing what played before, nothing can be called another item. */
function otherItem({ before, now }: Witness<unknown>): boolean {
  const [was, is] = [playbackAt(before), playbackAt(now)];
  const [earlier, later] = [metadataAt(before), metadataAt(now)];
  return (
    (was !== null && is !== null && is.itemId !== null && is.itemId !== was.itemId) ||
    (earlier !== null && later !== null && later.itemId !== earlier.itemId)
  );
}

const skip = (describe: string, command: string): CommandSpec =>
  defineCommand<null>({
    ...common,
    describe,
    value: nothing,
    reads: ['playback', 'playbackMetadata'],
    repeatable: () => false,
    plan: (_value, seat) => post(seat, command),
    seen: (witness) => (otherItem(witness) || jumped(witness) ? 'seen' : 'not_yet'),
  });

const reached = (witness: Witness<Amount>): boolean => {
  const position = playbackAt(witness.now)?.position ?? null;
  if (position === null || !('to' in witness.value)) return false;
  const news = position !== (playbackAt(witness.before)?.position ?? null);
  return news && Math.abs(position.seconds - witness.value.to) <= JUMP_S;
};

const mode = <Value>(
  describe: string,
  value: CommandSpec<Value>['value'],
  modes: (value: Value) => { readonly [key: string]: Json },
  now: (playback: Playback) => Value | null,
): CommandSpec =>
  defineCommand<Value>({
    ...common,
    describe,
    value,
    plan: (wanted, seat) => post(seat, 'playMode', { playModes: modes(wanted) }),
    seen: (witness) => {
      const playback = playbackAt(witness.now);
      return playback !== null && now(playback) === witness.value ? 'seen' : 'not_yet';
    },
  });

/** The transport and play mode commands (docs.sonos.com, "playback"). */
export const transport: Readonly<Record<string, CommandSpec>> = {
  play: defineCommand<null>({
    ...common,
    describe: "Plays the room's group.",
    value: nothing,
    plan: (_value, seat) => post(seat, 'play'),
    seen: stateIs('playing'),
  }),
  pause: defineCommand<null>({
    ...common,
    describe: "Pauses the room's group; live radio stops.",
    value: nothing,
    plan: (_value, seat) => post(seat, 'pause'),
    seen: stateIs('paused', 'idle'),
  }),
  toggle: defineCommand<null>({
    ...common,
    describe: 'Plays when it is silent, pauses when it plays.',
    value: nothing,
    repeatable: () => false,
    plan: (_value, seat) => post(seat, 'togglePlayPause'),
    seen: ({ before, now }) => {
      const [was, is] = [playbackAt(before)?.state ?? null, playbackAt(now)?.state ?? null];
      const plays = was === 'playing' || was === 'buffering';
      return (plays ? is === 'paused' || is === 'idle' : is === 'playing') ? 'seen' : 'not_yet';
    },
  }),
  next: skip('Skips to the next track.', 'skipToNextTrack'),
  previous: skip('Skips to the previous track.', 'skipToPreviousTrack'),
  seek: defineCommand<Amount>({
    ...common,
    describe: 'Moves to a position in the track, or jumps from where it is.',
    value: seconds,
    repeatable: (value) => 'to' in value,
    plan: (value, seat) =>
      'to' in value
        ? post(seat, 'seek', { positionMillis: Math.round(value.to * 1000) })
        : post(seat, 'seekRelative', { deltaMillis: Math.round(value.by * 1000) }),
    seen: (witness) => (reached(witness) || jumped(witness) || otherItem(witness) ? 'seen' : 'not_yet'),
  }),
  shuffle: mode(
    'Shuffles the queue, or plays it in order.',
    boolean,
    (shuffle) => ({ shuffle }),
    (p) => p.modes.shuffle,
  ),
  repeat: mode(
    'Repeats nothing, everything or the one track.',
    oneOf(['off', 'all', 'one']),
    (word) => ({ repeat: word === 'all', repeatOne: word === 'one' }),
    (p) => p.modes.repeat,
  ),
  crossfade: mode(
    'Fades from track to track.',
    boolean,
    (crossfade) => ({ crossfade }),
    (p) => p.modes.crossfade,
  ),
};
