import { present } from '../room-picture.ts';
import { valueAt } from '../same.ts';
import type { Json } from '../sonos.ts';
import type { Household, Seat } from '../state.ts';
import type { LoadedAt } from './content.ts';
import { type Cell, cellsOf, type Forming, formed, type Wanted } from './formation.ts';
import { musicSteps } from './music-steps.ts';
import { contentWordOf, type Preset, type RoomSettings, type Together, togetherOf } from './preset.ts';
import { createRoomFinder, isSeat, PHASES, type Phase, type Step, type Unreachable } from './steps.ts';

/** What leads from how the house is to a preset. */
export interface Plan {
  /** In the order in which they are to be done. */
  readonly steps: readonly Step[];
  readonly unreachable: readonly Unreachable[];
}

/** What a preset can want of a room: the command that sets it, and where in the room's state it shows. */
const SETTINGS: Readonly<Record<keyof RoomSettings, { readonly command: string; readonly path: string }>> = {
  volume: { command: 'volume', path: 'volume' },
  muted: { command: 'mute', path: 'muted' },
  volume_limit: { command: 'volume_limit', path: 'volume_limit' },
  night_mode: { command: 'night_mode', path: 'home_theater.night_mode' },
  dialog: { command: 'dialog', path: 'home_theater.dialog' },
};

/** A volume that is not known may be a loud one. */
const isLouder = (setting: string, now: Json, wanted: Json): boolean =>
  setting === 'muted'
    ? wanted === false
    : typeof now === 'number' && typeof wanted === 'number' && now < wanted;

/** What is still to be set in a room. */
function settingSteps(seat: Seat, settings: RoomSettings): Step[] {
  const picture = present(seat);
  const room = seat.room.address;
  return Object.entries(SETTINGS).flatMap(([setting, { command, path }]): Step[] => {
    const wanted = settings[setting as keyof RoomSettings];
    const now = valueAt(picture, path);
    if (wanted === undefined || now === wanted) return [];
    const phase: Phase = isLouder(setting, now, wanted) ? 'louder' : 'quieter';
    return [{ phase, room, command, value: wanted, fields: {}, together: null }];
  });
}

/** The parts of a plan, as they are found. */
interface Draft {
  readonly steps: Step[];
  readonly unreachable: Unreachable[];
}

function planRooms(household: Household, rooms: NonNullable<Preset['rooms']>, draft: Draft): void {
  const find = createRoomFinder(household);
  for (const [word, settings] of Object.entries(rooms)) {
    const found = find(word);
    if (isSeat(found)) draft.steps.push(...settingSteps(found, settings));
    else {
      const wanted = Object.entries(SETTINGS).filter(([setting]) => Object.hasOwn(settings, setting));
      for (const [, { command }] of wanted) draft.unreachable.push({ room: word, command, error: found });
    }
  }
}

/** A group of a preset with those of its rooms that are there. */
interface Resolved extends Wanted {
  readonly together: Together;
  readonly index: number;
  readonly seats: readonly [Seat, ...Seat[]];
}

function resolved(household: Household, preset: Preset, draft: Draft): Resolved[] {
  const find = createRoomFinder(household);
  return togetherOf(preset).flatMap((together, index) => {
    const found = together.rooms.map((word) => [word, find(word)] as const);
    for (const [room, error] of found)
      if (!isSeat(error)) draft.unreachable.push({ room, command: 'group', error });
    const [first, ...others] = found.map(([, each]) => each).filter(isSeat);
    if (first === undefined) return [];
    const seats = [first, ...others] as const;
    const playerIds = [first.player.id, ...others.map(({ player }) => player.id)] as const;
    return [{ together, index, seats, playerIds, keepsMusic: contentWordOf(together) === null }];
  });
}

const cellOf = (cells: readonly Cell[], { playerIds: [first] }: Wanted): Cell | undefined =>
  cells.find((cell) => cell.playerIds.includes(first));

function groupSteps({ wanted: { seats, index }, host }: Forming<Resolved>): Step[] {
  const value = seats.filter(({ player }) => player.id !== host).map(({ room }) => room.address);
  return seats.flatMap(({ player, room }): Step[] =>
    player.id === host
      ? [{ phase: 'group', room: room.address, command: 'group', value, fields: {}, together: index }]
      : [],
  );
}

const byPhase = (a: Step, b: Step): number => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase);

/** The fewest commands that lead from how the household is now to the preset; none for what is so already. */
export function planOf(household: Household, preset: Preset, loadedAt: LoadedAt): Plan {
  const draft: Draft = { steps: [], unreachable: [] };
  planRooms(household, preset.rooms ?? {}, draft);
  const all = resolved(household, preset, draft);
  const { formings, cells } = formed(cellsOf(household), all);
  draft.steps.push(...formings.flatMap(groupSteps));
  for (const each of all) {
    const stage = {
      host: each.seats[0],
      origin: cellOf(cells, each)?.origin ?? null,
      together: each.index,
    };
    draft.steps.push(...musicSteps(each.together, stage, loadedAt));
  }
  return { steps: draft.steps.toSorted(byPhase), unreachable: draft.unreachable };
}
