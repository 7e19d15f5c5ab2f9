import { happenings, type Message, messages } from '../../../src/bridge/contract/payloads.ts';
import { attributes } from '../../../src/bridge/namespaces/index.ts';
import { block, fieldTable, shownJson, table, valueWords } from './markdown.ts';
import { drawn, sampleBridgeState, samplePresets } from './samples.ts';
import { type JsonSchema, jsonSchemaOf, payloadSchemas } from './schemas.ts';

const INTRODUCTION = `# Topics

<!-- Generated from the schemas in src/bridge/contract and the table in src/bridge/namespaces; \`npm run generate\` writes it anew. -->

Everything that the bridge publishes. What it takes is in [commands.md](commands.md). The same for machines: a JSON Schema of
every payload in [schemas](schemas), and all of it as an AsyncAPI 3 document, [asyncapi.json](asyncapi.json).

JSON keys are snake_case, times are ISO 8601 in UTC, volumes are integers from 0 to 100, durations and positions are
seconds. What is unknown is \`null\`, and an empty payload where a topic holds plain text. No setting changes the schema of a
payload. The schemas say exactly what this version publishes. A later version may add fields and topics; a name that there
is keeps its meaning.

\`sonos\` is the base topic (\`mqtt.base_topic\`). \`{household}\` is \`home\` for the first household, then \`home-2\`, \`home-3\` …,
or what the settings give for its id. \`{room}\` is a player (a room, a stereo pair, a home theatre): its name in lower case,
with \`-\` for whatever is no letter or digit. A room keeps its address through every regrouping, and a player that is away
keeps its topics.

State is retained, sent with QoS 1, only when its content changes, and all of it again after every connect to the broker. A
topic that lost its meaning (a room was renamed, a household unlinked) is cleared with an empty retained payload. Events,
answers and lines of the log are not retained.
`;

const link = ({ name, isText }: Message): string =>
  `[${isText ? 'text' : 'JSON'}](schemas/${name}.schema.json)`;

const isAttribute = ({ name }: Message): boolean => name.startsWith('attribute.');

const ATTRIBUTES_ROW = [
  '`sonos/{household}/{room}/{attribute}`',
  'text',
  'yes',
  'One attribute of a room, see [below](#attributes).',
];

function topicTable(): string {
  const published = messages.filter(({ kind }) => kind !== 'command');
  const row = (message: Message) => [
    `\`sonos/${message.address}\``,
    link(message),
    message.kind === 'state' ? 'yes' : 'no',
    message.description,
  ];
  const first = published.findIndex(isAttribute);
  const rows = published.flatMap((message, index) => {
    if (!isAttribute(message)) return [row(message)];
    return index === first ? [ATTRIBUTES_ROW] : [];
  });
  return table(['topic', 'payload', 'retained', 'what it is'], rows);
}

const schemaOf = (name: string): JsonSchema => payloadSchemas.get(name) ?? {};

const drawnAt = (topic: string): unknown => JSON.parse(drawn.get(topic) ?? 'null');

/** A section of a JSON payload: an example, and its fields. */
const section = (title: string, topic: string, example: unknown, schema: JsonSchema): string =>
  [`## ${title}`, `\`${topic}\``, block('json', shownJson(example)), fieldTable(schema)].join('\n\n');

function attributeSection(): string {
  const rows = [...attributes].map(([name, path]) => [
    `\`${name}\``,
    `\`${path}\``,
    valueWords({ ...schemaOf(`attribute.${name}`), ...withoutEmpty(schemaOf(`attribute.${name}`)) }),
    `\`${drawn.get(`sonos/home/kitchen/${name}`) ?? ''}\``.replace('``', ''),
  ]);
  return [
    '## Attributes',
    'Parts of the state of a room, each on a topic of its own: `sonos/{household}/{room}/{attribute}`. An empty payload is an unknown value.',
    table(['attribute', 'in the state', 'value', 'for example'], rows),
  ].join('\n\n');
}

/** An attribute may also be empty; that stands once above the table. */
function withoutEmpty(schema: JsonSchema): JsonSchema {
  const [first] = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  return first === undefined ? {} : { ...first, anyOf: undefined };
}

function eventSection(): string {
  const each = [...happenings].map(([name, schema]) => {
    const { description, examples, ...rest } = jsonSchemaOf(schema, 'output');
    const shown = Array.isArray(examples) ? examples.map((example) => block('json', shownJson(example))) : [];
    return [`### ${name}`, String(description), ...shown, fieldTable(rest)].join('\n\n');
  });
  return [
    '## Events',
    '`sonos/{household}/{room}/event`: what happens in a room, by `event_type`.',
    ...each,
  ].join('\n\n');
}

const householdSections = (): string[] =>
  messages
    .filter(({ kind, address }) => kind === 'state' && /^\{household\}(\/[a-z_]+)?$/.test(address))
    .map(({ title, address, name }) => {
      const topic = `sonos/${address.replace('{household}', 'home')}`;
      return section(title, topic, drawnAt(topic), schemaOf(name));
    });

/** `docs/topics.md`. */
export const renderTopicsPage = (): string =>
  [
    `${INTRODUCTION}\n${topicTable()}`,
    section('State of a room', 'sonos/home/kitchen', drawnAt('sonos/home/kitchen'), schemaOf('room')),
    attributeSection(),
    eventSection(),
    ...householdSections(),
    section('State of the bridge', 'sonos/bridge/state', sampleBridgeState, schemaOf('bridge-state')),
    section('Presets', 'sonos/bridge/presets', samplePresets, schemaOf('bridge-presets')),
    section(
      'Log',
      'sonos/bridge/log',
      { level: 'warn', message: 'Lost the MQTT broker at mqtt://192.168.1.2: it closed the connection.' },
      schemaOf('bridge-log'),
    ),
  ]
    .join('\n\n')
    .concat('\n');
