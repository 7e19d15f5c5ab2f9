import { type Hardware, hardwareIn } from '../../bridge/hardware.ts';
import { favorites } from '../../bridge/namespaces/favorites.ts';
import { playerVolume } from '../../bridge/namespaces/player-volume.ts';
import { playlists } from '../../bridge/namespaces/playlists.ts';
import { onceFor } from '../../bridge/once-for.ts';
import { roomPicture } from '../../bridge/room-picture.ts';
import type { Household, Room } from '../../bridge/state.ts';
import type { Topology } from '../../bridge/topology.ts';
import type { FurtherPicture } from '../further-picture.ts';
import type { Rendering } from '../render.ts';
import type { Component } from './component.ts';
import { bridgeDevice, type Device, type DeviceOptions, roomDevice } from './device.ts';

/** Home Assistant must never get two payloads of a device shortly after each other: it would lose components of the first. */
const DELAY_MS = 3_000;

/** The components that devices were told to have, by topic: `sensor title`. */
export type KnownComponents = ReadonlyMap<string, readonly string[]>;

/** The picture, and what has to be remembered of it over a restart. */
export interface Discovery extends FurtherPicture {
  /** By topic; what one has no more is taken away from Home Assistant with the next drawing. */
  components(): KnownComponents;
}

/** One that nobody saw leave: what it can do was told by an earlier run, and stays told. */
const isUnseen = ({ goneSince, lastPicture }: Room): boolean => goneSince !== null && lastPicture === null;

// All three are asked for with every event.

/** What every player can do, as one text. */
const capabilitiesOf = onceFor((players: Topology['players']): string => {
  const lines = [...players.values()].map(({ id, capabilities }) => `${id} ${capabilities.join(' ')}`);
  return lines.sort().join('\n');
});

/** Whose volume is fixed, as one text. */
const fixedOf = onceFor((players: Household['players']): string => {
  let ids = '';
  for (const id of players.ids()) if (playerVolume.slice(players.get(id))?.fixed === true) ids += ` ${id}`;
  return ids;
});

const textOf = onceFor((hardware: Hardware): string => JSON.stringify(hardware));

/** What every player is, as one text. */
const devicesOf = onceFor((players: Household['players']): string => {
  let text = '';
  for (const id of players.ids()) {
    const hardware = hardwareIn(players.get(id));
    if (hardware !== null) text += ` ${id} ${textOf(hardware)}`;
  }
  return text;
});

const nameOf = (key: string, { platform }: Component): string => `${platform} ${key}`;

/** Tells Home Assistant of every room and of the bridge, each as one device (device-based MQTT discovery). */
export function createDiscovery(
  options: DeviceOptions & { readonly prefix: string; readonly known: KnownComponents },
): Discovery {
  const { prefix, identity } = options;
  const known = new Map(options.known);
  const current = new Map<string, readonly string[]>();
  const topicOf = (device: string): string => `${prefix}/device/${device}/config`;

  /** Home Assistant keeps a component that is merely left out, so what is gone is named without anything in it. */
  function payloadOf(topic: string, device: Device): string {
    const names = Object.entries(device.components).map(([key, component]) => nameOf(key, component));
    current.set(topic, names);
    const ever = [...new Set([...(known.get(topic) ?? []), ...names])];
    known.set(topic, ever);
    const gone = ever.flatMap((name) => {
      const [platform = '', key = ''] = name.split(' ');
      return Object.hasOwn(device.components, key) ? [] : [[key, { platform }] as const];
    });
    return JSON.stringify({
      ...device,
      availability_mode: 'all',
      components: { ...Object.fromEntries(gone), ...device.components },
    });
  }

  function draw(household: Household): Rendering {
    return new Map(
      [...household.rooms.values()].flatMap((room) => {
        const picture = isUnseen(room) ? null : roomPicture(household, room);
        if (picture === null) return [];
        const topic = topicOf(identity.room(room));
        return [[topic, payloadOf(topic, roomDevice(options, household, room, picture))] as const];
      }),
    );
  }

  return {
    name: 'home_assistant',
    delayMs: DELAY_MS,
    grounds: (household) => [
      household.rooms,
      // Who plays with whom changes often, and nothing is told of it here.
      household.topology && capabilitiesOf(household.topology.players),
      fixedOf(household.players),
      devicesOf(household.players),
      household.alias,
      favorites.slice(household.own)?.items,
      playlists.slice(household.own)?.items,
    ],
    draw,
    kept: ({ rooms }) => [...rooms.values()].filter(isUnseen).map((room) => topicOf(identity.room(room))),
    fixed() {
      const topic = topicOf(identity.bridge);
      return new Map([[topic, payloadOf(topic, bridgeDevice(options))]]);
    },
    components: () => current,
  };
}
