import type { Clock } from '../bridge/ports.ts';
import { within } from '../bridge/within.ts';
import { configSecrets } from '../config/config-secrets.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { systemClock } from '../system.ts';
import { type App, startApp } from './app.ts';
import { type IntegrationRecord, keptIn, type SourcedSettings, withKept } from './integration.ts';
import type { Reception } from './reception.ts';
import { keyOf } from './sonos-side.ts';

/** What is open now: the reception while there is no key, and then the whole house. */
export type Phase =
  | { readonly kind: 'reception'; readonly reception: Reception }
  | { readonly kind: 'house'; readonly app: App };

/** What a life is lived with. */
export interface LifeOptions {
  /** What file, variables and flags say. */
  readonly given: SourcedSettings;
  readonly isAddon: boolean;
  readonly log: LogOutput;
  readonly secrets: Secrets;
  /** When this settles, what is open is closed, and the life ends. */
  readonly untilEnd: Promise<unknown>;
  /** Told whenever something is open. */
  readonly opened: (phase: Phase) => void;
  readonly clock?: Clock;
}

const READ_WITHIN_MS = 10_000;

/** What was kept; nothing when the disk does not answer, which whoever opens the folder next will say. */
async function readKept(clock: Clock, folder: string): Promise<IntegrationRecord> {
  const reading = keptIn(folder);
  return (await within(clock, READ_WITHIN_MS, reading)) ? reading : {};
}

/** The log for one phase: who listened in it hears nothing of the next. */
function logFor(output: LogOutput): { readonly log: LogOutput; end(): void } {
  let isOver = false;
  const onLine: LogOutput['onLine'] = (listener) =>
    output.onLine((line) => {
      if (!isOver) listener(line);
    });
  return {
    log: { ...output, onLine },
    end: () => {
      isOver = true;
    },
  };
}

async function openPhase(
  { given, isAddon, secrets, log }: Pick<LifeOptions, 'given' | 'isAddon' | 'secrets' | 'log'>,
  kept: IntegrationRecord,
  changed: () => void,
): Promise<Phase> {
  const { config } = withKept(given, kept);
  for (const secret of configSecrets(config)) secrets.add(secret);
  const setup = { given, isAddon, changed };
  const key = keyOf(config);
  if (key === null) {
    // A bridge that is set up has no need of it.
    const { openReception } = await import('./reception.ts');
    return { kind: 'reception', reception: await openReception({ setup, log, secrets }) };
  }
  return { kind: 'house', app: await startApp({ config, key, log, secrets, setup }) };
}

/** The same settings with the page where it is now: whoever looks at it must find it there again. */
const atPort = ({ config, sources }: SourcedSettings, port: number): SourcedSettings => ({
  config: { ...config, web: { ...config.web, port } },
  sources,
});

/**
 * Opens the house, or the reception while there is no key, and opens anew when the page has changed the set-up. Throws
 * `AppRefused` when something cannot be opened; then nothing is open.
 */
export async function live(options: LifeOptions): Promise<void> {
  const { untilEnd, opened, clock = systemClock } = options;
  const ended = untilEnd.then(() => true);
  let { given } = options;
  for (let isEnding = false; !isEnding; ) {
    let change = (): void => {};
    const changed = new Promise<false>((resolve) => {
      change = () => resolve(false);
    });
    const { log, end } = logFor(options.log);
    const kept = await readKept(clock, given.config.data_dir);
    const phase = await openPhase({ ...options, given, log }, kept, () => change());
    opened(phase);
    isEnding = await Promise.race([ended, changed]);
    if (!isEnding) options.log.log.info('The set-up was changed by the page; the bridge opens anew.');
    const open = phase.kind === 'house' ? phase.app : phase.reception;
    await open.stop();
    end();
    given = atPort(given, open.privatePort);
  }
}
