import { parseArgs } from 'node:util';
import { createChance } from '../../src/sim/random.ts';
import { wrongSizes, wrongTopics, wrongToTheEye } from './checks.ts';
import { House, Hung } from './house.ts';
import { houseOf } from './month.ts';
import { act, silence } from './people.ts';
import { wrongWithACommand } from './probe.ts';
import { SABOTAGES, type Sabotage, Saboteur } from './sabotage.ts';
import { Trace } from './trace.ts';

// `npm run sabotage -- [--every 1]`: lives through the same hour again and again, each time with another call through the
// doors of the house spoilt, and looks whether the bridge ended, as the daemon would, or is alive and right.

const { values } = parseArgs({
  options: { every: { type: 'string', default: '1' }, seed: { type: 'string', default: '3' } },
});
const MINUTE_MS = 60_000;

interface Hour {
  readonly calls: readonly string[];
  /** How often the daemon would have ended and been started again. */
  readonly ends: number;
  readonly wrong: readonly string[];
}

/** What ends the daemon, as `main` has it: an exception or a rejection that nobody took. */
class Supervisor {
  readonly #house: House;
  ends = 0;
  /** A start that neither succeeded nor was refused. */
  hasHung = false;
  #isDown = false;

  constructor(house: House) {
    this.#house = house;
  }

  readonly fell = (): void => {
    this.ends += 1;
    this.#isDown = true;
    this.#house.crash({ withPower: false });
  };

  /** Lets time go by, and starts what ended, as a supervisor does. */
  async advance(milliseconds: number): Promise<void> {
    const { time } = this.#house;
    const end = time.now + milliseconds;
    while (time.now < end) {
      await time.advance(Math.min(1_000, end - time.now)).catch(this.fell);
      if (this.#isDown || !this.#house.isRunning) await this.start();
    }
  }

  async start(): Promise<void> {
    this.#isDown = false;
    for (let tries = 0; tries < 10 && !this.#house.isRunning; tries += 1) {
      const started = await this.#house.start().catch((error: unknown) => {
        this.hasHung ||= error instanceof Hung;
        return false;
      });
      if (!started) this.ends += 1;
      if (!started) await this.#house.time.advance(5_000);
    }
  }
}

async function hour(at: number, sabotage: Sabotage): Promise<Hour> {
  const seed = Number(values.seed);
  const house = new House({ ...houseOf(seed), reconcileMinutes: 15 }, new Trace());
  const saboteur = new Saboteur(house.time, at, sabotage);
  house.wrapDoors = (doors) => saboteur.wrap(doors);
  const supervisor = new Supervisor(house);
  process.on('unhandledRejection', supervisor.fell);
  process.on('uncaughtException', supervisor.fell);
  const chance = createChance(seed);
  await supervisor.start();
  for (let tries = 0; tries < 5 && house.app.sonos.accounts.status().status !== 'linked'; tries += 1) {
    await house.login().catch(supervisor.fell);
    await supervisor.advance(5_000);
  }
  for (let deed = 0; deed < 14; deed += 1) {
    act(house.cloud.world, chance);
    await supervisor.advance(chance.pick([400, 3_000]));
  }
  house.cloud.world.rename(house.cloud.world.rooms()[0]?.id ?? '', 'Renamed');
  await supervisor.advance(3_000);
  house.cloud.expireAccessTokens();
  act(house.cloud.world, chance);
  house.broker.cut(0);
  await supervisor.advance(10_000);
  silence(house.cloud.world);
  const calls = saboteur.calls.length;
  await supervisor.advance(45 * MINUTE_MS);
  const wrong = [
    ...(supervisor.hasHung ? ['a start neither succeeded nor was refused'] : []),
    ...wrongTopics(house),
    ...wrongToTheEye(house),
    ...wrongSizes(house),
    ...(await wrongWithACommand(house, chance, 'probe')),
  ];
  process.off('unhandledRejection', supervisor.fell);
  process.off('uncaughtException', supervisor.fell);
  return { calls: saboteur.calls.slice(0, calls), ends: supervisor.ends, wrong };
}

const { calls, wrong } = await hour(0, 'throw');
if (wrong.length > 0) throw new Error(`The hour is wrong without any sabotage: ${wrong[0]}`);
const counts = { ended: 0, recovered: 0 };
const zombies: string[] = [];
for (let at = 1; at <= calls.length; at += Number(values.every)) {
  for (const sabotage of SABOTAGES) {
    const outcome = await hour(at, sabotage);
    if (outcome.ends > 0) counts.ended += 1;
    else counts.recovered += 1;
    if (outcome.wrong.length > 0)
      zombies.push(`${sabotage} at call ${at}, ${calls[at - 1]}: ${outcome.wrong[0]}`);
  }
}
for (const zombie of zombies.slice(0, 20)) console.log(zombie);
console.log(
  `figure · spoilt calls: ${counts.ended + counts.recovered} of ${calls.length * SABOTAGES.length}; ` +
    `ended and was started again ${counts.ended}, went on ${counts.recovered}, zombies ${zombies.length}`,
);
process.exitCode = zombies.length === 0 ? 0 : 1;
