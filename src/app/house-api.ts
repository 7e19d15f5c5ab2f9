import { artPart } from '../web/api/art.ts';
import { commandsPart } from '../web/api/commands.ts';
import { livePart } from '../web/api/live.ts';
import type { ApiPart } from '../web/api/routes.ts';
import { type TraceDocument, tracePart } from '../web/api/trace.ts';
import { bridgeView } from './bridge-view.ts';
import { cleanedBy } from './cleaned.ts';
import type { Parts } from './parts.ts';

/** What one can attach to a bug report. Accounts are numbered, since their ids and households are nobody else's business. */
function traceDocument(parts: Parts): TraceDocument {
  const { clock, secrets, bridge, page } = parts;
  const view = bridgeView(parts);
  const aliasOf = (id: string): string => bridge.household(id)?.alias ?? 'another';
  const accounts = view.accounts.map(({ status, households }, index) => ({
    id: `account-${index + 1}`,
    status,
    households: households.map(aliasOf),
  }));
  return cleanedBy(secrets.clean, {
    written_at: new Date(clock.now()).toISOString(),
    versions: {
      bridge: view.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    bridge: { ...view, accounts },
    households: bridge.households.map(({ alias, rooms }) => ({ alias, rooms: rooms.size })),
    minutes: page.minutes.all,
    trace: page.trace.entries,
  });
}

/** The parts of the API that show and command the house. */
export function houseApi(parts: Parts): readonly ApiPart[] {
  const { asked, bridge, clock, page, secrets } = parts;
  // Replies quote what the sender wrote.
  const cleaned = <Q, R extends object>(ask: (question: Q) => Promise<R>) => {
    return async (question: Q): Promise<R> => cleanedBy(secrets.cleanAnswer, await ask(question));
  };
  return [
    livePart({ live: page.live, clock }),
    commandsPart({
      households: () => bridge.households,
      ask: cleaned(asked.ask),
      askBridge: cleaned(asked.askBridge),
    }),
    tracePart(() => traceDocument(parts)),
    artPart((id) => page.art.find(id)),
  ];
}
