import { BODY } from '../house.ts';
import { message, type Row, refused, taken, without } from './row.ts';

const bytes = (body: Buffer): Buffer => message({ body });
/** A body in UTF-8. */
const utf8 = (body: string): Buffer => bytes(Buffer.from(body));

const WELL_INSIDE = BODY.slice(0, -1);
const deep = (depth: number, open: string, close: string): string =>
  `${WELL_INSIDE},"x":${open.repeat(depth)}1${close.repeat(depth)}}`;
const list = (depth: number): string => deep(depth, '[', ']');
const object = (depth: number): string => deep(depth, '{"x":', '}');
const mixed = (depth: number): string => deep(depth / 2, '[{"x":', '}]');

/** A body that is no event, though its headers are those of one. */
const useless = (name: string, body: string): Row => without(name, 200, utf8(body));
/** One that is. */
const useful = (name: string, body: string): Row => taken(name, utf8(body));

// The body, its number and the last value are levels too: 30 between them make 32.
const deepBodies: readonly Row[] = [
  useful('lists 30 deep', list(30)),
  useless('lists 31 deep', list(31)),
  useful('objects 30 deep', object(30)),
  useless('objects 31 deep', object(31)),
  useful('lists and objects 30 deep', mixed(30)),
  useless('lists and objects 32 deep', mixed(32)),
  useless('lists 10,000 deep', list(10_000)),
  useless('lists 500,000 deep', list(500_000)),
  useless('objects 100,000 deep', object(100_000)),
  useless('lists and objects 100,000 deep', mixed(100_000)),
  useless('half a million lists that never close', '['.repeat(500_000)),
  useless('half a million lists that only close', ']'.repeat(500_000)),
  useless('nothing but 100,000 quotes', '"'.repeat(100_001)),
];

const keys = (count: number): string =>
  `${WELL_INSIDE},${Array.from({ length: count }, (_, key) => `"k${key}":0`).join(',')}}`;

const wideBodies: readonly Row[] = [
  useful('19,000 keys', keys(19_000)),
  useless('20,000 keys', keys(20_000)),
  useless('as many keys as a mebibyte holds', keys(90_000)),
  refused('a million keys', 413, utf8(keys(1_000_000))),
  useful(
    'one key 150,000 times',
    `${WELL_INSIDE},${Array.from({ length: 150_000 }, () => '"":0').join(',')}}`,
  ),
  useless('half a million numbers', `${WELL_INSIDE},"x":[${'0,'.repeat(500_000)}0]}`),
  useless('80,000 lists', `${WELL_INSIDE},"x":[${'[],'.repeat(80_000)}0]}`),
  useful('a text of a million letters', `${WELL_INSIDE},"x":"${'x'.repeat(1_000_000)}"}`),
  useful('a key of a million letters', `${WELL_INSIDE},"${'x'.repeat(1_000_000)}":1}`),
  useful('a number of a million digits', `${WELL_INSIDE},"x":${'9'.repeat(1_000_000)}}`),
  useful('keys that are numbers up to 2^32', `${WELL_INSIDE},"4294967294":0,"4294967295":0,"-1":0,"1e9":0}`),
];

const prototypes: readonly Row[] = [
  useful('__proto__', `${WELL_INSIDE},"__proto__":{"polluted":true}}`),
  useful('__proto__ that is null', `${WELL_INSIDE},"__proto__":null}`),
  useful('__proto__ deep inside', `${WELL_INSIDE},"x":[{"y":{"__proto__":{"polluted":true}}}]}`),
  useful('__proto__ in escapes', `${WELL_INSIDE},"\\u005f_proto__":{"polluted":true}}`),
  useful(
    '__proto__ twice',
    `${WELL_INSIDE},"__proto__":{"polluted":true},"__proto__":{"__proto__":{"polluted":true}}}`,
  ),
  useful('constructor and prototype', `${WELL_INSIDE},"constructor":{"prototype":{"polluted":true}}}`),
  useful(
    'what every object has',
    `${WELL_INSIDE},"toString":1,"valueOf":null,"hasOwnProperty":"x","toJSON":{},"then":{}}`,
  ),
  useful('__defineGetter__', `${WELL_INSIDE},"__defineGetter__":"x","__lookupSetter__":1}`),
  useless('a list with __proto__', '[{"__proto__":{"polluted":true}}]'),
].map((row) => ({ ...row, name: `a body with ${row.name}` }));

const numbers: readonly Row[] = [
  '1e400',
  '-1e400',
  '-0',
  '1.5',
  '"16"',
  '9007199254740993',
  '1e-400',
  '9'.repeat(400),
  '101',
  '-1',
  'null',
  'true',
  '"many"',
  '{}',
  '[16]',
].map((number) => useful(`the volume ${number.slice(0, 20)}`, BODY.replace('16', number)));

const texts: readonly Row[] = [
  useful('the same key twice', BODY.replace('{', '{"volume":1,"volume":"x",')),
  useful('a lone surrogate in escapes', `${WELL_INSIDE},"x":"\\ud800","\\udc00":1}`),
  useful('a NUL in escapes', `${WELL_INSIDE},"x\\u0000":"\\u0000"}`),
  taken(
    'invalid UTF-8 in a text',
    bytes(
      Buffer.concat([
        Buffer.from(`${WELL_INSIDE},"x":"`),
        Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80]),
        Buffer.from('"}'),
      ]),
    ),
  ),
  without(
    'invalid UTF-8 between the values',
    200,
    bytes(Buffer.concat([Buffer.from([0xff]), Buffer.from(BODY)])),
  ),
  without(
    'overlong quotes',
    200,
    bytes(Buffer.concat([Buffer.from('{'), Buffer.from([0xc0, 0xa2]), Buffer.from('volume":1}')])),
  ),
  useless('a byte order mark', `\ufeff${BODY}`),
  without('UTF-16', 200, bytes(Buffer.from(BODY, 'utf16le'))),
  without(
    'UTF-16 with its mark',
    200,
    bytes(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(BODY, 'utf16le')])),
  ),
  useless('a NUL behind the body', `${BODY}\0`),
  useless('a NUL in a text', `${WELL_INSIDE},"x":"\0"}`),
  useless('a line feed in a text', `${WELL_INSIDE},"x":"\n"}`),
  useless('two bodies', BODY + BODY),
  useless('two bodies on two lines', `${BODY}\n${BODY}`),
  useless('a comma too many', `${WELL_INSIDE},}`),
  useless('a comment', `/* x */${BODY}`),
  useless('single quotes', BODY.replaceAll('"', "'")),
  useless('NaN', BODY.replace('16', 'NaN')),
  useless('a number with a zero in front', BODY.replace('16', '016')),
  useless('a number in hexadecimal', BODY.replace('16', '0x10')),
  useless('half of the body', BODY.slice(0, 20)),
  useless('a form', 'volume=16&muted=false'),
  useless(
    'XML with an entity',
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  ),
  useful('white space around', ` \t\r\n${BODY}\r\n `),
  ...['null', 'true', '16', '"volume"', '[]', '{"volume":'].map((body) => useless(`the body ${body}`, body)),
  useful('an empty object', '{}'),
];

/** Bodies that are JSON, nearly JSON, or far too much of it. */
export const json: readonly Row[] = [...deepBodies, ...wideBodies, ...prototypes, ...numbers, ...texts];
