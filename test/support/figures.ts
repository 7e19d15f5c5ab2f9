/**
 * Tests that repeat something very often have two lengths: the short one runs always, the long one with `npm run long`.
 * Both say how often they did it.
 */
export const isLong = process.env.LONG === '1';

/** The number of repetitions for this run. */
export const sized = (short: number, long: number): number => (isLong ? long : short);

/** Prints something that was measured or counted, for whoever reads the run (docs/reliability.md names them). */
export function figure(what: string, value: string | number): void {
  process.stdout.write(`figure · ${what}: ${value}\n`);
}
