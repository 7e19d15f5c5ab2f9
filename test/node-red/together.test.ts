import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { flowing, Observer, type RunningHouse, startHouse } from '../e2e/house.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { FLOWS } from './flows.ts';
import { type NodeRed, startNodeRed } from './node-red.ts';

const list = readFileSync(join(import.meta.dirname, '../../examples/node-red/README.md'), 'utf8');
const users = z
  .object({
    broker: z.object({ users: z.array(z.looseObject({ username: z.string(), password: z.string() })) }),
  })
  .parse(parse(/```yaml\n([\s\S]*?)```/.exec(list)?.[1] ?? '')).broker.users;

/** Who watches, where there are users. */
const WATCHER = { username: 'watcher', password: 'sees everything', publish: ['#'], subscribe: ['#'] };

const BROKERS = [
  { broker: 'mosquitto', isMosquitto: true },
  { broker: 'the embedded broker with the user of the README', isMosquitto: false },
];

describe.each(BROKERS)('all flows in one Node-RED, as they are shipped, on $broker', ({ isMosquitto }) => {
  describe.skipIf(isMosquitto && !mosquittoIsInstalled)('', () => {
    let observer: Observer;
    let nodeRed: NodeRed;
    const ends: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      const mosquitto = isMosquitto ? await startMosquitto() : null;
      ends.push(async () => mosquitto?.stop());
      const house: RunningHouse = await startHouse(
        mosquitto === null
          ? { settings: { broker: { users: [...users, WATCHER] } } }
          : { brokerPort: mosquitto.port },
      );
      ends.push(() => house.stop());
      const [user] = users;
      const { username, password } = WATCHER;
      observer = await Observer.connect(house.brokerPort, isMosquitto ? {} : { username, password }, '#');
      ends.push(() => observer.end());
      await flowing(house);
      nodeRed = await startNodeRed({
        flows: FLOWS,
        brokerPort: house.brokerPort,
        ...(isMosquitto || user === undefined ? {} : { user }),
      });
      ends.push(() => nodeRed.stop());
    });
    afterAll(async () => {
      for (const end of ends.reverse()) await end();
    });

    it('share one connection, and do not get in each other’s way', async () => {
      expect([...nodeRed.changed].sort()).toEqual(['sonos-broker.broker', 'sonos-broker.port']);
      await observer.send('house/sonos/command', '{"room":"office","command":"volume","value":33}');
      await observer.until(({ topic }) => topic === 'house/sonos/confirmed', 'a confirmed command');
      await observer.until(
        ({ topic, payload }) => topic === 'house/sonos-table' && /"Office"[^}]*"volume":33/.test(payload),
        'it in the table',
      );
      await observer.send('house/kitchen/button', '{"hour":8}');
      await observer.holds('sonos/home/kitchen/source', 'Morning Coffee');
      await observer.until(
        ({ topic, payload }) => topic === 'house/sonos-table' && payload.includes('"Kettle Song – The Paper'),
        'that in the table, too',
      );
      expect(nodeRed.wire.connections).toBe(1);
      expect(await nodeRed.stop()).toBe(0);
      expect(nodeRed.takeTrouble()).toEqual([]);
    });
  });
});
