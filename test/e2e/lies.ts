import type { SimulatedSonos } from '../../src/sim/index.ts';

const STATES: ReadonlyMap<string | null, string> = new Map([
  ['PLAYBACK_STATE_PLAYING', 'playing'],
  ['PLAYBACK_STATE_PAUSED', 'paused'],
  ['PLAYBACK_STATE_IDLE', 'idle'],
  ['PLAYBACK_STATE_BUFFERING', 'buffering'],
]);

/** The address of a room with a plain name. */
export const addressOf = (room: string): string => room.toLowerCase().replaceAll(' ', '-');

/** What somebody heard. */
interface Told {
  readonly base: string;
  readonly topics: ReadonlyMap<string, string>;
}

/** What the retained topics should say of the rooms of `home`, and do not. */
export function liesOf({ world }: SimulatedSonos, { base, topics }: Told): string[] {
  return world.rooms().flatMap(({ name, volume, muted, state, members }) => {
    const truth = {
      availability: 'online',
      volume: String(volume),
      muted: String(muted),
      state: STATES.get(state),
      members: members.map(addressOf).sort().join(','),
    };
    return Object.entries(truth).flatMap(([attribute, is]) => {
      const topic = `${base}/home/${addressOf(name)}/${attribute}`;
      const said = topics.get(topic);
      return said === is ? [] : [`${topic} says ${said} and not ${is}`];
    });
  });
}
