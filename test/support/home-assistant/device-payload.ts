import { z } from 'zod';
import { componentFaults } from './component-rules.ts';
import { availability, component } from './components.ts';
import { SUPPORTED } from './device-classes.ts';
import { link, qos, seconds, text, topic } from './values.ts';

/** The longest message that the brokers of a house take. */
const LONGEST_PAYLOAD_BYTES = 256 * 1024;

const device = z
  .strictObject({
    identifiers: z.union([text, z.array(text).min(1)]).optional(),
    connections: z
      .array(z.tuple([text, text]))
      .min(1)
      .optional(),
    name: text.optional(),
    manufacturer: text.optional(),
    model: text.optional(),
    model_id: text.optional(),
    hw_version: text.optional(),
    sw_version: text.optional(),
    serial_number: text.optional(),
    via_device: text.optional(),
    suggested_area: text.optional(),
    configuration_url: link.optional(),
  })
  .refine(
    (it) => it.identifiers !== undefined || it.connections !== undefined,
    'neither identifiers nor connections',
  );

const origin = z.strictObject({
  name: text,
  sw_version: text.optional(),
  support_url: link.optional(),
});

/** The shared options: a component that does not set one gets the device's. */
const shared = {
  ...availability,
  state_topic: topic.optional(),
  command_topic: topic.optional(),
  qos: qos.optional(),
  encoding: z.literal('utf-8').optional(),
  message_expiry_interval: seconds.optional(),
};

/** The closed root of a device's discovery payload; components are looked at one by one. */
const root = z.strictObject({
  device,
  origin,
  components: z.record(z.string(), z.looseObject({ platform: z.string() })),
  ...shared,
});

const SHARED = Object.keys(shared);

type Loose = Readonly<Record<string, unknown>>;

/** A device's payload, each component with the shared options that it gets. */
export interface Discovered {
  readonly objectId: string;
  readonly device: z.output<typeof device>;
  readonly components: ReadonlyMap<string, Loose & { readonly platform: string }>;
}

type Read =
  | { readonly ok: true; readonly value: Discovered }
  | { readonly ok: false; readonly faults: string[] };

const tell = (error: z.ZodError, path: readonly PropertyKey[] = []): string[] =>
  error.issues.map(
    (issue) => `${[...path, ...issue.path].map(String).join('.') || 'root'}: ${issue.message}`,
  );

/** The object id of a discovery topic of a device; null for another topic, which Home Assistant does not look at. */
function objectIdOf(topic: string, prefix: string): string | null {
  if (!topic.startsWith(`${prefix}/`)) return null;
  const match = /^device\/(?:([a-zA-Z0-9_-]+)\/)?([a-zA-Z0-9_-]+)\/config$/.exec(
    topic.slice(prefix.length + 1),
  );
  const [, node, object] = match ?? [];
  return object === undefined ? null : [node, object].filter((part) => part !== undefined).join(' ');
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** Reads a payload as far as Home Assistant does before it looks at the components; a fault drops the whole device. */
export function readDevice(topic: string, payload: string, prefix = 'homeassistant'): Read {
  const objectId = objectIdOf(topic, prefix);
  if (objectId === null) return { ok: false, faults: [`${topic} is no discovery topic of a device`] };
  const bytes = Buffer.byteLength(payload);
  if (bytes > LONGEST_PAYLOAD_BYTES)
    return { ok: false, faults: [`${bytes} bytes are more than brokers take`] };
  const read = root.safeParse(parse(payload));
  if (!read.success) return { ok: false, faults: tell(read.error) };
  const { device, components, ...rest } = read.data;
  if (rest.availability !== undefined && rest.availability_topic !== undefined)
    return { ok: false, faults: ['root: both availability and availability_topic'] };
  const options: Loose = rest;
  const given = Object.fromEntries(SHARED.filter((key) => key in rest).map((key) => [key, options[key]]));
  const faults: string[] = [];
  const all = new Map<string, Loose & { platform: string }>();
  for (const [key, own] of Object.entries(components)) {
    if (!SUPPORTED.includes(own.platform)) faults.push(`components.${key}: no platform ${own.platform}`);
    const isGone = Object.keys(own).length === 1;
    if (!isGone && own.platform !== 'device_automation' && typeof own.unique_id !== 'string')
      faults.push(`components.${key}: no unique_id`);
    all.set(key, isGone ? own : { ...given, ...own });
  }
  return faults.length > 0
    ? { ok: false, faults }
    : { ok: true, value: { objectId, device, components: all } };
}

/** The shared options that no key of the platform takes, which Home Assistant then drops. */
function withoutForeign(own: Loose, platform: string): Loose {
  const isTrigger = platform === 'device_automation';
  const dropped = SHARED.filter((key) => {
    if (isTrigger) return key !== 'qos' && key !== 'encoding';
    if (key === 'state_topic') return ['button', 'image', 'notify'].includes(platform);
    if (key === 'command_topic') return ['binary_sensor', 'event', 'image', 'sensor'].includes(platform);
    return false;
  });
  return Object.fromEntries(Object.entries(own).filter(([key]) => !dropped.includes(key)));
}

function availabilityFaults(it: Loose): string[] {
  const { availability: list, availability_topic: single, availability_mode: mode } = it;
  const faults: string[] = [];
  if (list !== undefined && single !== undefined)
    faults.push('both availability and availability_topic, one of them from the device');
  if (Array.isArray(list) && list.length > 1 && mode === undefined)
    faults.push('several availability topics without a mode: the latest would win');
  if (
    list !== undefined &&
    (it.payload_available ?? it.payload_not_available ?? it.availability_template) !== undefined
  )
    faults.push('payload_available and the like do nothing beside a list, whose entries have their own');
  if (list === undefined && mode !== undefined) faults.push('availability_mode without availability');
  return faults;
}

/** What Home Assistant finds wrong with one component, and what we call a mistake though it says nothing. */
function faultsOf(
  key: string,
  own: Loose,
  merged: Loose & { readonly platform: string },
  name: string,
): string[] {
  if (Object.keys(own).length === 1) return [];
  // Keys of its own are all looked at; of the device's, those that its platform has.
  const { platform } = merged;
  const looked = { ...withoutForeign(merged, platform), ...own };
  const read = component.safeParse(looked);
  const faults = read.success ? componentFaults(read.data, name) : tell(read.error);
  const there = platform === 'device_automation' ? [] : availabilityFaults(merged);
  return [...faults, ...there].map((fault) => `components.${key}: ${fault}`);
}

/** Everything because of which Home Assistant would not take this message as a whole; empty when it would. */
export function accepts(topic: string, payload: string, prefix = 'homeassistant'): string[] {
  const read = readDevice(topic, payload, prefix);
  if (!read.ok) return read.faults;
  const { device, components } = read.value;
  const own = root.parse(JSON.parse(payload)).components;
  const faults = [...components].flatMap(([key, merged]) =>
    faultsOf(key, own[key] ?? {}, merged, device.name ?? ''),
  );
  if (components.size === 0) faults.push('components: none');
  if (device.name === undefined)
    faults.push('device.name: none, so its entities would be called by their ids');
  const ids = [...components.values()].flatMap(({ unique_id }) =>
    unique_id === undefined ? [] : [String(unique_id)],
  );
  for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index)))
    faults.push(`unique_id ${id} is there twice`);
  return faults;
}
