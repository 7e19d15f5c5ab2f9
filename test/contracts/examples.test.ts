import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { announce, cancelled } from '../../src/bridge/announcement.ts';
import { readPayload } from '../../src/bridge/payload.ts';
import type { Reader } from '../../src/bridge/readers.ts';
import { settings } from '../../src/config/schema.ts';

const root = join(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

const READERS: Readonly<Record<string, Reader<unknown>>> = { announce, cancel: cancelled };

/** Why a payload of a command would be refused; null when it would not. */
function refusal(command: string, payload: string): string | null {
  const read = readPayload(new TextEncoder().encode(payload));
  if (!read.ok) return read.error;
  const value = READERS[command]?.read(read.value.raw);
  if (value === undefined) return `there is no example of "${command}" yet`;
  return value.ok ? null : value.error.message;
}

/** Every mosquitto_pub of a document: the last level of its topic, and its payload. */
function published(document: string): (readonly [command: string, payload: string])[] {
  return [...document.matchAll(/mosquitto_pub -t \S+\/(\w+)\s+(?:-m '([^']*)'|-n)/g)].map(
    ([, command = '', payload = '']) => [command, payload],
  );
}

describe('the examples of announcements', () => {
  it.each(['README.md', 'docs/announcements.md'])('in %s are understood', (path) => {
    const found = published(text(path)).filter(([command]) => command in READERS);
    expect(found.length).toBeGreaterThan(1);
    for (const [command, payload] of found) expect(refusal(command, payload), payload).toBeNull();
  });

  it('name settings that there are', () => {
    const blocks = [...text('docs/announcements.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, yaml = '']) => yaml,
    );
    expect(blocks).toHaveLength(2);
    for (const yaml of blocks) expect(settings.safeParse(parse(yaml)).error, yaml).toBeUndefined();
  });

  it('for Home Assistant are YAML, with commands that are understood', () => {
    const found = z
      .object({
        mqtt: z.array(
          z.object({ notify: z.object({ command_topic: z.literal('sonos/home/kitchen/set/announce') }) }),
        ),
        script: z.record(z.string(), z.object({ sequence: z.array(z.unknown()).min(1) })),
        automation: z.array(
          z.object({
            actions: z.array(z.object({ data: z.object({ topic: z.string(), payload: z.string() }) })),
          }),
        ),
      })
      .parse(parse(text('examples/home-assistant/announcements.yaml')));
    const payloads = found.automation.flatMap(({ actions }) => actions.map(({ data }) => data.payload));
    expect(payloads).toHaveLength(1);
    for (const payload of payloads) expect(refusal('announce', payload)).toBeNull();
  });

  it('for Node-RED are a flow whose wires lead somewhere, without credentials', () => {
    const node = z.looseObject({
      id: z.string(),
      type: z.string(),
      wires: z.array(z.array(z.string())).optional(),
      topic: z.string().optional(),
      payload: z.string().optional(),
      broker: z.string().optional(),
    });
    const flow = z.array(node).parse(JSON.parse(text('examples/node-red/announce.json')));
    const ids = new Set(flow.map(({ id }) => id));
    expect(ids.size).toBe(flow.length);
    for (const { wires = [], type, broker, topic, payload, ...rest } of flow) {
      for (const target of wires.flat()) expect(ids).toContain(target);
      if (type.startsWith('mqtt ')) expect(ids).toContain(broker);
      if (type === 'inject')
        expect(refusal(topic?.split('/').at(-1) ?? '', payload ?? ''), payload).toBeNull();
      expect(Object.keys(rest)).not.toContain('credentials');
    }
    // No nodes but those that every Node-RED has.
    expect([...new Set(flow.map(({ type }) => type))].sort()).toEqual(
      ['comment', 'debug', 'inject', 'mqtt in', 'mqtt out', 'mqtt-broker', 'switch', 'tab'].sort(),
    );
  });
});
