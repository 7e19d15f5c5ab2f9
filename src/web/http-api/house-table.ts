import { CLOUD_LIMITS, limitError } from '../../bridge/cloud-limits.ts';
import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { playback } from '../../bridge/namespaces/playback.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import { type Household, type Room, seatOf } from '../../bridge/state.ts';
import type { WebQuestion } from '../options.ts';
import { zonesOf } from './state.ts';
import { ACTIONS, type Deed, question, type Row, type Supported, unsupported } from './table.ts';
import { readClip, readSay } from './words.ts';

/** A call that names no room. */
export interface HouseCall {
  readonly households: readonly Household[];
  readonly args: readonly string[];
  readonly query: string;
  readonly now: number;
  /** Which rooms the last `pauseall` silenced, by household. */
  readonly paused: Map<string, readonly string[]>;
}

const roomsThere = (household: Household): readonly Room[] =>
  [...household.rooms.values()].filter((room) => seatOf(household, room.playerId) !== null);

/** The coordinators' rooms of the groups that play. */
const playing = (household: Household): readonly Room[] =>
  [...(household.topology?.groups.values() ?? [])].flatMap((group) => {
    const state = playback.slice(household.groups.get(group.id))?.state;
    const plays = state === 'playing' || state === 'buffering';
    return plays ? (seatOf(household, group.coordinatorId)?.room ?? []) : [];
  });

const delays = (word: string): { readonly ok: false; readonly error: CommandError } =>
  err(limitError(word, CLOUD_LIMITS.delays));

const pauseAll = ({ households, args, paused }: HouseCall): Result<Deed, CommandError> => {
  if (Number(args[0] ?? 0) !== 0) return delays('pauseall/<minutes>');
  const ask = households.flatMap((household) => {
    const rooms = playing(household);
    paused.set(
      household.id,
      rooms.map((room) => room.playerId),
    );
    return rooms.map((room) => question(household, room, 'pause', {}));
  });
  return ok({ ask });
};

const resumeAll = ({ households, args, paused }: HouseCall): Result<Deed, CommandError> => {
  if (Number(args[0] ?? 0) !== 0) return delays('resumeall/<minutes>');
  const ask = households.flatMap((household) =>
    (paused.get(household.id) ?? [])
      .flatMap((playerId) => household.rooms.get(playerId) ?? [])
      .map((room) => question(household, room, 'play', {})),
  );
  // A second call must not start what was paused since.
  paused.clear();
  return ok({ ask });
};

const nobody = err(
  commandError('not_linked', 'No room is online.', 'Open the page of the bridge: is an account linked?'),
);

const announced =
  (read: (args: readonly string[], query: string) => Result<WebQuestion['payload'], CommandError>) =>
  ({ households, args, query }: HouseCall): Result<Deed, CommandError> => {
    const payload = read(args, query);
    if (!payload.ok) return payload;
    const ask = households.flatMap((household): WebQuestion[] => {
      const rooms = roomsThere(household).length;
      const one = { household: household.alias, room: 'all', command: 'announce' };
      return rooms === 0 ? [] : [{ ...one, payload: payload.value, answers: rooms }];
    });
    return ask.length === 0 ? nobody : ok({ ask });
  };

const everywhere = (
  command: string,
  args: string,
  note: string,
  act: Supported<HouseCall>['act'],
): Supported<HouseCall> => ({ kind: 'supported', becomes: [command], args, note, act });

const { locks, events, presets, local } = CLOUD_LIMITS;

/** What may stand where a room would, in lower case. */
export const HOUSE_ACTIONS: Readonly<Record<string, Row<HouseCall>>> = {
  zones: {
    kind: 'supported',
    becomes: [],
    args: '',
    note: 'every household’s groups',
    act: ({ households, now }) => ok({ show: households.flatMap((household) => zonesOf(household, now)) }),
  },
  pauseall: everywhere('pause', '', 'every group that plays; no minutes', pauseAll),
  resumeall: everywhere('play', '', 'what the last `pauseall` paused; no minutes', resumeAll),
  sayall: everywhere(
    'announce',
    ACTIONS.say?.kind === 'supported' ? ACTIONS.say.args : '',
    'in every room',
    announced(readSay),
  ),
  clipall: everywhere(
    'announce',
    ACTIONS.clip?.kind === 'supported' ? ACTIONS.clip.args : '',
    'in every room',
    announced(readClip),
  ),
  preset: unsupported(presets),
  presets: unsupported(presets),
  saypreset: unsupported(presets),
  clippreset: unsupported(presets),
  lockvolumes: unsupported(locks),
  unlockvolumes: unsupported(locks),
  events: unsupported(events),
  reindex: unsupported(local),
  services: unsupported(local),
  debug: unsupported(local),
};
