import { parseArgs } from 'node:util';

const USAGE = `npm run soak -- [--minutes 60] [--every 10] [--players 32] [--seed N] [--out test/soak/results]

Runs the built daemon against a simulated household with life, trouble and commands, and tells whether its heap grows.`;

/** How a soak is to be. */
export interface Options {
  readonly minutes: number;
  /** Seconds between two measurements. */
  readonly every: number;
  readonly players: number;
  readonly seed: number;
  readonly out: string;
}

/** Reads the arguments of the command; what is wrong with them is thrown. */
export function readOptions(argv: readonly string[]): Options {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: text('60'),
      every: text('10'),
      players: text('32'),
      seed: text(String(Math.floor(Math.random() * 1_000_000))),
      out: text('test/soak/results'),
    },
  });
  const number = (name: 'minutes' | 'every' | 'players' | 'seed', least: number): number => {
    const read = Number(values[name]);
    if (!(read >= least)) throw new Error(`--${name} is a number of at least ${least}.\n\n${USAGE}`);
    return read;
  };
  return {
    minutes: number('minutes', 0.1),
    every: number('every', 0.1),
    players: number('players', 2),
    seed: number('seed', 0),
    out: values.out,
  };
}
