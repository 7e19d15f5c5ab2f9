import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { z } from 'zod';
import { type Broker, startBroker } from '../harness/broker.ts';
import { type Child, PROJECT, script, startChild } from '../harness/child.ts';
import {
  type Fed,
  fedSchema,
  memorySchema,
  type Opened,
  openedSchema,
  type Renewed,
  type Republished,
  renewedSchema,
  republishedSchema,
  settledSchema,
} from './messages.ts';

/** Houses of so many households, each in a process of its own, all at one broker. */
export interface Row {
  readonly broker: Broker;
  readonly houses: readonly RunningHouse[];
  stop(): Promise<void>;
}

export interface RunningHouse {
  readonly households: number;
  readonly child: Child;
  readonly opened: Opened;
  feed(events: number, spread: 'one' | 'all'): Promise<Fed>;
}

const baseOf = (households: number): string => `houses-${households}`;

/** The program reads its version from beside its folder, also where the bench is compiled to. */
export const layManifest = (): void =>
  copyFileSync(join(PROJECT, 'package.json'), join(PROJECT, 'bench/dist/package.json'));

/** A house whose households are there; `settled` waits for what comes later. */
interface OpenHouse {
  readonly child: Child;
  settled(): Promise<RunningHouse>;
}

async function openOne(households: number, broker: Broker): Promise<OpenHouse> {
  const child = startChild({
    args: ['--expose-gc', script('scale/occupant')],
    isUnderTest: true,
    talks: true,
  });
  const asked = { ask: 'open', households, brokerPort: broker.port, baseTopic: baseOf(households) };
  const opened = openedSchema.parse(await child.ask(asked));
  console.log(`${households} households: there after ${Math.round(opened.settledMs)} ms`);
  const settled = async (): Promise<RunningHouse> => ({
    ...{ households, child },
    opened: { ...opened, ...settledSchema.parse(await child.ask({ ask: 'settle' })) },
    feed: async (events, spread) => fedSchema.parse(await child.ask({ ask: 'feed', events, spread })),
  });
  return { child, settled };
}

/** Opens houses of these sizes, one after another. */
export async function openRow(sizes: readonly number[]): Promise<Row> {
  layManifest();
  const broker = await startBroker();
  const opened: OpenHouse[] = [];
  for (const size of sizes) opened.push(await openOne(size, broker));
  const houses = await Promise.all(opened.map((house) => house.settled()));
  return {
    ...{ broker, houses },
    stop: async () => {
      await Promise.all(opened.map(({ child }) => child.stop()));
      await broker.stop();
    },
  };
}

/** What a house holds after it took events in. */
export const memoryOf = async ({ child }: RunningHouse) =>
  memorySchema.parse(await child.ask({ ask: 'memory' }));

/** Takes the house's place at the broker for a moment, so that it has to come back and say everything again. */
async function interrupt({ port }: Broker, clientId: string): Promise<void> {
  const usurper = await connectAsync({ host: '127.0.0.1', port, protocol: 'mqtt', clientId });
  await wait(50);
  await usurper.endAsync();
}

/** Breaks the connection of a house, and sees how long everything takes to be published again. */
export async function republish(house: RunningHouse, broker: Broker): Promise<Republished> {
  const asked = house.child.ask({ ask: 'republished' });
  await interrupt(broker, `sonos-mqtt-bridge-${baseOf(house.households)}`);
  return republishedSchema.parse(await asked);
}

/** The least that publishes the same again, see `floor.ts`. */
export async function openFloor(house: RunningHouse, { port: brokerPort }: Broker) {
  const child = startChild({ args: [script('scale/floor')], isUnderTest: true, talks: true });
  const base = baseOf(house.households);
  const { window } = house.opened;
  const filters = [`${base}/#`, `${base}-homeassistant/#`];
  const learned = z
    .object({ topics: z.number(), bytes: z.number() })
    .parse(await child.ask({ ask: 'learn', brokerPort, filters }));
  return {
    learned,
    republish: async () => republishedSchema.parse(await child.ask({ ask: 'republish', brokerPort, window })),
    stop: () => child.stop(),
  };
}

/** Keeps so many households subscribed for a day of a clock that need not be waited for. */
export async function renew(households: number, roomsEach: number): Promise<Renewed> {
  const child = startChild({
    args: ['--expose-gc', script('scale/renewals')],
    isUnderTest: true,
    talks: true,
  });
  const renewed = renewedSchema.parse(await child.ask({ households, roomsEach }));
  await child.stop();
  return renewed;
}
