import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Random } from '../../bridge/ports.ts';
import { configSecrets } from '../../config/config-secrets.ts';
import type { Sources } from '../../config/read.ts';
import type { Config } from '../../config/schema.ts';
import type { Secrets } from '../../secrets.ts';
import { openStore, type Store, StoreError } from '../../store/store.ts';
import { type FolderSeen, lookAtFolder } from '../data-folder.ts';
import { openGenerated } from '../generated.ts';
import { keptIn, withKept } from '../integration.ts';
import { createQuietLog } from '../quiet-log.ts';
import { type Key, keyOf, openSonosSide, type SonosSide } from '../sonos-side.ts';
import { type BrokerSeen, lookAtBroker } from './broker-seen.ts';
import { createReach, type Reach } from './reach.ts';

/** What the checks look at. What takes time is looked at once, when it is first asked for. */
export interface World {
  readonly config: Config;
  readonly sources: Sources;
  /** The integration's key; null while a part of it is missing. */
  readonly key: Key | null;
  readonly folder: FolderSeen;
  /** Why the data folder could not be opened although nobody has it; null when it could, or was not tried. */
  readonly refusal: string | null;
  /** Accounts and Control API; null while a bridge runs, or when they could not be opened. */
  readonly sonos: SonosSide | null;
  /** The secret path of the event callback; null when it is not known. Never shown. */
  readonly callbackPath: string | null;
  readonly reach: Reach;
  /** What the broker lets us see and do. */
  broker(): Promise<BrokerSeen>;
  /** Inside the running bridge: why it is not ready; empty when it is. Null from outside, where its page is asked. */
  readonly notReady: (() => readonly string[]) | null;
  readonly clock: Clock;
  readonly random: Random;
}

/** The world with its lifetime. */
export interface OpenWorld {
  readonly world: World;
  close(): Promise<void>;
}

/** What the world is opened with. */
export interface WorldOptions {
  readonly config: Config;
  readonly sources: Sources;
  /** Where the tokens go that are found in the data folder. */
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly reach?: Reach;
}

/** Whether a bridge runs with these settings. */
export const isRunning = ({ folder }: Pick<World, 'folder'>): boolean => folder.kind === 'held';

/** Whether a bridge runs that has no key yet, and so nothing but its page. */
export const isWaiting = (world: Pick<World, 'folder' | 'key'>): boolean =>
  isRunning(world) && world.key === null;

const generatedFile = z.object({ callback_secret: z.string() });

/** The path that a running bridge made up; null when it cannot be read. */
async function pathOnDisk(folder: string): Promise<string | null> {
  try {
    const file = generatedFile.parse(JSON.parse(await readFile(join(folder, 'generated.json'), 'utf8')));
    return `/sonos/events/${file.callback_secret}`;
  } catch {
    return null;
  }
}

interface House {
  readonly store: Store | null;
  readonly sonos: SonosSide | null;
  readonly callbackPath: string | null;
  readonly refusal: string | null;
}

const CLOSED: House = { store: null, sonos: null, callbackPath: null, refusal: null };

async function openHouse({ config, secrets, clock, random }: WorldOptions, key: Key | null): Promise<House> {
  // What goes wrong is found by a check, and said there.
  const log = createQuietLog(secrets, () => {});
  const opened = await openStore({ folder: config.data_dir, clock, random, log: log.child('store') });
  if (!opened.ok) return { ...CLOSED, refusal: opened.error.message };
  const store = opened.value;
  try {
    const generated = await openGenerated(store, random);
    const sonos =
      key === null ? null : await openSonosSide({ config, key, store, secrets, log, clock, random });
    return { store, sonos, refusal: null, callbackPath: `/sonos/events/${generated.callback_secret}` };
  } catch (error) {
    await store.close();
    if (!(error instanceof StoreError)) throw error;
    return { ...CLOSED, refusal: error.message };
  }
}

/** Opens what there is to look at. The data folder is opened only when it is there, ours, and nobody has it. */
export async function openWorld(given: WorldOptions): Promise<OpenWorld> {
  const { secrets, clock, random } = given;
  const { config, sources } = withKept(given, await keptIn(given.config.data_dir));
  for (const secret of configSecrets(config)) secrets.add(secret);
  const options = { ...given, config, sources };
  const key = keyOf(config);
  const folder = await lookAtFolder(config.data_dir);
  const house = folder.kind === 'free' ? await openHouse(options, key) : CLOSED;
  const found = folder.kind === 'held' ? await pathOnDisk(config.data_dir) : house.callbackPath;
  if (found !== null) secrets.add(found);
  let broker: Promise<BrokerSeen> | null = null;
  const world: World = {
    ...{ config, sources, key, folder, clock, random },
    refusal: house.refusal,
    sonos: house.sonos,
    callbackPath: config.callback.path ?? found,
    notReady: null,
    reach: options.reach ?? createReach(clock),
    broker: () => {
      broker ??= lookAtBroker({ config, clock, random, isRunning: folder.kind === 'held' });
      return broker;
    },
  };
  return {
    world,
    close: async () => {
      await house.sonos?.stop();
      await house.store?.close();
    },
  };
}
