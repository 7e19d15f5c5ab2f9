import type { z } from 'zod';
import type { bridgeStateSchema } from '../bridge/contract/bridge-messages.ts';
import type { UpkeepStatus } from '../bridge/upkeep.ts';
import type { EventCounters } from '../events/tally.ts';
import type { LinkStatus } from '../sonos/accounts.ts';
import { version } from './version.ts';

/** What the bridge says of itself. It holds no secret. */
export type BridgeState = Readonly<z.output<typeof bridgeStateSchema>>;

/** What the state is made of. */
export interface Sources {
  readonly startedAt: number;
  readonly mqttProtocol: BridgeState['mqtt_protocol'];
  readonly account: LinkStatus;
  readonly loginUrl: string | null;
  readonly counters: EventCounters | null;
  readonly upkeep: readonly UpkeepStatus[];
  readonly budgetPerMinute: number;
  readonly usedLastMinute: number;
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const present = (value: number | null): value is number => value !== null;

const HOUR_MS = 3_600_000;

function oldestHours(upkeep: readonly UpkeepStatus[]): number | null {
  const ages = upkeep.map((each) => each.oldestAgeMs).filter(present);
  return ages.length === 0 ? null : Math.round((Math.max(...ages) / HOUR_MS) * 10) / 10;
}

/** The whole state, now. */
export function bridgeState(from: Sources): BridgeState {
  const { account, counters, upkeep } = from;
  const needsLogin = account.status === 'unlinked' || account.status === 'needs_login';
  const readBacks = upkeep.map((each) => each.lastReadBackAt).filter(present);
  return {
    version,
    started_at: new Date(from.startedAt).toISOString(),
    mqtt_protocol: from.mqttProtocol,
    account: {
      status: account.status,
      login_url: needsLogin ? from.loginUrl : null,
      token_expires_at: iso(account.tokenExpiresAt),
    },
    callback: {
      last_event_at: iso(counters?.lastEventAt ?? null),
      accepted: counters?.accepted ?? 0,
      rejected: sum(Object.values(counters?.rejected ?? {})),
    },
    subscriptions: {
      wanted: sum(upkeep.map((each) => each.wanted)),
      held: sum(upkeep.map((each) => each.held)),
      oldest_age_hours: oldestHours(upkeep),
    },
    reconcile: {
      last_at: readBacks.length === 0 ? null : iso(Math.min(...readBacks)),
      corrections: sum(upkeep.map((each) => each.corrections)),
    },
    requests: { budget_per_minute: from.budgetPerMinute, used_last_minute: from.usedLastMinute },
  };
}

/** The part of the state that a person would act on; the rest is counted on. */
export const urgent = (state: BridgeState): string =>
  JSON.stringify([
    state.mqtt_protocol,
    state.account.status,
    state.account.login_url,
    state.callback.last_event_at === null,
    state.subscriptions.wanted,
    state.subscriptions.held,
    state.reconcile.corrections,
  ]);
