import { Bridge } from '../bridge/bridge.ts';
import type { Tape, TapeOptions } from './record/tape.ts';
import type { Teardown } from './teardown.ts';

type Made = ConstructorParameters<typeof Bridge>;

/** What is recorded, if anything is. */
export interface Recording {
  readonly tape: Tape | null;
  /** Makes the middle of the house, which is recorded, too. */
  bridge(...made: Made): Bridge;
}

/** Nothing is recorded. */
export const notRecorded: Recording = { tape: null, bridge: (...made) => new Bridge(...made) };

/** Begins to record when the settings say so; when they do not, nothing of it is loaded. */
export async function openRecording(options: Omit<TapeOptions, 'path'>, down: Teardown): Promise<Recording> {
  const path = options.config.record.file;
  if (path === undefined) return notRecorded;
  const [{ Tape: Recorder }, { RecordedBridge }] = await Promise.all([
    import('./record/tape.ts'),
    import('./record/recorded-bridge.ts'),
  ]);
  const tape = new Recorder({ ...options, path });
  await tape.open();
  down.add(() => tape.stop());
  return { tape, bridge: (...made) => new RecordedBridge(tape, ...made) };
}
