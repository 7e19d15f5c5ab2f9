import type { Entity } from '../../bridge/entity.ts';
import { valueAt } from '../../bridge/same.ts';
import type { Json } from '../../bridge/sonos.ts';
import type { Household, RoomPicture } from '../../bridge/state.ts';
import { fittingOptions } from './options.ts';
import { at, CHOSEN, literal, mapped, optionOf, show, stateOf, textOf } from './templates.ts';

/** A component of a device payload, with long keys (Home Assistant, "MQTT discovery"). */
export type Component = { readonly platform: string; readonly [key: string]: Json };

/** A room of which components are made. */
export interface Subject {
  readonly household: Household;
  readonly picture: RoomPicture;
  /** `<room>`, or what stands below it. */
  readonly topic: (below?: string) => string;
  /** What makes every entity of the device unavailable. */
  readonly availability: readonly { readonly [key: string]: Json }[];
}

const set = (topic: Subject['topic'], command: string): string => topic(`set/${command}`);

/** Words of Home Assistant for a boolean of JSON. */
const TRUE = 'True';
const FALSE = 'False';

type Of<Platform extends Entity['platform']> = Extract<Entity, { readonly platform: Platform }>;
type Draw<Platform extends Entity['platform']> = (entity: Of<Platform>, subject: Subject) => Component | null;

function sensor({ state, deviceClass, unit, options }: Of<'sensor'>, { topic }: Subject): Component {
  const kind = options === undefined ? deviceClass : 'enum';
  return {
    platform: 'sensor',
    state_topic: topic(),
    value_template: kind === undefined ? textOf(state) : stateOf(state),
    ...(kind === undefined ? {} : { device_class: kind }),
    ...(unit === undefined ? {} : { unit_of_measurement: unit }),
    ...(options === undefined ? {} : { options: [...options] }),
  };
}

function select({ state, command, options }: Of<'select'>, { topic, household }: Subject): Component | null {
  const fitting = fittingOptions(options(household));
  if (fitting.length === 0) return null;
  return {
    platform: 'select',
    state_topic: topic(),
    value_template: optionOf(state, fitting),
    command_topic: set(topic, command),
    command_template: CHOSEN,
    options: [...fitting],
  };
}

function choice({ state, choices }: Of<'choice'>, { topic, household, picture }: Subject): Component | null {
  const given = choices(household, picture);
  const options = fittingOptions(given.map(({ label }) => label));
  const fitting = given.filter(({ label }) => options.includes(label));
  if (fitting.length === 0) return null;
  const labels = fitting.flatMap(({ label, when }) =>
    when === null ? [] : [[String(when), label] as const],
  );
  const commands = Object.fromEntries(fitting.map(({ label, send }) => [label, send]));
  return {
    platform: 'select',
    state_topic: topic(),
    value_template: mapped(Object.fromEntries(labels), at(state)),
    command_topic: topic('set'),
    command_template: show(`${literal(commands)}[value] | tojson`),
    options: [...options],
  };
}

/** An empty topic is no address, which would be an error in the log; while there is no picture the entity is unavailable. */
const image: Draw<'image'> = ({ attribute }, { topic, availability }) => ({
  platform: 'image',
  url_topic: topic(attribute),
  url_template: show('value or "http://localhost/"'),
  availability: [
    ...availability,
    { topic: topic(attribute), value_template: show('"online" if value else "offline"') },
  ],
  availability_mode: 'all',
});

const DRAWN: { readonly [Platform in Entity['platform']]: Draw<Platform> } = {
  sensor,
  select,
  choice,
  image,
  number: ({ state, command, min, max, unit }, { topic }) => ({
    platform: 'number',
    state_topic: topic(),
    value_template: stateOf(state),
    command_topic: set(topic, command),
    mode: 'slider',
    ...{ min, max, step: 1 },
    unit_of_measurement: unit,
  }),
  switch: ({ state, command }, { topic }) => ({
    platform: 'switch',
    ...(state === null
      ? { optimistic: true }
      : { state_topic: topic(), value_template: stateOf(state), state_on: TRUE, state_off: FALSE }),
    command_topic: set(topic, command),
    payload_on: 'true',
    payload_off: 'false',
  }),
  button: ({ command }, { topic }) => ({ platform: 'button', command_topic: set(topic, command) }),
  binary_sensor: ({ state, deviceClass }, { topic }) => ({
    platform: 'binary_sensor',
    state_topic: topic(),
    value_template: stateOf(state),
    payload_on: TRUE,
    payload_off: FALSE,
    device_class: deviceClass,
  }),
  text: ({ command, max }, { topic }) => ({
    platform: 'text',
    command_topic: set(topic, command),
    command_template: CHOSEN,
    max,
  }),
  notify: ({ command }, { topic }) => ({
    platform: 'notify',
    command_topic: set(topic, command),
    command_template: CHOSEN,
  }),
};

/** The component of an entity for a room; null when this room has none of it. */
export function componentOf(entity: Entity, subject: Subject): Component | null {
  const { capabilities } = subject.picture;
  const able = Array.isArray(capabilities) ? capabilities : [];
  if (entity.needs !== undefined && !able.includes(entity.needs)) return null;
  if (entity.unless !== undefined && valueAt(subject.picture, entity.unless) === true) return null;
  // The entry under a platform's name draws entities of that platform.
  const draw = DRAWN[entity.platform] as Draw<Entity['platform']>;
  const drawn = draw(entity as never, subject);
  if (drawn === null) return null;
  return {
    ...drawn,
    name: entity.name,
    ...(entity.icon === undefined ? {} : { icon: entity.icon }),
    ...(entity.category === undefined ? {} : { entity_category: entity.category }),
    ...(entity.isExtra === true ? { enabled_by_default: false } : {}),
  };
}
