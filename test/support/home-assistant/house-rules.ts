import { accepts, readDevice } from './device-payload.ts';
import type { Jinja } from './jinja.ts';

interface Written {
  readonly where: string;
  readonly template: string;
  readonly as: 'state' | 'command';
}

/** Every template in a payload, with the place where it stands. */
function templatesIn(value: unknown, where: string): Written[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = `${where}.${key}`;
    if (key.endsWith('_template') && typeof inner === 'string')
      return [
        { where: place, template: inner, as: key.startsWith('command') ? 'command' : 'state' } as const,
      ];
    return templatesIn(inner, place);
  });
}

function sharedIds(messages: ReadonlyMap<string, string>, prefix: string): string[] {
  const owners = new Map<string, string[]>();
  for (const [topic, payload] of messages) {
    const read = readDevice(topic, payload, prefix);
    if (!read.ok) continue;
    const { device, components } = read.value;
    const claimed = new Set([
      ...[...components.values()].flatMap((it) =>
        it.unique_id === undefined ? [] : [`unique_id ${it.unique_id}`],
      ),
      ...[device.identifiers ?? []].flat().map((id) => `device identifier ${id}`),
      ...[...components.values()].flatMap((it) =>
        it.default_entity_id === undefined ? [] : [`default_entity_id ${it.default_entity_id}`],
      ),
    ]);
    for (const id of claimed) owners.set(id, [...(owners.get(id) ?? []), topic]);
  }
  return [...owners]
    .filter(([, topics]) => topics.length > 1)
    .map(([id, topics]) => `${id} is claimed by ${topics.join(' and ')}`);
}

function strangers(messages: ReadonlyMap<string, string>, prefix: string): string[] {
  const read = [...messages].map(([topic, payload]) => readDevice(topic, payload, prefix));
  const devices = read.flatMap((each) => (each.ok ? [each.value.device] : []));
  const known = new Set(devices.flatMap(({ identifiers }) => [identifiers ?? []].flat()));
  return devices.flatMap(({ via_device: via, name }) =>
    via === undefined || known.has(via) ? [] : [`device ${name} is reached via ${via}, which is not there`],
  );
}

/** Everything because of which Home Assistant would not take all devices of a house, by their topics. */
export async function houseFaults(
  messages: ReadonlyMap<string, string>,
  jinja: Jinja | null,
  prefix = 'homeassistant',
): Promise<string[]> {
  const shapes = [...messages].flatMap(([topic, payload]) =>
    accepts(topic, payload, prefix).map((fault) => `${topic}: ${fault}`),
  );
  const templates =
    shapes.length > 0 ? [] : [...messages].flatMap(([topic, text]) => templatesIn(JSON.parse(text), topic));
  const outcomes =
    (await jinja?.renderAll(templates.map(({ template, as }) => ({ template, as, value: '' })))) ?? [];
  const broken = outcomes.flatMap(({ fault }, index) =>
    fault?.startsWith('does not compile') ? [`${templates[index]?.where}: ${fault}`] : [],
  );
  return [...shapes, ...sharedIds(messages, prefix), ...strangers(messages, prefix), ...broken];
}
