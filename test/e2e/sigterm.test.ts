import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chance, createChance } from '../../src/sim/random.ts';
import { builtProgram } from '../support/built-program.ts';
import { figure, sized } from '../support/figures.ts';
import { mosquittoIsInstalled } from '../support/mosquitto.ts';
import { type DiaryBroker, startDiaryBroker } from './broker-diary.ts';
import { expectContractKept } from './contract.ts';
import { Lives } from './lives.ts';
import { MOMENTS, type Moment } from './moments.ts';

/** The short form falls into each moment twice. */
const INSTANTS = sized(24, 200);
/** A look by the watchdog takes a second or two. */
const LOOK_EVERY = sized(8, 1);
/** So many households at once. */
const BESIDE_EACH_OTHER = 3;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));

interface Outcome {
  readonly moment: string;
  readonly code: number | null;
  readonly milliseconds: number;
}

/** One instant: from a settled daemon to the next one. */
async function tryInstant(
  lives: Lives,
  moment: Moment,
  chance: Chance,
  isWatched: boolean,
): Promise<Outcome> {
  if (moment.from !== 'rest') {
    const circumstances = { signal: 'SIGTERM', isAskedTwice: false, isBrokerLost: false } as const;
    await lives.inspect(await lives.daemon.stop('SIGTERM'), circumstances);
    if (moment.from === 'nothing') lives.wipe();
    await lives.begin();
  }
  const signal = chance.fraction() < 0.75 ? 'SIGTERM' : 'SIGINT';
  const before = lives.linked();
  const over = await moment.begin(lives, chance);
  await wait(chance.fraction() * moment.withinMs);
  const end = await lives.daemon.stop(signal);
  over();
  const { isAskedTwice = false, isBrokerLost = false } = moment;
  await lives.inspect(end, { signal, isAskedTwice, isBrokerLost });
  if (moment.from !== 'nothing') expect(lives.linked()).toEqual(before);

  // Life goes on in the house while nobody looks.
  for (const room of ['Kitchen', 'Bedroom']) lives.place.sonos.world.setVolume(room, chance.integer(1, 60));
  await lives.begin();
  if (lives.linked().length === 0) await lives.login();
  await lives.settle();
  if (isWatched) expect(await lives.look()).toEqual({ life: 'alive' });
  return { moment: moment.name, code: end.code, milliseconds: end.milliseconds };
}

describe.skipIf(!mosquittoIsInstalled)('a daemon that is told to end at a random instant', () => {
  let broker: DiaryBroker;
  const households: Lives[] = [];

  beforeAll(async () => {
    await builtProgram();
    broker = await startDiaryBroker();
  }, 150_000);

  afterAll(async () => {
    for (const lives of households) await lives.leave();
    await broker?.stop();
  });

  it('ends in order within five seconds, says so itself, keeps its tokens, and comes back as it was', async () => {
    const order = createChance(SEED);
    const rounds = Math.ceil(INSTANTS / MOMENTS.length);
    const queue = Array.from({ length: rounds }, () => order.shuffled(MOMENTS))
      .flat()
      .slice(0, INSTANTS);
    const instants = queue.map((moment, number) => ({ moment, number }));
    const outcomes: Outcome[] = [];
    const faults: string[] = [];

    async function inhabit(household: number): Promise<void> {
      const lives = await Lives.open(`house-${household}`, broker);
      households.push(lives);
      await lives.begin();
      await lives.login();
      await lives.settle();
      for (let next = instants.shift(); next !== undefined && faults.length === 0; next = instants.shift()) {
        const { moment, number } = next;
        // Each instant has a chance of its own, so that one of them can be looked at again alone.
        const chance = createChance(SEED * 1_000 + number);
        try {
          outcomes.push(await tryInstant(lives, moment, chance, number % LOOK_EVERY === 0));
        } catch (error) {
          const log = lives.daemon.said.split('\n').slice(-15).join('\n');
          faults.push(`SEED=${SEED}, instant ${number}, in ${moment.name}: ${error}\n${log}`);
        }
      }
      if (faults.length > 0) return;
      expect((await lives.look()).life).toBe('alive');
      await expectContractKept(lives.observer, broker.port);
    }

    const start = performance.now();
    await Promise.all(Array.from({ length: BESIDE_EACH_OTHER }, (_, household) => inhabit(household)));
    expect(faults).toEqual([]);
    expect(outcomes).toHaveLength(INSTANTS);
    figure('instants of SIGTERM and SIGINT', `${INSTANTS} (SEED=${SEED})`);
    const moments = new Set(outcomes.map(({ moment }) => moment));
    expect(moments.size).toBe(MOMENTS.length);
    figure('moments of a life they fell into', moments.size);
    figure('longest orderly end, ms', Math.round(Math.max(...outcomes.map((each) => each.milliseconds))));
    figure('seconds', Math.round((performance.now() - start) / 1000));
  }, 1_800_000);
});
