import type { Clock, Random } from '../bridge/ports.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { openStore, type Store, StoreError } from '../store/store.ts';
import { systemClock, systemRandom } from '../system.ts';
import { checksPart } from '../web/api/checks.ts';
import type { FindingView } from '../web/api/messages.ts';
import { setupPart } from '../web/api/setup.ts';
import { type Doors, systemDoors } from './doors.ts';
import { openGenerated } from './generated.ts';
import { INTEGRATION, integrationSchema, missingOf, withKept } from './integration.ts';
import { doorOf, pageAddress } from './listeners.ts';
import { AppRefused, inTime } from './refused.ts';
import { createSetupDesk, type SetupGround } from './setup-desk.ts';
import { openAccess } from './web-access.ts';

/** What the reception is built from. */
export interface ReceptionOptions {
  readonly setup: SetupGround;
  readonly log: LogOutput;
  readonly secrets: Secrets;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly doors?: Pick<Doors, 'createPrivateListener' | 'disk' | 'processes'>;
}

type Tools = Required<ReceptionOptions>;

/** The bridge without a key: its page, which takes the set-up, and nothing else. */
export interface Reception {
  readonly privatePort: number;
  /** Where a person on this machine opens the page. */
  readonly page: string;
  /** The names of the settings that are missing. */
  readonly missing: readonly string[];
  /** Ends within five seconds. */
  stop(): Promise<void>;
}

const NOT_READY = 'The bridge is not set up yet: open its page.';

async function openDesk({ setup, secrets, clock, random }: Tools, store: Store, webPort: () => number) {
  const { config } = setup.given;
  const generated = await openGenerated(store, random);
  const callbackPath = config.callback.path ?? `/sonos/events/${generated.callback_secret}`;
  secrets.add(callbackPath);
  secrets.add(generated.callback_secret);
  const kept = await store.document(INTEGRATION, integrationSchema, {});
  const desk = createSetupDesk({
    ...{ ground: setup, kept, callbackPath, webPort, secrets, clock },
    callbackPort: () => config.callback.port,
  });
  return { desk, kept, callbackPath };
}

async function* examineReception(
  { setup, secrets, clock, random }: Tools,
  { kept, callbackPath }: Awaited<ReturnType<typeof openDesk>>,
  signal: AbortSignal,
): AsyncGenerator<FindingView, void, undefined> {
  const [{ examineOwn, noBroker }, { checksBeforeSetup }] = await Promise.all([
    import('./checks/own-world.ts'),
    import('./checks/index.ts'),
  ]);
  const settings = withKept(setup.given, kept.value);
  const own = { settings, callbackPath, clean: secrets.clean, clock, random };
  const nothing = { broker: async () => noBroker, notReady: () => [NOT_READY] };
  yield* examineOwn({ ...own, ...nothing }, checksBeforeSetup, signal);
}

async function open(tools: Tools, store: Store): Promise<Reception> {
  const { setup, log, clock, random, doors } = tools;
  const { config } = setup.given;
  let { port } = config.web;
  const open = await inTime(
    clock,
    openDesk(tools, store, () => port),
    config.data_dir,
  );
  const listener = doors.createPrivateListener({
    ...doorOf(config),
    mode: 'setup',
    ...{ login: null, redirectPath: null, access: await openAccess(store) },
    // The page is opened under the name to which the login will come back, so that its session is there then.
    redirectUri: open.desk.view().redirect_uri.value,
    unlink: async () => false,
    notReady: () => [NOT_READY],
    metrics: () => [],
    api: [setupPart(open.desk), checksPart((signal) => examineReception(tools, open, signal))],
    ...{ clock, random, log: log.child('web') },
  });
  const started = await listener.start();
  if (!started.ok) throw new AppRefused(started.error.message);
  port = started.value.port;
  return {
    privatePort: port,
    page: `${pageAddress(config.web.host, port)}/`,
    missing: missingOf(withKept(setup.given, open.kept.value).config),
    stop: async () => {
      await listener.stop();
      await store.close();
    },
  };
}

/** Opens the reception. Throws `AppRefused` after closing what was opened, also when the disk refuses. */
export async function openReception(options: ReceptionOptions): Promise<Reception> {
  const tools = { clock: systemClock, random: systemRandom, doors: systemDoors, ...options };
  const { log, clock, random, doors } = tools;
  const { disk, processes } = doors;
  const folder = options.setup.given.config.data_dir;
  const opening = openStore({ ...{ folder, clock, random, disk, processes }, log: log.child('store') });
  const opened = await inTime(clock, opening, folder);
  if (!opened.ok) throw new AppRefused(opened.error.message);
  try {
    return await open(tools, opened.value);
  } catch (error) {
    await opened.value.close();
    throw error instanceof StoreError ? new AppRefused(error.message) : error;
  }
}
