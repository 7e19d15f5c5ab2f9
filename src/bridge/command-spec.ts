import type { CommandError } from './command-error.ts';
import type { Reader } from './readers.ts';
import type { Result } from './result.ts';
import type { CallPriority, Json, SonosCall, SonosError } from './sonos.ts';
import type { Seat } from './state.ts';

/** What a call says of a target, taken in like an event: a row's `answers` names the type and what its body holds. */
export interface Told {
  readonly namespace: string;
  readonly type: string;
  readonly target: string;
  readonly body: Json;
}

/** The call that a command becomes; the engine adds household, priority and whether it may be repeated. */
export interface Plan {
  readonly method: SonosCall['method'];
  readonly path: string;
  readonly body?: { readonly [key: string]: Json };
  /** The call that follows when Sonos took this one, made of its answer; what is witnessed is the effect of the last. */
  readonly next?: (answer: unknown, seat: Seat) => Result<Plan, CommandError>;
  /** What is so as soon as the call is on its way. */
  readonly first?: Told;
  /** What Sonos' answer says beyond "done"; null when nothing. */
  readonly tells?: (answer: unknown, seat: Seat) => Told | null;
  /** What is so when Sonos says that the call's target is gone. */
  readonly gone?: Told;
}

/** What the state says about a command that Sonos took: its effect shows, not yet, or it went wrong after all. */
export type Evidence = 'seen' | 'not_yet' | CommandError;

/** What there is to judge by: the room before the call and now, the value, and Sonos' answer to the call. */
export interface Witness<Value> {
  readonly value: Value;
  readonly before: Seat;
  readonly now: Seat;
  readonly answer: unknown;
  /** Wall time now, milliseconds. */
  readonly at: number;
}

/** The evidence for what shows nowhere: that Sonos took it. A lost answer, or a refusal, is none. */
export const acceptance = ({ answer }: Witness<unknown>): Evidence => (answer === null ? 'not_yet' : 'seen');

/** One command of the contract (§3), as a row of the table describes it. */
export interface CommandSpec<Value = unknown> {
  /** One sentence for the documentation. */
  readonly describe: string;
  readonly value: Reader<Value>;
  /** Whom the call addresses. `household`: it changes who plays with whom, so nothing runs beside it. */
  readonly aim: 'player' | 'group' | 'household';
  /** True when doing it twice is the same as doing it once. */
  readonly repeatable: (value: Value) => boolean;
  readonly priority: CallPriority;
  /** The household lists that it looks names up in; read first when they are missing. */
  readonly needs: readonly string[];
  /** URLs that players would be sent to fetch; a policy may forbid them. */
  readonly urls: (value: Value) => readonly string[];
  /** The namespaces that are read when no event shows the effect. */
  readonly reads: readonly string[];
  /** The call; null when there is nothing to do, because it is so already. */
  readonly plan: (value: Value, seat: Seat) => Result<Plan | null, CommandError>;
  readonly seen: (witness: Witness<Value>) => Evidence;
  /** What Sonos' refusal means, where it says more than its words; null when it does not. */
  readonly refused: (error: SonosError, seat: Seat) => CommandError | null;
  /** One value that does what two in a row would; only for volumes. */
  readonly combined: ((earlier: Value, later: Value) => Value) | null;
}

type Optional = 'needs' | 'urls' | 'priority' | 'repeatable' | 'refused' | 'combined';

/** Makes a command. Its value's type is known inside and nowhere else: the engine only hands it through. */
export function defineCommand<Value>(
  spec: Omit<CommandSpec<Value>, Optional> & Partial<Pick<CommandSpec<Value>, Optional>>,
): CommandSpec {
  const whole: CommandSpec<Value> = {
    needs: [],
    urls: () => [],
    priority: 'command',
    repeatable: () => true,
    refused: () => null,
    combined: null,
    ...spec,
  };
  // Every value that reaches the functions of a spec was read by its own reader.
  return whole as unknown as CommandSpec;
}
