import { describe, expect, test } from 'vitest';
import { figure } from '../support/figures.ts';
import { openHouse } from './broker-fixtures.ts';
import { createJudge, type Judge } from './broker-statements.ts';
import { STATEMENTS } from './broker-statements-all.ts';
import { openWebSocketWire, openWire } from './broker-wire-client.ts';

/** May publish and subscribe as far as the embedded broker lets anybody. */
const user = { username: 'judge', password: 'fair', publish: ['#'], subscribe: ['#', '$SYS/#'] };

async function openEmbedded(way: 'TCP' | 'WebSocket'): Promise<Judge> {
  const limits = { sockets: 1_000, socketsPerAddress: 1_000 };
  const { port, websocketPort } = await openHouse({ users: [user], limits, websocketPort: 0 });
  const { username, password } = user;
  const open = () => (way === 'TCP' ? openWire(port) : openWebSocketWire(websocketPort ?? 0, 5));
  return createJudge('embedded', open, { username, password });
}

describe.each(['TCP', 'WebSocket'] as const)('MQTT 3.1.1 as the embedded broker speaks it over %s', (way) => {
  test.each(STATEMENTS.map((statement, at) => [statement.number, statement.says, statement, at] as const))(
    '[%s] %s',
    async (_number, _says, { embedded, holds }, at) => {
      await (embedded?.holds ?? holds)(await openEmbedded(way), `t${at}`);
    },
  );
});

test('every statement has its number, and every difference its reason', () => {
  const numbers = STATEMENTS.map(({ number }) => number);
  expect(numbers.filter((number) => !/^MQTT-\d[.-]\d+\.\d+-\d+$/.test(number))).toEqual([]);
  const different = STATEMENTS.filter(({ embedded }) => embedded !== undefined);
  expect(different.filter(({ embedded }) => (embedded?.why ?? '').length < 20)).toEqual([]);
  figure('statements of MQTT 3.1.1 put to the embedded broker, over TCP and WebSocket', STATEMENTS.length);
  figure('numbers of the standard that they stand for', new Set(numbers).size);
  figure('of them answered otherwise, for a reason', different.length);
});
