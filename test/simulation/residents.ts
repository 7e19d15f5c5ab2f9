import type { Chance } from '../../src/sim/random.ts';
import type { RoomView } from '../../src/sim/room-view.ts';
import type { House } from './house.ts';
import { silence } from './people.ts';

/** A preset that fails at every step, twice, has taken its time by then. */
const MOST_MS = 15 * 60_000;
const LOOK_MS = 5_000;

/** What is wanted, as it is sent, and whether a room is so; told in the words of the simulated house. */
interface Wish {
  readonly definition: object;
  readonly rooms: readonly { readonly id: string; readonly volume: number; readonly muted: boolean }[];
  readonly members: readonly string[];
  readonly container: string | null;
  readonly shuffle: boolean;
  readonly plays: boolean;
}

/** People who have the house as they like it: presets, saved and applied over MQTT. */
export class Residents {
  readonly #house: House;
  readonly #chance: Chance;
  #count = 0;

  constructor(house: House, chance: Chance) {
    this.#house = house;
    this.#chance = chance;
  }

  /** How many presets were applied. */
  get count(): number {
    return this.#count;
  }

  /** At a quiet moment a preset is saved and applied: it is confirmed and so, and applied again it makes no call. */
  async probe(): Promise<string[]> {
    const wish = this.#wish();
    if (wish === null) return [];
    const wrong = await this.#applied(wish, true);
    if (wrong.length === 0) {
      this.#house.network.calls.length = 0;
      const again = await this.#asked('preset', { value: 'evening' });
      const calls = this.#house.network.calls.filter(({ path }) =>
        /(playerVolume|mute|Members|favorites|playlists|playMode|play|pause)$/.test(
          path.replace(/^\/(households).*/, ''),
        ),
      );
      if (again?.status !== 'confirmed') wrong.push(`a preset that is so was answered ${again?.status}`);
      if (calls.length > 0) wrong.push(`a preset that is so made ${calls.map(({ path }) => path).join()}`);
    }
    await this.#rest();
    return wrong;
  }

  /** While calls fail, a preset may fail; but one that is confirmed is so. */
  async tryAnyway(): Promise<string[]> {
    const wish = this.#wish();
    if (wish === null) return [];
    const wrong = await this.#applied(wish, false);
    await this.#rest();
    return wrong;
  }

  async #rest(): Promise<void> {
    silence(this.#house.cloud.world);
    await this.#house.time.advance(60_000);
  }

  async #applied(wish: Wish, mustBe: boolean): Promise<string[]> {
    const saved = await this.#asked('preset/save', { name: 'evening', ...wish.definition });
    if (saved?.status !== 'confirmed') return [`a preset was not saved: ${JSON.stringify(saved)}`];
    const reply = await this.#asked('preset', { value: 'evening' });
    if (reply === null) return ['a preset was never answered'];
    if (reply.status !== 'confirmed')
      return mustBe ? [`a preset was answered ${JSON.stringify(reply).slice(0, 900)}`] : [];
    return this.#differences(wish);
  }

  #differences({ rooms, members, container, shuffle, plays }: Wish): string[] {
    const { world } = this.#house.cloud;
    const wrong: string[] = [];
    const expect = (what: string, is: unknown, should: unknown): void => {
      if (is !== should) wrong.push(`after a preset ${what} is ${String(is)}, and not ${String(should)}`);
    };
    for (const { id, volume, muted } of rooms) {
      const room = world.room(id);
      expect(`the volume of ${room.name}`, room.volume, volume);
      expect(`muting of ${room.name}`, room.muted, muted);
    }
    const [lead = ''] = members;
    const room = world.room(lead);
    const together = world.rooms().filter(({ groupId }) => groupId === room.groupId);
    expect(
      'the group',
      together
        .map(({ id }) => id)
        .toSorted()
        .join(),
      members.toSorted().join(),
    );
    if (container === null) return wrong;
    expect('the music', room.source?.container.name, container);
    expect('shuffle', room.modes?.shuffle, shuffle);
    expect('playing', isPlaying(room), plays);
    return wrong;
  }

  /** Some rooms of a household that are there, how they are to be, and what they are to play. */
  #wish(): Wish | null {
    const chance = this.#chance;
    const homes = this.#house.app.bridge.households.filter(({ id }) => this.#roomsOf(id).length > 0);
    if (homes.length === 0) return null;
    const home = chance.pick(homes);
    const all = chance.shuffled(this.#roomsOf(home.id));
    const rooms = all.slice(0, chance.integer(1, all.length));
    const word = (id: string): string => home.rooms.get(id)?.address ?? id;
    const wanted = rooms
      .filter(({ fixed }) => !fixed)
      .map(({ id }) => ({ id, volume: chance.integer(0, 60), muted: chance.fraction() < 0.3 }));
    const content = chance.pick([null, ['favorite', 'Morning'], ['playlist', 'Dinner']] as const);
    const [shuffle, plays] = [chance.fraction() < 0.5, chance.fraction() < 0.5];
    const music = content === null ? {} : { [content[0]]: content[1], shuffle, play: plays };
    const members = rooms.map(({ id }) => id);
    const definition = {
      household: home.alias,
      rooms: Object.fromEntries(wanted.map(({ id, ...settings }) => [word(id), settings])),
      group: members.map(word),
      ...music,
    };
    return {
      ...{ definition, rooms: wanted, members, shuffle, plays },
      container: content?.[1] ?? null,
    };
  }

  #roomsOf(household: string): readonly RoomView[] {
    return this.#house.cloud.world.rooms().filter((room) => room.household === household && room.online);
  }

  /** The terminal answer to a command to the bridge; null when none came. More than one is an error. */
  async #asked(command: string, payload: object): Promise<{ readonly status: string } | null> {
    const { broker, time } = this.#house;
    this.#count += 1;
    const id = `preset-${this.#count}`;
    broker.publish(`sonos/bridge/set/${command}`, JSON.stringify({ ...payload, id }), () => {});
    for (let waited = 0; waited < MOST_MS; waited += LOOK_MS) {
      await time.advance(LOOK_MS);
      const answers = broker.taken
        .filter(({ topic }) => topic === 'sonos/bridge/reply')
        .map((message) => JSON.parse(message.payload))
        .filter((reply) => reply.id === id && reply.status !== 'accepted');
      if (answers.length > 1) return { status: `answered ${answers.length} times` };
      if (answers.length === 1) return answers[0];
    }
    return null;
  }
}

const isPlaying = ({ state }: RoomView): boolean =>
  state === 'PLAYBACK_STATE_PLAYING' || state === 'PLAYBACK_STATE_BUFFERING';
