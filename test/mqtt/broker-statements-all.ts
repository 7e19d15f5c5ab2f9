import type { Statement } from './broker-statements.ts';
import { CONNECTION } from './broker-statements-connection.ts';
import { MATCHING } from './broker-statements-matching.ts';
import { PACKETS } from './broker-statements-packets.ts';
import { PUBLISHING } from './broker-statements-publishing.ts';
import { RETAINED } from './broker-statements-retained.ts';
import { SUBSCRIBING } from './broker-statements-subscribing.ts';

/** Every sentence of MQTT 3.1.1 that we rely on. */
export const STATEMENTS: readonly Statement[] = [
  ...PACKETS,
  ...CONNECTION,
  ...PUBLISHING,
  ...RETAINED,
  ...SUBSCRIBING,
  ...MATCHING,
];
