import { z } from 'zod';
import { groupChoices } from '../group-choices.ts';
import { deviceFields } from '../hardware.ts';
import { itemsOf, listOf, maybe, sonosId, targetId } from '../lenient.ts';
import { onceFor } from '../once-for.ts';
import { householdPath } from '../paths.ts';
import type { Grounds } from '../same.ts';
import { addressesOf, type Household, type Seat } from '../state.ts';
import { type Group, merged, type Player, type Topology, topologyOf } from '../topology.ts';
import { defineNamespace, householdTopic, on, roomPart } from './define.ts';
import { groupVolume } from './group-volume.ts';
import { group as groupCommand, join, leave } from './grouping.ts';
import { playback } from './playback.ts';

const playerEntry = z.object({
  id: targetId,
  name: z.string().catch(''),
  capabilities: itemsOf(z.string()),
  deviceIds: itemsOf(targetId),
  ...deviceFields,
});

const groupEntry = z.object({
  id: targetId,
  name: z.string().catch(''),
  coordinatorId: z.string().min(1),
  playerIds: z.array(sonosId),
});

/** The body of a `groups` event or read (docs.sonos.com, "groups"); `partial` lists may leave out what exists. */
export const groupsBody = z.object({
  groups: listOf(groupEntry),
  players: listOf(playerEntry),
  partial: maybe(z.boolean()),
});

function readTopology(body: z.output<typeof groupsBody>, earlier: Topology | null): Topology {
  const players: Player[] = body.players.items.map((player) => ({
    id: player.id,
    name: player.name,
    capabilities: [...player.capabilities].sort(),
    deviceIds: [...player.deviceIds].sort(),
  }));
  const groups: Group[] = body.groups.items.map((group) => ({
    ...group,
    playerIds: [...group.playerIds].sort(),
  }));
  const isComplete = body.partial !== true && body.groups.dropped + body.players.dropped === 0;
  return isComplete || earlier === null
    ? topologyOf(players, groups, isComplete)
    : merged(earlier, players, groups);
}

/** Sonos' words for what a player can do, in the contract's; an unknown one is itself in lower case. */
const CAPABILITIES: Readonly<Record<string, string | null>> = {
  HT_PLAYBACK: 'tv',
  HT_POWER_STATE: 'tv_power',
  // Every player has these two; they would say nothing.
  PLAYBACK: null,
  CLOUD: null,
};

const capabilitiesOf = (player: Player): string[] =>
  player.capabilities.flatMap((word) =>
    Object.hasOwn(CAPABILITIES, word) ? (CAPABILITIES[word] ?? []) : word.toLowerCase(),
  );

const roomSchema = z.object({
  id: z.string().describe('The id of the player.'),
  name: z.string(),
  online: z.boolean().describe('Whether Sonos lists the player; when not, the rest is as it was last known.'),
  stale: z.boolean().describe('Whether the bridge has reason to doubt what it shows.'),
  group: z
    .object({
      name: z.string(),
      coordinator: z.string().nullable().describe('The address of the room that leads the group.'),
      members: z.array(z.string()).describe('The addresses of its rooms, sorted.'),
    })
    .nullable()
    .describe('Who plays with whom; state, source and track are those of the group.'),
  capabilities: z.array(z.string()).describe('What the player can do: `audio_clip`, `tv`, `line_in`, …'),
});

function roomOf(seat: Seat): z.output<typeof roomSchema> {
  const { household, group } = seat;
  return {
    id: seat.player.id,
    name: seat.player.name,
    online: true,
    stale: household.stale,
    group: group && {
      name: group.name,
      coordinator: household.rooms.get(group.coordinatorId)?.address ?? null,
      members: addressesOf(household.rooms, group.playerIds),
    },
    capabilities: capabilitiesOf(seat.player),
  };
}

const groupsSchema = z.object({
  groups: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      coordinator: z.string().nullable(),
      members: z.array(z.string()),
      state: z.string().nullable(),
      volume: z.int().min(0).max(100).nullable(),
      muted: z.boolean().nullable(),
    }),
  ),
});

type Listed = z.output<typeof groupsSchema>['groups'][number];

/**
 * Who plays with whom, which only a regrouping changes, while the list is made again with every volume. Sonos lists the groups in
 * any order; ours must not change when nothing did.
 */
const formationOf = onceFor((topology: Topology) =>
  onceFor((rooms: Household['rooms']): readonly Omit<Listed, 'state' | 'volume' | 'muted'>[] =>
    [...topology.groups.values()]
      .map(({ id, name, coordinatorId, playerIds }) => ({
        ...{ id, name, coordinator: rooms.get(coordinatorId)?.address ?? null },
        members: addressesOf(rooms, playerIds),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  ),
);

function groupsOf(household: Household): z.output<typeof groupsSchema> | null {
  if (household.topology === null) return null;
  return {
    groups: formationOf(household.topology)(household.rooms).map((group) => {
      const slices = household.groups.get(group.id);
      const { volume = null, muted = null } = groupVolume.slice(slices) ?? {};
      return { ...group, state: playback.slice(slices)?.state ?? null, volume, muted };
    }),
  };
}

/** Of what groups play, the list shows little: a new title or position is no reason to draw it again. */
const listGrounds = ({ topology, rooms, groups: slices }: Household): Grounds => {
  const grounds: unknown[] = [topology, rooms];
  for (const id of topology?.groups.keys() ?? [])
    grounds.push(playback.slice(slices.get(id))?.state, groupVolume.slice(slices.get(id)));
  return grounds;
};

/** Who plays with whom. */
export const groups = defineNamespace<Topology>({
  name: 'groups',
  target: 'household',
  events: { groups: on<Topology, typeof groupsBody>(groupsBody, readTopology) },
  snapshot: { path: (id) => `${householdPath(id)}/groups`, type: 'groups' },
  // The body always comes from the schema above.
  devices: (body) => ({
    players: (body as z.output<typeof groupsBody>).players.items,
    wasAsked: false,
  }),
  room: roomPart(roomSchema, (_slice, seat) => roomOf(seat)),
  attributes: { group: 'group.coordinator', members: 'group.members' },
  topics: {
    groups: householdTopic(
      groupsSchema,
      (_slice, household) => groupsOf(household),
      (_slice, household) => listGrounds(household),
    ),
  },
  commands: { group: groupCommand, join, leave },
  entities: {
    group: { platform: 'sensor', name: 'Group', icon: 'mdi:speaker-multiple', state: 'group.name' },
    join: {
      platform: 'choice',
      name: 'Plays with',
      icon: 'mdi:speaker-multiple',
      state: 'group.coordinator',
      choices: groupChoices,
    },
    leave: { platform: 'button', name: 'Leave group', icon: 'mdi:speaker', command: 'leave' },
    stale: {
      platform: 'binary_sensor',
      name: 'In doubt',
      deviceClass: 'problem',
      category: 'diagnostic',
      state: 'stale',
    },
  },
});
