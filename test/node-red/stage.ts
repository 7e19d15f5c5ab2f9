import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from '../e2e/house.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { findProgram } from '../support/programs.ts';
import type { FlowName } from './flows.ts';
import { type NodeRed, startNodeRed } from './node-red.ts';

const espeak = findProgram('espeak-ng');

/** A house with a bridge and Node-RED in it, and somebody who hears and sends. */
export interface Stage {
  readonly house: RunningHouse;
  readonly observer: Observer;
  readonly nodeRed: NodeRed;
  /** What was said at a topic, or at those that fit, as JSON. */
  told(topic: string | RegExp, since?: number): Record<string, unknown>[];
  /** The calls that Sonos got so far whose path ends so, and what they brought: in the order they came. */
  calls(path: RegExp, since?: number): { readonly path: string; readonly body: unknown }[];
  /** Waits until so many messages were said at a topic, and gives them. */
  tells(topic: string | RegExp, count: number, since?: number): Promise<Record<string, unknown>[]>;
}

const fits = (topic: string, wanted: string | RegExp): boolean =>
  typeof wanted === 'string' ? topic === wanted : wanted.test(topic);

function stageOf(house: RunningHouse, observer: Observer, nodeRed: NodeRed): Stage {
  const told: Stage['told'] = (topic, since = 0) =>
    observer.messages
      .slice(since)
      .filter((seen) => fits(seen.topic, topic))
      .map(({ payload }) => JSON.parse(payload));
  return {
    house,
    observer,
    nodeRed,
    told,
    calls: (path, since = 0) =>
      house.sonos.requests
        .slice(since)
        .filter((request) => request.method === 'POST' && path.test(request.path))
        .map((request) => ({ path: request.path, body: JSON.parse(request.body) })),
    tells: (topic, count, since = 0) =>
      eventually(
        () => (told(topic, since).length >= count ? told(topic, since) : undefined),
        `${count} messages at ${topic}`,
        () => observer.messages.slice(since).filter((seen) => /^house|set|reply|event$/.test(seen.topic)),
        20_000,
      ),
  };
}

const BROKERS = [
  {
    broker: 'the embedded broker',
    isMosquitto: false,
    settings: ['sonos-broker.broker', 'sonos-broker.port'],
  },
  {
    broker: 'mosquitto, with MQTT 5',
    isMosquitto: true,
    protocolVersion: '5' as const,
    settings: ['sonos-broker.broker', 'sonos-broker.port', 'sonos-broker.protocolVersion'],
  },
];

/** What a stage may have beside the flows. */
interface StageOptions {
  readonly needsSpeech?: boolean;
  /** The local time where Node-RED runs is so many hours past midnight. */
  readonly hour?: number;
  /** A topic at which the broker keeps a message of earlier, and that message. */
  readonly old?: readonly [topic: string, payload: string];
}

/** Clips come from this machine, and what shows no effect is given up soon. */
const SETTINGS = { announcements: { allowed_hosts: ['127.0.0.1'] }, commands: { confirm_seconds: 2 } };

/** Tests of flows, on the embedded broker with 3.1.1 as they are shipped, and on mosquitto with MQTT 5. */
export function onStage(
  flows: readonly FlowName[],
  options: StageOptions,
  tests: (stage: () => Stage, on: { readonly isMosquitto: boolean }) => void,
) {
  describe.each(BROKERS)(`${flows.join(', ')}, on $broker`, ({ isMosquitto, protocolVersion, settings }) => {
    describe.skipIf(
      (isMosquitto && !mosquittoIsInstalled) || (options.needsSpeech === true && espeak === null),
    )('', () => {
      let stage: Stage | null = null;
      const ends: (() => Promise<unknown>)[] = [];

      beforeAll(async () => {
        const mosquitto = isMosquitto ? await startMosquitto() : null;
        ends.push(async () => mosquitto?.stop());
        const house = await startHouse({
          ...(mosquitto === null ? {} : { brokerPort: mosquitto.port }),
          settings: SETTINGS,
          sonos: { knobs: { bufferMs: 5, fetchClips: true } },
        });
        ends.push(() => house.stop());
        const observer = await Observer.connect(
          house.brokerPort,
          isMosquitto ? { protocolVersion: 5 } : {},
          '#',
        );
        ends.push(() => observer.end());
        await flowing(house);
        if (options.old !== undefined) await observer.send(...options.old, { retain: true });
        const nodeRed = await startNodeRed({
          flows,
          brokerPort: house.brokerPort,
          ...(protocolVersion === undefined ? {} : { protocolVersion }),
          ...(options.hour === undefined ? {} : { hour: options.hour }),
        });
        ends.push(() => nodeRed.stop());
        stage = stageOf(house, observer, nodeRed);
      });

      afterAll(async () => {
        for (const end of ends.reverse()) await end();
      });

      const present = (): Stage => {
        if (stage === null) throw new Error('there is no stage');
        return stage;
      };

      it('is what is shipped, but for the settings of the broker', () => {
        expect([...present().nodeRed.changed].sort()).toEqual(settings);
      });

      tests(present, { isMosquitto });

      it('told of no trouble, ends when it is told to, and leaves nothing at the broker', async () => {
        const { house, nodeRed } = present();
        expect(await nodeRed.stop()).toBe(0);
        expect(nodeRed.takeTrouble()).toEqual([]);
        const late = await Observer.connect(
          house.brokerPort,
          isMosquitto ? { protocolVersion: 5 } : {},
          'house/#',
        );
        await late.send('house/anything', 'the end');
        await late.until(({ topic }) => topic === 'house/anything', 'its own message');
        const kept = late.messages.filter(({ topic }) => topic !== 'house/anything');
        await late.end();
        const old = options.old === undefined ? [] : [options.old];
        expect(kept.map(({ topic, payload }) => [topic, payload])).toEqual(old);
      });
    });
  });
}
