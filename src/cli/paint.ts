import type { Context } from './context.ts';

/** Words in colour, for a person at a terminal. */
export interface Paint {
  dim(text: string): string;
  bold(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
  notable(text: string): string;
}

/** Makes colours (ECMA-48, SGR), or leaves every text as it is. */
export function createPaint(isOn: boolean): Paint {
  const between = (on: number, off: number) => (text: string) =>
    isOn && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    dim: between(2, 22),
    bold: between(1, 22),
    good: between(32, 39),
    bad: between(31, 39),
    doubtful: between(33, 39),
    notable: between(36, 39),
  };
}

/** Colours when a person looks on and does not forbid them (no-color.org: any value but an empty one). */
export const paintFor = ({ isTerminal, env }: Pick<Context, 'isTerminal' | 'env'>): Paint =>
  createPaint(isTerminal && (env.NO_COLOR ?? '') === '');
