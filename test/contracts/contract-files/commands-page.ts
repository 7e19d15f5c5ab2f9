import { BRIDGE_COMMANDS } from '../../../src/bridge/bridge-commands.ts';
import { errorMeanings } from '../../../src/bridge/contract/command-error.ts';
import { type CommandWords, commandWords } from '../../../src/bridge/contract/payloads.ts';
import { exampleValues, payloadOf } from './examples.ts';
import { block, fields, fieldTable, shownJson, table } from './markdown.ts';
import { type JsonSchema, jsonSchemaOf, payloadSchemas } from './schemas.ts';

const INTRODUCTION = `# Commands

<!-- Generated from the schemas in src/bridge/contract and the table in src/bridge/namespaces; \`npm run generate\` writes it anew. -->

Everything that the bridge takes, and how it answers. What it publishes is in [topics.md](topics.md); the schema of every
payload in [schemas](schemas), all of it as AsyncAPI 3 in [asyncapi.json](asyncapi.json).

A command to a room goes to \`sonos/{household}/{room}/set/{command}\`. The id of the player (\`RINCON_…\`) will do in place of
the room's address, and \`all\` is every room: each answers for itself, and each group is sent the command once.

The payload is a bare value (\`25\`, \`on\`, \`Jazz\`), the same as JSON, or an object:
`;

const OBJECT_EXAMPLE = { value: 25, id: 'mine-1', expires_at: '2026-11-21T20:00:00Z' };

const RULES = `\`id\` comes back in the answers, and the same id is not carried out again within ten minutes: it is answered with the
earlier answer. After \`expires_at\`, or the MQTT 5 message expiry, nothing is done. A command with the retained flag is never
carried out. A command without a value takes any payload. Booleans are \`true\` and \`false\`, \`on\` and \`off\` in any case, \`1\` and
\`0\`. Text that begins with \`+\` or \`-\` is a step from where it is. For a command that takes a name, the bare payload is that
name, whatever it looks like. A step or a skip is never sent to Sonos twice.`;

const link = (name: string): string => `[schema](schemas/${name}.schema.json)`;

const shown = (values: readonly unknown[]): string =>
  values.map((value) => (payloadOf(value) === '' ? 'empty' : `\`${payloadOf(value)}\``)).join(', ');

function commandTable(commands: Iterable<readonly [string, CommandWords]>, prefix: string): string {
  const rows = [...commands].map(([name, words]) => [
    `\`${name}\``,
    words.value.name,
    words.describe,
    shown(exampleValues(words)),
    link(`${prefix}.${name.replace('/', '-')}`),
  ]);
  return table(['command', 'value', 'what it does', 'payload, for example', ''], rows);
}

const quoted = (payload: string): string => `'${payload.replaceAll("'", "'\\''")}'`;

function published(name: string, value: unknown): string {
  const payload = payloadOf(value);
  const topic = `sonos/home/kitchen/set/${name}`;
  return `mosquitto_pub -t ${topic} ${payload === '' ? '-n' : `-m ${quoted(payload)}`}`;
}

const everyCommand = (): string =>
  [...commandWords]
    .flatMap(([name, words]) => exampleValues(words).map((value) => published(name, value)))
    .join('\n');

/** The objects that a value may be, with their fields. */
const objectsIn = (schema: JsonSchema): JsonSchema[] =>
  [schema, ...(Array.isArray(schema.anyOf) ? schema.anyOf : [])].filter(({ type }) => type === 'object');

/** Commands whose value is an object, those with the same fields together. */
function fieldSections(): string[] {
  const byFields = new Map<string, string[]>();
  for (const [name, { value }] of commandWords) {
    for (const object of objectsIn(jsonSchemaOf(value.schema, 'input'))) {
      const shownFields = fieldTable(object);
      byFields.set(shownFields, [...(byFields.get(shownFields) ?? []), `\`${name}\``]);
    }
  }
  return [...byFields].map(
    ([shownFields, names]) => `### Fields of ${names.join(' and ')}\n\n${shownFields}`,
  );
}

const SEVERAL = { group: ['office'], volume: 20, favorite: { value: 'Jazz', play: true }, id: 'evening-1' };

const ANSWERS = [
  { id: 'mine-1', command: 'volume', room: 'kitchen', status: 'accepted', elapsed_ms: 1 },
  { id: 'mine-1', command: 'volume', room: 'kitchen', status: 'confirmed', elapsed_ms: 212 },
  {
    ...{ id: 'mine-2', command: 'favorite', room: 'kitchen', status: 'failed', elapsed_ms: 1 },
    error: {
      code: 'unknown_favorite',
      message: 'No favorite is called "Jaz".',
      advice: 'Did you mean "Jazz"?',
    },
  },
];

const ANSWERED = `Every command is answered on the room's \`reply\` topic (\`sonos/bridge/reply\` for commands to the bridge) and, when it came
with an MQTT 5 Response Topic, there too, with its Correlation Data. A valid command is \`accepted\` at once, then exactly one of:

- \`confirmed\`: an event or a read showed the effect, or it was so already.
- \`failed\`, with an \`error\`. An invalid command gets this alone.
- \`unconfirmed\`: Sonos took it, and nothing showed within \`commands.confirm_seconds\`.
`;

const errorTable = (): string =>
  table(
    ['code', 'meaning'],
    Object.entries(errorMeanings).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );

/** `docs/commands.md`. */
export function renderCommandsPage(): string {
  const reply = payloadSchemas.get('reply') ?? {};
  return `${[
    `${INTRODUCTION}\n${block('json', shownJson(OBJECT_EXAMPLE))}\n\n${RULES}`,
    `## To a room\n\n${commandTable(commandWords, 'command')}`,
    block('sh', everyCommand()),
    ...fieldSections(),
    `## Several at once\n\n\`sonos/{household}/{room}/set\` takes an object of commands (${link('commands')}), carried out in the order written. \`id\` and\n\`expires_at\` are for all of them.`,
    block('json', shownJson(SEVERAL)),
    `## To the bridge\n\n\`sonos/bridge/set/{command}\`\n\n${commandTable(Object.entries(BRIDGE_COMMANDS), 'bridge-command')}`,
    `## Answers\n\n${ANSWERED}\n${block('json', ANSWERS.map((answer) => shownJson(answer)).join('\n'))}`,
    table(['field', 'value', 'meaning'], fields(reply)),
    `### Errors\n\n${errorTable()}`,
  ].join('\n\n')}\n`;
}
