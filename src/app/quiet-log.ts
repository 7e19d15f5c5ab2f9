import type { Log } from '../bridge/ports.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';

/** A log for commands that speak to a person themselves: only warnings and errors are told, without secrets. */
export function createQuietLog(secrets: Pick<Secrets, 'clean'>, tell: (message: string) => void): LogOutput {
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (message) => tell(secrets.clean(message)),
    error: (message) => tell(secrets.clean(message)),
  };
  return {
    log,
    child: () => log,
    onLine: () => {},
    flush: async () => {},
    flushNow: () => {},
    close: async () => {},
  };
}
