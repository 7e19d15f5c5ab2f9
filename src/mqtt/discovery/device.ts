import { roomEntities } from '../../bridge/room-entities.ts';
import { valueAt } from '../../bridge/same.ts';
import type { Json } from '../../bridge/sonos.ts';
import type { Household, Room, RoomPicture } from '../../bridge/state.ts';
import type { Topics } from '../topics.ts';
import { bridgeComponents } from './bridge-components.ts';
import { type Component, componentOf, type Subject } from './component.ts';
import type { Identity } from './identity.ts';
import { PLAYER_ATTRIBUTES, roomExtras } from './room-extras.ts';

/** Everything of the discovery payload of one device but its components. */
export interface DeviceFrame {
  readonly device: { readonly [key: string]: Json };
  readonly origin: { readonly [key: string]: Json };
  readonly availability: readonly { readonly [key: string]: Json }[];
}

/** A device as it is told to Home Assistant; a component that is only a platform takes away what it was before. */
export interface Device extends DeviceFrame {
  readonly components: { readonly [key: string]: Component };
}

/** What devices are made with. */
export interface DeviceOptions {
  readonly topics: Topics;
  readonly identity: Identity;
  readonly version: string;
  /** The names of the chimes there are. */
  readonly chimes: readonly string[];
}

const originOf = ({ version }: DeviceOptions): DeviceFrame['origin'] => ({
  name: 'sonos-mqtt-bridge',
  sw_version: version,
});

type Naming = (domain: string, key: string) => string;

/** Ids are added to what the components are; a device trigger is no entity and has none. */
function withIds(
  components: { readonly [key: string]: Component },
  device: string,
  entityId: Naming,
): Record<string, Component> {
  return Object.fromEntries(
    Object.entries(components).map(([key, component]) => [
      key,
      component.platform === 'device_automation'
        ? component
        : {
            ...component,
            unique_id: `${device}_${key}`,
            default_entity_id: entityId(component.platform, key),
          },
    ]),
  );
}

/** What it is, as far as it is known: Home Assistant keeps what is left out. */
const hardware = (picture: RoomPicture): DeviceFrame['device'] => {
  const known = [
    ['model', valueAt(picture, 'device.model')],
    ['model_id', valueAt(picture, 'device.model_number')],
    ['sw_version', valueAt(picture, 'device.software_version')],
    ['hw_version', valueAt(picture, 'device.hardware_version')],
  ] as const;
  return Object.fromEntries(known.filter(([, value]) => value !== null));
};

/** A room's device, from its state and the table's hints. */
export function roomDevice(
  options: DeviceOptions,
  household: Household,
  room: Room,
  picture: RoomPicture,
): Device {
  const { topics, identity, chimes } = options;
  const topic = (below?: string): string => topics.room(household.alias, room.address, below);
  const availability = [{ topic: topics.availability }, { topic: topic('availability') }];
  const subject: Subject = { household, picture, topic, availability };
  const entities = Object.entries(roomEntities).flatMap(([key, entity]) => {
    const component = componentOf(entity, subject);
    return component === null ? [] : [[key, component] as const];
  });
  const { state, ...others } = Object.fromEntries(entities);
  const components = {
    // What a media player that is put together from these entities shows.
    ...(state && {
      state: { ...state, json_attributes_topic: topic(), json_attributes_template: PLAYER_ATTRIBUTES },
    }),
    ...others,
    ...roomExtras(subject, chimes),
  };
  const id = identity.room(room);
  return {
    device: {
      identifiers: [id],
      name: room.name || room.address,
      manufacturer: 'Sonos',
      ...hardware(picture),
      suggested_area: room.name || room.address,
      via_device: identity.bridge,
    },
    origin: originOf(options),
    availability,
    components: withIds(components, id, (domain, key) =>
      identity.entityId(domain, household, room.address, key),
    ),
  };
}

/** The bridge's own device. */
export function bridgeDevice(options: DeviceOptions): Device {
  const { topics, identity, version } = options;
  return {
    device: {
      identifiers: [identity.bridge],
      name: 'Sonos MQTT bridge',
      manufacturer: 'sonos-mqtt-bridge',
      model: 'Bridge between Sonos and MQTT',
      sw_version: version,
    },
    origin: originOf(options),
    availability: [{ topic: topics.availability }],
    components: withIds(bridgeComponents(topics), identity.bridge, (domain, key) =>
      identity.entityId(domain, null, 'bridge', key),
    ),
  };
}
