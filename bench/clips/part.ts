import { loadavg } from 'node:os';
import { type Chance, createChance } from '../../src/sim/random.ts';
import { median, quantile } from '../harness/stats.ts';
import { machine } from '../machine.ts';
import type { Options, Part } from '../part.ts';
import { figure, type Report, type Table } from '../report.ts';
import { ANSWER_MS, type House, openHouse, type Trial } from './house.ts';

const SEED = 1;
const SIZES = [2, 6, 12];
/** Of each kind in a round. */
const ANNOUNCEMENTS = 6;
const TEXTS = 3;
const LATEST_MS = 250;
/** How long the daemon holds the first speaker. */
const WAIT_MS = 400;
const CHIME = { chime: 'doorbell' };

/** Announcements of one kind. */
interface Series {
  readonly name: string;
  readonly trials: Trial[];
}

/** In a house of one size, with holding and without. */
interface Together {
  readonly house: House;
  readonly chance: Chance;
  readonly held: Series;
  readonly atOnce: Series;
}

/** In one room whose speaker asks at once. */
interface Alone {
  readonly fresh: Series;
  readonly cached: Series;
  readonly chime: Series;
}

/** Of the last minute. */
const loadAverage = (): number => loadavg()[0] ?? Number.NaN;

const series = (name: string): Series => ({ name, trials: [] });

const text = (number: number) => ({
  text: `Dinner is ready in ${number} minutes, please wash your hands and come to the table.`,
});

/** The same lateness for both ways, in turns. */
async function announceBothWays({ house, chance, held, atOnce }: Together, isHeldFirst: boolean) {
  const late = Array.from({ length: house.players }, () => chance.integer(0, LATEST_MS));
  for (const isHeld of [isHeldFirst, !isHeldFirst]) {
    (isHeld ? held : atOnce).trials.push(await house.announce(CHIME, late, isHeld));
  }
}

async function announceAlone(house: House, { fresh, cached, chime }: Alone, number: number) {
  fresh.trials.push(await house.announceInOne(text(number)));
  cached.trials.push(await house.announceInOne(text(number)));
  chime.trials.push(await house.announceInOne(CHIME));
}

async function warmUp({ house }: Together, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const late = Array.from({ length: house.players }, () => 0);
  for (let isHeld = true; performance.now() < end; isHeld = !isHeld) {
    await house.announce(CHIME, late, isHeld);
  }
  await house.announceInOne(text(0));
}

const inRound = (each: number, round: number, index: number): number => round * each + index + 1;

async function runRounds(options: Options, all: readonly Together[], alone: Alone): Promise<void> {
  for (const together of all) await warmUp(together, options.warmUp);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const together of round % 2 === 0 ? all : all.toReversed()) {
      for (let index = 0; index < ANNOUNCEMENTS; index += 1)
        await announceBothWays(together, index % 2 === 0);
    }
    const [first] = all;
    for (let index = 0; first !== undefined && index < TEXTS; index += 1)
      await announceAlone(first.house, alone, inRound(TEXTS, round, index));
    console.log(`round ${round + 1} of ${options.rounds}`);
  }
}

const cells = (values: readonly number[]): string[] =>
  [median(values), quantile(values, 0.95), quantile(values, 1)].map((value) => figure(value));

const columns = (...names: readonly string[]): string[] =>
  names.flatMap((name) => ['median', 'p95', 'worst'].map((each) => `${name}${each}`));

type OfTrial = (trial: Trial) => number;

const tableOf = (
  heading: string,
  rows: readonly Series[],
  names: readonly string[],
  ...of: readonly OfTrial[]
): Table => ({
  heading,
  columns: ['', ...columns(...names)],
  rows: rows.map(({ name, trials }) => [name, ...of.flatMap((each) => cells(trials.map(each)))]),
});

/** By how much holding delayed a moment, pair by pair. */
const delay = ({ held, atOnce }: Together, of: OfTrial): number =>
  median(held.trials.map((trial, index) => of(trial) - of(atOnce.trials[index] ?? trial)));

function price(all: readonly Together[]): string {
  const words = all.map((together) => {
    const first = figure(delay(together, (trial) => trial.first));
    const last = figure(delay(together, (trial) => trial.last));
    return `with ${together.house.players} speakers the first one began ${first} ms later than served at once, the last one ${last} ms`;
  });
  return `What holding costs, median of the pairs with the same lateness: ${words.join('; ')}.`;
}

function incomplete(all: readonly Together[]): string {
  const held = all.flatMap((together) => together.held.trials);
  const late = held.filter(({ askedApart }) => askedApart > WAIT_MS).length;
  return `In ${late} of ${held.length} announcements that were held the last speaker asked more than ${WAIT_MS} ms after the first, so that the others began without it. Every speaker began in every announcement.`;
}

function reportOf(all: readonly Together[], alone: Alone, options: Options, load: readonly number[]): Report {
  const both = all.flatMap(({ held, atOnce }) => [held, atOnce]);
  const ones = Object.values<Series>({ ...alone });
  const count = options.rounds * ANNOUNCEMENTS;
  return {
    part: 'clips',
    title: 'Announcements',
    at: new Date().toISOString(),
    machine: machine(),
    method: [
      `The daemon (\`node dist/main.js start\`), linked to a simulated Sonos household of ${SIZES.join(', ')} speakers, each a room. \`{"chime":"doorbell"}\` comes to \`sonos/home/all/set/announce\`; the daemon calls Sonos once for each room, and each speaker fetches the sound from the daemon over a connection of its own, a random 0 to ${LATEST_MS} ms after its call came. Sonos answers each call after ${ANSWER_MS.join(' to ')} ms. A speaker has begun when the first bytes of the sound are there.`,
      `Held: the daemon keeps the first byte back until every speaker has asked, at most ${WAIT_MS} ms. Served at once: the same announcement, with the same lateness given out in the order in which Sonos calls the speakers, but they ask by a path that the daemon has given to nobody, so it makes none of them wait.`,
      `${options.rounds} rounds in turns, ${count} announcements of each kind, each ended once all speakers had begun; ${options.warmUp} s of warm-up for each house; seed ${SEED}.`,
      `The simulated Sonos of all houses, their speakers and the sender are one process, which shares its cores with mosquitto; the daemons share theirs with each other, of which only one has something to do at a time, and with espeak-ng, which they start. Load average of the machine when it began and when it ended: ${load.map((each) => figure(each)).join(', ')}.`,
    ],
    tables: [
      tableOf(
        'Between the first speaker and the last one, ms',
        both,
        ['asked: ', 'began: '],
        ({ askedApart }) => askedApart,
        ({ beganApart }) => beganApart,
      ),
      tableOf(
        'From the MQTT publish until a speaker began, ms',
        both,
        ['first: ', 'last: '],
        ({ first }) => first,
        ({ last }) => last,
      ),
      tableOf(
        'From the MQTT publish to the sound in one room whose speaker asks at once, ms',
        ones,
        [''],
        ({ first }) => first,
      ),
    ],
    notes: [
      price(all),
      incomplete(all),
      'How far apart they began is measured where the bytes arrive: one process reads them for all speakers, one after another. What a real speaker does between the first byte and the sound is not in it.',
      `A new text (${text(10).text.length} letters) is spoken by espeak-ng, levelled and stored; the same text again comes from the cache. In all three the announcement is on the disk before Sonos is called.`,
    ],
    data: { options, seed: SEED, load, together: both, alone: ones },
  };
}

async function measure(options: Options): Promise<Report> {
  const load = [loadAverage()];
  const all: Together[] = [];
  try {
    for (const players of SIZES) {
      const house = await openHouse(players, SEED);
      const chance = createChance(SEED + players);
      const [held, atOnce] = [`${players} speakers, held`, `${players} speakers, served at once`].map(series);
      if (held !== undefined && atOnce !== undefined) all.push({ house, chance, held, atOnce });
    }
    const alone = {
      fresh: series('a new text (espeak-ng)'),
      cached: series('the same text again'),
      chime: series('a chime'),
    };
    await runRounds(options, all, alone);
    return reportOf(all, alone, options, [...load, loadAverage()]);
  } finally {
    for (const { house } of all) await house.close();
  }
}

/** How far apart speakers begin, and how soon. */
export const clips: Part = {
  name: 'clips',
  about:
    'announcements on 2, 6 and 12 speakers: how far apart they begin, held and not, and how soon after the publish',
  run: measure,
};
