import type { HeardClip } from './clip.ts';
import {
  accountNamed,
  connect,
  createHandle,
  createParts,
  type LoggedRequest,
  log,
  type Parts,
  type SimulatedCloudOptions,
} from './cloud-parts.ts';
import type { Fault } from './faults.ts';
import type { SimRequest, SimResponse } from './http.ts';
import type { Knobs } from './knobs.ts';
import type { Life } from './life.ts';
import type { Account, SonosSays } from './model.ts';
import { createPush, type PushCounts } from './push.ts';
import type { Subscription } from './subscriptions.ts';
import type { Grant } from './tokens.ts';
import type { World } from './world.ts';

const QUIET_CHECK_MS = 5;

/** The Sonos cloud without sockets: requests go in as values, events go out through `post`. */
export interface SimulatedCloud {
  readonly seed: number;
  readonly world: World;
  readonly knobs: Knobs;
  readonly accounts: readonly Account[];
  readonly clientId: string;
  readonly clientSecret: string;
  readonly life: Life;
  /** The latest 10,000, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** The latest 1,000 clips that sounded, in the order they began. */
  readonly heard: readonly HeardClip[];
  /** `path` begins with `/control/api/v1` or `/login/v3/oauth`. */
  handle(request: SimRequest): SimResponse;
  /** Registers the Event Callback URL of the key; null takes it away. */
  registerCallback(url: string | null): void;
  failNext(fault: Fault): void;
  clearFaults(): void;
  subscriptions(): readonly Subscription[];
  /** Sonos loses them all silently, as after a power cut. */
  wipeSubscriptions(): void;
  /** Tokens for an account (the first when absent) without the browser. */
  grantTokens(accountId?: string): Grant;
  expireAccessTokens(): void;
  /** The person removes the integration. */
  revoke(accountId?: string): void;
  resetSequences(): void;
  pushCounts(): PushCounts;
  /** Resolves when no event is on its way. Music that will go on by itself is not waited for. */
  delivered(): Promise<void>;
  stop(): void;
}

/** What a test or a person can do to the login and to the subscriptions from outside. */
function createLevers(parts: Parts) {
  const { callback, faults, subscriptions, tokens } = parts;
  return {
    registerCallback: (url: string | null) => {
      callback.url = url;
    },
    failNext: (fault: Fault) => faults.plan(fault),
    clearFaults: () => faults.clear(),
    subscriptions: () => subscriptions.all(),
    wipeSubscriptions: () => subscriptions.wipe(),
    grantTokens: (accountId?: string) => tokens.grant(accountNamed(parts, accountId)),
    expireAccessTokens: () => tokens.expireAccessTokens(),
    revoke: (accountId?: string) => tokens.revoke(accountNamed(parts, accountId).id),
  };
}

/** Builds the cloud. Nothing happens before the first request, except that music plays on. */
export function createSimulatedCloud(options: SimulatedCloudOptions): SimulatedCloud {
  const parts = createParts(options);
  const { accounts, clientId, clientSecret, clock, knobs, life, seed, world } = parts;
  const push = createPush({
    clock,
    chance: parts.pushChance,
    knobs,
    post: options.post,
    clientId,
    clientSecret,
    callbackUrl: () => parts.callback.url,
    refused: (says) => parts.subscriptions.remove(says),
  });
  const send = (says: SonosSays): void => push.send(says);
  const disconnect = connect(parts, send);
  const handle = createHandle(parts, send);
  const requests: LoggedRequest[] = [];
  const isBusy = (): boolean => push.pending() > 0 || parts.snapshots.pending > 0 || world.isSettling();
  return {
    ...{ accounts, clientId, clientSecret, knobs, life, requests, seed, world },
    heard: parts.diary.heard,
    ...createLevers(parts),
    handle: (request) => {
      const response = parts.faults.apply(request, handle);
      log(parts, requests, request, response);
      return response;
    },
    resetSequences: () => push.resetSequences(),
    pushCounts: () => push.counts(),
    delivered: async () => {
      while (isBusy()) await new Promise<void>((resolve) => clock.after(QUIET_CHECK_MS, resolve));
    },
    stop: () => {
      life.stop();
      disconnect();
      push.stop();
      world.stop();
    },
  };
}
