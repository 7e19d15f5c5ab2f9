import { hostname } from 'node:os';
import { err, ok, type Result } from '../bridge/result.ts';
import type { Config } from '../config/schema.ts';
import type { IntakeOptions } from '../events/intake.ts';
import type { ListenerCounters, PublicListener } from '../events/listener.ts';
import { checksPart } from '../web/api/checks.ts';
import type { FindingView } from '../web/api/messages.ts';
import { setupPart } from '../web/api/setup.ts';
import type { PrivateListener } from '../web/listener.ts';
import { loginResultPage } from '../web/login-result.ts';
import { STYLE_SOURCE } from '../web/style.ts';
import { notReady } from './bridge-view.ts';
import { houseApi } from './house-api.ts';
import { metricsOf } from './metrics.ts';
import type { Parts } from './parts.ts';

const given = (query: URLSearchParams, name: string): string | undefined => query.get(name) ?? undefined;

/** What the house does with events, whichever way they came. */
export function intakeOptions(parts: Parts): IntakeOptions {
  const { key, log, clock, bridge, page } = parts;
  const { tape } = parts.recording;
  return {
    credentials: () => key,
    accept: (event, since) => page.trace.taking(event, since, (taken) => bridge.accept(taken)),
    ...(tape === null ? {} : { arrived: (envelope) => tape.event(envelope) }),
    ignored: page.trace.ignored,
    lost: () => bridge.lostEvents(),
    counted: (what) => {
      if (what === 'rejected') page.minutes.count('rejected');
      parts.nudge();
    },
    knows: (household, kind, target) => bridge.knows(household, kind, target),
    clock,
    log: log.child('events'),
  };
}

/** Opens the listener that the internet reaches; what hinders, in words. */
export async function openPublicListener(
  parts: Parts,
): Promise<Result<{ readonly listener: PublicListener; readonly port: number }, string>> {
  const { config, key, sonos } = parts;
  const listener = parts.doors.createPublicListener({
    ...intakeOptions(parts),
    host: config.callback.host,
    port: config.callback.port,
    callbackPath: parts.callbackPath,
    redirect: {
      path: new URL(key.redirectUri).pathname,
      styleSource: STYLE_SOURCE,
      handle: async (query) => {
        const answer = {
          code: given(query, 'code'),
          state: given(query, 'state'),
          error: given(query, 'error'),
        };
        return loginResultPage(await sonos.accounts.finishLogin(answer));
      },
    },
    ...parts.queues.besideEvents,
  });
  const started = await listener.start();
  return started.ok ? ok({ listener, port: started.value.port }) : err(started.error.message);
}

async function unlink({ bridge, sonos }: Parts, accountId: string): Promise<boolean> {
  const account = sonos.accounts.list().find((each) => each.id === accountId);
  // The token dies with the account, so Sonos is told before.
  await Promise.all((account?.households ?? []).map((household) => bridge.unsubscribe(household)));
  return sonos.accounts.unlink(accountId);
}

/** The address of the private listener as a person on this machine opens it. */
export const pageAddress = (host: string, port: number): string => {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
};

/** Where the private listener stands, and whom it lets in. */
export function doorOf({ web, home_assistant }: Config) {
  const { host, port, password } = web;
  return {
    ...{ host, port, password: password ?? null },
    // Against pages elsewhere that give their own name this machine's address (DNS rebinding).
    allowedHosts: [...(web.allowed_hosts ?? []), hostname(), `${hostname()}.local`].map((name) =>
      name.toLowerCase(),
    ),
    ingressFrom: home_assistant.ingress_from,
  };
}

/** The checks of the running house; they are loaded when somebody asks for the first time. */
async function* examineHouse(
  parts: Parts,
  counters: () => ListenerCounters,
  signal: AbortSignal,
): AsyncGenerator<FindingView, void, undefined> {
  const [{ brokerOfHouse, examineOwn }, { checks }] = await Promise.all([
    import('./checks/own-world.ts'),
    import('./checks/index.ts'),
  ]);
  const { config, sources, callbackPath, secrets, clock, random } = parts;
  yield* examineOwn(
    {
      ...{ settings: { config, sources }, callbackPath, clean: secrets.clean, clock, random },
      broker: () => brokerOfHouse(parts, () => counters().rejected),
      notReady: () => notReady(parts, parts.state()),
    },
    checks,
    signal,
  );
}

/** Opens the listener for the house: login, health, metrics; what hinders, in words. */
export async function openPrivateListener(
  parts: Parts,
  counters: () => ListenerCounters,
): Promise<
  Result<{ readonly listener: PrivateListener; readonly port: number; readonly loginUrl: string }, string>
> {
  const { config, key, log, clock, random, sonos, state } = parts;
  const ingressFrom = config.home_assistant.ingress_from;
  const listener = parts.doors.createPrivateListener({
    ...doorOf(config),
    login: {
      start: () => sonos.accounts.startLogin(),
      finish: (answer) => sonos.accounts.finishLogin(answer),
    },
    // Through the ingress no login comes back here: its address is known to Home Assistant alone.
    redirectPath: ingressFrom === undefined ? new URL(key.redirectUri).pathname : null,
    unlink: (accountId) => unlink(parts, accountId),
    redirectUri: key.redirectUri,
    access: parts.access,
    entryEnded: () => parts.page.live.hangUp(),
    notReady: () => notReady(parts, state()),
    metrics: () => metricsOf(parts, state(), counters()),
    httpApi: config.compat.http_api
      ? { households: () => parts.bridge.households, ask: parts.asked.ask }
      : null,
    api: [
      ...houseApi(parts),
      setupPart(parts.setup),
      checksPart((signal) => examineHouse(parts, counters, signal)),
    ],
    clock,
    random,
    log: log.child('web'),
  });
  const started = await listener.start();
  if (!started.ok) return err(started.error.message);
  return ok({
    listener,
    port: started.value.port,
    loginUrl: `${pageAddress(config.web.host, started.value.port)}/login`,
  });
}
