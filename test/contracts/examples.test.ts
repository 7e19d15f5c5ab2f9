import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Block, blocksOf, inlineCommands, root, textOf } from './documents/blocks.ts';
import { jsonFaults } from './documents/json-rule.ts';
import type { Faults } from './documents/messages.ts';
import { filterFaults } from './documents/messages.ts';
import { shellFaults } from './documents/shell-rule.ts';
import { yamlFaults } from './documents/yaml-rule.ts';

/** What a terminal shows, and pictures. The topics in them are looked at all the same. */
const pictureFaults = (text: string): Faults =>
  [...text.matchAll(/^(sonos\/\S+)/gm)].flatMap(([, topic = '']) => filterFaults(topic));

/** How a block is checked, by its language. A language that is not here is refused. */
const RULES: Readonly<Record<string, (text: string) => Faults>> = {
  json: jsonFaults,
  yaml: yamlFaults,
  sh: shellFaults,
  '': pictureFaults,
};

/** Languages that are another test's, and which. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  caddy: 'test/contracts/reverse-proxy.test.ts',
  // That of docs/relay.md in relay-balancer.test.ts.
  nginx: 'test/contracts/reverse-proxy.test.ts',
  conf: 'test/e2e/relay-house.ts',
};

/** Examples that are files, by how their path begins, and the test that runs them. */
const FILES: readonly (readonly [path: string, test: string])[] = [
  ['examples/announce-http.sh', 'test/app/house-api.test.ts'],
  ['examples/announce.sh', 'test/e2e/announcements.test.ts'],
  ['examples/node-red/', 'test/contracts/node-red-examples.test.ts'],
];

function faultsOf({ language, text }: Pick<Block, 'language' | 'text'>): Faults {
  if (Object.hasOwn(ELSEWHERE, language)) return [];
  const rule = Object.hasOwn(RULES, language) ? RULES[language] : undefined;
  return rule === undefined ? [`no rule knows a block of "${language}"`] : rule(text);
}

const examples = readdirSync(join(root, 'examples'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  .sort();
const isDocument = (path: string): boolean => path.endsWith('.md');

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter(isDocument)
    .map((name) => `docs/${name}`),
  ...examples.filter(isDocument),
];

describe('every example', () => {
  it('stands in a document that was looked at', () => {
    expect(documents.length).toBeGreaterThan(6);
    const blocks = documents.flatMap((path) => blocksOf(path, textOf(path)));
    for (const language of ['json', 'yaml', 'sh'])
      expect(blocks.filter((block) => block.language === language).length, language).toBeGreaterThan(4);
  });

  it.each(documents)('in %s is what it says that it is', (path) => {
    const text = textOf(path);
    const faults = [...blocksOf(path, text), ...inlineCommands(path, text)].flatMap((block) =>
      faultsOf(block).map((fault) => `${block.place}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it.each(examples.filter((path) => !isDocument(path)))('%s is checked', (path) => {
    const own = FILES.find(([begin]) => path.startsWith(begin));
    if (own !== undefined) expect(textOf(own[1])).toContain(own[0].replace(/^examples\/|\/$/g, ''));
    else if (/\.ya?ml$/.test(path)) expect(yamlFaults(textOf(path))).toEqual([]);
    else expect.fail(`No rule knows ${path}: give it one in this test.`);
  });

  it('that another test looks at has one that does', () => {
    for (const [language, test] of Object.entries(ELSEWHERE)) expect(textOf(test)).toContain(language);
  });
});

// A check that lets everything pass would be worth nothing.
describe('the check of examples', () => {
  it('finds blocks in lists, and complains of one without an end', () => {
    expect(blocksOf('a.md', 'a\n1. b\n   ```sh\n   npm ci\n     x\n   ```\n```\ny\n```\n')).toEqual([
      { place: 'a.md:3', language: 'sh', text: 'npm ci\n  x' },
      { place: 'a.md:7', language: '', text: 'y' },
    ]);
    expect(() => blocksOf('a.md', '```sh\nnpm ci\n')).toThrow('a.md:1');
  });

  it.each<[language: string, text: string]>([
    ['json', '{"id":"a","command":"play","room":"kitchen","status":"confirmed","elapsed_ms":5}'],
    ['json', '{"value": 25, "id": "a"}\n{"volume": 20,\n "play": true}'],
    ['yaml', 'web:\n  port: 8080'],
    ['yaml', 'mqtt:\n  url: mqtt://192.168.1.2'],
    [
      'yaml',
      'mqtt:\n  - button:\n      command_topic: sonos/home/kitchen/set/volume\n      payload_press: "25"',
    ],
    ['yaml', 'automation:\n  - triggers:\n      - trigger: mqtt\n        topic: sonos/home/+/event'],
    ['sh', 'mosquitto_pub -h broker -t sonos/home/kitchen/set/volume -m \'"+5"\'  # louder'],
    [
      'sh',
      'sudo apt-get install mosquitto && npm run build\nmosquitto_sub -v -t "sonos/+/+/reply" | grep failed',
    ],
    ['sh', 'mosquitto_pub -t sonos/home/kitchen/set/volume -r -n'],
    ['sh', 'npx sonos-mqtt-bridge doctor >/dev/null # how is it?'],
    ['sh', 'examples/announce.sh kitchen \\\n  "It' + "'" + 's ready"'],
    ['', 'sonos/home/kitchen/volume  23'],
  ])('takes the %s %j', (language, text) => {
    expect(faultsOf({ language, text })).toEqual([]);
  });

  it.each<[language: string, text: string]>([
    ['json', '{"id":"a","command":"play","status":"done","elapsed_ms":5}'],
    ['json', '{"event_type":"party"}'],
    ['json', '{"volume": 101}'],
    ['json', '{"mood": "good"}'],
    ['json', '{"volume": 20'],
    ['json', ''],
    ['yaml', 'web:\n  prot: 8080'],
    ['yaml', 'web:\n  port: none'],
    ['yaml', 'wbe:\n  port: 8080'],
    ['yaml', 'a: [b'],
    ['yaml', 'just text'],
    [
      'yaml',
      'mqtt:\n  - button:\n      command_topic: sonos/home/kitchen/set/volume\n      payload_press: loud',
    ],
    ['yaml', 'mqtt:\n  - sensor:\n      state_topic: sonos/home/kitchen/loudness'],
    ['yaml', 'script:\n  a:\n    sequence:\n      - data: { topic: sonos/home/kitchen/set/fly, payload: x }'],
    ['sh', 'mosquitto_pub -t sonos/home/kitchen/set/volume -m loud'],
    ['sh', 'mosquitto_pub -t sonos/home/kitchen/volume -m 5'],
    ['sh', 'mosquitto_pub -t sonos/home/kitchen/set -m \'{"volume":200}\''],
    ['sh', 'mosquitto_pub -r -t sonos/home/kitchen/set/volume -m 5'],
    ['sh', 'mosquitto_pub -t sonos/bridge/set/fly -n'],
    ['sh', 'mosquitto_pub -t sonos/home/kitchen/set/volume'],
    ['sh', 'mosquitto_sub -t sonos/home/kitchen/loudness'],
    ['sh', 'npm run biuld'],
    ['sh', 'npx sonos-mqtt-bridge docter'],
    ['sh', 'cp config/config.exmaple.yaml config/config.yaml'],
    ['sh', 'frobnicate'],
    ['sh', "echo 'no end"],
    ['', 'sonos/home/kitchen/loudness 5'],
    ['python', 'print(1)'],
  ])('refuses the %s %j', (language, text) => {
    expect(faultsOf({ language, text })).not.toEqual([]);
  });
});
