import type { Component } from './components.ts';
import { NOT_MEASURED, UNITS } from './device-classes.ts';

// Rules between the keys of one component.

type Of<P extends Component['platform']> = Extract<Component, { platform: P }>;
type Faults = readonly (string | false | undefined | null)[];

const sensor = (it: Of<'sensor'>): Faults => {
  const kind = it.device_class ?? null;
  const unit = it.unit_of_measurement ?? null;
  const units = UNITS[kind ?? ''];
  return [
    it.options !== undefined && kind !== 'enum' && 'options without device_class enum',
    kind === 'enum' && it.options === undefined && 'device_class enum without options',
    NOT_MEASURED.includes(kind ?? '') && unit !== null && `a sensor of class ${kind} has a unit`,
    NOT_MEASURED.includes(kind ?? '') && it.state_class && `a sensor of class ${kind} has a state_class`,
    units && !units.includes(unit ?? '') && `a sensor of class ${kind} is not measured in ${unit}`,
    it.last_reset_value_template && it.state_class !== 'total' && 'last_reset_value_template without total',
    // The sensor and binary_sensor integrations refuse to add such an entity.
    it.entity_category === 'config' && 'what cannot be changed is no configuration',
  ];
};

const number = ({ min = 1, max = 100, step = 1 }: Of<'number'>): Faults => [
  min >= max && 'min is not below max',
  min < max && step > max - min && 'step is more than from min to max',
];

const textRange = ({ min = 0, max = 255, pattern }: Of<'text'>): Faults => [
  min > max && 'min is above max',
  pattern !== undefined && !isPattern(pattern) && 'pattern is no regular expression',
];

const image = (it: Of<'image'>): Faults => [
  it.url_topic === undefined && it.image_topic === undefined && 'neither url_topic nor image_topic',
  it.url_topic !== undefined && it.image_topic !== undefined && 'both url_topic and image_topic',
  it.url_topic !== undefined && it.content_type !== undefined && 'content_type with url_topic',
  it.url_topic === undefined && it.url_template !== undefined && 'url_template without url_topic',
];

const optimistic = (it: Of<'number' | 'select' | 'siren' | 'switch' | 'text'>): Faults => [
  it.optimistic === true && it.state_topic !== undefined && 'optimistic although the state is told',
  'value_template' in it && it.state_topic === undefined && 'value_template without state_topic',
];

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern).source !== '';
  } catch {
    return false;
  }
}

function ofPlatform(it: Component): Faults {
  switch (it.platform) {
    case 'sensor':
      return sensor(it);
    case 'binary_sensor':
      return [it.entity_category === 'config' && 'what cannot be changed is no configuration'];
    case 'number':
      return [...number(it), ...optimistic(it)];
    case 'text':
      return [...textRange(it), ...optimistic(it)];
    case 'switch':
    case 'select':
    case 'siren':
      return optimistic(it);
    case 'image':
      return image(it);
    default:
      return [];
  }
}

/** The part of an entity's first id before the dot and the part behind it, as Home Assistant would write them. */
const ENTITY_ID = /^([a-z_]+)\.((?!_)(?!.*__)[a-z0-9_]+(?<!_))$/;

function ofEntity(it: Exclude<Component, { platform: 'device_automation' }>, deviceName: string): Faults {
  const [, domain] = ENTITY_ID.exec(it.default_entity_id ?? '') ?? [];
  return [
    it.default_entity_id !== undefined &&
      domain !== it.platform &&
      `default_entity_id ${it.default_entity_id} is not ${it.platform}.<slug>`,
    it.json_attributes_template !== undefined &&
      it.json_attributes_topic === undefined &&
      'json_attributes_template without json_attributes_topic',
    typeof it.name === 'string' &&
      deviceName !== '' &&
      it.name.toLowerCase().startsWith(deviceName.toLowerCase()) &&
      `the name ${it.name} begins with the device's, which is put before it anyway`,
    // What is retained on a command topic is carried out again at every connect.
    'retain' in it && it.retain === true && 'commands are to be retained',
  ];
}

/** What is wrong with a component whose keys are right one by one. */
export function componentFaults(it: Component, deviceName: string): string[] {
  const faults = [
    ...ofPlatform(it),
    ...(it.platform === 'device_automation' ? [] : ofEntity(it, deviceName)),
  ];
  return faults.filter((fault) => typeof fault === 'string');
}
