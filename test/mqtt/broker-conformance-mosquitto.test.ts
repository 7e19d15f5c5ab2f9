import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { figure } from '../support/figures.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { createJudge } from './broker-statements.ts';
import { STATEMENTS } from './broker-statements-all.ts';
import { openWire } from './broker-wire-client.ts';

/** Another reading of the standard than ours: what it does not pass is not in the standard, or is said to differ. */
describe.skipIf(!mosquittoIsInstalled)('MQTT 3.1.1 as mosquitto speaks it', () => {
  let mosquitto: Mosquitto | null = null;
  beforeAll(async () => {
    // Or what is under way would be held back behind twenty unacknowledged messages, and overtaken.
    mosquitto = await startMosquitto([
      'allow_anonymous true',
      'max_inflight_messages 0',
      'set_tcp_nodelay true',
    ]);
  });
  afterAll(() => mosquitto?.stop());

  test.each(STATEMENTS.map((statement, at) => [statement.number, statement.says, statement, at] as const))(
    '[%s] %s',
    async (_number, _says, statement, at) => {
      const judge = createJudge('mosquitto', () => openWire(mosquitto?.port ?? 0));
      await (statement.mosquitto?.holds ?? statement.holds)(judge, `t${at}`);
    },
  );

  test('nearly every statement was judged as it stands', () => {
    const different = STATEMENTS.filter(({ mosquitto: difference }) => difference !== undefined);
    expect(different.length).toBeLessThan(4);
    figure('statements of MQTT 3.1.1 that mosquitto judged', STATEMENTS.length - different.length);
  });
});
