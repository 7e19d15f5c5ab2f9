import { setTimeout as wait } from 'node:timers/promises';
import { livingHousehold } from '../../src/sim/index.ts';
import type { Entity } from '../support/home-assistant/entity.ts';
import type { HomeAssistant } from '../support/home-assistant/home-assistant.ts';

/** The rooms of a household that has these, and no groups. */
export function householdOf(rooms: readonly string[]) {
  const { players, groups: _, ...living } = livingHousehold();
  const further = [
    { name: 'Hi-Fi', model: 'port', fixed: true },
    { name: 'Hall', model: 'play-1-s1', volume: 11 },
  ];
  return { ...living, players: [...players, ...further].filter(({ name }) => rooms.includes(name)) };
}

/** Waits until what Home Assistant shows fits, and gives it; fails with what was shown instead. */
export async function shows(
  home: HomeAssistant,
  fits: (all: readonly Entity[]) => boolean,
  what: string,
): Promise<readonly Entity[]> {
  const end = performance.now() + 10_000;
  for (;;) {
    const all = await home.look();
    if (fits(all)) return all;
    if (performance.now() > end) {
      const seen = all.map((it) => [it.device, it.entityId, home.isAvailable(it), it.state]);
      throw new Error(`expected ${what}; instead ${JSON.stringify(seen)} and ${JSON.stringify(home.log)}`);
    }
    await wait(5);
  }
}

/** The entities of a device. */
export const of = (all: readonly Entity[], device: string): Entity[] =>
  all.filter((it) => it.device === device);

/** Whether everything is there that can be; a cover is only there while something with a cover plays. */
export const isAllThere = (home: HomeAssistant, all: readonly Entity[]): boolean =>
  all.every((it) => it.platform === 'image' || home.isAvailable(it));
