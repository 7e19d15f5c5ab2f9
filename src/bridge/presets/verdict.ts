import { type CommandError, commandError } from '../command-error.ts';
import type { Outcome, Reply } from '../replies.ts';
import type { Plan } from './plan.ts';
import { type Step, stepKey, type Unreachable } from './steps.ts';

/** How a step ended. */
export interface Report {
  readonly step: Step;
  readonly status: Reply['status'];
  readonly error: CommandError | null;
}

/** What a command of the house tells. */
export type Told = NonNullable<Outcome['result']>;

const unseen = commandError(
  'timeout',
  'Its effect does not show, or was undone.',
  'Look at the room, and apply it again.',
);

/** Whether it is content that Sonos took, and that was seen to play. */
export const isLoaded = ({ step, status }: Report): boolean =>
  step.phase === 'content' && status === 'confirmed';

const stepShown = ({ room, command, value, fields }: Step): Told => ({
  ...{ room, command },
  ...(value === null ? {} : { value: value as Told[string] }),
  ...(fields as Told),
});

const errorShown = ({ code, message, advice }: CommandError): Told => ({
  error: { code, message, ...(advice === undefined ? {} : { advice }) },
});

const reportShown = ({ step, status, error }: Report): Told => ({
  ...stepShown(step),
  status,
  ...(error === null ? {} : errorShown(error)),
});

const unreachableShown = ({ room, command, error }: Unreachable): Told => ({
  ...{ room, command, status: 'failed' },
  ...errorShown(error),
});

/** What would be done; nothing is sent. */
export const planned = ({ steps, unreachable }: Plan): Told => ({
  dry_run: true,
  done: 0,
  steps: [
    ...steps.map((step) => ({ ...stepShown(step), status: 'planned' })),
    ...unreachable.map(unreachableShown),
  ],
});

/** How a step ended in the light of what is still missing: what is so in the end counts, not how it was answered. */
function ended(report: Report, open: ReadonlySet<string>): Report {
  const { step, status, error } = report;
  if (isLoaded(report)) return report;
  if (!open.has(stepKey(step))) return { step, status: 'confirmed', error: null };
  return { step, status: status === 'confirmed' ? 'unconfirmed' : status, error: error ?? unseen };
}

/** The outcome of all that was done, where `left` is what is still missing. */
export function outcomeOf(what: string, reports: readonly Report[], left: Plan): Outcome {
  const known = new Set(reports.map(({ step }) => stepKey(step)));
  const untried = left.steps.filter((step) => !known.has(stepKey(step)));
  const all = [
    ...reports.map((report) => ended(report, new Set(left.steps.map(stepKey)))),
    ...untried.map((step): Report => ({ step, status: 'unconfirmed', error: unseen })),
  ];
  const steps = [...all.map(reportShown), ...left.unreachable.map(unreachableShown)];
  const failed = [
    ...left.unreachable,
    ...all.flatMap(({ step: { room, command }, error }) =>
      error === null ? [] : [{ room, command, error }],
    ),
  ];
  const result = { done: steps.length - failed.length, steps };
  const [first] = failed;
  if (first === undefined) return { result };
  const { code, message, advice } = first.error;
  const whole = `${failed.length} of ${steps.length} steps of ${what} could not be done; the first is ${first.command} in "${first.room}": ${message}`;
  return { error: commandError(code, whole, advice), result };
}
