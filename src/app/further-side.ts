import { z } from 'zod';
import type { Clock, Log, Random } from '../bridge/ports.ts';
import type { Household } from '../bridge/state.ts';
import type { Config } from '../config/schema.ts';
import { Birth } from '../mqtt/birth.ts';
import { createDiscovery } from '../mqtt/discovery/discovery.ts';
import { identityOf } from '../mqtt/discovery/identity.ts';
import type { DoorReading, FamiliarDoor, FurtherPicture } from '../mqtt/further-picture.ts';
import { FurtherPictures } from '../mqtt/further-pictures.ts';
import type { MqttLink } from '../mqtt/link.ts';
import { createMediaPlayerDoor } from '../mqtt/media-player/door.ts';
import { createMediaPlayerPicture } from '../mqtt/media-player/picture.ts';
import { createSonos2mqttDoor } from '../mqtt/sonos2mqtt/door.ts';
import { createSonos2mqttPicture } from '../mqtt/sonos2mqtt/picture.ts';
import type { Topics } from '../mqtt/topics.ts';
import type { Document } from '../store/store.ts';
import { GhostHunt } from './ghost-hunt.ts';
import { version } from './version.ts';

const names = z.array(z.string());

/** What is remembered of the further pictures: their topics by picture, and the components of Home Assistant's devices by topic. */
export const furtherSchema = z.object({
  topics: z.record(z.string(), names),
  components: z.record(z.string(), names),
});

/** See `furtherSchema`. */
export type FurtherRecord = z.output<typeof furtherSchema>;

/** Nothing beside the contract's topics was ever published. */
export const noFurther: FurtherRecord = { topics: {}, components: {} };

/** Everything that is shown and taken beside the contract's topics. */
export interface FurtherSide {
  /** What to subscribe to beside the contract's commands. */
  readonly filters: readonly string[];
  show(household: Household): void;
  drop(alias: string): void;
  /** What a message at one of those filters asks for; null when there is nothing to carry out. */
  read(message: { readonly topic: string; readonly payload: Uint8Array }): DoorReading | null;
  /** Begins to show, with the chimes that there are. */
  start(chimes: readonly string[]): void;
  stop(): void;
}

interface Options {
  readonly config: Config;
  readonly topics: Topics;
  /** There is none yet when the side is made. */
  readonly link: () => MqttLink;
  readonly document: Document<FurtherRecord>;
  readonly households: () => readonly Household[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

function picturesOf(
  { config, topics, document }: Options,
  chimes: readonly string[],
): { readonly pictures: readonly FurtherPicture[]; readonly components: () => FurtherRecord['components'] } {
  const { discovery, prefix, media_player } = config.home_assistant;
  const identity = identityOf(topics.base);
  const homeAssistant = discovery
    ? createDiscovery({
        ...{ topics, chimes, prefix, version, identity },
        known: new Map(Object.entries(document.value.components)),
      })
    : null;
  return {
    pictures: [
      ...(homeAssistant === null ? [] : [homeAssistant]),
      ...(media_player === 'none' ? [] : [createMediaPlayerPicture({ topics, identity, prefix })]),
      ...(config.compat.sonos2mqtt ? [createSonos2mqttPicture(topics.base)] : []),
    ],
    components: () =>
      Object.fromEntries([...(homeAssistant?.components() ?? [])].map(([topic, keys]) => [topic, [...keys]])),
  };
}

/** The familiar doors that the settings open. */
export const doorsOf = ({ home_assistant, compat }: Config, topics: Topics): readonly FamiliarDoor[] => [
  ...(home_assistant.media_player === 'none' ? [] : [createMediaPlayerDoor(topics)]),
  ...(compat.sonos2mqtt ? [createSonos2mqttDoor(topics.base)] : []),
];

/** Makes the side; nothing is shown before `start`. */
export function createFurtherSide(options: Options): FurtherSide {
  const { config, link, document, households, clock, random } = options;
  const { discovery, status_topic, prefix, media_player } = config.home_assistant;
  const hearsBirth = discovery || media_player !== 'none';
  const doors = doorsOf(config, options.topics);
  const birth = new Birth(clock, random, () =>
    link().outbox.repeat((topic) => topic.startsWith(`${prefix}/`)),
  );
  let shown: FurtherPictures | null = null;
  const ghosts = new GhostHunt({ ...options, prefix, isWanted: (topic) => shown?.has(topic) === true });
  return {
    filters: [...(hearsBirth ? [status_topic] : []), ...doors.flatMap(({ filters }) => filters)],
    show(household) {
      shown?.show(household);
      ghosts.nudge();
    },
    drop: (alias) => shown?.drop(alias),
    read(message) {
      if (hearsBirth && message.topic === status_topic) birth.heard(message.payload);
      for (const door of doors) {
        const reading = door.read(message, households());
        if (reading !== null) return reading;
      }
      return null;
    },
    start(chimes) {
      const { pictures, components } = picturesOf(options, chimes);
      shown = new FurtherPictures({
        ...{ pictures, clock, households, outbox: link().outbox },
        remembered: document.value.topics,
        save: (topics) =>
          // The store tells of a disk that refuses, once, and tries again by itself.
          void document
            .save({
              topics: Object.fromEntries(Object.entries(topics).map(([name, list]) => [name, [...list]])),
              components: components(),
            })
            .catch(() => {}),
      });
      shown.start();
      for (const household of households()) shown.show(household);
      ghosts.nudge();
    },
    stop() {
      birth.stop();
      ghosts.stop();
      shown?.stop();
    },
  };
}
