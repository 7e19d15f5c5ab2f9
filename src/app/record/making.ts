import type { Untimed } from './lines.ts';
import type { Redaction } from './redaction.ts';

/** When a line's thing happened: milliseconds since the record began, and wall time. */
export interface Moment {
  readonly t: number;
  readonly at: number;
}

/** Makes a line when it is written, which is a moment later. */
export type Making = (redaction: Redaction) => Untimed;
