import type { BridgeView, SetupView } from '../../api/messages.ts';

/** The steps of the set-up, in the order in which one needs the other. */
export const STEPS = ['integration', 'account', 'proof', 'done'] as const;
export type StepName = (typeof STEPS)[number];
export type StepState = 'done' | 'now' | 'later';

/** What the set-up is judged by; null for what is not known yet. */
export interface SetupFacts {
  readonly mode: 'setup' | 'house';
  readonly setup: SetupView | null;
  readonly bridge: BridgeView | null;
}

/** Whether key, secret and redirect URI are there, and the bridge runs with them. */
export function hasIntegration({ mode, setup }: SetupFacts): boolean {
  if (mode === 'setup') return false;
  return (
    setup === null ||
    (setup.client_id.value !== null && setup.client_secret.is_set && setup.redirect_uri.value !== null)
  );
}

/** Whether Sonos may send events: without a public address the bridge asks, and waits for none. */
export const expectsEvents = (setup: SetupView | null): boolean =>
  setup !== null && setup.callback_url !== null;

/** Whether the house is seen to work: the broker is there and, where events are expected, one has come. */
export function isProven({ setup, bridge }: SetupFacts): boolean {
  if (bridge === null || !bridge.broker.connected) return false;
  return !expectsEvents(setup) || bridge.callback.last_event_at !== null;
}

/** How each step stands: the first that is not done is the one to do now. */
export function stepStates(facts: SetupFacts): Readonly<Record<StepName, StepState>> {
  const isDone: readonly boolean[] = [
    hasIntegration(facts),
    facts.bridge?.account.status === 'linked',
    isProven(facts),
  ];
  const firstOpen = isDone.indexOf(false);
  const now = firstOpen === -1 ? STEPS.length - 1 : firstOpen;
  const state = (at: number): StepState => (at < now ? 'done' : at === now ? 'now' : 'later');
  return { integration: state(0), account: state(1), proof: state(2), done: state(3) };
}

/** Whether there is nothing left to do. */
export const isWhole = (facts: SetupFacts): boolean => stepStates(facts).done === 'now';
