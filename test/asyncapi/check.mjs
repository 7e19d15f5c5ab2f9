// Reads docs/asyncapi.json with AsyncAPI's own parser: `npm ci --prefix test/asyncapi && node test/asyncapi/check.mjs`.
// It has to be without a word of complaint, and the same parser has to complain of every way of breaking it below.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const file = new URL('../../docs/asyncapi.json', import.meta.url);
const text = readFileSync(file, 'utf8');
const parser = new Parser();

const ERROR = 0;
const WARNING = 1;

/** The parser's errors and warnings. */
async function complaints(document) {
  const { diagnostics } = await parser.parse(JSON.stringify(document));
  return diagnostics
    .filter(({ severity }) => severity === ERROR || severity === WARNING)
    .map(({ code, message, path }) => `${code} at ${path.join('.')}: ${message}`);
}

const first = (things) => things[Object.keys(things)[0]];
const channelWith = (document, parameter) =>
  Object.values(document.channels).find(({ parameters }) => parameter in parameters);

/** Ways of breaking the document, each of which has to be found. */
const BREAKS = {
  'an action that is none': (d) => {
    first(d.operations).action = 'publish';
  },
  'a parameter that is missing': (d) => {
    delete channelWith(d, 'room').parameters.room;
  },
  'a parameter that its address does not have': (d) => {
    first(d.channels).parameters.floor = { $ref: '#/components/parameters/room' };
  },
  'a reference that leads nowhere': (d) => {
    first(d.channels).messages = { lost: { $ref: '#/components/messages/lost' } };
  },
  'an operation whose channel is not there': (d) => {
    first(d.operations).channel = { $ref: '#/channels/nowhere' };
  },
  "an operation with a message that is not its channel's": (d) => {
    first(d.operations).messages = [{ $ref: '#/components/messages/reply' }];
  },
  'a schema of no type': (d) => {
    d.components.schemas.room.type = 'thing';
  },
  'a QoS that there is not': (d) => {
    first(d.operations).bindings.mqtt.qos = 3;
  },
  'a version that there is not': (d) => {
    d.asyncapi = '3.9.0';
  },
  'a document without a title': (d) => {
    delete d.info.title;
  },
  'a server without a host': (d) => {
    delete d.servers.broker.host;
  },
  'a word that AsyncAPI does not have': (d) => {
    d.topics = {};
  },
};

const found = await complaints(JSON.parse(text));
for (const complaint of found) console.error(`docs/asyncapi.json: ${complaint}`);

const missed = [];
for (const [name, spoil] of Object.entries(BREAKS)) {
  const document = JSON.parse(text);
  spoil(document);
  if ((await complaints(document)).length === 0) missed.push(name);
}
for (const name of missed) console.error(`The parser did not find ${name}: this check shows nothing of it.`);

const { channels, operations, components } = JSON.parse(text);
const count = (things) => Object.keys(things).length;
console.log(
  `docs/asyncapi.json: ${count(channels)} channels, ${count(operations)} operations, ${count(components.schemas)} schemas; ` +
    `${found.length} complaints; ${count(BREAKS) - missed.length} of ${count(BREAKS)} ways of breaking it found.`,
);
process.exitCode = found.length + missed.length === 0 ? 0 : 1;
