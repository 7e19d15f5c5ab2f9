import { execFile } from 'node:child_process';
import type { Clock, Log } from '../bridge/ports.ts';
import { printable, shortened } from './text.ts';

// Node cannot send to the datagram socket that systemd listens on, so the program that systemd brings along does it.

const PROGRAM = 'systemd-notify';
/** systemd-notify itself waits five seconds at most until systemd has read what was sent. */
const LONGEST_MS = 8_000;
/** Of the five seconds that an orderly end may take. */
const LONGEST_AT_END_MS = 3_000;
const LONGEST_STATUS = 200;

/** What systemd is told. Nothing here ever fails or waits for long; trouble is told once. */
export interface Systemd {
  /** The house is open; from here on the watchdog is told that it lives. */
  ready(): Promise<void>;
  /** The house is being closed. */
  stopping(): Promise<void>;
}

interface SystemdOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** How the house is, in one line. */
  readonly status: () => string;
  readonly pid?: number;
  /** How long one message may take; eight seconds unless given. */
  readonly longestMs?: number;
}

/** Half of the time after which the watchdog bites; null when there is none, or it waits for another process. */
function watchdogMs({ env, pid = process.pid }: SystemdOptions): number | null {
  const microseconds = Number(env.WATCHDOG_USEC);
  if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return null;
  if (env.WATCHDOG_PID !== undefined && env.WATCHDOG_PID !== String(pid)) return null;
  return microseconds / 2_000;
}

function reasonOf(error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === 'ENOENT') return 'the program is not installed';
  if (error.killed === true) return 'it did not end in time';
  return `it ended with ${String(error.code)}`;
}

function createSend(
  { env, log }: SystemdOptions,
  socket: string,
): (words: readonly string[], longestMs: number) => Promise<void> {
  let isWarned = false;
  return (words, longestMs) =>
    new Promise((resolve) => {
      const options = {
        env: { PATH: env.PATH, NOTIFY_SOCKET: socket },
        ...({ timeout: longestMs, killSignal: 'SIGKILL', maxBuffer: 4_096 } as const),
      };
      execFile(PROGRAM, words, options, (error) => {
        if (error !== null && !isWarned) {
          isWarned = true;
          log.warn(
            `systemd could not be told how the bridge is, by ${PROGRAM}. Install it (Debian: the package systemd), let the unit say NotifyAccess=all, or Type=exec and no WatchdogSec.`,
            { reason: reasonOf(error) },
          );
        }
        resolve();
      });
    });
}

/** Opens the way to systemd; null when it is not systemd that started us, or wants no word. */
export function openSystemd(options: SystemdOptions): Systemd | null {
  const { env, clock, status, longestMs = LONGEST_MS } = options;
  const socket = env.NOTIFY_SOCKET;
  if (!socket) return null;
  const send = createSend(options, socket);
  const interval = watchdogMs(options);
  const told = () => `STATUS=${shortened(printable(status()), LONGEST_STATUS)}`;
  let cancel = () => {};
  let isSending = false;

  function tick(milliseconds: number): void {
    // That this comes in time is what the watchdog is to know: the loop lives.
    cancel = clock.after(milliseconds, () => {
      tick(milliseconds);
      if (isSending) return;
      isSending = true;
      void send(['WATCHDOG=1', told()], longestMs).then(() => {
        isSending = false;
      });
    });
  }

  return {
    ready: async () => {
      if (interval !== null) tick(interval);
      await send(['READY=1', told()], longestMs);
    },
    stopping: () => {
      cancel();
      return send(['STOPPING=1', 'STATUS=The bridge ends.'], Math.min(longestMs, LONGEST_AT_END_MS));
    },
  };
}
