import type { Cancel } from '../bridge/ports.ts';
import type { ConnectionOptions, OpenConnection } from './client.ts';

/** A message that the broker keeps. */
export interface KeptMessage {
  readonly topic: string;
  readonly payload: string;
}

/** What is kept comes at once; when nothing has come for so long, that was all. */
const QUIET_MS = 1_000;
const LONGEST_MS = 15_000;

/** What the broker keeps at the filters, asked on a connection of its own that is closed afterwards; null when it cannot be told. */
export function lookAtKept(
  open: OpenConnection,
  options: ConnectionOptions,
): Promise<readonly KeptMessage[] | null> {
  return new Promise((resolve) => {
    const kept: KeptMessage[] = [];
    let quiet: Cancel = () => {};
    const end = (found: readonly KeptMessage[] | null): void => {
      quiet();
      longest();
      resolve(found);
    };
    const leave = (found: readonly KeptMessage[] | null): void => {
      connection.close().catch(() => connection.destroy());
      end(found);
    };
    const waitForMore = (): void => {
      quiet();
      quiet = options.clock.after(QUIET_MS, () => leave(kept));
    };
    const longest = options.clock.after(LONGEST_MS, () => {
      connection.destroy();
      end(null);
    });
    const connection = open(options, {
      onOpen: (refused) => (refused.length === 0 ? waitForMore() : leave(null)),
      onMessage({ topic, payload, retained }) {
        if (!retained) return;
        kept.push({ topic, payload: new TextDecoder().decode(payload) });
        waitForMore();
      },
      onEnd: () => end(null),
    });
  });
}
