import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { liesOf } from '../e2e/lies.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Callers, letIn } from './callers.ts';
import { type Daemon, type Files, startDaemon } from './daemon.ts';
import { type Options, readOptions } from './options.ts';
import { createHome, moveIn } from './people.ts';
import { plot } from './plot.ts';
import { counting, csvOf, lineOf, type Row, trendIn } from './table.ts';
import { slopeText, type Trend } from './trend.ts';
import { invite } from './trouble.ts';

const RIGHT_AGAIN_WITHIN_MS = 240_000;
/** Answers to commands, for one, are remembered for ten minutes. */
const ENOUGH_MINUTES = 50;
const DEEDS_PER_SECOND = 4;
const COMMANDS_PER_SECOND = 1;

/** What a soak found out. */
export interface Finding {
  /** Of the heap without compiled code. */
  readonly trend: Trend;
  /** Of all of the heap. */
  readonly whole: Trend;
  readonly rows: number;
  /** What the topics say wrongly of the rooms, long after all trouble is over. */
  readonly lies: readonly string[];
  readonly endedInOrder: boolean;
}

interface Running {
  readonly daemon: Daemon;
  readonly callers: Callers;
}

async function measure(
  options: Options,
  { daemon, callers }: Running,
  say: (line: string) => void,
  trouble: () => string,
): Promise<Row[]> {
  const rows: Row[] = [];
  const start = performance.now();
  const end = start + options.minutes * 60_000;
  while (performance.now() < end) {
    await wait(Math.min(options.every * 1000, end - performance.now()));
    if (!daemon.isAlive()) throw new Error(`The daemon ended. Its last words:\n${daemon.lastWords()}`);
    const seconds = (performance.now() - start) / 1000;
    const { sent, answered } = callers;
    rows.push({ ...(await daemon.sample()), seconds, sent, answered });
    const row = rows.at(-1);
    if (row !== undefined) say(lineOf(row, rows, trouble()));
  }
  return rows;
}

async function truth(
  home: ReturnType<typeof createHome>,
  { topics, askForTheTruth }: Callers,
): Promise<string[]> {
  await askForTheTruth();
  const lies = (): string[] => liesOf(home, { base: 'sonos', topics });
  const end = performance.now() + RIGHT_AGAIN_WITHIN_MS;
  while (lies().length > 0 && performance.now() < end) await wait(100);
  return lies();
}

async function keep({ out, players }: Options, rows: readonly Row[], trend: Trend): Promise<void> {
  const curve = (name: string, colour: string, column: 'heap' | 'held' | 'rss') => ({
    name,
    colour,
    points: rows.map((row) => [row.seconds / 3600, row[column]] as const),
  });
  const title = `The daemon with ${players} players, people, trouble and commands: ${slopeText(trend)}`;
  const from = (counting(rows)[0]?.seconds ?? 0) / 3600;
  const curves = [
    curve('heap without code, MB', '#06c', 'held'),
    curve('heap after gc, MB', '#3a3', 'heap'),
    curve('resident, MB', '#999', 'rss'),
  ];
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'soak.csv'), csvOf(rows));
  await writeFile(join(out, 'soak.svg'), plot(title, curves, trend, from));
}

async function live(
  options: Options,
  files: Files,
  broker: Mosquitto,
  say: (line: string) => void,
): Promise<Finding> {
  const { players, seed } = options;
  const home = createHome(players, seed);
  const ends: (() => unknown)[] = [() => home.stop()];
  try {
    const daemon = await startDaemon(files, home, { ...(await home.start()), broker: broker.url });
    let endedInOrder = false;
    const stop = async (): Promise<void> => {
      endedInOrder = await daemon.stop();
    };
    ends.push(stop);
    const callers = await letIn(broker.port, seed + 1, COMMANDS_PER_SECOND);
    ends.push(() => callers.leave());
    const moveOut = moveIn(home, seed + 2, DEEDS_PER_SECOND);
    ends.push(moveOut);
    let trouble = 'no trouble yet';
    const calm = invite(
      { sonos: home, broker, callback: daemon.callback, page: daemon.page },
      seed + 3,
      (name) => {
        trouble = name;
      },
    );
    ends.push(calm);
    const rows = await measure(options, { daemon, callers }, say, () => trouble);
    const [trend, whole] = [trendIn(rows, 'held'), trendIn(rows, 'heap')];
    if (trend === null || whole === null) throw new Error('The time was too short for a trend.');
    await keep(options, rows, trend);
    await calm();
    moveOut();
    const lies = await truth(home, callers);
    await stop();
    return { trend, whole, rows: rows.length, lies, endedInOrder };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function verdict({ trend, whole, lies, endedInOrder }: Finding, { minutes, out }: Options): string {
  const flat = trend.isFlat ? 'is flat' : 'GROWS';
  return [
    '',
    `Without compiled code the heap ${flat}: ${slopeText(trend)}; with it ${slopeText(whole)}. The first fifth of the time does not count.`,
    ...(minutes < ENOUGH_MINUTES
      ? [`Less than ${ENOUGH_MINUTES} minutes say little: some memories fill up for ten.`]
      : []),
    lies.length === 0
      ? 'After all trouble every topic is right again.'
      : `Wrong in the end: ${lies.join('; ')}`,
    endedInOrder ? 'It ended in order.' : 'It did NOT end in order.',
    `Every measurement is in ${out}.`,
  ].join('\n');
}

/** Runs a soak by the arguments of its command. */
export async function soak(
  argv: readonly string[],
  files: Files,
  say: (line: string) => void,
): Promise<Finding> {
  const options = readOptions(argv);
  const broker = await startMosquitto();
  try {
    say(`${options.minutes} minutes, ${options.players} players, --seed ${options.seed}`);
    const finding = await live(options, files, broker, say);
    say(verdict(finding, options));
    return finding;
  } finally {
    await broker.stop();
  }
}
