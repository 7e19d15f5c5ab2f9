import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { announce, cancelled } from '../../src/bridge/announcement.ts';
import { roomCommands } from '../../src/bridge/namespaces/index.ts';
import { readPayload, readSetPayload } from '../../src/bridge/payload.ts';
import type { Raw, Reader } from '../../src/bridge/readers.ts';

const folder = join(import.meta.dirname, '../../examples/node-red');
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const NAMES = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

/** Nodes that every Node-RED has. */
const CORE = [
  ...['tab', 'comment', 'catch', 'status', 'debug', 'inject', 'function', 'switch', 'change'],
  ...['delay', 'trigger', 'rbe', 'mqtt in', 'mqtt out', 'mqtt-broker'],
];

const rule = z.object({
  t: z.string(),
  p: z.string().optional(),
  to: z.string().optional(),
  tot: z.string().optional(),
});
const node = z.looseObject({
  id: z.string(),
  type: z.string(),
  z: z.string().optional(),
  name: z.string().optional(),
  x: z.number().optional(),
  y: z.number().optional(),
  wires: z.array(z.array(z.string())).default([]),
  topic: z.string().optional(),
  broker: z.string().optional(),
  payload: z.string().optional(),
  rules: z.array(rule).default([]),
  func: z.string().optional(),
  info: z.string().optional(),
});
type Node = z.output<typeof node>;
const flowOf = (name: string): Node[] => z.array(node).parse(JSON.parse(text(`${name}.json`)));

const of = (flow: readonly Node[], ...types: string[]): Node[] =>
  flow.filter(({ type }) => types.includes(type));

/** How wide the editor draws a node, at least as wide as it does. */
const width = ({ name = '' }: Node): number => Math.max(100, Math.ceil((name.length * 7.2 + 57) / 20) * 20);

const HEIGHT = 30;

const own: Readonly<Record<string, Reader<unknown>>> = { announce, cancel: cancelled };

/** Why a value would be refused as one of a command; null when it would not. */
function refusal(command: string, raw: Raw): string | null {
  const reader = own[command] ?? roomCommands.get(command)?.value;
  if (reader === undefined) return `there is no command "${command}"`;
  const read = reader.read(raw);
  return read.ok ? null : read.error.message;
}

/** The same of a message at a command's topic. */
function refusedAt(topic: string, payload: string): string | null {
  const bytes = new TextEncoder().encode(payload);
  const [, , , level, command] = topic.split('/');
  if (level !== 'set') return `${topic} is no command`;
  if (command !== undefined) {
    const read = readPayload(bytes);
    return read.ok ? refusal(command, read.value.raw) : read.error;
  }
  const read = readSetPayload(bytes);
  if (!read.ok) return read.error;
  return (
    read.value.commands.map(({ command, raw }) => refusal(command, raw)).find((each) => each !== null) ?? null
  );
}

const requested = z.object({ room: z.string(), command: z.string(), value: z.json().optional() });

const set = ({ rules }: Node, property: string): string | undefined =>
  rules.find(({ t, p }) => t === 'set' && p === property)?.to;

it('are five', () => {
  expect(NAMES.sort()).toEqual([
    ...['announce-on-event', 'command-with-reply', 'doorbell', 'favorite-by-time', 'state-table'],
  ]);
});

it('can be imported beside one another: they share their broker and nothing else', () => {
  const all = NAMES.flatMap(flowOf);
  const brokers = of(all, 'mqtt-broker');
  expect(brokers).toHaveLength(NAMES.length);
  for (const broker of brokers) expect(broker).toEqual(brokers[0]);
  const ids = [...all.filter(({ type }) => type !== 'mqtt-broker'), brokers[0]].map((each) => each?.id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('are all told of in the list of them', () => {
  const list = text('README.md');
  for (const name of NAMES) {
    expect(list).toContain(`(${name}.json)`);
    for (const { topic } of of(flowOf(name), 'mqtt in', 'mqtt out'))
      if (topic?.startsWith('house/')) expect(list).toContain(`\`${topic}\``);
  }
});

describe.each(NAMES)('the Node-RED flow %s', (name) => {
  const flow = flowOf(name);
  const [tab] = of(flow, 'tab');
  const byId = new Map(flow.map((each) => [each.id, each]));

  it('is one tab of nodes that every Node-RED has, without credentials', () => {
    expect(of(flow, 'tab')).toHaveLength(1);
    expect(flow.map(({ type }) => type).filter((type) => !CORE.includes(type))).toEqual([]);
    for (const each of flow) {
      if (each.type !== 'tab' && each.type !== 'mqtt-broker') expect(each.z).toBe(tab?.id);
      expect(Object.keys(each).filter((key) => /credential|password|user$/i.test(key))).toEqual([]);
    }
  });

  it('has a name on every node, and wires that lead somewhere', () => {
    const led = new Set(flow.flatMap(({ wires }) => wires.flat()));
    for (const each of flow) {
      if (each.type !== 'tab') expect(each.name).toMatch(/\S/);
      for (const target of each.wires.flat()) expect(byId.has(target), target).toBe(true);
      const begins = ['mqtt in', 'inject', 'catch', 'status', 'comment', 'tab', 'mqtt-broker'];
      expect(led.has(each.id), `a wire to ${each.id}`).toBe(!begins.includes(each.type));
      if (each.type.startsWith('mqtt ')) expect(byId.get(each.broker ?? '')?.type).toBe('mqtt-broker');
    }
  });

  it('says what it is for, and which topics it has to do with', () => {
    const [note, ...others] = of(flow, 'comment');
    expect(others).toEqual([]);
    expect(note?.name).toMatch(/^Read me: /);
    expect(note?.info).toContain('**To make it yours**');
    expect(note?.info).toContain('MQTT V5');
    for (const { topic = '' } of of(flow, 'mqtt in')) expect(note?.info).toContain(`\`${topic}\``);
  });

  it('speaks 3.1.1, asks to have nothing retained, and tells what fails', () => {
    expect(of(flow, 'mqtt-broker')).toMatchObject([
      { protocolVersion: '4', broker: 'localhost', port: '1883' },
    ]);
    for (const out of of(flow, 'mqtt out')) expect(out).toMatchObject({ retain: 'false', qos: '1' });
    for (const input of of(flow, 'mqtt in')) expect(input).toMatchObject({ qos: '1', rh: 0, nl: false });
    const [caught, ...others] = of(flow, 'catch');
    expect(others).toEqual([]);
    expect(caught).toMatchObject({ scope: null });
    expect(byId.get(caught?.wires[0]?.[0] ?? '')).toMatchObject({
      type: 'debug',
      console: true,
      active: true,
    });
  });

  it('reads from left to right, and no node lies on another', () => {
    const placed = flow.filter(({ x }) => x !== undefined);
    expect(placed.length).toBe(flow.length - 2);
    const edges = (each: Node) => {
      const { x = 0, y = 0 } = each;
      return { left: x - width(each) / 2, right: x + width(each) / 2, y };
    };
    for (const one of placed) {
      expect(edges(one).left).toBeGreaterThanOrEqual(0);
      for (const other of placed) {
        if (one === other) continue;
        const [a, b] = [edges(one), edges(other)];
        const isApart = a.right < b.left || b.right < a.left || Math.abs(a.y - b.y) >= HEIGHT + 10;
        expect(isApart, `${one.id} and ${other.id}`).toBe(true);
      }
      for (const target of one.wires.flat().flatMap((id) => byId.get(id) ?? []))
        expect(edges(target).left, `${one.id} to ${target.id}`).toBeGreaterThan(edges(one).right);
    }
  });

  it('has functions that are JavaScript, and short', () => {
    for (const { func = '', id } of of(flow, 'function')) {
      expect(() => new Script(`(function (msg) {${func}\n})`), id).not.toThrow();
      expect(func.split('\n').length, id).toBeLessThanOrEqual(25);
    }
  });

  it('sends what the bridge understands', () => {
    const sent = [
      ...of(flow, 'change').flatMap((each) => {
        const payload = set(each, 'payload');
        if (payload === undefined || !payload.startsWith('{')) return [];
        const [next] = each.wires.flat().map((id) => byId.get(id)?.topic);
        return [[set(each, 'topic') ?? next ?? '', payload] as const];
      }),
      ...of(flow, 'inject').flatMap(({ payload = '' }) => {
        const request = requested.safeParse(payload === '' ? null : JSON.parse(payload)).data;
        if (request === undefined) return [];
        const { room, command, value = null } = request;
        return [[`sonos/home/${room}/set/${command}`, JSON.stringify({ value })] as const];
      }),
      ...of(flow, 'change').flatMap((each) =>
        Object.entries(z.record(z.string(), z.number()).parse(JSON.parse(set(each, 'volumes') ?? '{}'))).map(
          ([room, volume]) => [`sonos/home/${room}/set/volume`, JSON.stringify({ value: volume })] as const,
        ),
      ),
    ];
    if (name !== 'state-table') expect(sent.length).toBeGreaterThan(0);
    for (const [topic, payload] of sent) expect(refusedAt(topic, payload), `${topic} ${payload}`).toBeNull();
  });
});
