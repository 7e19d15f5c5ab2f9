import type { Report } from './report.ts';

/** How long and how often to measure. */
export interface Options {
  readonly rounds: number;
  /** Of each measured phase. */
  readonly seconds: number;
  /** Before each. */
  readonly warmUp: number;
  /** For a look at the ratios, as in CI: few rounds, no rows that take long. */
  readonly isShort: boolean;
}

/** A part of the bench that can run alone. */
export interface Part {
  readonly name: string;
  /** What it measures, in a line. */
  readonly about: string;
  run(options: Options): Promise<Report>;
}
