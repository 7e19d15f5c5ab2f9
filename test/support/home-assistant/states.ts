import { type Entity, type Received, told } from './entity.ts';
import { LONGEST_STATE } from './values.ts';

// How each platform takes a message on its state topic: what Home Assistant does after the template.

type Log = (line: string) => void;

interface Heard {
  readonly entity: Entity;
  readonly payload: string;
  readonly message: Received;
  readonly log: Log;
}

const NONE = 'None';

const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON object in a payload; null when there is none. */
function objectIn(payload: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(payload);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function isTooLong({ payload, message, log }: Heard): boolean {
  if ([...payload].length <= LONGEST_STATE) return false;
  log(`a state on ${message.topic} is longer than 255 characters`);
  return true;
}

/** A sensor of a unit, a class of measurements or a state class. */
const isMeasurement = ({ spec }: Entity): boolean =>
  told(spec, 'unit_of_measurement') !== null ||
  told(spec, 'state_class') !== null ||
  spec.suggested_display_precision !== undefined ||
  !['', 'date', 'enum', 'timestamp'].includes(told(spec, 'device_class') ?? '');

function sensor(heard: Heard): string | null {
  const { entity, payload, message, log } = heard;
  if (payload === NONE) return 'unknown';
  if (isMeasurement(entity)) {
    if (payload === '') return null;
    if (!Number.isFinite(Number(payload))) log(`${entity.entityId} is a measurement and got '${payload}'`);
    return payload;
  }
  const options = strings(entity.spec.options);
  if (options.length > 0 && !options.includes(payload)) {
    log(`ignoring invalid option '${payload}' on ${message.topic}`);
    return null;
  }
  if (['', 'enum'].includes(told(entity.spec, 'device_class') ?? ''))
    return isTooLong(heard) ? 'unknown' : payload;
  // A timestamp without a time zone is refused.
  const isTime =
    /^\d{4}-\d\d-\d\d([T ].+(Z|[+-]\d\d:?\d\d))?$/.test(payload) && !Number.isNaN(Date.parse(payload));
  if (!isTime) log(`invalid state message '${payload}' from ${message.topic}`);
  return isTime ? payload : 'unknown';
}

function binarySensor({ entity, payload, message, log }: Heard): string | null {
  if (payload.trim() === '') return null;
  if (payload === NONE) return 'unknown';
  if (payload === (told(entity.spec, 'payload_on') ?? 'ON')) return 'on';
  if (payload === (told(entity.spec, 'payload_off') ?? 'OFF')) return 'off';
  log(`no matching payload '${payload}' for ${entity.entityId} on ${message.topic}`);
  return null;
}

function number({ entity, payload, message, log }: Heard): string | null {
  if (payload.trim() === '') return null;
  if (payload === (told(entity.spec, 'payload_reset') ?? NONE)) return 'unknown';
  const { min = 1, max = 100 } = entity.spec;
  const value = Number(payload);
  if (Number.isNaN(value)) log(`payload '${payload}' on ${message.topic} is not a number`);
  else if (value < Number(min) || value > Number(max)) log(`invalid value for ${entity.entityId}: ${value}`);
  else return String(value);
  return null;
}

const on = ({ spec }: Entity): string => told(spec, 'state_on') ?? told(spec, 'payload_on') ?? 'ON';
const off = ({ spec }: Entity): string => told(spec, 'state_off') ?? told(spec, 'payload_off') ?? 'OFF';

function onOff({ entity, payload, message, log }: Heard): string | null {
  if (payload === on(entity)) return 'on';
  if (payload === off(entity)) return 'off';
  if (payload === NONE) return 'unknown';
  if (payload !== '') log(`no matching payload '${payload}' for ${entity.entityId} on ${message.topic}`);
  return null;
}

function siren(heard: Heard): string | null {
  const body = objectIn(heard.payload);
  return onOff(body === null ? heard : { ...heard, payload: String(body.state ?? '') });
}

function select({ entity, payload, log }: Heard): string | null {
  if (payload.trim() === '') return null;
  if (payload.toLowerCase() === 'none') return 'unknown';
  if (strings(entity.spec.options).includes(payload)) return payload;
  log(`invalid option for ${entity.entityId}: '${payload}'`);
  return null;
}

function event({ entity, payload, message, log }: Heard): string | null {
  if (message.retain || ['', NONE, '{}'].includes(payload)) return null;
  const { event_type: type, ...attributes } = objectIn(payload) ?? {};
  if (type === undefined) {
    log(`no JSON with event_type on ${message.topic}: '${payload}'`);
    return null;
  }
  if (!strings(entity.spec.event_types).includes(String(type))) {
    log(`invalid event type ${type} for ${entity.entityId}`);
    return null;
  }
  entity.happened.push({ type: String(type), attributes });
  return new Date().toISOString();
}

function image({ payload, message, log }: Heard): string | null {
  if (URL.canParse(payload) && /^https?:/.test(payload)) return payload;
  log(`invalid image URL '${payload}' received at topic ${message.topic}`);
  return null;
}

function trigger({ entity, payload }: Heard): string | null {
  const wanted = told(entity.spec, 'payload');
  const type = `${told(entity.spec, 'type')} ${told(entity.spec, 'subtype')}`;
  if (wanted === null || wanted === payload) entity.happened.push({ type, attributes: {} });
  return null;
}

const PLATFORMS: Readonly<Record<string, (heard: Heard) => string | null>> = {
  sensor,
  binary_sensor: binarySensor,
  number,
  switch: onOff,
  siren,
  select,
  text: (heard) => (isTooLong(heard) ? null : heard.payload),
  event,
  image,
  device_automation: trigger,
};

/** The state that a message gives an entity; null when it stays as it is. */
export const stateAfter = (heard: Heard): string | null => PLATFORMS[heard.entity.platform]?.(heard) ?? null;

/** Attributes above this many bytes are not recorded. */
const RECORDED_BYTES = 16_384;

/** The attributes that a message gives an entity; null when it is no JSON object, and they stay. */
export function attributesAfter({
  payload,
  message,
  log,
}: Omit<Heard, 'entity'>): Record<string, unknown> | null {
  const attributes = objectIn(payload);
  if (attributes === null)
    log(`no JSON object for the attributes on ${message.topic}: '${payload.slice(0, 80)}'`);
  if (Buffer.byteLength(payload) > RECORDED_BYTES)
    log(`the attributes on ${message.topic} are too long to be recorded`);
  return attributes;
}
