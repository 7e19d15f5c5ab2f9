import type { Knobs } from './knobs.ts';
import type { Account } from './model.ts';
import type { Quota } from './quota.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { World } from './world.ts';

/** Everything the Control API needs. */
export interface CloudPorts {
  readonly world: World;
  readonly knobs: Knobs;
  readonly quota: Quota;
  readonly subscriptions: Subscriptions;
  /** Whose token it is; null when it is invalid or expired. */
  accountOf(token: string): Account | null;
  /** Whether the key has an Event Callback URL. */
  hasCallback(): boolean;
  /** Someone subscribed or renewed: the present state follows. */
  subscribed(household: string, namespace: string, target: string): void;
}
