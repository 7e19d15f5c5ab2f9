import type { CommandError } from './command-error.ts';
import { type CommandSpec, defineCommand, type Plan } from './command-spec.ts';
import { type Amount, booleanOrToggle, volume } from './readers.ts';
import { err, ok, type Result } from './result.ts';
import type { Seat } from './state.ts';

/** What the volume commands of players and of groups have in common: where they go, and what is known. */
export interface VolumeTarget {
  readonly whose: string;
  readonly aim: 'player' | 'group';
  readonly namespace: string;
  /** The path of the target's volume; an error when there is no such target. */
  readonly path: (seat: Seat) => Result<string, CommandError>;
  /** Why no volume of it can be set; null when one can. */
  readonly fixed: (seat: Seat) => CommandError | null;
  /** What Sonos' refusal means; null when it says so itself. */
  readonly refused: CommandSpec['refused'];
  readonly known: (seat: Seat) => { readonly volume: number | null; readonly muted: boolean | null } | null;
}

const within = (level: number): number => Math.min(100, Math.max(0, level));

const clamped = (by: number): number => Math.min(100, Math.max(-100, by));

/** Two volume commands in a row as one: a later level wins, steps add up. */
export function combinedVolume(earlier: Amount, later: Amount): Amount {
  if ('to' in later) return later;
  return 'to' in earlier ? { to: within(earlier.to + later.by) } : { by: clamped(earlier.by + later.by) };
}

function call(
  target: VolumeTarget,
  seat: Seat,
  tail: string,
  body: NonNullable<Plan['body']>,
): Result<Plan, CommandError> {
  const fixed = target.fixed(seat);
  if (fixed !== null) return err(fixed);
  const path = target.path(seat);
  return path.ok ? ok({ method: 'POST', path: `${path.value}${tail}`, body }) : path;
}

/** Sets or steps a volume; a step is not the same when done twice, so it is never repeated. */
export function volumeCommand(target: VolumeTarget): CommandSpec {
  return defineCommand<Amount>({
    describe: `Sets the volume of ${target.whose}, or moves it by a step.`,
    value: volume,
    aim: target.aim,
    reads: [target.namespace],
    repeatable: (value) => 'to' in value,
    refused: target.refused,
    combined: combinedVolume,
    plan: (value, seat) =>
      'to' in value
        ? call(target, seat, '', { volume: value.to })
        : call(target, seat, '/relative', { volumeDelta: value.by }),
    seen: ({ value, before, now }) => {
      const level = target.known(now)?.volume ?? null;
      if (level === null) return 'not_yet';
      if ('to' in value) return level === value.to ? 'seen' : 'not_yet';
      const start = target.known(before)?.volume ?? null;
      const moved = start !== null && Math.sign(level - start) === Math.sign(value.by);
      const atEnd = value.by > 0 ? level === 100 : level === 0;
      return moved || atEnd || value.by === 0 ? 'seen' : 'not_yet';
    },
  });
}

/** Mutes or unmutes. `toggle` is decided by what is known when the call is sent. */
export function muteCommand(target: VolumeTarget): CommandSpec {
  const wanted = (value: boolean | 'toggle', seat: Seat): boolean =>
    value === 'toggle' ? target.known(seat)?.muted !== true : value;
  return defineCommand<boolean | 'toggle'>({
    describe: `Mutes ${target.whose}, or ends it.`,
    value: booleanOrToggle,
    aim: target.aim,
    reads: [target.namespace],
    repeatable: (value) => value !== 'toggle',
    refused: target.refused,
    plan: (value, seat) => call(target, seat, '/mute', { muted: wanted(value, seat) }),
    seen: ({ value, before, now }) =>
      target.known(now)?.muted === wanted(value, before) ? 'seen' : 'not_yet',
  });
}
