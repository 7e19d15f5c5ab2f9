import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrokerOptions, BrokerPorts } from '../../src/mqtt/broker.ts';
import { builtProgram } from '../support/built-program.ts';

/** What a process of brokers says of itself, after a collection; sizes in bytes. */
export interface Measures {
  readonly heap: number;
  /** Memory of buffers, outside the heap. */
  readonly buffers: number;
  readonly rss: number;
  /** Connections that exist, closed ones that something still holds on to counted in. */
  readonly connections: number;
  readonly sockets: number;
  readonly timers: number;
  readonly lines: Readonly<Record<'debug' | 'info' | 'warn' | 'error', number>>;
  /** What Node warned of, such as listeners that are never taken off. */
  readonly warnings: readonly string[];
}

/** Embedded brokers of the built program, in a process of their own. */
export interface BrokerProcess {
  readonly ports: readonly BrokerPorts[];
  /** The largest RSS since it was asked the last time, garbage and all. */
  peak(): Promise<number>;
  measure(): Promise<Measures>;
  /** Measures until no connection is left, and no more timers than that, or it has done so a hundred times. */
  measureAtRest(timers?: number): Promise<Measures>;
  /** Whether it still runs. An uncaught error or an unhandled rejection would have ended it. */
  readonly alive: boolean;
  stop(): Promise<void>;
}

export type ChildBroker = Omit<BrokerOptions, 'clock' | 'log'>;

export async function startBrokers(...options: readonly ChildBroker[]): Promise<BrokerProcess> {
  const folder = dirname(await builtProgram());
  const child: ChildProcess = fork(
    join(import.meta.dirname, 'broker-process.mjs'),
    [folder, JSON.stringify(options)],
    // Twenty times what it needs: whoever makes it grow without bound ends it.
    { execArgv: ['--expose-gc', '--max-old-space-size=256', '--no-warnings'] },
  );
  const ended = once(child, 'exit').then(([code, signal]): never => {
    throw new Error(`The brokers' process ended: ${code ?? signal}.`);
  });
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> => {
    const [word] = await Promise.race([once(child, 'message'), ended]);
    return word;
  };
  const ports = (await answer()) as readonly BrokerPorts[];
  const ask = async (word: 'measure' | 'peak'): Promise<unknown> => {
    child.send(word);
    return answer();
  };
  const measure = async (): Promise<Measures> => (await ask('measure')) as Measures;
  return {
    ports,
    peak: async () => Number(await ask('peak')),
    measure,
    async measureAtRest(timers = Number.POSITIVE_INFINITY) {
      for (let attempt = 1; ; attempt += 1) {
        const measures = await measure();
        const { sockets, connections } = measures;
        if (attempt === 100 || (sockets + connections === 0 && measures.timers <= timers)) return measures;
        await wait(100);
      }
    },
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
