import { familiarName } from '../../bridge/familiar-names.ts';
import type { Household } from '../../bridge/state.ts';
import { readTopic } from '../valid-topic.ts';

/** Whether a word can be one level of a topic. */
const isLevel = (word: string): boolean => !word.includes('/') && readTopic(word).ok;

/** Whether a player's id can stand below the base topic beside the households: these never begin like that. */
export const isPlayerLevel = (playerId: string): boolean => /^RINCON_/.test(playerId) && isLevel(playerId);

/** What a household's rooms are called in `status` topics: their names, or their ids where a name is none of its own. */
export function statusNames(household: Household): ReadonlyMap<string, string> {
  const rooms = [...household.rooms.values()];
  const count = new Map<string, number>();
  for (const { name } of rooms) count.set(familiarName(name), (count.get(familiarName(name)) ?? 0) + 1);
  return new Map(
    rooms.map(({ playerId, name }) => {
      const word = familiarName(name);
      const isOwn = count.get(word) === 1 && isLevel(word);
      return [playerId, isOwn ? word : playerId] as const;
    }),
  );
}
