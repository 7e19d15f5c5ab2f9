import type { Chance } from '../../src/sim/random.ts';
import type { House } from './house.ts';

/** Long enough for a command to be confirmed, by a read if need be. */
const ANSWER_MS = 12_000;
/** Long enough for everything that a regrouping sets off. */
const SETTLE_MS = 9_000;

/** Whether the bridge is alive: a command at a quiet moment is carried out, and confirmed. */
export async function wrongWithACommand(house: House, chance: Chance, id: string): Promise<string[]> {
  const rooms = house.cloud.world.rooms().filter(({ online, fixed }) => online && !fixed);
  if (rooms.length === 0) return [];
  const room = chance.pick(rooms);
  const address = addressOf(house, room.id);
  const value = chance.integer(0, 100);
  house.broker.publish(`sonos/${address}/set/volume`, JSON.stringify({ value, id }), () => {});
  await house.time.advance(ANSWER_MS);
  const answers = house.broker.taken
    .filter(({ topic }) => topic === `sonos/${address}/reply`)
    .map(({ payload }) => JSON.parse(payload))
    .filter((reply) => reply.id === id)
    .map(({ status }) => status);
  const { volume } = house.cloud.world.room(room.id);
  const isRight = answers.join() === 'accepted,confirmed' && volume === value;
  return isRight ? [] : [`volume ${value} for ${room.name} was answered ${answers.join()}; it is ${volume}`];
}

function addressOf(house: House, playerId: string): string {
  for (const household of house.app.bridge.households) {
    const room = household.rooms.get(playerId);
    if (room !== undefined) return `${household.alias}/${room.address}`;
  }
  return 'nowhere';
}

/** Whether people who regroup at a quiet moment cause no more calls than the new groups need. */
export async function wrongAfterRegrouping(house: House, chance: Chance): Promise<string[]> {
  const { world, knobs } = house.cloud;
  const rooms = world.rooms().filter(({ online }) => online);
  // Where nothing follows a subscription, what follows is read.
  if (rooms.length < 2 || !knobs.snapshotOnSubscribe) return [];
  const room = chance.pick(rooms);
  const before = groupsOf(house);
  const readBack = house.app.state().reconcile.last_at;
  house.network.calls.length = 0;
  const other = rooms.find((each) => each.household === room.household && each.id !== room.id);
  if (room.members.length > 1) world.ungroup(room.id);
  else if (other !== undefined) world.group(other.id, room.id);
  await house.time.advance(SETTLE_MS);
  // What is read back now and then is nobody's doing.
  if (house.app.state().reconcile.last_at !== readBack) return [];
  const fresh = [...groupsOf(house)].filter((group) => !before.has(group)).length;
  const most = 2 + 3 * fresh;
  // A token that ended just now is nobody's doing either.
  const { length } = house.network.calls.filter(({ isDone, path }) => isDone && path !== '/households');
  return length <= most ? [] : [`${length} calls after a regrouping with ${fresh} new groups`];
}

/** Every group with its coordinator: one that has another is as good as new. */
const groupsOf = (house: House): Set<string> =>
  new Set(
    house.cloud.world
      .households()
      .flatMap(({ topology }) => topology.all().map(({ id, coordinatorId }) => `${id} ${coordinatorId}`)),
  );
