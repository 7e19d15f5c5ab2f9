import type { World } from './world.ts';

/** What each check is called for programs; it stays when titles change. */
export type CheckName =
  | ('settings' | 'data-folder' | 'login-server' | 'api' | 'token' | 'households')
  | ('broker' | 'page' | 'callback' | 'subscriptions' | 'events' | 'speech' | 'clips');

/** What a check found. */
export interface Finding {
  /** What was looked at, in one or two words. */
  readonly title: string;
  /** `note`: nothing to be judged, such as what could not be looked at. */
  readonly verdict: 'well' | 'wrong' | 'note';
  /** What was seen. Never a secret, the callback path included. */
  readonly seen: string;
  /** What to do; null when there is nothing. */
  readonly advice: string | null;
}

/** Looks at one thing of the world. An expected failure is a finding; it throws for bugs only. */
export type Check = (world: World) => Promise<Finding>;

/** A check with its name. */
export interface NamedCheck {
  readonly name: CheckName;
  readonly look: Check;
}

/** All is as it should be. */
export const well = (title: string, seen: string, advice: string | null = null): Finding => ({
  ...{ title, seen, advice },
  verdict: 'well',
});

/** Something is wrong, and this is what to do. */
export const wrong = (title: string, seen: string, advice: string): Finding => ({
  ...{ title, seen, advice },
  verdict: 'wrong',
});

/** Nothing to be judged. */
export const note = (title: string, seen: string, advice: string | null = null): Finding => ({
  ...{ title, seen, advice },
  verdict: 'note',
});
