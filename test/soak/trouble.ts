import { setTimeout as wait } from 'node:timers/promises';
import type { SimulatedSonos } from '../../src/sim/index.ts';
import { type Chance, createChance } from '../../src/sim/random.ts';
import type { Mosquitto } from '../support/mosquitto.ts';

/** Whom trouble may come to. */
export interface Surroundings {
  readonly sonos: SimulatedSonos;
  readonly broker: Mosquitto;
  /** Where events go. */
  readonly callback: string;
  readonly page: string;
}

interface Trouble {
  readonly name: string;
  /** Begins it. */
  readonly begin: (around: Surroundings, chance: Chance) => unknown;
  /** Ends it, some seconds later. */
  readonly end?: (around: Surroundings) => unknown;
}

const knobs = (name: string, worse: Partial<SimulatedSonos['knobs']>, usual: typeof worse): Trouble => ({
  name,
  begin: ({ sonos }) => Object.assign(sonos.knobs, worse),
  end: ({ sonos }) => Object.assign(sonos.knobs, usual),
});

async function stranger(url: string, init: RequestInit = {}): Promise<void> {
  try {
    await (await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) })).text();
  } catch {
    // Nobody waits for strangers.
  }
}

const TROUBLES: readonly Trouble[] = [
  knobs(
    'events lost, doubled, late and torn',
    { dropRate: 0.2, duplicateRate: 0.1, reorderRate: 0.2, corruptRate: 0.1 },
    { dropRate: 0, duplicateRate: 0, reorderRate: 0, corruptRate: 0 },
  ),
  knobs('no event at all', { deliver: false }, { deliver: true }),
  knobs('slow answers', { replyDelayMs: 400 }, { replyDelayMs: 0 }),
  knobs('refresh tokens that rotate', { refreshTokens: 'rotating' }, { refreshTokens: 'stable' }),
  {
    name: 'Sonos failing',
    begin({ sonos }, chance) {
      const answers = [
        'hang',
        'refuse',
        'lose-reply',
        { status: 503 },
        { status: 500, body: '<html>' },
      ] as const;
      sonos.failNext({ match: '/', times: chance.integer(1, 60), answer: chance.pick(answers) });
    },
    end: ({ sonos }) => sonos.clearFaults(),
  },
  {
    name: 'an access token that ended, and no new one',
    begin({ sonos }) {
      sonos.knobs.tokenEndpoint = 'unavailable';
      sonos.expireAccessTokens();
    },
    end({ sonos }) {
      sonos.knobs.tokenEndpoint = 'normal';
    },
  },
  { name: 'an access token that ended', begin: ({ sonos }) => sonos.expireAccessTokens() },
  { name: 'subscriptions lost', begin: ({ sonos }) => sonos.wipeSubscriptions() },
  { name: 'sequence numbers begun anew', begin: ({ sonos }) => sonos.resetSequences() },
  {
    name: 'players unplugged',
    begin({ sonos: { world } }, chance) {
      for (const { name } of chance.shuffled(world.rooms()).slice(0, 3)) world.unplug(name);
    },
    end({ sonos: { world } }) {
      for (const { name, online } of world.rooms()) if (!online) world.plugIn(name);
    },
  },
  {
    name: 'a room with another name',
    begin: ({ sonos: { world } }, chance) => world.rename(chance.pick(world.rooms()).name, 'Attic'),
    end({ sonos: { world } }) {
      const names = new Set(world.rooms().map(({ name }) => name));
      const missing = [...names].map((_, index) => `Room ${String(index + 1).padStart(2, '0')}`);
      world.rename('Attic', missing.find((name) => !names.has(name)) ?? 'Attic');
    },
  },
  {
    name: 'a broker without power',
    begin: ({ broker }) => broker.kill(),
    end: ({ broker }) => broker.restart(),
  },
  { name: 'a broker that starts again', begin: ({ broker }) => broker.restart() },
  {
    name: 'strangers at the doors',
    async begin({ callback, page }, chance) {
      const forged = { 'X-Sonos-Event-Signature': chance.text(43), 'X-Sonos-Event-Seq-Id': '1' };
      for (let count = 0; count < 40; count += 1) {
        await stranger(callback, { method: 'POST', headers: forged, body: chance.text(2_000) });
        await stranger(new URL(`/${chance.text(8)}`, callback).href);
        await stranger(new URL(chance.pick(['/', '/metrics', '/health/ready', '/nothing']), page).href);
      }
    },
  },
];

/** Lets one trouble after the other come, with pauses between them, until told to end; nothing is left of them then. */
export function invite(
  around: Surroundings,
  seed: number,
  told: (name: string) => void,
): () => Promise<void> {
  const chance = createChance(seed);
  const ending = new AbortController();
  const pause = async (least: number, most: number): Promise<void> => {
    await wait(chance.integer(least, most), undefined, { signal: ending.signal }).catch(() => {});
  };
  const visits = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await pause(1_000, 8_000);
      if (ending.signal.aborted) return;
      const { name, begin, end } = chance.pick(TROUBLES);
      told(name);
      await begin(around, chance);
      await pause(1_000, 12_000);
      await end?.(around);
    }
  };
  const all = visits();
  return () => {
    ending.abort();
    return all;
  };
}
