import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { SimulatedSonos } from '../../src/sim/index.ts';
import type { Observer } from './house.ts';

/** What a bridge that lives does; one that has ended does none of it, and what does only some of it is a zombie. */
export const SIGNS = ['health', 'events', 'commands', 'state'] as const;
export type Sign = (typeof SIGNS)[number];

/** How a bridge was found: `lacks` are the signs of life that a zombie did not give. */
export type Life = { readonly life: 'alive' | 'dead' } | { readonly life: 'zombie'; readonly lacks: Sign[] };

/** A bridge that is watched: linked, with the household of the demo under the alias `home`. */
export interface Watched {
  /** The address of its private listener. */
  readonly page: string;
  readonly observer: Observer;
  readonly sonos: SimulatedSonos;
  readonly hasEnded: () => boolean;
}

const LOOK_EVERY_MS = 10;
/** What shows nothing within this time is tried again, while there is patience. */
const TRY_MS = 2_500;

/** Whether it shows in time; what has ended shows nothing any more. */
async function shows({ hasEnded }: Watched, look: () => boolean): Promise<boolean> {
  const end = performance.now() + TRY_MS;
  while (!look()) {
    if (hasEnded() || performance.now() > end) return false;
    await wait(LOOK_EVERY_MS);
  }
  return true;
}

/** Another volume than the present one, in the middle of the scale. */
const another = (volume: number): number => 20 + ((volume + 1) % 20);

async function isHealthy({ page }: Watched): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/health/live', page), { signal: AbortSignal.timeout(TRY_MS) });
    await answer.text();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Somebody turns a knob; the topic must say so. */
async function showsEvents(watched: Watched): Promise<boolean> {
  const { observer, sonos } = watched;
  const volume = another(sonos.world.room('Office').volume);
  sonos.world.setVolume('Office', volume);
  const topic = `${observer.base}/home/office/volume`;
  return shows(watched, () => observer.topics.get(topic) === String(volume));
}

const answered = z.object({ id: z.string(), status: z.literal('confirmed') });

/** A command must reach Sonos, and its sender must be told. */
async function takesCommands(watched: Watched): Promise<boolean> {
  const { observer, sonos } = watched;
  const id = `watchdog-${Math.random().toString(36).slice(2, 12)}`;
  const volume = another(sonos.world.room('Terrace').volume);
  const since = observer.messages.length;
  const command = JSON.stringify({ value: volume, id });
  // With a broker that is gone it waits for ever.
  observer.send(`${observer.base}/home/terrace/set/volume`, command).catch(() => {});
  const isAnswer = (payload: string): boolean => answered.safeParse(JSON.parse(payload)).data?.id === id;
  const isConfirmed = (): boolean =>
    observer.messages
      .slice(since)
      .some(({ topic, payload }) => topic === `${observer.base}/home/terrace/reply` && isAnswer(payload));
  return (await shows(watched, isConfirmed)) && sonos.world.room('Terrace').volume === volume;
}

/** With another number of groups, another number of subscriptions is wanted, which the bridge must say of itself. */
async function movesItsState(watched: Watched): Promise<boolean> {
  const { observer, sonos } = watched;
  const since = observer.messages.length;
  const isGrouped = sonos.world.room('Bathroom').members.length > 1;
  if (isGrouped) sonos.world.ungroup('Bathroom');
  else sonos.world.group('Kitchen', 'Bathroom');
  return shows(watched, () =>
    observer.messages.slice(since).some(({ topic }) => topic === `${observer.base}/bridge/state`),
  );
}

const SHOWS: Readonly<Record<Sign, (watched: Watched) => Promise<boolean>>> = {
  health: isHealthy,
  events: showsEvents,
  commands: takesCommands,
  state: movesItsState,
};

/**
 * Finds out whether a bridge is alive, dead or neither. It does a little in the house and looks for the consequences,
 * again and again while there is patience, until all signs are given at a time: what was in trouble has so long to
 * recover, once the trouble is over. It may end at any moment of that, which is not being a zombie.
 */
export async function lifeOf(watched: Watched, patienceMs = 30_000): Promise<Life> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const shown = await Promise.all(SIGNS.map((sign) => SHOWS[sign](watched)));
    if (watched.hasEnded()) return { life: 'dead' };
    const lacks = SIGNS.filter((_, index) => shown[index] === false);
    if (lacks.length === 0) return { life: 'alive' };
    if (performance.now() > end) return { life: 'zombie', lacks };
    await wait(LOOK_EVERY_MS);
  }
}
