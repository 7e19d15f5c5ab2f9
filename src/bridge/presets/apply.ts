import { type CommandError, commandError } from '../command-error.ts';
import type { Perform } from '../own-commands.ts';
import type { Outcome } from '../replies.ts';
import { findRoom } from '../room-name.ts';
import type { Household } from '../state.ts';
import type { Plan } from './plan.ts';
import { PHASES, rawOf, type Step, stepKey } from './steps.ts';
import { isLoaded, outcomeOf, type Report } from './verdict.ts';

/** What applying needs of the rest of the house. */
export interface ApplyPorts {
  /** The household as it is now; undefined when no account has it any more. */
  readonly household: () => Household | undefined;
  readonly perform: Perform;
}

type Reports = ReadonlyMap<string, Report>;

/** What will be refused again in the same words, however often it is asked for. */
const LASTING = new Set<CommandError['code']>([
  'invalid_payload',
  'unknown_command',
  'unknown_room',
  'unknown_favorite',
  'unknown_playlist',
  'ambiguous_name',
  'not_capable',
  'not_linked',
  'blocked',
]);

const gone = commandError('unknown_room', 'The household is gone.', 'No account has it any more.');

const pointless = ({ step, error }: Report): Report['error'] =>
  error && {
    code: error.code,
    message: `Not done, because "${step.command}" failed before: ${error.message}`,
    ...(error.advice === undefined ? {} : { advice: error.advice }),
  };

/** What is wrong with a step after others failed: music without its group or its content would be other music. */
function obstacleTo(step: Step, reports: Reports): CommandError | null {
  for (const report of reports.values()) {
    const isGround = report.step.phase === 'group' || report.step.phase === 'content';
    if (isGround && report.step.together === step.together && report.step !== step) {
      const error = pointless(report);
      if (error !== null) return error;
    }
  }
  return null;
}

async function carriedOut(step: Step, ports: ApplyPorts): Promise<Report> {
  const household = ports.household();
  const room = household && findRoom(household, step.room);
  if (household === undefined || room == null) return { step, status: 'failed', error: gone };
  const { status, error = null } = await ports.perform(household, room, {
    command: step.command,
    raw: rawOf(step),
  });
  return { step, status, error };
}

/** Does steps phase by phase, those of one phase beside each other. */
async function done(steps: readonly Step[], ports: ApplyPorts): Promise<Map<string, Report>> {
  const reports = new Map<string, Report>();
  for (const phase of PHASES) {
    const ofPhase = steps.filter((step) => step.phase === phase);
    const ended = await Promise.all(
      ofPhase.map(async (step): Promise<Report> => {
        const error = step.together === null ? null : obstacleTo(step, reports);
        return error === null ? carriedOut(step, ports) : { step, status: 'failed', error };
      }),
    );
    for (const report of ended) reports.set(stepKey(report.step), report);
  }
  return reports;
}

/** Content that was loaded is not loaded again, also where nothing that Sonos shows tells that it is the right one. */
const isWorthAnother = (report: Report | undefined): boolean =>
  report === undefined || (report.error === null ? !isLoaded(report) : !LASTING.has(report.error.code));

/** Leads a household to where `plan` leads, looks again, and does what is missing then once more. */
export async function applied(
  what: string,
  plan: (household: Household) => Plan,
  ports: ApplyPorts,
): Promise<Outcome> {
  const planNow = (reports: readonly Report[]): Plan => {
    const household = ports.household();
    if (household !== undefined) return plan(household);
    // Nobody can look any more: what did not end well is missing.
    const steps = reports.filter(({ status }) => status !== 'confirmed').map(({ step }) => step);
    return { steps, unreachable: [] };
  };
  const first = await done(planNow([]).steps, ports);
  const missing = planNow([...first.values()]).steps;
  const second = await done(
    missing.filter((step) => isWorthAnother(first.get(stepKey(step)))),
    ports,
  );
  const reports = [...new Map([...first, ...second]).values()];
  return outcomeOf(what, reports, planNow(reports));
}
